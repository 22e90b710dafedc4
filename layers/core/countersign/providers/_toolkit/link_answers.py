"""Whose link to sign an answer has: the link is a key, so nobody gets another signer's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from pydantic import BaseModel

from countersign.errors import PermanentError
from countersign.model.http import WebAnswer
from countersign.model.signing_event import Signer, SignerRef
from countersign.providers._toolkit.api import signing_link
from countersign.providers._toolkit.reading import MalformedError, read_json, read_payload
from countersign.providers._toolkit.signers import SignerIndex, only
from countersign.text.folding import same_address

P = TypeVar("P", bound=BaseModel)


def read_answer(model: type[P], answer: WebAnswer) -> P | None:
    """The answer's JSON as the edge model; None for what cannot be read so, such as a page."""
    try:
        return read_payload(model, read_json(answer.body))
    except MalformedError:
        return None


def own_id(signer: Signer, title: str) -> str:
    """The id by which the provider gives the signer's link; PermanentError where none is known."""
    if not (signer.id and signer.has_own_id):
        msg = (
            f"{title} gives a link to sign by the signer's id, and its messages have none of the "
            f"signer {signer.label}"
        )
        raise PermanentError(msg)
    return signer.id


def link_for(signer: Signer, answered: Iterable[tuple[Signer, str | None]], title: str) -> str:
    """The signer's link among the signers of an answer, each with its own.

    The id decides, without one the address and then the name. PermanentError where the answer
    does not have the signer, has no link for the signer, or has the signer under another address:
    the signer whom we know reads no mail there.
    """
    pairs = tuple(answered)
    person = _found(signer, tuple(one for one, _ in pairs))
    if person and person.email and signer.email and not same_address(person.email, signer.email):
        msg = (
            f"{title} has another address for {signer.label} by now, so there is no link to sign "
            "for this one"
        )
        raise PermanentError(msg)
    return signing_link(next((link for one, link in pairs if one is person), None), signer, title)


def _found(signer: Signer, people: tuple[Signer, ...]) -> Signer | None:
    if signer.has_own_id and signer.id and any(one.id for one in people):
        people = tuple(one for one in people if one.id == signer.id)
        if len(people) < 2:
            return only(people)
    known = SignerRef(email=signer.email, name=signer.name, phone=signer.phone, order=signer.order)
    return SignerIndex(people).by_reference(known)
