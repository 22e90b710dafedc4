"""Whom a mail comes from: the first of a rule's senders that the pipeline lists."""

from __future__ import annotations

from collections.abc import Iterator

from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.pipeline import Pipeline
from countersign.model.references import SettingPlace
from countersign.rules._shared.recipients import addresses
from countersign.text.addresses import EXPECTED, AddressError, named, whole_domain
from countersign.text.folding import domain_of, fold_domain, same_address

RESPONSIBLE = "responsible"
Senders = str | tuple[str, ...]
"""One sender as it is written in a rule, or several in order of preference."""


def written_senders(value: Senders) -> Senders:
    """What a rule's ``from`` may be; ValueError for anything else."""
    for text in _each(value):
        _check(text)
    if not value:
        msg = "the list is empty; expected addresses of the pipeline's senders, or responsible"
        raise ValueError(msg)
    return value


def problems(value: Senders, pipeline: Pipeline) -> Iterator[tuple[SettingPlace, str]]:
    """What publishing must refuse about a rule's senders, each with its place in the settings."""
    for n, text in enumerate(_each(value)):
        problem = _problem(text, pipeline)
        if problem is not None:
            yield "from" if isinstance(value, str) else ("from", n), problem


def sender_for(value: Senders, document: Document, pipeline: Pipeline) -> str:
    """What stands in the header: the first of the senders that may be used for the document.

    PermanentError, with the reason for each, where none may be used.
    """
    reasons: list[str] = []
    for text in _each(value):
        try:
            return _sender_for(text, document, pipeline)
        except PermanentError as error:
            reasons.append(str(error))
    raise PermanentError("; ".join(dict.fromkeys(reasons)))


def own_sender(pipeline: Pipeline) -> str | None:
    """The first of the pipeline's senders that is an address: reports and mails about tasks come
    from it. None where there is none."""
    return next((sender for sender in pipeline.senders if not sender.strip().startswith("@")), None)


def sender_of(text: str, pipeline: Pipeline) -> str:
    """The sender with its own name, or else the one that the pipeline lists for its address."""
    written = named(text)
    if written.name:
        return str(written)
    listed = _listed_address(written.address, pipeline)
    name = named(listed).name if listed is not None else ""
    return f"{name} <{written.address}>" if name else written.address


def _each(value: Senders) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _check(text: str) -> None:
    if text == RESPONSIBLE:
        return
    try:
        named(text)
    except AddressError as error:
        why = "" if str(error) == EXPECTED else f" ({error})"
        msg = (
            f'"{text}" is not a valid sender; expected an address of the pipeline\'s senders, '
            f"or responsible{why}"
        )
        raise ValueError(msg) from None


def _problem(text: str, pipeline: Pipeline) -> str | None:
    if text == RESPONSIBLE:
        if pipeline.senders:
            return None
        return "the pipeline has no senders; list the addresses of those who may be responsible"
    address = named(text).address
    if _listed_address(address, pipeline) is not None or _lists_domain_of(address, pipeline):
        return None
    there = ", ".join(pipeline.senders) or "none"
    return f'"{text}" is not among the pipeline\'s senders ({there}); add it there, verified'


def _sender_for(text: str, document: Document, pipeline: Pipeline) -> str:
    if text == RESPONSIBLE:
        try:
            (text,) = addresses(text, document, pipeline)
        except PermanentError as error:
            msg = f"from {error}"
            raise PermanentError(msg) from None
    problem = _problem(text, pipeline)
    if problem is not None:
        msg = f"from: {problem}"
        raise PermanentError(msg)
    return sender_of(text, pipeline)


def _listed_address(address: str, pipeline: Pipeline) -> str | None:
    """The address as the pipeline lists it by itself, or None."""
    return next((sender for sender in pipeline.senders if _is_of(sender, address)), None)


def _is_of(listed: str, address: str) -> bool:
    try:
        return same_address(named(listed).address, address)
    except AddressError:
        return False


def _lists_domain_of(address: str, pipeline: Pipeline) -> bool:
    """Whether the pipeline lists the whole domain of the address."""
    return any(_is_domain_of(sender, address) for sender in pipeline.senders)


def _is_domain_of(listed: str, address: str) -> bool:
    try:
        domain = whole_domain(listed)
    except AddressError:
        return False
    return domain is not None and fold_domain(domain) == domain_of(address)
