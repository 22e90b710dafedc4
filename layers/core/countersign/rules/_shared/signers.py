"""Which signers a recipient of a rule stands for: by side, role or order, and by what they did.

``client``, ``company``, ``role:<name>`` and ``signer:<order>`` are signers as the envelope lists
them. ``unsigned``, ``signers_turn`` and ``signed`` are those of them who have yet to sign, whose
turn it is, and who have signed; alone they mean all signers, ``unsigned:client`` or
``signed:role:Witness`` some of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal, get_args

from countersign.model.document import Document
from countersign.model.signing_event import Signer
from countersign.text.addresses import is_one_line
from countersign.text.folding import same

SIDES = ("client", "company")
Progress = Literal["unsigned", "signers_turn", "signed"]
PROGRESS: tuple[Progress, ...] = get_args(Progress)
"""What signers may be chosen by that changes while they sign."""
OVER = frozenset({"completed", "declined", "voided", "expired", "deleted"})
"""States of an envelope in which nobody can sign."""
ASKED = frozenset({"notified", "viewed", "started"})
"""What a signer is whose invitation is known to have gone out."""


@dataclass(frozen=True, slots=True)
class SignerChoice:
    """Some signers of an envelope, as a rule names them."""

    progress: Progress | None
    scope: str
    """``client``, ``company``, ``role:<name>``, ``signer:<order>``, or empty for all."""

    @classmethod
    def read(cls, text: str) -> SignerChoice | None:
        """What the text names; None where it does not name signers."""
        for progress in PROGRESS:
            if text == progress:
                return cls(progress, "")
            scope = text.removeprefix(f"{progress}:")
            if scope != text:
                return cls(progress, scope) if _is_scope(scope) else None
        return cls(None, text) if _is_scope(text) else None

    def among(self, document: Document) -> tuple[Signer, ...]:
        """The signers it means, whatever they have done; in the envelope's order."""
        return tuple(
            signer
            for signer in document.signers
            if self.means(signer) and (signer.must_act or self._is_of_any_action)
        )

    def of(self, document: Document) -> tuple[Signer, ...]:
        """The signers it means as things are now."""
        there = self.among(document)
        match self.progress:
            case "unsigned":
                return tuple(signer for signer in there if signer in unsigned(document))
            case "signers_turn":
                return tuple(signer for signer in there if signer in in_turn(document))
            case "signed":
                return tuple(signer for signer in there if signer.status == "signed")
        return there

    def nobody(self, document: Document) -> str:
        """Why nobody is left of the signers it means, as a sentence."""
        whose = self._whose()
        if self.progress == "signed":
            return f"nobody{whose} has signed yet"
        if not self.among(document):
            return f"nobody{whose} has anything to sign"
        if all(signer.status == "signed" for signer in self.among(document)):
            return f"everybody{whose} has signed"
        if document.status in OVER:
            return f"nobody{whose} has to sign any more: the envelope is {document.status}"
        if self.progress == "signers_turn" and any(
            signer in unsigned(document) for signer in self.among(document)
        ):
            return f"it is not yet the turn of anybody{whose}"
        return f"nobody{whose} has to sign any more: who has not signed declined or was too late"

    def missing(self, document: Document) -> str:
        """Why the envelope has none of the signers it means, as a sentence, and what to do."""
        unknown = [signer.label for signer in document.signers if signer.party == "unknown"]
        if self.scope in SIDES and unknown:
            return (
                f"nothing tells which party {', '.join(unknown[:3])} belongs to; map a company "
                "domain, an address, a role or a place in the signing order on the connection"
            )
        return "the envelope has no such signer; correct it at the provider"

    def means(self, signer: Signer) -> bool:
        """Whether the signer is one of its side, role or order."""
        kind, _, name = self.scope.partition(":")
        match kind:
            case "":
                return True
            case "role":
                return same(signer.role, name)
            case "signer":
                return signer.order == int(name)
        return signer.party == kind

    @property
    def _is_of_any_action(self) -> bool:
        # A role may be that of somebody who gets a copy.
        return self.progress is None and self.scope.startswith("role:")

    def _whose(self) -> str:
        kind, _, name = self.scope.partition(":")
        match kind:
            case "":
                return ""
            case "role":
                return f' with the role "{" ".join(name.split())}"'
            case "signer":
                return f" who is number {name} in the signing order"
        return f" of the {kind}"


def unsigned(document: Document) -> tuple[Signer, ...]:
    """Who has yet to sign: must act, and has neither signed nor declined nor run out of time.

    Nobody where the envelope is over.
    """
    if document.status in OVER:
        return ()
    return tuple(
        signer
        for signer in document.signers
        if signer.must_act and signer.status in ("waiting", *ASKED)
    )


def in_turn(document: Document) -> tuple[Signer, ...]:
    """Who must act now: the lowest of the signing order, and everybody who was invited already.

    Signers may sign side by side though each has a place in the order; then the provider has
    invited them all. Those without a place in the order may sign at any time.
    """
    left = unsigned(document)
    lowest = min((signer.order for signer in left if signer.order is not None), default=None)
    return tuple(
        signer for signer in left if signer.order in (None, lowest) or signer.status in ASKED
    )


def _is_scope(text: str) -> bool:
    kind, colon, name = text.partition(":")
    if text in SIDES:
        return True
    if kind == "role":
        return bool(colon and name.strip()) and is_one_line(name)
    return re.fullmatch(r"signer:\d{1,4}", text, re.ASCII) is not None
