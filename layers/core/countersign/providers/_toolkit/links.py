"""Links to sign: the call that fetches one, and whose link an answer has. No error quotes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from countersign.errors import PermanentError
from countersign.model.http import MAX_ANSWER, WebAnswer, WebRequest
from countersign.model.provider_api import Access
from countersign.model.signing_event import Signer
from countersign.providers._toolkit.api import call, signing_link
from countersign.providers._toolkit.payload import Payload
from countersign.providers._toolkit.reading import MalformedError, read_json, read_payload
from countersign.text.folding import same, same_address

P = TypeVar("P", bound=Payload)


class OfferedLink(NamedTuple):
    """A link of an answer, with what the answer says of the one who signs there."""

    link: str | None
    id: str | None = None
    email: str | None = None
    name: str | None = None


def link_call(
    access: Access, path: str, headers: Mapping[str, str], most: int = MAX_ANSWER
) -> WebRequest:
    """A call that looks up links, of which at most so many bytes are read; making it again does
    no harm."""
    request = call(access, "GET", path, {**headers, "accept": "application/json"})
    return request.model_copy(update={"most": most, "repeatable": True})


def read_links(model: type[P], answer: WebAnswer) -> P:
    """The answer's JSON as the model, without what does not fit; empty where nothing does."""
    try:
        return read_payload(model, read_json(answer.body))
    except MalformedError:
        return model()


def addressed_for_link(signer: Signer, title: str) -> str:
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
    """The signer's own link, by the provider's id, else by address and name.

    PermanentError where there is none, and where it may be somebody else's.
    """
    links = {one.link for one in _fitting(tuple(offered), signer)}
    if len(links) > 1:
        msg = (
            f"{title} has several links to sign for {signer.label}, and nothing says which is "
            "this signer's; give each signer an address of their own"
        )
        raise PermanentError(msg)
    return signing_link(next(iter(links), None), signer, title)


def _fitting(offered: Sequence[OfferedLink], signer: Signer) -> list[OfferedLink]:
    if signer.has_own_id and signer.id and any(one.id for one in offered):
        # The place of one who was replaced is another's now, and so is its link.
        return [one for one in offered if one.id == signer.id and not _moved(one, signer)]
    reached = [one for one in offered if same_address(one.email, signer.email)]
    named = [one for one in reached if same(one.name, signer.name)]
    return named or [one for one in reached if not (one.name and signer.name)]


def _moved(one: OfferedLink, signer: Signer) -> bool:
    return bool(one.email and signer.email) and not same_address(one.email, signer.email)
