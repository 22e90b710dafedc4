"""Reading messages leniently: what is odd falls to nothing, and costs no message.

A message is refused only where its kind of event or its envelope cannot be read. Every other
member of another type or form than expected counts as absent, and a warning says so.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json

from countersign.errors import PermanentError
from countersign.model.signing_event import SigningEvent

MAX_WARNINGS = 10
"""Warnings that one message puts on a timeline; of more, their number is noted."""
_MAX_ROUNDS = 50
"""A member that is left out may bring the next one to light: so often a message is read anew."""
_MAX_DIGITS = 400
_SURROGATE = re.compile("[\\ud800-\\udfff]")

P = TypeVar("P", bound=BaseModel)
Path = tuple[str | int, ...]


class MalformedError(PermanentError):
    """The message is genuine but cannot be read. The text goes to the log only."""


@dataclass(slots=True)
class SkippedParts:
    """What was not read of one message."""

    warnings: list[str] = field(default_factory=list)
    from_lists: bool = False
    """Whether a list, or an element of one, was left out: it may have been a signer."""

    def note(self, place: str, problem: str, *, from_list: bool = False) -> None:
        """One member that was left out."""
        self.warnings.append(f"{place} of the message was not read: {problem}")
        self.from_lists = self.from_lists or from_list


_collector: ContextVar[SkippedParts | None] = ContextVar("_collector", default=None)


@contextmanager
def collecting() -> Iterator[SkippedParts]:
    """Collects what is left out of the message that is read within."""
    left_out = SkippedParts()
    token = _collector.set(left_out)
    try:
        yield left_out
    finally:
        _collector.reset(token)


def note_left_out(place: str, problem: str) -> None:
    """Say that a member of the message counts as absent; for readers of their own kind."""
    left_out = _collector.get()
    if left_out is not None:
        left_out.note(place, problem)


def with_warnings(
    events: tuple[SigningEvent, ...], left_out: SkippedParts
) -> tuple[SigningEvent, ...]:
    """The events, the first with the warnings, none with a list that calls itself whole if it
    may not be."""
    texts = tuple(dict.fromkeys(left_out.warnings))
    if not texts or not events:
        return events
    if len(texts) > MAX_WARNINGS:
        more = len(texts) - MAX_WARNINGS
        texts = (*texts[:MAX_WARNINGS], f"{more} more members of the message were not read")
    if left_out.from_lists:
        events = tuple(_not_whole(event) for event in events)
    return (events[0].model_copy(update={"warnings": texts}), *events[1:])


def _not_whole(event: SigningEvent) -> SigningEvent:
    if event.state is None or not event.state.all_signers:
        return event
    state = event.state.model_copy(update={"all_signers": False})
    return event.model_copy(update={"state": state})


def read_json(body: bytes) -> Any:
    """The JSON value of a body; ``MalformedError`` for what has no reading, however deep or broken.

    Read all the same: a byte order mark, UTF-16 and UTF-32, half a surrogate pair (a text that was
    cut inside an emoji) and bytes that are not UTF-8 (each becomes U+FFFD), control characters in
    texts, NaN and numbers beyond all bounds (null).
    """
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        if "recursion limit" in str(error):
            raise MalformedError("the body is nested too deep") from error
        return _read_odd_json(body, error)


def _read_odd_json(body: bytes, first: ValueError) -> Any:
    try:
        text = body.decode(json.detect_encoding(body), "replace")
        value = json.loads(
            text,
            strict=False,
            parse_constant=lambda _: None,
            parse_float=_finite,
            parse_int=lambda digits: int(digits) if len(digits) <= _MAX_DIGITS else None,
        )
        value = _without_surrogates(value)
        from_json(json.dumps(value))  # no deeper than a message may be
    except (ValueError, RecursionError):
        raise MalformedError(f"the body is not valid JSON: {first}") from first
    note_left_out("some characters or numbers", str(first))
    return value


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if abs(number) != float("inf") else None


def _without_surrogates(value: Any) -> Any:
    match value:
        case str():
            return _SURROGATE.sub("\ufffd", value)
        case list():
            return [_without_surrogates(inner) for inner in value]
        case dict():
            return {
                _SURROGATE.sub("\ufffd", name): _without_surrogates(inner)
                for name, inner in value.items()
            }
        case _:
            return value


def read_payload(model: type[P], value: Any) -> P:
    """A JSON value as the edge model, without the members that do not fit it.

    ``MalformedError`` names the member that does not fit and cannot be left out: an object that
    lacks a member it needs is left out itself, up to the whole message.
    """
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error
    value = copy.deepcopy(value)
    for _ in range(_MAX_ROUNDS):
        try:
            return model.model_validate(_without(value, first))
        except ValidationError as error:
            first = error
    raise _malformed(first.errors(include_url=False, include_input=False)[0])


def _without(value: Any, error: ValidationError) -> Any:
    """The value without what the errors are about; its own lists and objects are changed."""
    details = error.errors(include_url=False, include_input=False, include_context=True)
    # A list may be too short only for its elements that are read in the next round.
    details = [detail for detail in details if detail["type"] != "too_short"] or details
    places = {_place(value, detail): detail for detail in reversed(details)}
    for place, detail in sorted(places.items(), key=lambda item: _last_first(item[0])):
        if not place:
            if value == [] and detail["type"] in _OBJECT_EXPECTED:
                return {}  # PHP writes an empty object so
            raise _malformed(detail)
        _leave_out(value, place, detail)
    return value


_OBJECT_EXPECTED = ("model_type", "model_attributes_type", "dict_type")
_LIST_EXPECTED = ("tuple_type", "list_type")


def _last_first(place: Path) -> tuple[Any, ...]:
    """Sorts elements of a list from its end, so that places stay right; members before objects."""
    parts = ((0, -part, "") if isinstance(part, int) else (1, 0, part) for part in place)
    return (*parts, (2, 0, ""))


def _place(value: Any, detail: ErrorDetails) -> Path:
    """Where the member is that must go: of a missing one, the object that needs it."""
    wanted = detail["loc"][:-1] if detail["type"] == "missing" else detail["loc"]
    place: list[str | int] = []
    for part in wanted:
        inside_object = isinstance(value, dict) and part in value
        inside_list = isinstance(value, list) and isinstance(part, int) and part < len(value)
        if not inside_object and not inside_list:
            break  # a part of the model's own, such as the name of an alternative
        value = value[part]
        place.append(part)
    return tuple(place)


def _leave_out(value: Any, place: Path, detail: ErrorDetails) -> None:
    parent = value
    for part in place[:-1]:
        try:
            parent = parent[part]
        except (KeyError, IndexError, TypeError):
            return  # went with an object that holds it
    last = place[-1]
    name = ".".join(str(part) for part in place)
    try:
        member = parent[last]
    except (KeyError, IndexError, TypeError):
        return
    left_out = _collector.get() or SkippedParts()
    if member == [] and detail["type"] in _OBJECT_EXPECTED:
        parent[last] = {}
        return
    if detail["type"] == "too_long" and isinstance(member, list):
        most = detail["ctx"]["max_length"]
        parent[last] = member[:most]
        problem = f"it has {len(member)} elements, and {most} are read"
        left_out.note(f"the end of {name}", problem, from_list=True)
        return
    del parent[last]
    from_list = (
        isinstance(last, int) or isinstance(member, list) or detail["type"] in _LIST_EXPECTED
    )
    left_out.note(name, detail["msg"], from_list=from_list)


def _malformed(detail: ErrorDetails) -> MalformedError:
    place = ".".join(str(part) for part in detail["loc"])
    return MalformedError(f"{place or 'the body'}: {detail['msg']}")
