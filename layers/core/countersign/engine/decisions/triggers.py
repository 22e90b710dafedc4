"""Firing: which trigger a happening fires, and why the others were passed over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from countersign.engine.compiled_pipeline import NO_AUTOMATION, Candidate, CompiledPipeline
from countersign.engine.conditions.evaluate import Scope, judge
from countersign.engine.envelopes.reconcile import PROGRESS
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.log import Firing, Skipped
from countersign.model.signing_event import EventKind

AUTHENTICITIES = ("none", "shared_secret", "signed")
PROVED = {
    "none": "not authenticated",
    "shared_secret": "authenticated by a shared secret",
    "signed": "signed",
}
REQUIRED = {"shared_secret": "at least a shared secret", "signed": "a signed body"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerMatch:
    """The trigger that fired, if any, and those that were passed over."""

    candidate: Candidate | None
    firing: Firing | None
    passed: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierEvent:
    """A happening as the triggers saw it once before: of a signer who was not named yet."""

    happening: DocumentEvent
    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """What the document knows already of a happening that reaches the triggers late."""

    overtaken_by: frozenset[EventKind] | None = None
    """The kinds of events that came after it and were applied before it."""
    before: EarlierEvent | None = None


ON_TIME = Lateness()


def select_trigger(
    program: CompiledPipeline,
    document: Document,
    happening: DocumentEvent,
    now: datetime,
    lateness: Lateness = ON_TIME,
) -> TriggerMatch:
    """Try the candidates in stage order, within a stage in listed order; the first match wins.

    Candidates are the enabled triggers that look at this kind of happening in every stage but
    the document's own; only with *allow return* one in an earlier stage, and any of them while the
    document is in a final stage. What has been overtaken moves a document forward alone, as it
    would have in its turn, and undoes nothing. A trigger that matched it before had its turn.
    """
    here = program.pipeline.index(document.stage)
    winner: Candidate | None = None
    firing: Firing | None = None
    passed: list[Skipped] = []
    for candidate in _concerned(program, happening):
        trigger, stage = candidate.trigger, candidate.stage
        reason = (
            f"the trigger {winner.trigger.id} of the stage {winner.stage.id} fired first"
            if winner
            else _not_included(program)
            or _not_eligible(program, candidate, here, happening)
            or _undoes(program, candidate, here, happening, lateness.overtaken_by)
            or candidate.kind.misses(happening, document)
            or _had_its_turn(candidate, lateness.before)
        )
        verdict = None
        if reason is None and trigger.condition is not None:
            scope = Scope(
                document=document,
                types=program.types,
                now=now,
                working=program.working,
                groups=program.pipeline.groups,
                happening=happening,
            )
            verdict = judge(trigger.condition, scope)
            reason = None if verdict.holds else verdict.reason
        if reason is None:
            winner = candidate
            firing = Firing(trigger=trigger.id, stage=stage.id, kind=trigger.kind, verdict=verdict)
        else:
            passed.append(
                Skipped(trigger=trigger.id, stage=stage.id, reason=reason, verdict=verdict)
            )
    return TriggerMatch(candidate=winner, firing=firing, passed=tuple(passed))


def _concerned(program: CompiledPipeline, happening: DocumentEvent) -> Iterator[Candidate]:
    for candidate in program.candidates:
        if happening.timer is not None and candidate.trigger.id != happening.timer:
            continue
        if happening.kind in candidate.kind.on:
            yield candidate


def _not_included(program: CompiledPipeline) -> str | None:
    return None if program.automation else NO_AUTOMATION


def _not_eligible(
    program: CompiledPipeline, candidate: Candidate, here: int, happening: DocumentEvent
) -> str | None:
    trigger = candidate.trigger
    if not trigger.enabled:
        return "the trigger is switched off"
    # A stage that the published version no longer has holds nothing.
    held = candidate.holds(here, program.pipeline.stages[here]) if here >= 0 else None
    if held is not None:
        return held
    if AUTHENTICITIES.index(happening.authenticity) < AUTHENTICITIES.index(trigger.authenticity):
        is_so, required = PROVED[happening.authenticity], REQUIRED[trigger.authenticity]
        return f"the message is {is_so}; the trigger requires {required}"
    return None


def _had_its_turn(candidate: Candidate, before: EarlierEvent | None) -> str | None:
    if before is None or candidate.kind.misses(before.happening, before.document) is not None:
        return None
    return "it matched this already when it was first received"


def _undoes(
    program: CompiledPipeline,
    candidate: Candidate,
    here: int,
    happening: DocumentEvent,
    overtaken_by: frozenset[EventKind] | None,
) -> str | None:
    """Why what has been overtaken may not fire the trigger; None where it may."""
    if overtaken_by is None:
        return None
    if candidate.place < here:
        return "the message is late and does not move the document back"
    if here >= 0 and program.pipeline.stages[here].is_final:
        return "the message is late, and the document is in a final stage"
    if candidate.stage.kind == "failure" and happening.kind in PROGRESS:
        return "the message is late and does not end the document as failed"
    # One of these may have moved the document back, which this must not undo.
    returning = (candidate for candidate in program.candidates if candidate.trigger.allow_return)
    if any(candidate.kind.on & overtaken_by for candidate in returning):
        return "the message is late, and a trigger for what came after it allows a return"
    return None
