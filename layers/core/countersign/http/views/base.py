"""What all values of the API have in common."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class View(BaseModel):
    """A value that the API gives; made of values of ours by their attributes."""

    model_config = ConfigDict(frozen=True, from_attributes=True, defer_build=True)


class CountView(View):
    """How many there are, counted up to a limit."""

    number: int
    more: bool
    """Whether there are more than were counted."""


class Body(BaseModel):
    """A value that the API takes; unknown members are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


Id = Annotated[str, Field(min_length=1, max_length=200)]
Comment = Annotated[str, Field(min_length=1, max_length=10_000)]
