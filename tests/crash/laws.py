"""Laws that every single change keeps: looked at as it is written, whoever writes it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from countersign.adapters.memory.tables.operations.heartbeats import MemoryHeartbeats
from countersign.adapters.memory.tables.process.state import MemoryState
from countersign.engine.compiled_pipeline import CompiledPipeline
from countersign.engine.decisions.builder import MAX_AUTOMATIC_MOVES
from countersign.engine.envelopes.reconcile import ENVELOPE_RANK
from countersign.engine.envelopes.signers import SIGNER_RANK
from countersign.engine.runs.lifecycle import EARLY
from countersign.engine.runs.planner import arm, is_behind
from countersign.errors import ConflictError, StaleRunError
from countersign.model import fields
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.run import CONCLUDED, NOT_BEGUN, Run, RunKey
from countersign.model.run_purpose import BacklogRun, KeepFileRun, TimerRun
from countersign.model.transaction import Transaction
from tests.crash.acts import PIPELINE
from tests.crash.date_laws import date_faults, is_final, last_moment, may_be_late
from tests.crash.mail_laws import choices, doubted, has_nobody, mail_faults
from tests.crash.outages import SAID
from tests.crash.people_laws import party_faults
from tests.crash.task_laws import task_faults
from tests.crash.web_laws import Heard, call_faults, is_repeatable
from tests.crash.wire import diff, read_back
from tests.meaning.judging import outcome

LAWS: dict[str, str] = {
    "applied once": "each authenticated event is applied exactly once",
    "answered": "what was answered as taken is applied in the end",
    "unproven": "a message that proves nothing changes nothing",
    "one effect": "no effect is accepted twice, unless a person has it tried again or the rule "
    "says that the receiver knows a repetition; by itself only a mail whose rule says so is sent "
    "again, and not while no report of any mail comes",
    "one key": "every call of a run has the same idempotency key, and no other run has it",
    "reply": "a call is done if it was answered with 2xx, and only then; what its answer fills is "
    "written with the conclusion, or a warning tells why not",
    "doubt": "a report ends the doubt about a mail; what may be repeated is, without a person",
    "claimed": "nothing reaches a sink without a claim",
    "mails": "each of several signers gets one mail of their own, and no other is sent for it; "
    "who is written to is fixed by the first claim",
    "still to do": "nobody is asked to sign who is known to have signed",
    "left": "after leaving, no cancelled rule starts",
    "kept": "a rule that is kept is not cancelled by leaving",
    "due": "no rule starts before it is due, by its date, or by what a busy address asked for",
    "condition": "a rule starts, or is skipped, as its condition says",
    "chain": "a rule starts after the rule above it is concluded, and not below a stop",
    "once": "a rule that runs once per document runs in one stage entry",
    "course": "a run goes its way: what is concluded stays, a new turn is a new generation",
    "tasks": "a task is made once, by its run, and concluded once, with the run that awaits it",
    "paused": "nothing starts while its pipeline is paused",
    "back": "a trigger moves a document to an earlier stage only where it is allowed to",
    "final": "no trigger moves a document out of a final stage, and none is timed there, unless it "
    "allows a return",
    "before": "what is due before a date does not start after it, and what is skipped for its time "
    "has passed",
    "again": "a date that moves ahead arms what it had armed, once, if the rule says so",
    "party": "each signer is on the side that a message tells, otherwise on none, and fires only "
    "that side's triggers",
    "bounded": "automatic moves without anything new are bounded",
    "late": "no late event undoes what is known",
    "planned": "an arrival plans the stage's rules, each once",
    "waits": "every due run starts or is concluded, and none waits for ever",
    "dropped": "a lane lets a message go only when its run is taken care of",
    "erased": "of who was erased nothing is left in a document, its timeline, runs, tasks and "
    "events",
    "proven": "the hashes of every timeline hold, whatever was written at the same time",
    "replay": "the timeline replays to the document's state",
    "meaning": "in the end a document knows what the messages of its life say together, people, "
    "dates and reasons as told, in any order; an envelope of two connections is two documents",
    "told": "in the end the document knows what its envelope's provider knows",
    "pace": "no mail goes before its place in the row, nor before one with an earlier place; and "
    "most are taken at once when they have one",
    "outage": "what is refused as everybody is fails no run, however long it lasts",
    "attached": "a mail goes with what its rule names, with bytes that the document has during the "
    "delivery; one whose file is missing does not go, and its run has failed or is tried again",
    "fetched": "what a connection keeps of signed envelopes is there in the end, once a "
    "completion, with the provider's bytes, unless it was refused for good",
    "whole": "every file of a document has its bytes, as they were announced; who is refused or "
    "cut off changes nothing, and what was answered as added is there",
    "words": "in the end each document is found by its words, the address of each signer among "
    "them, and by no word that it had before",
    "counted": "statistics say in the end what counting all documents, timelines and runs says, "
    "however often and in which order changes were told, and a rebuild finds no difference",
    "wire": "what is written is read again as it was",
    "poison": "what cannot be read is counted and left alone, and keeps nothing else",
    "surprise": "nothing fails but by the faults that were injected",
    "jobs": "a job changes each run that it has found once, and counts it; it ends",
    "shifted": "what a person has run now or shifted keeps that time, until its own date changes "
    "or it moves to a version with another",
    "at rest": "once faults stop, everything comes to rest",
}
"""The invariants, by the word they are reported with."""

WAYS: dict[str, frozenset[str]] = {
    "waiting": frozenset({"ready", "no_date", "cancelled", "waiting"}),
    "no_date": frozenset({"ready", "no_date", "cancelled"}),
    "ready": frozenset(
        {"ready", "no_date", "running", "awaiting", "done", "skipped", "failed", "cancelled"}
    ),
    "running": frozenset({"ready", "done", "failed", "in_doubt", "running"}),
    "in_doubt": frozenset({"ready", "done", "failed", "in_doubt"}),
}
"""What may follow a state, unless a person or the mail service says otherwise."""

STEPS = frozenset({"document.sent", "document.delivered", "document.viewed", "signer.notified"})
"""What is news when it is first told, though it comes after what followed it."""

RECENT = timedelta(minutes=1)
"""What a function that writes now may have read before."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A law that was broken, and by what."""

    law: str
    text: str


