"""What pydantic refuses, as places and sentences: what was found, what would be right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from countersign.model.base import Place
from countersign.text.suggestions import close_name, close_or_all

WORDS = {
    "Pipeline": "a pipeline",
    "Calendar": "a calendar",
    "FieldSpec": "a field",
    "Stage": "a stage",
    "Trigger": "a trigger",
    "Rule": "a rule",
    "Timing": "a time",
    "Span": "a length of time",
    "OnDate": "a date to run on",
    "Group": "a condition",
    "Clause": "a clause",
}
_EXPECTED = {
    "string": "text",
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "bool": "true or false",
    "tuple": "a list",
    "list": "a list",
    "set": "a list",
    "dict": "a mapping",
    "date": "a date, such as 2026-05-31",
    "time": 'a clock time in quotes, such as "09:00"',
}
_PATTERNS = {
    "^[a-z0-9]": "lower-case letters, digits, - and _, at most 63, the first a letter or digit",
    "^[a-z][a-z0-9_]": "lower-case letters, digits and _, at most 63, the first a letter",
}


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One thing that does not fit its model."""

    place: Place
    """Where it stands; for something that is missing, where it should stand."""
    text: str
    missing: bool = False
    of_key: bool = False
    """Whether the key itself is wrong, not what it holds."""


def schema_errors(error: ValidationError, model: type[BaseModel], raw: object) -> list[SchemaError]:
    """Each error once, in the order in which they stand in ``raw``.

    Where several forms are allowed, only what is wrong with the form that was meant is reported.
    """
    by_place: dict[Place, list[ErrorDetails]] = {}
    for detail in error.errors(include_url=False):
        if detail["type"] == "too_short" and len(detail["input"]) >= detail["ctx"]["min_length"]:
            continue  # Pydantic counts only the members that fit.
        by_place.setdefault(_place(detail, raw), []).append(detail)
    typos = {
        (*place[:-1], close_name(str(place[-1]), names_of(owner)))
        for place, (detail, *_) in by_place.items()
        if detail["type"] == "extra_forbidden" and (owner := model_at(model, place[:-1], raw))
    }
    return [
        _schema_error(place, _meant(errors), model, raw)
        for place, errors in by_place.items()
        if not (_is_other_form(errors) and any(_below(place, other) for other in by_place))
        and not (errors[0]["type"] == "missing" and place in typos)
    ]


def names_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys a mapping of that model may have, without ``kind`` where it only names the model."""
    return tuple(
        info.alias or name
        for name, info in model.model_fields.items()
        if not (name == "kind" and not info.is_required() and model.__name__ not in WORDS)
    )


def model_at(model: type[BaseModel], place: Sequence[str | int], raw: object) -> Any:
    """The model of the mapping at a place; None where it is a plain list, mapping or value."""
    forms = forms_at(model, place)
    for part in place:
        raw = _inner(raw, part)
    models = [form for form in forms if isinstance(form, type) and issubclass(form, BaseModel)]
    keys = set(raw) if isinstance(raw, Mapping) else set()
    return max(models, key=lambda model: len(keys & set(names_of(model))), default=None)


def forms_at(model: type[BaseModel], place: Sequence[str | int]) -> list[Any]:
    """The types that what stands at a place may be of."""
    forms: list[Any] = [model]
    for part in place:
        forms = [after for form in forms for after in _step(form, part)]
    return forms


def is_optional(model: type[BaseModel], place: Place, raw: object) -> bool:
    """Whether the key at the place could be left out."""
    parent = model_at(model, place[:-1], raw)
    if parent is None:
        return isinstance(place[-1], str)
    info = next((i for n, i in parent.model_fields.items() if place[-1] in (n, i.alias)), None)
    return info is None or not info.is_required()


def described(value: object) -> str:
    """A value as it is shown in a sentence: short, on one line."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            text = " ".join(value.split())
            return f'"{text[:59]}…"' if len(text) > 60 else f'"{text}"'
        case int() | float() | Decimal():
            return str(value)
        case Mapping():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return type(value).__name__


def _place(error: ErrorDetails, raw: object) -> Place:
    """The error's place without pydantic's own marks for the members of a union."""
    place: list[str | int] = []
    node = raw
    for n, part in enumerate(error["loc"]):
        if _is_inside(node, part):
            node = _inner(node, part)
            place.append(part)
        elif error["type"] == "missing" and n == len(error["loc"]) - 1:
            place.append(part)
    return tuple(place)


def _meant(errors: list[ErrorDetails]) -> ErrorDetails:
    """Of the errors about one value, the one about the form that was meant."""
    value = errors[0]["input"]
    if isinstance(value, str):
        meant = (error for error in errors if error["type"] == "literal_error")
    else:
        meant = (error for error in errors if not _is_other_form([error]))
    return next(meant, errors[0])


def _is_other_form(errors: list[ErrorDetails]) -> bool:
    """Whether the errors only say that a mapping or a list is not of some simpler form."""
    return all(
        isinstance(error["input"], Mapping | list)
        and (error["type"] == "literal_error" or error["type"].endswith("_type"))
        for error in errors
    )


def _below(place: Place, other: Place) -> bool:
    return len(other) > len(place) and other[: len(place)] == place


