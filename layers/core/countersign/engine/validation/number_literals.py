"""Numbers as they are written in a file: those that could be taken for others are refused.

A file's reader makes ``5.000`` the number 5; as a Decimal it still has the three digits behind its
point. What is quoted is looked at where only a number can be meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel

from countersign.engine.validation.schema_errors import forms_at
from countersign.model.base import Place
from countersign.model.values import two_readings

_NUMBERS = (int, float, Decimal)

ModelAt = Callable[[Place], tuple[type[BaseModel], Place] | None]
"""Which model the place belongs to, and the place in it; None where nobody knows."""


def problems(raw: object, model_of: ModelAt) -> Iterator[tuple[Place, str]]:
    """Each number with two readings, with its place."""
    for place, value in _leaves(raw, ()):
        if isinstance(value, Decimal) and (text := two_readings(str(value), "")):
            yield place, text
        elif isinstance(value, str) and (text := two_readings(value)):
            model_place = model_of(place)
            if model_place is not None and _takes_numbers_only(*model_place):
                yield place, f"{place[-1]}: {text}"


def _leaves(node: object, place: Place) -> Iterator[tuple[Place, object]]:
    waiting = [(place, node)]
    while waiting:
        where, value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += [
                ((*where, key), member) for key, member in value.items() if isinstance(key, str)
            ]
        elif isinstance(value, list | tuple):
            waiting += [((*where, n), element) for n, element in enumerate(value)]
        else:
            yield where, value


def _takes_numbers_only(model: type[BaseModel], place: Place) -> bool:
    forms: list[Any] = forms_at(model, place)
    return any(form in _NUMBERS for form in forms) and str not in forms and Any not in forms
