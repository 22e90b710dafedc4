"""Playing a script: weeks in a moment, with the real engine and adapters in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from pydantic import Field

from countersign.engine.conditions.display import shown_field
from countersign.engine.explain import Explanation
from countersign.engine.runs.tasks import may_complete
from countersign.errors import PermanentError
from countersign.model import fields
from countersign.model.actor import user
from countersign.model.base import Instant, Model, Place
from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.document import Document
from countersign.model.mail_event import MailEvent
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run
from countersign.model.signing_event import SigningEvent
from countersign.model.stored_file import announced
from countersign.model.task import GROUP
from countersign.model.users import group_of
from countersign.model.values import plain
from countersign.providers import provider
from countersign.providers.base import Request
from countersign.rules.base import Edit
from countersign.simulation import web
from countersign.simulation.envelope import ScriptedEnvelope
from countersign.simulation.files import made_up
from countersign.simulation.record import Moment, RecordedWorld
from countersign.simulation.script import (
    Call,
    Complete,
    Event,
    Expect,
    Expectation,
    FileStep,
    Message,
    Report,
    SaveStep,
    Script,
    Step,
    UntilStep,
    WaitStep,
    moment_of,
    with_parties,
)
from countersign.simulation.web import answering
from countersign.text.folding import same_address
from countersign.use_cases.connections.connect import offered_files
from countersign.use_cases.documents.edit import call_by_code
from countersign.use_cases.pipelines.pause import pause, resume

CONNECTION = "script"
CALLS = "incoming_call"
"""The connection, and its provider, that calls from outside come to."""


NO_MESSAGES: Mapping[str, Request] = MappingProxyType({})


class UnmetExpectation(Model):
    """An expectation that was not met."""

    place: Place
    """Where it stands in the script."""
    text: str


class ScriptResult(Model):
    """What became of a script."""

    pipeline: str
    title: str | None
    time_zone: str
    start: Instant
    end: Instant
    moments: tuple[Moment, ...]
    """Everything that happened, in order."""
    expectations: int = 0
    """What the script expects: each stage, status, number of mails, rule and field counts."""
    met: int = 0
    """How many of them held."""
    misses: tuple[UnmetExpectation, ...]
    """What did not hold, steps that could not be done, and rules that failed unexpectedly."""
    document: Explanation | None
    """The document at the end, with what is planned; None if no message ever made one."""
    others: tuple[Explanation, ...] = ()
    """The documents of further envelopes, in the order in which they were made."""
    names: dict[str, str] = Field(default_factory=dict)
    """What each document is called, where there are several: its envelope's name or id."""


def play(
    pipeline: Pipeline, script: Script, messages: Mapping[str, Request] = NO_MESSAGES
) -> ScriptResult:
    """Play a checked script on a checked pipeline; the same every time.

    ``messages`` are the requests of its captured messages, by the file's name in the script.
    """
    result, _ = play_recorded(pipeline, script, messages)
    return result


def play_recorded(
    pipeline: Pipeline, script: Script, messages: Mapping[str, Request] = NO_MESSAGES
) -> tuple[ScriptResult, RecordedWorld]:
    """The same, with the world as it is in the end."""
    start = moment_of(script.start, pipeline)
    world = RecordedWorld(start, answering(script.answers))
    player = _Player(pipeline, script, world, messages)
    player.set_up()
    misses: list[UnmetExpectation] = []
    for n, (step, until) in enumerate(zip(script.steps, script.moments(pipeline), strict=True)):
        player.take(step, until)
        if isinstance(step, Complete):
            misses += player.complete(step, ("steps", n, "complete_task"))
        if isinstance(step, FileStep):
            misses += player.add_file(step, ("steps", n, "add_file"))
        if isinstance(step, Report):
            misses += player.report(step, ("steps", n, "report"))
        if isinstance(step, Expect):
            missed = tuple(player.misses(step, ("steps", n, "expect")))
            misses += missed
            player.count(step, missed)
    misses += player.failures()
    result = ScriptResult(
        pipeline=pipeline.name or pipeline.pipeline,
        title=next((envelope.title for envelope in script.named.values()), None),
        time_zone=pipeline.time_zone,
        start=start,
        end=player.world.now,
        moments=tuple(player.world.moments),
        expectations=player.expectations,
        met=player.met,
        misses=tuple(misses),
        document=player.world.explanation(),
        others=tuple(player.explanations())[1:],
        names=player.names(),
    )
    return result, world