def _schema_error(
    place: Place, error: ErrorDetails, model: type[BaseModel], raw: object
) -> SchemaError:
    kind, value = error["type"], error["input"]
    if kind == "missing":
        owner = _word(model_at(model, place[:-1], raw), "it")
        return SchemaError(place, f'"{place[-1]}" is missing; {owner} must have it', missing=True)
    if kind == "extra_forbidden":
        return SchemaError(place, _unknown_key(place, model, raw), of_key=True)
    text = _sentence(place, error, model, raw, value)
    if error["loc"][-1:] == ("[key]",):
        text = f'"{place[-1]}" cannot be a name here;{text.partition(";")[2]}'
        return SchemaError(place, text, of_key=True)
    return SchemaError(place, text)


def _unknown_key(place: Place, model: type[BaseModel], raw: object) -> str:
    owner = model_at(model, place[:-1], raw)
    names = names_of(owner) if owner is not None else ()
    if re.fullmatch(r"\d{3}", str(place[-1])) and _inner_at(raw, place) is None:
        return (
            f'"{place[-1]}" stands behind a comma, which begins the next entry here; write numbers '
            "without separators, such as 5000"
        )
    word = _word(owner, f"the settings of {_kind(model)}")
    return f'"{place[-1]}" is unknown in {word}; {close_or_all(str(place[-1]), names)}'


def _sentence(
    place: Place, error: ErrorDetails, model: type[BaseModel], raw: object, value: object
) -> str:
    kind, context = error["type"], error.get("ctx", {})
    name = f"{place[-1]} is" if place and isinstance(place[-1], str) else "found"
    actual = f"{name} {described(value)}"
    match kind:
        case "value_error" | "assertion_error":
            return str(context.get("error", error["msg"]))
        case "literal_error":
            allowed = re.findall(r"'([^']*)'", str(context.get("expected", "")))
            if isinstance(value, str) and (close := close_name(value, allowed)):
                return f"{actual}; did you mean {close}?"
            also = _mapping_too(model_at(model, place, raw))
            return f"{actual}; expected {', '.join(allowed)}{also}"
        case "string_pattern_mismatch":
            pattern = str(context.get("pattern", ""))
            wanted = next((t for start, t in _PATTERNS.items() if pattern.startswith(start)), None)
            return f"{actual}; expected {wanted or f'text like {pattern}'}"
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than":
            word = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
            limit = next(f"{word[key]} {context[key]}" for key in word if key in context)
            return f"{actual}; expected {limit}"
        case "too_short" | "string_too_short":
            return f"{name} empty; expected at least {context.get('min_length', 1)}"
        case "too_long" | "string_too_long":
            return f"{actual}, which is too long; expected at most {context.get('max_length')}"
        case "model_type" | "model_attributes_type":
            owner = model_at(model, place, raw)
            keys = f" with {', '.join(names_of(owner))}" if owner else ""
            if isinstance(value, str) and owner is not None and owner.__name__ == "Group":
                keys = f" with field, op and value, or one{keys}"
            return f"{actual}; expected a mapping{keys}"
    expected = _EXPECTED.get(kind.partition("_")[0])
    if expected is None:
        return f"{actual}: {error['msg']}"
    quotes = ", in quotes" if expected == "text" and not isinstance(value, list | Mapping) else ""
    return f"{actual}; expected {expected}{quotes if value is not None else ''}"


def _mapping_too(model: Any) -> str:
    return f", or a mapping with {', '.join(names_of(model))}" if model is not None else ""


def _word(model: Any, otherwise: str) -> str:
    if model is None:
        return otherwise
    word = WORDS.get(model.__name__) or getattr(model, "word", None)
    if isinstance(word, str):
        return word
    return f"the settings of {_kind(model)}" if "kind" in model.model_fields else otherwise


def _kind(model: type[BaseModel]) -> str:
    info = model.model_fields.get("kind")
    return str(info.default) if info is not None and not info.is_required() else "this kind"


def _step(form: Any, part: str | int) -> Iterator[Any]:
    """What a form says about its part of that name or index."""
    if isinstance(form, type) and issubclass(form, BaseModel):
        for name, info in form.model_fields.items():
            if part == (info.alias or name):
                yield from _flat(info.annotation)
        return
    arguments = get_args(form)
    if get_origin(form) is dict and isinstance(part, str):
        yield from _flat(arguments[1])
    elif get_origin(form) in (tuple, list) and isinstance(part, int):
        yield from _flat(arguments[0])


def _flat(form: Any) -> Iterator[Any]:
    origin = get_origin(form)
    if origin is Annotated:
        yield from _flat(get_args(form)[0])
    elif origin in (Union, UnionType):
        for member in get_args(form):
            yield from _flat(member)
    else:
        yield form


def _inner_at(raw: object, place: Place) -> object:
    for part in place:
        raw = _inner(raw, part)
    return raw


def _inner(node: object, part: str | int) -> object:
    if isinstance(node, Mapping):
        return node.get(part)
    if isinstance(node, list | tuple) and isinstance(part, int) and part < len(node):
        return node[part]
    return None


def _is_inside(node: object, part: str | int) -> bool:
    if isinstance(node, Mapping):
        return part in node
    return isinstance(node, list | tuple) and isinstance(part, int)
