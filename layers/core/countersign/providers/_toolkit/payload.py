"""Edge models of providers' messages, and the types of their members.

A member that does not fit its type counts as absent (``reading``); the types say what fits.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)
from pydantic.alias_generators import to_camel

from countersign.providers._toolkit.times import iso_time, unix_time


class Payload(BaseModel):
    """An edge model of a provider's message: what we don't know is ignored."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", defer_build=True, coerce_numbers_to_str=True
    )


class CamelPayload(Payload):
    """An edge model whose members are written in camel case."""

    model_config = ConfigDict(alias_generator=to_camel, validate_by_name=True)


def _blank_to_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _plain(text: str) -> str:
    return _CONTROL.sub("", text)[:TEXT_LENGTH]


TEXT_LENGTH = 2_000
"""Characters that are kept of a text from outside: enough for any reason, and it bounds an item."""
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

ProviderId = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]{1,200}$")]
"""An id or an event's name. It becomes part of a key: what doesn't fit is refused, not cut."""
MaybeId = Annotated[ProviderId | None, BeforeValidator(_blank_to_none)]
MaybeEmail = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]{1,320}$")]
    | None,
    BeforeValidator(_blank_to_none),
]
MaybeText = Annotated[
    Annotated[str, AfterValidator(_plain)] | None, BeforeValidator(_blank_to_none)
]
"""Text from outside, without control characters, cut at ``TEXT_LENGTH``; blank counts as absent."""
MaybeOrder = Annotated[
    Annotated[int, Field(ge=0, le=100_000)] | None, BeforeValidator(_blank_to_none)
]
MaybeIsoTime = Annotated[datetime | None, BeforeValidator(iso_time)]
"""ISO 8601 with a zone, to UTC; more than six digits of a second are cut. Blank is None."""
MaybeUnixTime = Annotated[datetime | None, BeforeValidator(unix_time)]
"""Whole seconds since 1970, as a number or as text. Blank is None."""
