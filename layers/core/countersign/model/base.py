"""The base of every value: frozen, closed to unknown settings, times aware and in UTC."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen value. Unknown attributes are refused; schemas are built on first use."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


def _to_utc(moment: datetime) -> datetime:
    try:
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    except OverflowError as error:
        msg = "a time before the year 1 or after the year 9999 in UTC is not possible"
        raise ValueError(msg) from error


Instant = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""A point in time. Naive values are refused; others are turned to UTC."""

Place = tuple[str | int, ...]
"""Where something stands in a pipeline file: names and, for lists, numbers from 0."""


def pointer(place: Place) -> str:
    """The place as a JSON pointer (RFC 6901): ``/stages/2/rules/0/settings/to``; empty for all."""
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in place)
