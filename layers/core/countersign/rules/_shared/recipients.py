"""Whom a mail goes to and comes from: addresses, each checked before it reaches a header."""

from __future__ import annotations

from difflib import get_close_matches

from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.pipeline import Pipeline
from countersign.model.signing_event import Signer
from countersign.model.task import GROUP
from countersign.rules._shared.signers import PROGRESS, SIDES, SignerChoice
from countersign.rules._shared.users import group_problem, users
from countersign.text.addresses import AddressError, is_address, is_one_line, outgoing, problem_of

PEOPLE = (*SIDES, "responsible", *PROGRESS)
"""Recipients that every document knows by themselves."""
COLLEAGUES = ("responsible", "observers")
"""Those of them, and others, who are our own people."""
MAX_RECIPIENTS = 50
"""To, cc and bcc together, for one message of SES:
https://docs.aws.amazon.com/ses/latest/dg/quotas.html"""
_BUILT_IN = ("observers", "sender")
"""The fields every document has that hold addresses, beside ``responsible``."""
_HOLD_ADDRESSES = ("text", "user", "list")


def recipient(text: str) -> str:
    """A recipient as it is written in a rule; ValueError, with what may be written, if it is none.

    One of ``PEOPLE``, ``role:<name>``, ``signer:<order>``, ``field:<id>``, or an address; behind
    ``unsigned``, ``signers_turn`` and ``signed`` also whose: ``unsigned:client``,
    ``signed:role:<name>``.
    """
    kind, colon, rest = text.partition(":")
    if text in PEOPLE or is_address(text) or SignerChoice.read(text) is not None:
        return text
    if colon and kind == "field" and rest.strip() and is_one_line(rest):
        return text
    msg = (
        f"{_quoted(text)} is not a recipient; {_hint(text)}expected client, company, responsible, "
        "role:<name>, signer:<order>, field:<id> or an address, or unsigned, signers_turn or "
        "signed, alone or as unsigned:client"
    )
    raise ValueError(msg)


def _hint(text: str) -> str:
    """What may have been meant by a text that is close to a recipient, or looks like an address."""
    head, colon, rest = text.partition(":")
    close = get_close_matches(head, [*PEOPLE, "role", "signer", "field"], n=1)
    meant = text
    if close and close[0] in PROGRESS and colon:
        whose = get_close_matches(rest, SIDES, n=1) or ["client"]
        meant = f"{close[0]}:{rest if SignerChoice.read(rest) else whose[0]}"
    elif close:
        meant = f"{close[0]}{colon}{rest}" if colon or close[0] in PEOPLE else text
    if meant != text:
        return f"did you mean {meant}? "
    why = problem_of(text) if "@" in text else None
    return f"as an address: {why}; " if why else ""


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
        f"{_quoted(text)} is not an employee; {hint}expected responsible, observers, group:<name>, "
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
    """The addresses a recipient stands for, as they go out.

    Empty only for signers by what they have done, where nobody is left of them. PermanentError
    where there is none otherwise, or one is not a valid address.
    """
    there = signers(part, document)
    if there is not None:
        return tuple(address_of(part, signer) for signer in there)
    kind, _, name = part.partition(":")
    if part == "responsible":
        written = _one(
            part, document.responsible, "the document has no responsible person; set one"
        )
    elif part == "observers":
        written = document.observers or _one(
            part, None, "nobody observes the document; add someone"
        )
    elif part.startswith(GROUP):
        written = users(part, pipeline)
    elif kind == "field":
        written = _in_field(part, document, name)
    else:
        written = (part,)
    return tuple(_outgoing(part, address) for address in written)


def signers(part: str, document: Document) -> tuple[Signer, ...] | None:
    """The signers a recipient stands for as things are now; None where it does not name signers.

    PermanentError where the envelope has no such signers at all.
    """
    choice = SignerChoice.read(part)
    if choice is None:
        return None
    if not choice.among(document):
        msg = f"{_quoted(part)}: {choice.missing(document)}"
        raise PermanentError(msg)
    return choice.of(document)


def nobody_left(part: str, document: Document) -> str | None:
    """Why nobody is left of the signers that the recipient stands for; None where somebody is."""
    choice = SignerChoice.read(part)
    return None if choice is None or choice.of(document) else choice.nobody(document)


def address_of(part: str, signer: Signer) -> str:
    """The signer's address as it goes out; PermanentError where there is none that is valid."""
    if not signer.email:
        msg = (
            f"{_quoted(part)}: the signer {_quoted(signer.name or signer.id)} has no "
            "e-mail address; "
            "add it at the provider, or choose another recipient"
        )
        raise PermanentError(msg)
    return _outgoing(part, signer.email)


def _outgoing(part: str, address: str) -> str:
    try:
        return outgoing(address)
    except AddressError as error:
        msg = (
            f"{_quoted(part)}: {_quoted(address)} is not a valid e-mail address that can "
            "be written to; "
            f"{error}"
        )
        raise PermanentError(msg) from None


def _strangers(group: str, pipeline: Pipeline) -> str | None:
    """The users of a group that no mail can reach."""
    wrong = [user for user in users(group, pipeline) if not is_address(user)]
    if not wrong:
        return None
    return (
        f'"{group}": {", ".join(map(_quoted, wrong))} is not a valid e-mail address; '
        "correct the group"
    )


def _in_field(part: str, document: Document, name: str) -> tuple[str, ...]:
    if name == "observers":
        value: object = document.observers
    elif name == "sender":
        value = document.sender.email if document.sender else None
    else:
        value = document.fields.get(name)
    parts = value if isinstance(value, tuple) else str(value or "").split(",")
    written = tuple(part.strip(" ") for part in parts if part.strip())
    return written or _one(part, None, f"the field {name} is empty; fill it")


def _one(part: str, value: str | None, otherwise: str) -> tuple[str, ...]:
    if not value:
        msg = f"{_quoted(part)}: {otherwise}"
        raise PermanentError(msg)
    return (value,)


def _quoted(text: str) -> str:
    line = " ".join(
        "".join(character if is_one_line(character) else " " for character in text).split()
    )
    return f'"{line[:79]}…"' if len(line) > 80 else f'"{line}"'
