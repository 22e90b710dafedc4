"""Firing: which trigger a happening fires, and why the others were passed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from countersign.engine.compiled import Candidate, Program
from countersign.engine.conditions.evaluate import Scope, judge
from countersign.engine.envelopes.reconcile import PROGRESS
from countersign.model.document import Document
from countersign.model.document_event import Happening
from countersign.model.log import Firing, Passed
from countersign.model.signing_event import EventKind

GRADES = ("none", "origin", "body")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fired:
    """The trigger that fired, if any, and those that were passed over."""

    candidate: Candidate | None
    firing: Firing | None
    passed: tuple[Passed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """A happening as the triggers saw it once before: of a signer who was not named yet."""

    happening: Happening
    document: Document


def fire(
    program: Program,
    document: Document,
    happening: Happening,
    now: datetime,
    *,
    overtaken_by: frozenset[EventKind] | None = None,
    before: Before | None = None,
) -> Fired:
    """Try the candidates in stage order, within a stage in listed order; the first match wins.

    Candidates are the enabled triggers that look at this kind of happening in every stage but
    the document's own; only with *allow return* one in an earlier stage, and any of them while the
    document is in a final stage. What comes after ``overtaken_by`` moves a document forward alone,
    as it would have in its turn, and undoes nothing. A trigger that matched it ``before``
    had its turn.
    """
    here = program.pipeline.index(document.stage)
    winner: Candidate | None = None
    firing: Firing | None = None
    passed: list[Passed] = []
    for candidate in _concerned(program, happening):
        trigger, stage = candidate.trigger, candidate.stage
        because = (
            f"the trigger {winner.trigger.id} of the stage {winner.stage.id} fired first"
            if winner
            else _not_eligible(program, candidate, here, happening)
            or _undoes(program, candidate, here, happening, overtaken_by)
            or candidate.kind.misses(happening, document)
            or _had_its_turn(candidate, before)
        )
        verdict = None
        if because is None and trigger.condition is not None:
            scope = Scope(
                document=document,
                types=program.types,
                now=now,
                working=program.working,
                groups=program.pipeline.groups,
                happening=happening,
            )
            verdict = judge(trigger.condition, scope)
            because = None if verdict.holds else verdict.because
        if because is None:
            winner = candidate
            firing = Firing(trigger=trigger.id, stage=stage.id, kind=trigger.kind, verdict=verdict)
        else:
            passed.append(
                Passed(trigger=trigger.id, stage=stage.id, because=because, verdict=verdict)
            )
    return Fired(candidate=winner, firing=firing, passed=tuple(passed))


def _concerned(program: Program, happening: Happening) -> Iterator[Candidate]:
    for candidate in program.candidates:
        if happening.timer is not None and candidate.trigger.id != happening.timer:
            continue
        if happening.kind in candidate.kind.on:
            yield candidate


def _not_eligible(
    program: Program, candidate: Candidate, here: int, happening: Happening
) -> str | None:
    trigger = candidate.trigger
    if not trigger.enabled:
        return "the trigger is switched off"
    # A stage that the published version no longer has holds nothing.
    held = candidate.holds(here, program.pipeline.stages[here]) if here >= 0 else None
    if held is not None:
        return held
    if GRADES.index(happening.grade) < GRADES.index(trigger.grade):
        return (
            f"the message proves its sender by grade {happening.grade}, "
            f"the trigger asks for {trigger.grade}"
        )
    return None


def _had_its_turn(candidate: Candidate, before: Before | None) -> str | None:
    if before is None or candidate.kind.misses(before.happening, before.document) is not None:
        return None
    return "it matched this already when it was first received"


def _undoes(
    program: Program,
    candidate: Candidate,
    here: int,
    happening: Happening,
    overtaken_by: frozenset[EventKind] | None,
) -> str | None:
    """Why what has been overtaken may not fire the trigger; None where it may."""
    if overtaken_by is None:
        return None
    if candidate.place < here:
        return "what was told is late, and moves nothing back"
    if here >= 0 and program.pipeline.stages[here].is_final:
        return "what was told is late, and the document is in a final stage"
    if candidate.stage.kind == "failure" and happening.kind in PROGRESS:
        return "what was told is late, and ends nothing as failed"
    # One of these may have moved the document back, which this must not undo.
    returning = (one for one in program.candidates if one.trigger.allow_return)
    if any(one.kind.on & overtaken_by for one in returning):
        return "what was told is late, and a trigger for what came after it allows a return"
    return None
