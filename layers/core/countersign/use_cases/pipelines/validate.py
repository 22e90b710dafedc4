"""Validation of a pipeline as it is written, each problem with a pointer to its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from countersign.engine.validation.pipeline import Problem, check
from countersign.model.base import Model, pointer
from countersign.model.pipeline import Pipeline


class PlacedProblem(Model):
    """One thing to fix, or to look at, in what was written."""

    pointer: str
    """Where it stands, as a JSON pointer (RFC 6901): ``/stages/2/rules/0/settings/to``. What is
    missing is pointed to where it should stand; empty for the whole."""
    text: str
    """What was found and what was expected, in English."""
    severity: Literal["error", "warning"]
    """An error forbids publishing, a warning does not."""
    of_key: bool = False
    """Whether the key itself is wrong, not what it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What was found in a pipeline as it is written."""

    pipeline: Pipeline | None
    """The pipeline, if nothing forbids publishing it."""
    problems: tuple[PlacedProblem, ...]

    @property
    def valid(self) -> bool:
        """Whether it can be published."""
        return self.pipeline is not None


def validate(content: object, *, today: date, pipeline: str | None = None) -> Validation:
    """Check a pipeline that is given as plain values, numbers as int or Decimal.

    ``today`` is where the search for working time begins. ``pipeline`` is the id that it must have,
    where it is the draft of one.
    """
    publishable, problems = check(content, today=today)
    renamed = _renamed(content, pipeline)
    return Validation(
        pipeline=None if renamed else publishable,
        problems=(*renamed, *map(placed, problems)),
    )


def placed(problem: Problem) -> PlacedProblem:
    """The problem with its place as a JSON pointer."""
    return PlacedProblem(
        pointer=pointer(problem.place),
        text=problem.text,
        severity=problem.severity,
        of_key=problem.of_key,
    )


def _renamed(content: object, pipeline: str | None) -> tuple[PlacedProblem, ...]:
    written = content.get("pipeline") if isinstance(content, Mapping) else None
    if pipeline is None or written is None or written == pipeline:
        return ()
    text = (
        f'the id is "{written}", but this is the draft of {pipeline}; write {pipeline}, or create '
        "a draft of another pipeline"
    )
    return (PlacedProblem(pointer="/pipeline", text=text, severity="error"),)
