"""Links to sign: the call that fetches one, and whose link an answer has. No error quotes one.

A link is a key: nobody is given another signer's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from countersign.errors import PermanentError
from countersign.model.http import MAX_ANSWER, WebAnswer, WebRequest
from countersign.model.provider_api import Access
from countersign.model.signing_event import Signer
from countersign.providers._toolkit.api import call, identified, is_known_by_id, signing_link
from countersign.providers._toolkit.payload import Payload
from countersign.providers._toolkit.reading import MalformedError, read_json, read_payload
from countersign.providers._toolkit.signers import same_phone
from countersign.text.folding import same, same_address

P = TypeVar("P", bound=Payload)


class OfferedLink(NamedTuple):
    """A link of an answer, with what the answer says of the one who signs there."""

    signer: Signer
    link: str | None


def link_call(
    access: Access, path: str, headers: Mapping[str, str], most: int = MAX_ANSWER
) -> WebRequest:
    """A call that looks up links, of which at most so many bytes are read; making it again does
    no harm."""
    request = call(access, "GET", path, {**headers, "accept": "application/json"})
    return request.model_copy(update={"most": most, "repeatable": True})


def read_answer(model: type[P], answer: WebAnswer) -> P:
    """The answer's JSON as the model, without what does not fit; empty where nothing does."""
    try:
        return read_payload(model, read_json(answer.body))
    except MalformedError:
        return model()


def id_for_link(signer: Signer, title: str) -> str:
    """The provider's id of the signer; PermanentError where it needs one and none is known."""
    return identified(signer, title, "gives a link to sign")


def address_for_link(signer: Signer, title: str) -> str:
    """The signer's e-mail address; PermanentError where the provider needs one and none is
    known."""
    if not signer.email:
        msg = (
            f"{title} gives links to sign by e-mail address, and its messages have none of the "
            f"signer {signer.label}"
        )
        raise PermanentError(msg)
    return signer.email


def own_link(offered: Iterable[OfferedLink], signer: Signer, title: str) -> str:
    """The signer's own link: the id decides, without one the address or number and then the name.

    PermanentError where there is none, where it may be somebody else's, and where the signer has
    another address by now: the place of one who was replaced is another's, and so is its link.
    """
    fitting = _fitting(tuple(offered), signer)
    if any(_is_moved(offer.signer, signer) for offer in fitting):
        msg = (
            f"{title} has another address for {signer.label} by now, so there is no link to sign "
            "for this one"
        )
        raise PermanentError(msg)
    links = {offer.link for offer in fitting}
    if len(links) > 1:
        msg = (
            f"{title} has several links to sign for {signer.label}, and nothing says which is "
            "this signer's; give each signer an address of their own"
        )
        raise PermanentError(msg)
    return signing_link(next(iter(links), None), signer, title)


def _fitting(offered: Sequence[OfferedLink], signer: Signer) -> Sequence[OfferedLink]:
    if is_known_by_id(signer) and any(offer.signer.id for offer in offered):
        offered = [offer for offer in offered if offer.signer.id == signer.id]
        if len({offer.link for offer in offered}) < 2:
            return offered
    reached = [offer for offer in offered if _is_reached(offer.signer, signer)]
    named = [offer for offer in reached if same(offer.signer.name, signer.name)]
    fitting = named or [offer for offer in reached if not (offer.signer.name and signer.name)]
    placed = [offer for offer in fitting if signer.order and offer.signer.order == signer.order]
    return placed or fitting


def _is_reached(recipient: Signer, signer: Signer) -> bool:
    """Whether address or number are the same, and neither is another."""
    if _is_moved(recipient, signer):
        return False
    if recipient.phone and signer.phone and not same_phone(recipient.phone, signer.phone):
        return False
    return same_address(recipient.email, signer.email) or same_phone(recipient.phone, signer.phone)


def _is_moved(recipient: Signer, signer: Signer) -> bool:
    return bool(recipient.email and signer.email) and not same_address(
        recipient.email, signer.email
    )
