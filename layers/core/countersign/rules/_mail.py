"""Whom a mail goes to and comes from: addresses, each checked before it reaches a header."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.pipeline import Pipeline
from countersign.model.signing_event import Party, Signer
from countersign.rules._people import GROUP, group_problem, users

PEOPLE = ("client", "company", "responsible")
"""Recipients that every document knows by themselves."""
COLLEAGUES = ("responsible", "observers")
"""Those of them, and others, who are our own people."""
MAX_RECIPIENTS = 50
"""To, cc and bcc together, for one message of SES:
https://docs.aws.amazon.com/ses/latest/dg/quotas.html"""
_BUILT_IN = ("observers", "sender")
"""The fields every document has that hold addresses, beside ``responsible``."""
_HOLD_ADDRESSES = ("text", "user", "list")

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}", re.ASCII)
_LONGEST = 254
"""Characters of an address, RFC 5321 4.5.3.1.3 without its brackets."""


def is_address(text: str) -> bool:
    """Whether it is one plain address: ``name@host.example``, no display name, ASCII only.

    SES takes no other letters before the ``@`` and wants them in Punycode after it:
    https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html
    """
    return len(text) <= _LONGEST and _ADDRESS.fullmatch(text) is not None


def is_one_line(text: str) -> bool:
    """Whether the text may go into a header: no line break and no other control character."""
    return not any(unicodedata.category(one) in ("Cc", "Zl", "Zp", "Cs") for one in text)


def recipient(text: str) -> str:
    """A recipient as it is written in a rule; ValueError, with what may be written, if it is none.

    One of ``PEOPLE``, ``role:<name>``, ``signer:<order>``, ``field:<id>``, or an address.
    """
    kind, colon, rest = text.partition(":")
    if text in PEOPLE or is_address(text):
        return text
    if colon and kind in ("role", "field") and rest.strip() and is_one_line(rest):
        return text
    if colon and kind == "signer" and re.fullmatch(r"\d{1,4}", rest, re.ASCII):
        return text
    close = get_close_matches(text, PEOPLE, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    msg = (
        f"{_quoted(text)} is no recipient; {hint}expected client, company, responsible, "
        "role:<name>, signer:<order>, field:<id> or an address"
    )
    raise ValueError(msg)


def colleague(text: str) -> str:
    """A recipient among our own people as it is written in a rule; ValueError if it is none.

    One of ``COLLEAGUES``, ``group:<name>``, ``field:<id>``, or a user's address.
    """
    kind, colon, rest = text.partition(":")
    if text in COLLEAGUES or is_address(text):
        return text
    if colon and kind in ("group", "field") and rest.strip() and is_one_line(rest):
        return text
    close = get_close_matches(text, COLLEAGUES, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    msg = (
        f"{_quoted(text)} is no employee; {hint}expected responsible, observers, group:<name>, "
        "field:<id> or a user's address"
    )
    raise ValueError(msg)


def problem(part: str, pipeline: Pipeline) -> str | None:
    """What publishing must refuse about a recipient in this pipeline, as a sentence, or None."""
    kind, _, name = part.partition(":")
    if part.startswith(GROUP):
        return group_problem(part, pipeline) or _strangers(part, pipeline)
    if kind != "field" or name in _BUILT_IN:
        return None
    holding = [*_BUILT_IN, *(n for n, s in pipeline.fields.items() if s.type in _HOLD_ADDRESSES)]
    spec = pipeline.fields.get(name)
    if spec is None:
        close = get_close_matches(name, holding, n=1)
        hint = f"did you mean field:{close[0]}?" if close else f"expected {', '.join(holding)}"
        return f'"{part}": there is no such field that holds addresses; {hint}'
    if spec.type not in _HOLD_ADDRESSES:
        return f'"{part}": the field is a {spec.type}; expected text, a user or a list of addresses'
    return None


def addresses(part: str, document: Document, pipeline: Pipeline) -> tuple[str, ...]:
    """The addresses a recipient stands for, at least one.

    Raises PermanentError where there is none or one is no address.
    """
    kind, _, name = part.partition(":")
    if part == "client":
        found = _of_signers(part, _side(document, "client"))
    elif part == "company":
        found = _of_signers(part, _side(document, "company"))
    elif part == "responsible":
        found = _one(part, document.responsible, "the document has no responsible person; set one")
    elif part == "observers":
        found = document.observers or _one(part, None, "nobody observes the document; add someone")
    elif part.startswith(GROUP):
        found = users(part, pipeline)
    elif kind == "role":
        found = _of_signers(part, _with_role(document, name))
    elif kind == "signer":
        found = _of_signers(part, _with_order(document, int(name)))
    elif kind == "field":
        found = _in_field(part, document, name)
    else:
        found = (part,)
    for address in found:
        if not is_address(address):
            msg = (
                f"{_quoted(part)}: {_quoted(address)} is no mail address that can be written to; "
                "expected name@host.example, without a display name, in ASCII"
            )
            raise PermanentError(msg)
    return found


def merged(found: Iterable[str], before: Iterable[str] = ()) -> tuple[str, ...]:
    """Each address once, ignoring case, without those written to before."""
    seen = {address.lower() for address in before}
    kept: dict[str, str] = {}
    for address in found:
        if address.lower() not in seen:
            kept.setdefault(address.lower(), address)
    return tuple(kept.values())


def _strangers(group: str, pipeline: Pipeline) -> str | None:
    """The users of a group that no mail can reach."""
    wrong = [one for one in users(group, pipeline) if not is_address(one)]
    if not wrong:
        return None
    return f'"{group}": {", ".join(map(_quoted, wrong))} is no mail address; correct the group'


def _side(document: Document, party: Party) -> list[Signer]:
    return [one for one in document.signers if one.party == party and one.must_act]


def _with_role(document: Document, role: str) -> list[Signer]:
    wanted = role.strip().casefold()
    return [one for one in document.signers if (one.role or "").strip().casefold() == wanted]


def _with_order(document: Document, order: int) -> list[Signer]:
    return [one for one in document.signers if one.order == order and one.must_act]


def _of_signers(part: str, signers: list[Signer]) -> tuple[str, ...]:
    if not signers:
        msg = f"{_quoted(part)}: the envelope has no such signer; correct it at the provider"
        raise PermanentError(msg)
    for one in signers:
        if not one.email:
            msg = (
                f"{_quoted(part)}: the signer {_quoted(one.name or one.id)} has no mail address; "
                "add it at the provider, or choose another recipient"
            )
            raise PermanentError(msg)
    return tuple(one.email for one in signers if one.email)


def _in_field(part: str, document: Document, name: str) -> tuple[str, ...]:
    if name == "observers":
        value: object = document.observers
    elif name == "sender":
        value = document.sender.email if document.sender else None
    else:
        value = document.fields.get(name)
    parts = value if isinstance(value, tuple) else str(value or "").split(",")
    found = tuple(one.strip(" ") for one in parts if one.strip())
    return found or _one(part, None, f"the field {name} is empty; fill it")


def _one(part: str, value: str | None, otherwise: str) -> tuple[str, ...]:
    if not value:
        msg = f"{_quoted(part)}: {otherwise}"
        raise PermanentError(msg)
    return (value,)


def _quoted(text: str) -> str:
    line = " ".join("".join(one if is_one_line(one) else " " for one in text).split())
    return f'"{line[:79]}…"' if len(line) > 80 else f'"{line}"'