class WatchedHeartbeats(MemoryHeartbeats):
    """Tells the laws when a report of any mail came."""

    def __init__(self, state: WatchedState) -> None:
        super().__init__()
        self._state = state

    def beat(self, name: str, at: datetime) -> None:
        """Note it."""
        super().beat(name, at)
        if name == "mail reports":
            self._state.last_report = max(at, self._state.last_report or at)


class WatchedState(MemoryState):
    """Looks at every change before and after it is written."""

    def __init__(self, clock: Callable[[], datetime], who: Callable[[], str]) -> None:
        super().__init__()
        self._clock = clock
        self._who = who
        self.ends: Callable[[], datetime] = clock
        """When the invocation that runs now is ended."""
        self.on_the_wire = False
        """Whether what is written is kept as it is read back from the table's items."""
        self.skew = timedelta(0)
        """How much the clocks of two functions may differ."""
        self.violations: list[Violation] = []
        """Not raised: who performs a run takes every error for a fault of the effect."""
        self.applied: defaultdict[tuple[str | None, str], list[int]] = defaultdict(list)
        """The changes in which an event was applied, by document and key."""
        self.written: list[tuple[datetime, str, Transaction]] = []
        self.before: dict[RunKey, Run] = {}
        """Each run before its last change, for indexes that are behind."""
        self.doubts: Counter[RunKey] = Counter()
        """How often a run was tried again, by a person or by its rule's choice, so that its effect
        may be had once more."""
        self.last_report: datetime | None = None
        """When a report of any mail came last, by the time that it names."""
        self.mail_doubts: Counter[tuple[RunKey, int]] = Counter()
        """The same for each of a run's several mails."""
        self.signed_since: dict[tuple[str, str], datetime] = {}
        """Since when a document knows that a signer has signed."""
        self.signers_changed: dict[str, datetime] = {}
        self.had_turn: set[RunKey] = set()
        """Runs that waited for the one above them no longer, other than by being cancelled."""
        self.heard: dict[RunKey, Heard] = {}
        """What a run's call was answered since it was claimed."""
        self.claimed_by: dict[RunKey, str] = {}
        """The invocation that claimed a run last."""
        self.began: dict[tuple[str, str], int] = {}
        self.by_hand: dict[RunKey, datetime] = {}
        """The time that a person gave a run which has not begun, as long as it counts."""
        self.looks_at_jobs: Callable[[Transaction], None] = _look_nowhere
        """Called with each change."""
        self.retried: set[RunKey] = set()
        """Runs that a person had tried again: at once, whatever their date says."""
        """The entry in which a rule that runs once per document had its effect."""
        self.courses: defaultdict[str, list[tuple[datetime, Document]]] = defaultdict(list)
        """Each document as it was written, and when."""
        self.automatic: Counter[str] = Counter()
        self.ever_paused = False
        self.looks_at_files: Callable[[Document | None, Document], None] = _look_nowhere
        """Called with each change of a document's files."""
        self.looks_at_failure: Callable[[Run], None] = _look_nowhere
        """Called with each run that has failed."""
        self._paused_since: dict[str, datetime] = {}
        self._steps: set[tuple[str, str, str]] = set()
        """Each step of an envelope that a document was told, and of whom."""
        self._programs: dict[tuple[str, int], CompiledPipeline] = {}
        self._previous: dict[str, Document] = {}

    def program(self, version: int, pipeline: str = PIPELINE) -> CompiledPipeline:
        """A published version."""
        found = self._programs.get((pipeline, version))
        if found is None:
            made = CompiledPipeline(self.versions[pipeline, version])
            found = self._programs[pipeline, version] = made
        return found

    def program_of(self, run: Run) -> CompiledPipeline:
        """The published version that a run is on."""
        return self.program(run.pipeline_version, run.pipeline)

    def note_paused(self, pipeline: str, paused: bool) -> None:
        """A pipeline is paused or resumed."""
        since = self._paused_since.pop(pipeline, None) or self._clock()
        self.ever_paused |= paused
        if paused:
            self._paused_since[pipeline] = since

    def broken(self, law: str, text: str) -> None:
        """Note a violation."""
        self.violations.append(
            Violation(law, f"{text} ({self._who()}, {self._clock():%d %H:%M:%S})")
        )

    def commit(self, change: Transaction) -> None:
        """Write it, as it is read back where the seed says so."""
        if self.on_the_wire:
            read = read_back(change)
            for text in diff(change, read):
                self.broken("wire", text)
            change = read
        super().commit(change)

    def _refuse(self, change: Transaction) -> None:
        if self.spoiled:  # what another version has written meets no condition of this one
            for one in change.updates:
                if one.run.key in self.spoiled:
                    raise StaleRunError(f"{one.run.key} is not as it was read")
            name = change.document and ("document", change.document.id)
            if name in self.spoiled or any(task.key in self.spoiled for task in change.tasks):
                raise ConflictError(f"{name} is not as it was read")
        super()._refuse(change)

    def _write(self, change: Transaction) -> None:
        stay = change.stay.document if change.stay else None
        name = change.document.id if change.document else stay
        old_document = self.documents.get(name) if name else None
        old = {one.run.key: self.runs[one.run.key] for one in change.updates}
        old_tasks = {one.key: self.tasks.get(one.key) for one in change.tasks}
        if old_document is not None:
            self._previous[old_document.id] = old_document
        super()._write(change)
        self.written.append((self._clock(), self._who(), change))
        for event in change.events:
            marks = self.applied[event.document, event.key]
            marks.append(len(self.written))
            if len(marks) > 1:
                self.broken("applied once", f"{event.key} was applied {len(marks)} times")
        for key in change.once:
            self.began.setdefault((key.document, key.rule), key.entry)
        if change.document is not None:
            self._look_at_document(change, old_document, change.document)
            if change.document.stored_files != (old_document.stored_files if old_document else ()):
                self.looks_at_files(old_document, change.document)
            for text in party_faults(change):
                self.broken("party", text)
            dates = date_faults(change, old_document, self.runs, self.program_of, self._clock())
            for law, text in dates:
                self.broken(law, text)
        for text in task_faults(change, old, old_tasks):
            self.broken("tasks", text)
        calls = call_faults(
            change, old, self.documents, self.heard, self.program_of, skew=self.skew
        )
        for law, text in calls:
            self.broken(law, text)
        self.looks_at_jobs(change)
        who = {"by_person": self._by_person(), "by_service": self._by_mail_service()}
        for text in mail_faults(change, old, **who):
            self.broken("mails", text)
        for one in change.updates:
            was = old[one.run.key]
            skipped_early = was.state == "waiting" and one.run.state == "skipped"
            if one.run.state not in ("waiting", "cancelled") and not skipped_early:
                self.had_turn.add(one.run.key)
            for text in self._look_at_time(was, one.run, old_document):
                self.broken("shifted", f"{one.run.key}: {text}")
            for number in doubted(old[one.run.key], one.run, **who):
                self.mail_doubts[one.run.key, number] += 1
            self.before[one.run.key] = old[one.run.key]
            if one.run.state == "failed" and old[one.run.key].state != "failed":
                self.looks_at_failure(one.run)
            for law, text in self._look_at_run(old[one.run.key], one.run):
                self.broken(
                    law, f"{one.run.key}: {old[one.run.key].state} -> {one.run.state}: {text}"
                )

    def _who_began(self) -> str:
        """Whose write it is, even if it arrives too late."""
        return self._who().partition(", too late")[0]

    def _by_person(self) -> bool:
        """Whether a person does it, at once or by a job."""
        return self._who().startswith("person") or self._is_by_hand()

    def _is_by_hand(self) -> bool:
        """Whether the last change was one of a run, as a person wanted it."""
        log = self.written[-1][2].log if self.written else ()
        return any(line.kind in ("run", "resolved") for line in log)

    def _by_mail_service(self) -> bool:
        return "feedback" in self._who()

    # --- a document

    def _look_at_document(self, change: Transaction, old: Document | None, new: Document) -> None:
        self.courses[new.id].append((self._clock(), new))
        if old is None or (old.signers, old.status) != (new.signers, new.status):
            self.signers_changed[new.id] = self._clock()
        for signer in new.signers:
            if signer.status == "signed":
                self.signed_since.setdefault((new.id, signer.id), self._clock())
        if self._by_person():
            self.automatic[new.id] = 0
        for line in change.log:
            self._look_at_line(new.id, line, new.pipeline)
        if old is not None:
            self._look_at_facts(change, old, new)
        if old is None or old.entry != new.entry:
            self._look_at_plan(change, new)

    def _look_at_line(self, document: str, line: LogEntry, pipeline: str) -> None:
        step = (document, line.event or "", line.signer or "")
        overtaken = line.applied == "late" and line.event in STEPS and step not in self._steps
        if line.kind == "event" and line.event in STEPS:
            self._steps.add(step)
        if line.kind == "event" and (line.applied in ("new", "derived") or overtaken):
            self.automatic[document] = 0
        elif line.kind == "moved" and (not self._by_person() or line.by.startswith("trigger:")):
            self.automatic[document] += 1
            if self.automatic[document] > MAX_AUTOMATIC_MOVES:
                self.broken("bounded", f"{document} moved {self.automatic[document]} times")
        if line.kind == "moved" and line.by.startswith("trigger:") and line.pipeline_version:
            program = self.program(line.pipeline_version, pipeline)
            found = program.candidate(line.by.removeprefix("trigger:"))
            places = [program.pipeline.index(one or "") for one in (line.from_stage, line.to_stage)]
            if found is None or found.stage.id != line.to_stage or not found.trigger.enabled:
                self.broken("back", f"{line.by} moved {document} to {line.to_stage}")
            elif not found.trigger.allow_return and is_final(program, line.from_stage):
                self.broken("final", f"{line.by} moved {document} out of {line.from_stage}")
            elif places[1] <= places[0] and not found.trigger.allow_return:
                self.broken("back", f"{line.by} moved {document} back to {line.to_stage}")

    def _look_at_facts(self, change: Transaction, old: Document, new: Document) -> None:
        revived = any(line.event == "document.modified" for line in change.log)
        if old.status and not revived:
            before, after = ENVELOPE_RANK[old.status], ENVELOPE_RANK[new.status or "created"]
            if after < before or (after == before and old.status != new.status):
                self.broken("late", f"{new.id} was {old.status} and is {new.status}")
        for signer in old.signers:
            later = new.signer(signer.id)
            if revived and signer.status in ("declined", "expired"):
                continue
            if later is not None and SIGNER_RANK[later.status] < SIGNER_RANK[signer.status]:
                self.broken("late", f"{signer.name} was {signer.status} and is {later.status}")

    def _look_at_plan(self, change: Transaction, document: Document) -> None:
        # As the timeline tells it: ``planned_with`` names each version once, in no certain order.
        versions = [line.pipeline_version for line in change.log if line.pipeline_version]
        program = self.program(versions[-1], document.pipeline)
        stage = program.pipeline.stage(document.stage)
        wanted = [rule.id for rule in stage.rules if rule.enabled] if stage else []
        planned = [
            run.rule
            for run in change.planned
            if run.entry == document.entry and not isinstance(run.purpose, TimerRun | KeepFileRun)
        ]
        for run in change.planned:
            waits = program.timed_trigger(run.purpose) if is_final(program, run.stage) else None
            if waits is not None and not waits.trigger.allow_return:
                self.broken("final", f"{run.key} is timed in {run.stage}")
            if run.after is not None and run.state != "waiting":
                self.broken("chain", f"{run.key} is planned {run.state}, below {run.after}")
            if run.after is not None and self._above(run) is None:
                self.broken("planned", f"{run.key} waits for {run.after}, which is not planned")
        if planned != wanted:
            told = f"entry {document.entry} in {document.stage}"
            self.broken("planned", f"{told} has the rules {wanted}; planned are {planned}")

    # --- a run

    def _look_at_time(self, old: Run, new: Run, document: Document | None) -> Iterator[str]:
        """A time that a person gave stays, until something decides anew that may."""
        given = self.by_hand.get(new.key)
        kinds = {line.kind for line in self.written[-1][2].log}
        if "run" in kinds and new.state == "ready" and new.due is not None and old.due != new.due:
            self.by_hand[new.key] = new.due
            return
        if given is None:
            return
        if new.state not in NOT_BEGUN:
            return  # it begins at that time, or ends
        if old.state not in NOT_BEGUN:
            self.by_hand.pop(new.key)  # it is tried again
            return
        if new.due == old.due and new.state == old.state:
            return
        follows = document is not None and (
            is_behind(old, document) or self._has_changed(old.date_field, document)
        )
        if follows or new.pipeline_version != old.pipeline_version:
            self.by_hand.pop(new.key)
        elif self._clock() + self.skew >= given and new.state == "ready" and new.due is not None:
            self.by_hand[new.key] = new.due  # it was late, and is set going again
        else:
            yield f"it was to run at {given:%d %H:%M:%S}, and is {new.state}, due {new.due}"

    def _has_changed(self, field: str | None, before: Document) -> bool:
        after = self.documents.get(before.id)
        return (
            field is not None
            and after is not None
            and fields.read(before, field) != fields.read(after, field)
        )

    def _look_at_run(self, old: Run, new: Run) -> Iterator[tuple[str, str]]:
        person, mail_service = self._by_person(), self._by_mail_service()
        if new.state == "failed" and old.state != "failed" and SAID in (new.reason or ""):
            yield "outage", f"it failed: {new.reason}"
        if old.state == "in_doubt" and new.state == "ready" and not (person or mail_service):
            self.doubts[new.key] += 1
            yield from self._look_at_sending_again(old)
        if person and old.state in ("failed", "in_doubt") and new.state == "ready":
            self.doubts[new.key] += 1
            self.retried.add(new.key)
        begins = old.state in NOT_BEGUN and (
            new.state == "running" or (new.state in ("done", "awaiting") and new.lane == "document")
        )
        if begins:
            yield from self._look_at_beginning(old, new)
        if old.state == "waiting" and new.state in ("ready", "no_date"):
            yield from self._look_at_turn(new)
        goes_on = old.state == "running" and new.state == "running"
        if goes_on and not mail_service and self.claimed_by.get(new.key) != self._who_began():
            yield "course", f"it was claimed by {self.claimed_by.get(new.key)}"
        if new.state == "running" and not goes_on:
            self.claimed_by[new.key] = self._who_began()
            until = new.lease_until
            if "too late" not in self._who() and (until is None or until + self.skew < self.ends()):
                yield "course", f"it is claimed until {until}, and its function may go on"
            self.heard.pop(new.key, None)
        if old.state == "running" and new.state == "in_doubt":
            yield from self._look_at_doubt(old, new)
        if (
            new.state == "skipped"
            and old.state == "ready"
            and not self._is_by_hand()
            and not isinstance(new.purpose, TimerRun)
        ):
            yield from self._look_at_skipping(new)
            if old.date_field is not None and not self._is_tried_again(old):
                yield from self._look_at_date(old, self.documents[new.document])
        if (
            new.state == "cancelled"
            and new.on_leave == "keep"
            and "left the stage" in (new.reason or "")
        ):
            yield "kept", new.reason or ""
        allowed = WAYS.get(old.state, frozenset()) | (
            {"ready"} if isinstance(new.purpose, BacklogRun) else set()
        )
        if new.state not in allowed and not (person or mail_service):
            yield "course", f"{old.reason} -> {new.reason}"
        if new.state == "ready" and old.state not in ("waiting", "cancelled"):
            same_turn = new.generation == old.generation
            if same_turn:
                yield "course", f"a new turn in the old generation {new.generation}"
        if new.generation < old.generation:
            yield "course", f"generation {old.generation} became {new.generation}"

    def _look_at_beginning(self, old: Run, new: Run) -> Iterator[tuple[str, str]]:
        now, document = self._clock(), self.documents[new.document]
        there = self._entry_before(document)
        if new.ends_on_leaving and new.entry != there:
            yield "left", f"the document is in its {there}. entry"
        if old.state != "ready" or old.due is None or old.due - EARLY - self.skew > now:
            yield "due", f"it was {old.state}, due {old.due}"
        if old.date_field is not None and not self._is_tried_again(old):
            read = self._document_before(document) if new.lane == "document" else document
            yield from self._look_at_date(old, read)
            if (last := last_moment(self.program_of(old), old, read)) is not None:
                late = now - last
                if late > RECENT:
                    yield "before", f"its date was over at {last:%d %H:%M}"
        since = self._paused_since.get(new.pipeline)
        if since is not None and now - since > RECENT:
            yield "paused", f"since {since:%H:%M:%S}"
        if not self._was_judged(new, True):
            yield "condition", f"it starts with {self._recent_values(new.document)}"
        if new.once:
            entry = self.began.setdefault((new.document, new.rule), new.entry)
            if entry != new.entry:
                yield "once", f"it ran in entry {entry}"

    def _is_tried_again(self, run: Run) -> bool:
        """Whether its time is no longer its date's: it began before, or a person wanted it so."""
        return run.started_at is not None or run.key in self.retried or run.key in self.by_hand

    def _look_at_sending_again(self, old: Run) -> Iterator[tuple[str, str]]:
        """A run in doubt is tried again without a person."""
        if isinstance(old.purpose, KeepFileRun):
            return  # fetching changes nothing at the provider
        rule = self.program_of(old).rule(old.stage, old.rule)
        if rule is not None and is_repeatable(old, self.program_of):
            return
        if rule is None or rule.on_doubt != "send_again" or old.lane != "email":
            yield "one effect", "it is in doubt, and tried again by itself"
            return
        heard, until = self.last_report, old.doubt_until
        if until is None or heard is None or heard < until - timedelta(hours=1):
            yield "one effect", f"it is sent again; the last report of any mail came {heard}"

    def _look_at_doubt(self, old: Run, new: Run) -> Iterator[tuple[str, str]]:
        """Only who claimed a run may be in doubt about it before its lease has ended."""
        early = old.lease_until is not None and self._clock() < old.lease_until - self.skew
        if early and self.claimed_by.get(new.key) != self._who_began():
            yield "course", f"it was claimed until {old.lease_until}"

    def _look_at_date(self, old: Run, document: Document) -> Iterator[tuple[str, str]]:
        armed = arm(self.program_of(old), old, document, turn=old.planned_at)
        if armed["due"] is None or armed["due"] - EARLY - self.skew > self._clock():
            yield "due", f"by {old.date_field} of now it is due {armed['due']}"

    def _look_at_skipping(self, new: Run) -> Iterator[tuple[str, str]]:
        if new.once and self.began.get((new.document, new.rule), new.entry) != new.entry:
            return
        program, document = self.program_of(new), self.documents[new.document]
        changed = self._clock() - self.signers_changed.get(new.document, document.created_at)
        if choices(program, new) and (changed <= RECENT or has_nobody(program, new, document)):
            return
        if (new.reason or "").startswith("its time has passed"):
            if not may_be_late(program, new, document, self._clock()):
                yield "before", f"it was skipped, though it could run: {new.reason}"
            return
        if not self._was_judged(new, False):
            yield "condition", f"skipped with {self._recent_values(new.document)}"

    def _look_at_turn(self, new: Run) -> Iterator[tuple[str, str]]:
        """A run that waited has its turn."""
        above = self._above(new)
        if above is None:
            return
        rule = self.program_of(above).rule(above.stage, above.rule)
        if above.state == "failed" and rule is not None and rule.on_failure == "stop":
            yield "chain", f"{above.rule} above it failed, which stops the chain"
        while above is not None:
            if above.state not in CONCLUDED:
                yield "chain", f"{above.rule} above it is {above.state}"
            if above.state not in ("cancelled", "skipped") or above.key in self.had_turn:
                return  # one above it may since be tried again by a person
            above = self._above(above)

    def _above(self, run: Run) -> Run | None:
        return self.runs.get(run.key.model_copy(update={"rule": run.after})) if run.after else None

    def _was_judged(self, run: Run, holds: bool) -> bool:
        """Whether the rule's condition could be judged so, by a value that was just there."""
        rule = self.program_of(run).rule(run.stage, run.rule)
        if rule is None:
            return True
        if rule.condition is None:
            return holds
        # What is unknown counts as no match.
        pipeline = self.program_of(run).pipeline
        return any(
            (outcome(rule.condition.model_dump(), values, day, pipeline.groups) is True) is holds
            for values in self._recent_values(run.document)
            for day in self._recent_days(pipeline.time_zone)
        )

    def _recent_values(self, document: str) -> list[dict[str, Any]]:
        course = self.courses[document]
        recent = [one for at, one in course if self._clock() - at <= RECENT]
        older = [one for at, one in course if self._clock() - at > RECENT]
        return [values_of(one) for one in (*older[-1:], *recent)]

    def _recent_days(self, zone: str) -> set[date]:
        now = self._clock()
        return {moment.astimezone(ZoneInfo(zone)).date() for moment in (now, now - RECENT)}

    def _entry_before(self, document: Document) -> int:
        return self._document_before(document).entry

    def _document_before(self, document: Document) -> Document:
        """The document as the change that was just written found it."""
        change = self.written[-1][2]
        if change.document is None or change.document.id != document.id:
            return document
        return self._previous[document.id]


def _look_nowhere(*looked_at: object) -> None:
    """Nobody looks."""


def values_of(document: Document) -> dict[str, Any]:
    """The fields that conditions look at, as ``tests.meaning.judging`` reads them."""
    signed = [one for one in document.signers if (one.action, one.status) == ("sign", "signed")]
    return {
        "amount": document.amount,
        "end": document.fields.get("end"),
        "note": document.fields.get("note"),
        "responsible": document.responsible,
        "signers_signed": tuple(one.email or one.name or one.phone or one.id for one in signed),
    }