class _Player:
    def __init__(
        self,
        pipeline: Pipeline,
        script: Script,
        world: RecordedWorld,
        messages: Mapping[str, Request],
    ) -> None:
        self.pipeline = pipeline
        self.script = script
        self.world = world
        self.messages = messages
        self.envelopes = {
            name: ScriptedEnvelope(
                written,
                expires_at=moment_of(written.expires, pipeline) if written.expires else None,
                number=number,
            )
            for number, (name, written) in enumerate(script.named.items(), 1)
        }
        self.documents: dict[str, str] = {}
        """Each document by what a step may call it: its envelope's name, or the provider's id."""
        self.expectations = self.met = 0
        self.known_failures: set[tuple[str, str]] = set()
        """Documents, and their rules that failed and of which a step says what it expects."""

    def set_up(self) -> None:
        self.world.publish(self.pipeline)
        written = self.script.connection
        parties = with_parties(self.script)
        self.world.connect(
            Connection(
                id=CONNECTION,
                provider=written.provider,
                pipeline=self.pipeline.pipeline,
                responsible=written.responsible,
                parties=parties,
                fields=written.fields,
                locale=written.locale,
                keep_files=offered_files(provider(written.provider)),
            ),
            ConnectionCredentials(
                connection=CONNECTION,
                provider=written.provider,
                pipeline=self.pipeline.pipeline,
                tokens=("token",),
                api_token=web.KEY,
                api_url=provider(written.provider).api or web.API,
            ),
        )

        calls = {"id": CALLS, "provider": CALLS, "pipeline": self.pipeline.pipeline}
        self.world.connect(Connection.model_validate(calls))

    def take(self, step: Step, until: datetime) -> None:
        """Do what the step says; ``until`` is when it is over."""
        match step:
            case Event():
                self._happen(step)
            case Message():
                self._receive(step)
            case WaitStep() | UntilStep():
                self._pass(until)
            case SaveStep():
                self._save(step)
            case Call():
                self._call(step)
            case "pause":
                pause(self.world.pipelines, self.pipeline.pipeline)
                self.world.tell_of("paused", "the pipeline is paused")
            case "resume":
                self._resume()
        self.world.record()

    def _happen(self, event: Event) -> None:
        name = event.envelope or next(iter(self.envelopes))
        for message in self.envelopes[name].take(event, self.world.now):
            if event.lost:
                self.world.tell_of("lost", f"{_shown(message)}: the message never comes")
                continue
            self._tell((message,), name)

    def _receive(self, step: Message) -> None:
        """A captured message, as if it came now: read leniently, as its provider's are."""
        request = self.messages[step.message].model_copy(update={"received_at": self.world.now})
        events = provider(self.script.connection.provider).read(request)
        real = [event for event in events if event.kind != "webhook.test"]
        if not real:
            self.world.tell_of("kept", f"{step.message} is a test message, which moves nothing")
        for envelope in dict.fromkeys(event.envelope for event in real):
            self._tell([event for event in real if event.envelope == envelope], envelope)

    def _tell(self, events: Sequence[SigningEvent], name: str) -> None:
        document, outcome = self.world.receive(CONNECTION, events)
        self.world.record()
        if document in self.world.state.documents:
            self.documents.setdefault(name, document)
        if outcome in ("postponed", "duplicate"):
            text = {"postponed": "kept until the pipeline is resumed", "duplicate": "known already"}
            self.world.tell_of("kept", f"{_shown(events[0])}: {text[outcome]}")

    def explained(self, envelope: str | None) -> Explanation | None:
        """The document of an envelope, the first one unless said; None before there is one."""
        document = self.documents.get(envelope) if envelope else None
        if envelope and document is None:
            return None
        return self.world.explanation(document)

    def explanations(self) -> Iterator[Explanation]:
        """All documents, in the order in which they were made."""
        for document in self.world.state.documents:
            explanation = self.world.explanation(document)
            if explanation is not None:
                yield explanation

    def names(self) -> dict[str, str]:
        """What the documents are called, where there are several."""
        if len(self.world.state.documents) < 2:
            return {}
        return {document: name for name, document in self.documents.items() if name}

    def _pass(self, until: datetime) -> None:
        ends = {name: envelope.expires_by(until) for name, envelope in self.envelopes.items()}
        expiring = sorted((at, name) for name, at in ends.items() if at is not None)
        for expires, name in expiring:
            self.world.advance(max(expires, self.world.now) - self.world.now)
            self._happen(Event(event="expired", envelope=name or None))
        self.world.advance(until - self.world.now)

    def _save(self, save: SaveStep) -> None:
        document = self.explained(save.envelope)
        if document is None:
            return
        wanted = Edit(
            values=save.edit, stage=save.move, comment=save.comment, stop_rules=save.stop_rules
        )
        by = save.by or self.script.author
        self.world.edit(document.document.id, wanted, by=by)

    def complete(self, step: Complete, place: Place) -> Iterator[UnmetExpectation]:
        """Complete the task; a miss where there is none to complete."""
        document = self.explained(step.envelope)
        tasks = document.tasks if document else ()
        made = [task for task in tasks if task.rule == step.complete_task]
        task = next((task for task in reversed(made) if task.state == "open"), None)
        if task is None:
            other = f"one that is {made[-1].state}" if made else None
            yield _miss(place, f"task of {step.complete_task}", other, "an open one")
            return
        group = group_of(task.assignee.removeprefix(GROUP), self.pipeline) or ()
        by = step.by or (group[0] if group else task.assignee)
        self.world.complete_task(
            task.key, by=by, as_operator=not may_complete(task, by, self.pipeline)
        )
        self.world.record()

    def add_file(self, step: FileStep, place: Place) -> Iterator[UnmetExpectation]:
        """Add the file; a miss where the document cannot have it."""
        document = self.explained(step.envelope)
        if document is None:
            return
        written = step.add_file
        content = made_up(written.name, written.size)
        file = announced(written.name, written.kind, content)
        by = step.by or self.script.author
        try:
            self.world.add_file(document.document.id, file, content, by=by)
        except PermanentError as error:
            yield UnmetExpectation(place=place, text=str(error))
        self.world.record()

    def _call(self, step: Call) -> None:
        document = self.explained(step.envelope)
        if document is None:
            return
        called = document.document.id
        if step.from_outside:
            query = {"document": called, "code": step.call}
            request = Request(method="GET", query=query, received_at=self.world.now)
            events = provider(CALLS).parse(request)
            self.world.receive(CALLS, events, authenticity="shared_secret")
            return
        call_by_code(self.world.store, called, step.call, user(step.by or self.script.author))
        self.world.settle()

    def report(self, step: Report, place: Place) -> Iterator[UnmetExpectation]:
        """Report on the rule's newest mail, or one of its newest; a miss where none was sent."""
        document = self.explained(step.envelope)
        sent = [
            (run, number, message_id, to)
            for run in (self.world.documents.runs(document.document.id) if document else ())
            if run.rule == step.rule
            for number, message_id, to in _mails_of(run)
            if step.to is None or any(same_address(step.to, address) for address in to.split(", "))
        ]
        if not sent:
            whose = f" to {step.to}" if step.to else ""
            yield _miss(place, f"mail of {step.rule}{whose}", None, "one that was sent")
            return
        run, number, message_id, to = next(mail for mail in sent if mail[0] == sent[-1][0])
        self.world.report(
            MailEvent(
                kind=step.report,
                at=self.world.now,
                message_id=message_id,
                run=run.key,
                mail=number,
                recipients=tuple(to.split(", ")),
                link=step.link,
                automated=step.automated,
            )
        )
        self.world.record()

    def _resume(self) -> None:
        self.world.tell_of("resumed", "the pipeline is resumed")
        resume(self.world.receiver, self.world.pipelines, self.pipeline.pipeline)
        self.world.settle()

    # --- expectations

    def count(self, step: Expect, missed: tuple[UnmetExpectation, ...]) -> None:
        """Count what the step expects, and what of it held; remember which failures it looks at."""
        wanted, explanation = step.expect, self.explained(step.envelope)
        alone = (wanted.stage, wanted.status, wanted.mails, wanted.attachments, wanted.files)
        named = sum(value is not None for value in alone)
        number = named + len(wanted.rules) + len(wanted.fields)
        self.expectations += number
        if explanation is not None:
            self.met += number - len(missed)
            runs = (run for entry in explanation.entries for run in entry.runs)
            failed = {run.rule for run in runs if run.state == "failed"}
            self.known_failures |= {
                (explanation.document.id, rule) for rule in failed & {*wanted.rules}
            }

    def failures(self) -> Iterator[UnmetExpectation]:
        """Rules that have failed though no step looks at them."""
        for explanation in self.explanations():
            for entry in explanation.entries:
                for run in entry.runs:
                    key = explanation.document.id, run.rule
                    if run.state == "failed" and key not in self.known_failures:
                        hint = f"if it is meant to, expect it: rules: {{{run.rule}: failed}}"
                        text = f"rule {run.rule} in {entry.name} {run.words}; {hint}"
                        yield UnmetExpectation(place=("steps",), text=text)

    def misses(self, step: Expect, place: Place) -> Iterator[UnmetExpectation]:
        """What is otherwise than expected."""
        wanted, explanation = step.expect, self.explained(step.envelope)
        if explanation is None:
            yield UnmetExpectation(place=place, text="there is no document yet")
            return
        for name in ("stage", "status"):
            given, there = getattr(wanted, name), getattr(explanation.document, name)
            if given not in (None, there):
                yield _miss((*place, name), name, there, given)
        yield from self._mail_misses(wanted, (*place, "mails"))
        yield from self._file_misses(wanted, explanation.document, place)
        newest = {run.rule: run for entry in explanation.entries for run in entry.runs}
        for rule, state in wanted.rules.items():
            run = newest.get(rule)
            where = (*place, "rules", rule)
            if run is None:
                yield _miss(where, f"rule {rule}", "never planned", state)
            elif run.state != state:
                yield _miss(where, f"rule {rule}", run.words, state)
        yield from self._field_misses(wanted, explanation, (*place, "fields"))

    def _mail_misses(self, wanted: Expectation, place: Place) -> Iterator[UnmetExpectation]:
        subjects = tuple(mail.subject for mail in self.world.mailbox.sent)
        if isinstance(wanted.mails, int):
            if len(subjects) != wanted.mails:
                actual = f"{len(subjects)}{_listed(subjects)}"
                yield _miss(place, "number of mails", actual, str(wanted.mails))
        elif wanted.mails is not None and subjects != wanted.mails:
            actual = _listed(subjects) or ": none"
            yield _miss(place, "mails", actual[2:], _listed(wanted.mails)[2:] or "none")

    def _file_misses(
        self, wanted: Expectation, document: Document, place: Place
    ) -> Iterator[UnmetExpectation]:
        """Other attachments of the newest mail, or other files of the document, than expected."""
        mails = [mail for mail in self.world.mailbox.sent if mail.run.document == document.id]
        attached = [attachment.name for attachment in mails[-1].attachments] if mails else []
        there = {
            "attachments": (wanted.attachments, attached),
            "files": (wanted.files, [file.name for file in document.stored_files]),
        }
        for name, (expected, actual) in there.items():
            if expected is not None and sorted(expected) != sorted(actual):
                shown = ", ".join(actual) or None
                yield _miss((*place, name), name, shown, ", ".join(expected) or "none")

    def _field_misses(
        self, wanted: Expectation, explanation: Explanation, place: Place
    ) -> Iterator[UnmetExpectation]:
        specs, zone = fields.specs(self.pipeline), ZoneInfo(self.pipeline.time_zone)
        for name, value in wanted.fields.items():
            there = fields.read(explanation.document, name)
            read = plain(there) if isinstance(there, datetime) else there
            has, given = (fields.fit(side, specs[name], name) for side in (read, value))
            if has != given:
                shown = [
                    "empty" if value is None else shown_field(value, specs[name].type, zone)
                    for value in (has, given)
                ]
                yield _miss((*place, name), name, *shown)


def _miss(place: Place, what: str, actual: object, expected: str) -> UnmetExpectation:
    return UnmetExpectation(
        place=place, text=f"{what}: expected {expected}, found {actual or 'none'}"
    )


def _listed(subjects: tuple[str, ...]) -> str:
    return f": {', '.join(f'“{subject}”' for subject in subjects)}" if subjects else ""


def _shown(message: SigningEvent) -> str:
    signer = message.signer
    who = (signer.email or signer.name or signer.phone) if signer else None
    return f"{message.kind} ({who})" if who else message.kind


def _mails_of(run: Run) -> Iterator[tuple[int | None, str, str]]:
    """The mails that a run has sent: which of several, the service's id, the addresses."""
    if "message_id" in run.result:
        yield None, run.result["message_id"], run.result["to"]
    for number, mail in enumerate(run.mails):
        if mail.message_id is not None:
            yield number, mail.message_id, mail.to
