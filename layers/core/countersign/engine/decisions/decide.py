"""Deciding: from a document and what happened to the document after it, with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.decisions.builder import DecisionBuilder
from countersign.engine.decisions.custom_fields import reading_for
from countersign.engine.decisions.decision import Decision
from countersign.engine.decisions.edits import edited
from countersign.engine.envelopes.reconcile import apply_fact, new_facts
from countersign.errors import PermanentError
from countersign.model import fields
from countersign.model.actor import Actor, Origin
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.model.foreign_values import in_currency, read
from countersign.model.log import FieldChange
from countersign.model.signing_event import Authenticity, SigningEvent
from countersign.rules.base import Edit, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeEvents:
    """Signing events of one envelope, in the order they are to be applied."""

    connection: Connection
    events: Sequence[SigningEvent]
    authenticity: Authenticity
    document_id: str
    """The id of a document that is made for the envelope."""
    warning: str | None = None
    """For the timeline of such a document."""
    half_applied: str | None = None
    """What the decision before said of the first of the events."""
    aliases: Sequence[str] = ()
    """Ids of the envelope that the document does not know yet."""


def apply_events(
    program: CompiledPipeline, document: Document | None, message: EnvelopeEvents, now: datetime
) -> Decision:
    """Apply the signing events of one envelope, in the order they are given.

    A document that does not exist yet is created in the pipeline's first stage. Events that lead
    through more stages than one transaction can plan are left ``deferred_events``.
    """
    connection, events = message.connection, message.events
    origin = Origin(by=Actor(kind="provider", name=connection.provider), at=now)
    course = DecisionBuilder(program=program, before=document, origin=origin)
    if document is None:
        course.create(connection, events[0], message.document_id)
    elif document.envelope is None and "document" not in events[0].detail:
        envelope = events[0].envelope
        text = f"the envelope {envelope} of {connection.provider} is attached"
        course.attach(connection, envelope, text)
    if message.aliases:
        known = course.document.envelope_aliases
        course.document = course.document.model_copy(
            update={"envelope_aliases": (*known, *message.aliases)}
        )
    if message.warning is not None:
        course.note("warning", message.warning)
    for text in dict.fromkeys(text for event in events for text in event.warnings):
        course.note("warning", text, key=events[0].key)
    began = False
    for place, event in enumerate(events):
        if began and course.is_full:
            return _decided(course, connection, events[place:])
        # What a message brings along is there before its facts are judged.
        changes: tuple[FieldChange, ...] = ()
        own_heard = event.key == message.half_applied
        if "document" not in event.detail:
            event = course.with_heirs(connection, event)
            if event.state is not None:
                changes = course.map_fields(connection, event)
            for step in course.learn(connection, event):
                if began and course.is_full:
                    return _unfinished(course, connection, changes, events[place:], own_heard)
                course.count(step, event, message.authenticity)
                began = True
        for fact in new_facts(course.document, event):
            if not fact.derived and own_heard:
                continue
            if began and course.is_full:
                return _unfinished(course, connection, changes, events[place:], own_heard)
            applied = apply_fact(course.document, fact, event, connection, message.authenticity)
            course.hear(applied, event)
            began, own_heard = True, own_heard or not fact.derived
        course.cascade(changes)
    return _decided(course, connection)


def _unfinished(
    course: DecisionBuilder,
    connection: Connection,
    changes: Sequence[FieldChange],
    rest: Sequence[SigningEvent],
    own_heard: bool,
) -> Decision:
    """What fits into this transaction; the next one goes on with the first of the rest."""
    course.cascade(changes)
    return _decided(course, connection, rest, rest[0].key if own_heard else None)


def _decided(
    course: DecisionBuilder,
    connection: Connection,
    rest: Sequence[SigningEvent] = (),
    half_applied: str | None = None,
) -> Decision:
    """The decision, which also fetches the files that it has made ready at the provider."""
    course.keep_files(connection)
    return replace(course.decision(), deferred_events=tuple(rest), half_applied=half_applied)


def create(
    program: CompiledPipeline,
    document_id: str,
    values: Mapping[str, object],
    origin: Origin,
    *,
    stage: str | None = None,
) -> Decision:
    """Make a document by hand, in the first stage unless given; its rules start.

    Raises PermanentError for a field or stage that does not exist.
    """
    course = DecisionBuilder(program=program, before=None, origin=origin)
    first = stage or program.pipeline.stages[0].id
    course.check_stage(first)
    course.document = Document(
        id=document_id,
        pipeline=program.pipeline.pipeline,
        stage=first,
        since=origin.at,
        created_at=origin.at,
        responsible=origin.by.user,
    )
    changes = course.set_fields(values)
    course.document = edited(course.document, changes)
    course.note(
        "created",
        f"{origin.by} made the document",
        to_stage=first,
        pipeline_version=program.version,
        changes=changes,
    )
    course.plan()
    return course.decision()


def edit(program: CompiledPipeline, document: Document, wanted: Edit, origin: Origin) -> Decision:
    """Save several changes at once: responsible, fields, then a stage, at most one trigger fires.

    A rule's doing counts against the limit of automatic moves. Raises PermanentError for a field
    or stage that does not exist.
    """
    course = DecisionBuilder(program=program, before=document, origin=origin)
    automatic = not origin.by.brings_news
    if not automatic:
        course.document = course.document.model_copy(update={"automatic_moves": 0})
    changes = course.set_fields(wanted.values)
    if changes and not automatic:
        course.document = edited(course.document, changes)
    if changes:
        names = ", ".join(change.field for change in changes)
        course.note("edited", f"{origin.by} changed {names}", changes=changes)
    if wanted.comment:
        course.note("commented", wanted.comment)
    if wanted.stop_rules:
        text = f"{origin.by} stopped the rules of the stage {document.stage}"
        course.note("rules_stopped", text)
    if wanted.task is not None:
        course.open_task(wanted.task)
    fired = course.cascade(changes)
    if wanted.stage is not None and not fired:
        course.ask_for_stage(wanted.stage, automatic=automatic)
    return replace(course.decision(), stop_rules=wanted.stop_rules)


def attach(
    program: CompiledPipeline,
    document: Document,
    connection: Connection,
    envelope: str,
    origin: Origin,
) -> Decision:
    """Attach an envelope by hand: what its provider tells from now on is about the document."""
    course = DecisionBuilder(program=program, before=document, origin=origin)
    text = f"{origin.by} attached the envelope {envelope} of {connection.provider}"
    course.attach(connection, envelope, text)
    return course.decision()


def answered(
    program: CompiledPipeline, document: Document, reply: Reply, origin: Origin
) -> Decision:
    """Write what the outside answered into fields, each for itself, and fire what they fire.

    The effect has been had: a value that does not fit its field becomes a warning.
    """
    course = DecisionBuilder(program=program, before=document, origin=origin)
    for warning in reply.warnings:
        course.note("warning", warning)
    pipeline = program.pipeline
    reading = reading_for(document, program, pipeline.language)
    reading = in_currency(reading, reply.values.get("currency"))
    fitting: dict[str, object] = {}
    for name, value in reply.values.items():
        try:
            fitting[name] = read(value, fields.writable(name, pipeline), name, reading)
        except PermanentError as error:
            course.note("warning", f"the answer was not taken over: {error}")
    changes = course.set_fields(fitting)
    if changes:
        names = ", ".join(change.field for change in changes)
        course.note("edited", f"{origin.by} changed {names}", changes=changes)
    course.cascade(changes)
    return course.decision()


def run_out(
    program: CompiledPipeline, document: Document, trigger: str, origin: Origin
) -> Decision:
    """The timer of a trigger has run out: it fires, or the record says why not."""
    course = DecisionBuilder(program=program, before=document, origin=origin)
    happening = DocumentEvent(kind="timer.due", at=origin.at, timer=trigger)
    fired = course.fire(happening)
    if fired.candidate is None:
        reason = fired.passed[0].reason if fired.passed else "the trigger no longer exists"
        course.note(
            "event",
            f"the time of trigger {trigger} came, but {reason}",
            event="timer.due",
            passed=fired.passed,
        )
    return course.decision()


def happen(
    program: CompiledPipeline,
    document: Document,
    happening: DocumentEvent,
    text: str,
    origin: Origin,
) -> Decision:
    """A happening of our own house: it goes to the timeline as ``text``, and may fire a trigger."""
    course = DecisionBuilder(program=program, before=document, origin=origin)
    if origin.by.brings_news:
        course.document = document.model_copy(update={"automatic_moves": 0})
    course.notice(happening, text)
    return course.decision()
