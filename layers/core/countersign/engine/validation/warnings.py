"""What is probably a mistake in a pipeline: reported when published, without preventing it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from countersign.engine.validation.stage_graph import Edge
from countersign.model.base import Place
from countersign.model.pipeline import Pipeline
from countersign.model.provider_api import Offer
from countersign.rules.base import RuleKind
from countersign.text.folding import fold_address

WORKING = ("working_days", "working_hours")
"""Names of settings that count or move into working time."""
_ONLY_WHEN_SIGNED: frozenset[Offer] = frozenset({"the signed PDF", "the audit trail"})
"""What providers have of completed envelopes alone."""


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """A trigger: from which stages it moves documents into its own."""

    all_have_signed: bool
    """Whether it fires only when everyone has signed."""
    stage: str
    sources: frozenset[str]


def own_supervisors(pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    """Users who are named as their own supervisors."""
    for user, supervisor in pipeline.supervisors.items():
        if fold_address(user) == fold_address(supervisor):
            text = f"{user} is their own supervisor; name another user, or leave this line out"
            yield ("supervisors", user), text


def assumed_calendar(pipeline: Pipeline) -> Iterator[tuple[Place, str]]:
    """The first use of working time in a pipeline that says nothing about it."""
    if "calendar" in pipeline.model_fields_set:
        return
    for n, stage in enumerate(pipeline.stages):
        for word in ("triggers", "rules"):
            for m, part in enumerate(getattr(stage, word)):
                place = _working(part.model_dump())
                if place is None:
                    continue
                text = (
                    "the pipeline has no calendar, so working time is Monday to Friday, 09:00 to "
                    "18:00, without public holidays; write calendar: {holidays: DE} with your "
                    "country or region"
                )
                yield ("stages", n, word, m, *place), text
                return


def unsigned_files(
    pipeline: Pipeline,
    arrivals: Iterable[EntryPoint],
    ways: Iterable[Edge],
    kinds: Mapping[Place, Any],
) -> Iterator[tuple[Place, str]]:
    """Rules that need the signed PDF, or the audit trail that is made with it, where a document may
    arrive before it is signed.

    ``kinds`` are the kinds of triggers and rules with their settings, by place.
    """
    early = _before_completion(pipeline.stages[0].id, tuple(arrivals), tuple(ways))
    for n, stage in enumerate(pipeline.stages):
        if stage.id not in early:
            continue
        for m, rule in enumerate(stage.rules):
            place = ("stages", n, "rules", m)
            kind = kinds.get(place)
            if not rule.enabled or rule.condition is not None or not isinstance(kind, RuleKind):
                continue
            for needed in kind.needs(pipeline):
                if needed.offer not in _ONLY_WHEN_SIGNED:
                    continue
                text = (
                    f"documents can arrive in {stage.id} before everyone has signed, and have no "
                    f"{needed.offer.removeprefix('the ')} then; put the rule into a stage with the "
                    "trigger signed_pdf_ready or signed_by_all, or give it a condition"
                )
                yield (*place, *needed.place), text


def _before_completion(
    first: str, arrivals: tuple[EntryPoint, ...], ways: tuple[Edge, ...]
) -> frozenset[str]:
    """The stages that documents can be in before everyone has signed; people may move them
    anywhere, which does not count."""
    early, before = {first}, set[str]()
    while early != before:
        before = set(early)
        early |= {
            arrival.stage
            for arrival in arrivals
            if not arrival.all_have_signed and arrival.sources & before
        }
        early |= {way.end for way in ways if way.start in before}
    return frozenset(early)


def _working(value: Any) -> Place | None:
    """Where working time is asked for, anywhere in plain values; None where it is not."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            if name in WORKING and inner:
                return (name,)
            if (below := _working(inner)) is not None:
                return (name, *below)
    if isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            if (below := _working(inner)) is not None:
                return (number, *below)
    return None
