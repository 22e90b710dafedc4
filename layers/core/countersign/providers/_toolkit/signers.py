"""Whom of a message's own list of signers the message means, and how an event names that one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeVar

from countersign.model.signing_event import Signer, SignerRef, SignerStatus
from countersign.text.folding import fold, same, same_address

T = TypeVar("T")


class _Trait(NamedTuple):
    """Something by which a signer is known, and how two writings of it compare."""

    name: str
    equal: Callable[[str, str], bool]


def same_phone(phone: str | None, other: str | None) -> bool:
    """Whether two telephone numbers are the same, however their digits are grouped."""
    return bool(number := _digits(phone)) and number == _digits(other)


_REACHED = (_Trait("email", same_address), _Trait("phone", same_phone))
_TRAITS = (*_REACHED, _Trait("name", same))


@dataclass(frozen=True, slots=True)
class SignerIndex:
    """The signers of a message, to be looked up by what its event says of one.

    Every look-up answers None where nobody fits; all but ``by_id`` also where several do, so that
    nobody is guessed.
    """

    signers: tuple[Signer, ...]

    def by_id(self, signer_id: str | None) -> Signer | None:
        """The first with that id."""
        return next((signer for signer in self.signers if signer.id == signer_id), None)

    def by_address(self, email: str | None, name: str | None) -> Signer | None:
        """The one with that e-mail address; of several, the one with that name."""
        fitting = [signer for signer in self.signers if same_address(signer.email, email)]
        if len(fitting) > 1:
            fitting = [signer for signer in fitting if same(signer.name, name)]
        return only(fitting)

    def by_reference(self, ref: SignerRef) -> Signer | None:
        """The one whom a reference fits.

        An id decides. Without one, everybody with another address or number is out; of those with
        the same, the name decides, and then the place in the signing order.
        """
        if ref.id:
            return self.by_id(ref.id)
        fitting = [
            signer
            for signer in self.signers
            if all(_compared(trait, signer, ref) is not False for trait in _REACHED)
        ]
        agreed = False
        for trait in _TRAITS:
            closer = [signer for signer in fitting if _compared(trait, signer, ref)]
            if closer:
                fitting, agreed = closer, True
        if ref.order is not None:
            fitting = [signer for signer in fitting if signer.order == ref.order] or fitting
        return fitting[0] if agreed and len(fitting) == 1 else None

    def by_status(self, *statuses: SignerStatus) -> Signer | None:
        """The one whose status is one of these."""
        return only(signer for signer in self.signers if signer.status in statuses)

    def latest(self, moment: Callable[[Signer], datetime | None]) -> Signer | None:
        """The one whose time of that sort, such as when it signed, is the newest."""
        newest = max((at for signer in self.signers if (at := moment(signer))), default=None)
        return only(
            signer for signer in self.signers if newest is not None and moment(signer) == newest
        )


def _compared(trait: _Trait, signer: Signer, ref: SignerRef) -> bool | None:
    """Whether both say the same; None where one is silent."""
    value, other = getattr(signer, trait.name), getattr(ref, trait.name)
    return trait.equal(value, other) if value and other else None


def _digits(phone: str | None) -> str:
    number = "".join(letter for letter in fold(phone or "") if letter.isdecimal())
    return number.removeprefix("00")


def reference(signer: Signer | None, signer_id: str | None = None) -> SignerRef | None:
    """How an event names its signer: from the envelope's list, or by the bare id."""
    if signer is not None:
        return SignerRef(
            id=signer.id or None,
            email=signer.email,
            name=signer.name,
            role=signer.role,
            order=signer.order,
            phone=signer.phone,
        )
    return SignerRef(id=signer_id) if signer_id else None


def only(candidates: Iterable[T]) -> T | None:
    """The one there is; None where there are none or several, so that nobody is guessed."""
    several = tuple(candidates)
    return several[0] if len(several) == 1 else None
