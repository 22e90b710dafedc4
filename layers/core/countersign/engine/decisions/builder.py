"""A document's way through one decision: what it hears, where it goes, and what is noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from countersign.engine.compiled_pipeline import NO_AUTOMATION, CompiledPipeline
from countersign.engine.decisions.custom_fields import mapped
from countersign.engine.decisions.decision import Decision
from countersign.engine.decisions.edits import with_own_title
from countersign.engine.decisions.size_limits import check_edit, fitted, fitted_log, remembered
from countersign.engine.decisions.triggers import (
    ON_TIME,
    EarlierEvent,
    Lateness,
    TriggerMatch,
    select_trigger,
)
from countersign.engine.envelopes.deferred_steps import DeferredStep, deferred
from countersign.engine.envelopes.hand_overs import with_heirs
from countersign.engine.envelopes.reconcile import AppliedFact, sharpened
from countersign.engine.envelopes.signers import MergedState, introduce, merge_state, with_signer
from countersign.engine.runs.kept_files import runs_to_keep
from countersign.engine.runs.planner import kept_of, plan, with_times
from countersign.engine.runs.task_mails import mail_of
from countersign.engine.runs.tasks import opened, task_text, without_deadline
from countersign.engine.transaction_limits import MAX_RUNS
from countersign.errors import PermanentError
from countersign.model import fields
from countersign.model.actor import Origin
from countersign.model.connection import Connection
from countersign.model.document import Document, FieldValue
from countersign.model.document_event import DocumentEvent, HappeningKind
from countersign.model.log import FieldChange, LogEntry
from countersign.model.run import Run
from countersign.model.signing_event import Authenticity, Envelope, SigningEvent
from countersign.model.task import NewTask, Task

MAX_AUTOMATIC_MOVES = 20
"""Automatic moves of one document without a person's or a provider's new event in between."""


@dataclass(slots=True, kw_only=True)
class DecisionBuilder:
    """The document's way through one decision: where it is now, and what was noted."""

    program: CompiledPipeline
    before: Document | None
    origin: Origin
    cause: str | None = field(init=False)
    """As lines have it from here on."""
    log: list[LogEntry] = field(default_factory=list)
    planned: list[Run] = field(default_factory=list)
    """Yet without their times."""
    tasks: list[Task] = field(default_factory=list)
    _document: Document | None = None

    def __post_init__(self) -> None:
        self.cause = self.origin.cause

    @property
    def now(self) -> datetime:
        return self.origin.at

    @property
    def by(self) -> str:
        return str(self.origin.by)

    @property
    def document(self) -> Document:
        document = self._document or self.before
        if document is None:
            msg = "a course without a document"
            raise LookupError(msg)
        return document

    @document.setter
    def document(self, document: Document) -> None:
        self._document = document

    def decision(self) -> Decision:
        kept = fitted(self._as_saved())
        document = kept.document
        for sentence in kept.cut:
            self.note("warning", sentence)
        return Decision(
            before=self.before,
            document=document,
            log=fitted_log(self.log),
            # By the document as it is at the end: this very decision may have filled a date field
            # after planning a run that hangs on it.
            planned=with_times(self.program, self.planned, document, turn=self.now),
            tasks=tuple(self.tasks),
            by=self.by,
        )

    @property
    def is_full(self) -> bool:
        """Whether one more fact might plan more than a transaction takes.

        It then belongs into the next one. What is planned for the stage the document is in counts
        where it stays when that is left.
        """
        kept = sum(run.on_leave == "keep" for run in self.planned)
        return kept > 0 and kept + self.program.most_planned > MAX_RUNS

    # --- where a document comes from

    def create(self, connection: Connection, event: SigningEvent, document_id: str) -> None:
        first = self.program.pipeline.stages[0]
        sender = event.state.sender if event.state else None
        self.cause = f"{self.by} {event.provider_event}"
        self.document = Document(
            id=document_id,
            pipeline=self.program.pipeline.pipeline,
            stage=first.id,
            since=self.now,
            created_at=self.now,
            responsible=connection.responsible or (sender.email if sender else None),
            connection=connection.id,
            provider=connection.provider,
            envelope=event.envelope,
        )
        self.note(
            "created",
            f"{connection.provider} reported the envelope {event.envelope}",
            to_stage=first.id,
            pipeline_version=self.program.version,
        )
        self.plan()

    def attach(self, connection: Connection, envelope: str, text: str) -> None:
        self.document = self.document.model_copy(
            update={
                "connection": connection.id,
                "provider": connection.provider,
                "envelope": envelope,
            }
        )
        self.note("attached", text)

    # --- what is heard of it

    def hear(self, fact: AppliedFact, event: SigningEvent) -> None:
        """One fact of a provider's message."""
        happening = fact.happening
        self.document = fact.document
        self.cause = f"{self.by} {event.provider_event}"
        fired = None
        if fact.applied in ("new", "derived") or fact.overtaken_by is not None:
            self.document = fact.document.model_copy(update={"automatic_moves": 0})
            fired = self._pick(happening, Lateness(overtaken_by=fact.overtaken_by))
        signer = happening.signer
        self.note(
            "event",
            _sentence(fact, event),
            event=happening.kind,
            key=event.key,
            occurred_at=happening.at,
            applied=fact.applied,
            signer=signer.label if signer else None,
            reason=happening.reason,
            fired=fired.firing if fired else None,
            passed=fired.passed if fired else (),
        )
        if fact.several:
            names = ", ".join(signer.name or signer.label for signer in fact.several)
            self.note(
                "warning",
                f"{event.provider_event} may mean {len(fact.several)} signers equally well "
                f"({names}): none of them was marked",
                key=event.key,
            )
        self._follow(fired)

    def notice(self, happening: DocumentEvent, text: str) -> None:
        """One fact that is not a provider's."""
        fired = self._pick(happening)
        signer = happening.signer
        self.note(
            "event",
            text,
            event=happening.kind,
            key=happening.key,
            occurred_at=happening.at,
            signer=signer.label if signer else None,
            reason=happening.reason,
            fired=fired.firing,
            passed=fired.passed,
        )
        self._follow(fired)

    def map_fields(self, connection: Connection, event: SigningEvent) -> tuple[FieldChange, ...]:
        """Custom fields of the envelope into fields of the document, as the connection maps.

        Only what the envelope says anew is written, read in the connection's locale. What people
        edited stays, and the timeline tells once what the envelope says instead.
        """
        custom_fields = event.state.custom_fields if event.state else {}
        known = self.document.envelope_fields
        older = self.document.state_at is not None and event.occurred_at < self.document.state_at
        news = [
            mapping
            for mapping in connection.fields
            if (not older or mapping.source not in known)
            and mapping.source in custom_fields
            and remembered(custom_fields[mapping.source]) != known.get(mapping.source, "")
        ]
        values, warnings = mapped(
            self.document, news, custom_fields, self.program, connection.locale
        )
        for warning in warnings:
            self.note("warning", warning, key=event.key)
        if news:
            self.cause = f"{self.by} {event.provider_event}"
            heard = {mapping.source: remembered(custom_fields[mapping.source]) for mapping in news}
            self.document = self.document.model_copy(update={"envelope_fields": {**known, **heard}})
        changes = self.set_fields(values)
        if changes:
            names = ", ".join(change.field for change in changes)
            self.note("edited", f"{self.by} changed {names}", changes=changes, key=event.key)
        return changes

    def with_heirs(self, connection: Connection, event: SigningEvent) -> SigningEvent:
        """The message with those who have taken over since in place of who handed on to them."""
        self.document, event = with_heirs(self.document, event, connection)
        return event

    def learn(self, connection: Connection, event: SigningEvent) -> tuple[DeferredStep, ...]:
        """Take over what a message knows of its envelope, but for a title that a person gave.

        Returns the steps of signers whom it is the first to name; they are named as these count.
        """
        if event.state is not None:
            learned = self._learn(connection, event, event.state)
        elif event.signer is not None:
            learned = introduce(self.document, event.signer, connection)
        else:
            return ()
        self.document, steps = deferred(learned)
        return steps

    def _learn(self, connection: Connection, event: SigningEvent, state: Envelope) -> MergedState:
        before = self.document
        older = before.state_at is not None and event.occurred_at < before.state_at
        learned = merge_state(before, state, event.occurred_at, connection)
        after = sharpened(learned.document, state, learned.listed, event.occurred_at)
        title = None if older or state.title_of_template else state.title
        after, warning = with_own_title(before, after, title)
        if warning is not None:
            self.note("warning", warning, key=event.key)
        return learned._replace(document=after)

    def count(self, step: DeferredStep, event: SigningEvent, authenticity: Authenticity) -> None:
        """A step of a signer who is named only now fires the triggers that could not know whose it
        was."""
        unnamed = with_signer(self.document, step.unnamed)
        named = with_signer(self.document, step.signer).model_copy(update={"automatic_moves": 0})
        self.document = named
        self.cause = f"{self.by} {event.provider_event}"
        happening = DocumentEvent(
            kind=step.kind,
            at=step.at,
            authenticity=authenticity,
            signer=step.signer,
            reason=step.signer.reason if step.kind == "signer.declined" else None,
            key=event.key,
            derived=True,
        )
        seen = happening.model_copy(update={"signer": step.unnamed})
        before = EarlierEvent(happening=seen, document=unnamed)
        fired = self._pick(happening, Lateness(overtaken_by=step.later, before=before))
        self.note(
            "event",
            f"{step.kind} ({step.signer.label}), received before a message named the signer",
            event=step.kind,
            key=event.key,
            occurred_at=step.at,
            applied="derived",
            signer=step.signer.label,
            reason=happening.reason,
            fired=fired.firing,
            passed=fired.passed,
        )
        self._follow(fired)

    def keep_files(self, connection: Connection) -> None:
        """Plan the fetching of what this decision has made ready at the provider."""
        origin = replace(self.origin, cause=self.cause)
        self.planned.extend(runs_to_keep(self.before, self._as_saved(), connection, origin))

    def _as_saved(self) -> Document:
        """The document with the version that this decision gives it."""
        version = 1 if self.before is None else self.before.version + 1
        return self.document.model_copy(update={"version": version})

    # --- changes and moves

    def set_fields(self, values: Mapping[str, object]) -> tuple[FieldChange, ...]:
        """Write the values, each as its field keeps it; returns those that really changed."""
        pipeline = self.program.pipeline
        changes = []
        own = dict(self.document.fields)
        direct: dict[str, FieldValue] = {}
        for name, value in values.items():
            new = fields.fit_value(value, name, pipeline)
            if name in pipeline.fields:
                old = own.get(name)
                own[name] = new
            else:
                old = getattr(self.document, name)
                direct[name] = () if name == "observers" and new is None else new
            if (None if old == () else old) != new:
                changes.append(FieldChange(field=name, old=old, new=new))
        if changes:
            kept = {name: value for name, value in own.items() if value is not None}
            after = self.document.model_copy(update={**direct, "fields": kept})
            if not self.by.startswith("provider:"):  # of what a provider says, the rest is cut
                check_edit(self.document, after, values)
            self.document = after
        return tuple(changes)

    def cascade(self, changes: Sequence[FieldChange]) -> bool:
        """Fire for the changes of one save: responsible first, then the fields in order."""
        for change in sorted(changes, key=lambda change: change.field != "responsible"):
            kinds: tuple[HappeningKind, ...] = ("field.changed",)
            if change.field == "responsible":
                kinds = ("responsible.changed", *kinds)
            for kind in kinds:
                happening = DocumentEvent(
                    kind=kind,
                    at=self.now,
                    field=change.field,
                    field_type=self.program.types.get(change.field),
                    old=change.old,
                    new=change.new,
                )
                if self.fire(happening).candidate is not None:
                    return True
        return False

    def fire(self, happening: DocumentEvent) -> TriggerMatch:
        """Fire and note it where a trigger looked at the happening."""
        fired = self._pick(happening)
        if fired.firing is not None:
            self.note(
                "event",
                f"{happening.kind} {happening.field or ''}".strip(),
                event=happening.kind,
                fired=fired.firing,
                passed=fired.passed,
            )
        elif fired.passed and happening.timer is None:
            self.note(
                "event",
                f"{happening.kind} {happening.field or ''} fired nothing".replace("  ", " "),
                event=happening.kind,
                passed=fired.passed,
            )
        self._follow(fired)
        return fired

    def open_task(self, new: NewTask) -> None:
        """A task that a rule asks for."""
        task = opened(new, self.program, self.document, now=self.now)
        self.tasks.append(task)
        if task.mail:
            self.planned.append(mail_of(task, now=self.now, cause=self.cause))
        text = f"{self.by} made the task {task_text(task, self.program.working.zone)}"
        if task.no_deadline is not None:
            text = f"{text}, {without_deadline(task.no_deadline)}"
        self.note("task", text)

    def ask_for_stage(self, stage: str, *, automatic: bool) -> None:
        """A move that a person or a rule asks for."""
        self.check_stage(stage)
        if stage != self.document.stage and not (automatic and self._at_limit(self.by)):
            self._move(stage, moved_by=self.by, automatic=automatic)

    def check_stage(self, stage: str) -> None:
        """PermanentError where the pipeline has no such stage."""
        if self.program.pipeline.stage(stage) is None:
            there = ", ".join(stage.id for stage in self.program.pipeline.stages)
            msg = f'the stage "{stage}" does not exist; this pipeline has {there}'
            raise PermanentError(msg)

    def _pick(self, happening: DocumentEvent, lateness: Lateness = ON_TIME) -> TriggerMatch:
        return select_trigger(self.program, self.document, happening, self.now, lateness)

    def _follow(self, fired: TriggerMatch | None) -> None:
        if fired is None or fired.candidate is None:
            return
        trigger = fired.candidate.trigger
        if self._at_limit(f"trigger:{trigger.id}"):
            return
        author = self.document.responsible if trigger.move_as == "responsible" else trigger.move_as
        self.cause = f"{self.cause or self.by} > trigger:{trigger.id}"
        self._move(
            fired.candidate.stage.id,
            moved_by=author or "system",
            automatic=True,
            by=f"trigger:{trigger.id}",
        )

    def _at_limit(self, who: str) -> bool:
        if self.document.automatic_moves < MAX_AUTOMATIC_MOVES:
            return False
        self.note(
            "stopped",
            f"{who} did not move the document: it made {MAX_AUTOMATIC_MOVES} automatic moves "
            f"without anything new from a person or a provider. The chain of causes: {self.cause}",
        )
        return True

    def _move(self, stage: str, *, moved_by: str, automatic: bool, by: str | None = None) -> None:
        old = self.document
        self.document = old.model_copy(
            update={
                "stage": stage,
                "previous_stage": old.stage,
                "entry": old.entry + 1,
                "since": self.now,
                "moved_by": moved_by,
                "automatic_moves": old.automatic_moves + 1 if automatic else 0,
            }
        )
        text = f"moved from {old.stage} to {stage} as {moved_by}"
        if passed := self._leave(old):
            text = f"{text}; it left at once, so these did not begin: {', '.join(passed)}"
        self.note(
            "moved",
            text,
            by=by or self.by,
            from_stage=old.stage,
            to_stage=stage,
            pipeline_version=self.program.version,
        )
        self.plan()

    def _leave(self, old: Document) -> tuple[str, ...]:
        """Drop the runs that this very decision planned for the stage it leaves again.

        They could never begin. Returns their rules, for the timeline.
        """
        here = [run for run in self.planned if run.entry == old.entry]
        others = [run for run in self.planned if run.entry != old.entry]
        self.planned = [*others, *kept_of(here)]
        return tuple(run.rule for run in here if run.on_leave == "cancel")

    def plan(self) -> None:
        """Plan the runs of the stage the document is in."""
        cause = self.cause or self.by
        versions = dict.fromkeys((*self.document.planned_with, self.program.version))
        self.document = self.document.model_copy(update={"planned_with": tuple(versions)})
        self.planned.extend(plan(self.program, self.document, now=self.now, cause=cause))
        if not self.program.automation and self.program.plans_in(self.document.stage):
            text = f"no rule of the stage {self.document.stage} is planned"
            self.note("warning", text, reason=NO_AUTOMATION)

    def note(self, kind: str, text: str, **details: object) -> None:
        """A line on the timeline."""
        line = {
            "at": self.now,
            "kind": kind,
            "text": text,
            "by": self.by,
            "entry": self.document.entry,
            "cause": self.cause,
            **details,
        }
        self.log.append(LogEntry.model_validate(line))


def _sentence(fact: AppliedFact, event: SigningEvent) -> str:
    signer = fact.happening.signer
    who = f" ({signer.label})" if signer else ""
    what = f"{fact.happening.kind}{who}"
    if fact.applied == "derived":
        return f"{what}, read off the state that {event.provider_event} carried"
    suffix = {
        "new": "",
        "known": ": known already",
        "late": ": late, older than what is known",
        "no_effect": f": {event.provider_event} has no effect on the document",
    }[fact.applied]
    return f"{what}{suffix}"
