"""A document's life once more, in memory: what came from outside, on the published pipeline and,
from the beginning of the period on, on the draft."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from countersign.adapters.memory.parameters.credentials import MemoryApiTokens
from countersign.adapters.memory.queues.run_queues import QueuedMessage
from countersign.adapters.memory.services.http_client import MemoryHttpClient
from countersign.adapters.memory.tables.process.state import MemoryPipelines, MemoryState
from countersign.engine.runs.tasks import may_complete
from countersign.errors import CountersignError
from countersign.model.actor import Actor, user
from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.mail_event import MailEvent
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run
from countersign.model.run_purpose import RuleRun, TaskMailRun, purpose_of
from countersign.model.run_result import RunResult
from countersign.model.stored_file import announced
from countersign.providers import provider
from countersign.rules.base import Edit
from countersign.simulation import web
from countersign.simulation.backtest.effects import Effect, moves, tasks
from countersign.simulation.backtest.inputs import (
    Answered,
    Called,
    FileAdded,
    Input,
    Made,
    Notes,
    Received,
    Reported,
    Saved,
    TaskConcluded,
)
from countersign.simulation.files import PlaceholderFileLinks, SimulatedAccounts, made_up
from countersign.simulation.script import ScriptAnswer
from countersign.simulation.secrets import PlaceholderCredentials
from countersign.simulation.world import World
from countersign.text.folding import same_address
from countersign.use_cases.documents.edit import NewDocument, call_by_code, make, save
from countersign.use_cases.documents.tasks import withdraw
from countersign.use_cases.effects.provider_api import Accounts
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines

MAX_BYTES = 100_000
"""Of a file that was added: its content is made up, and its size is cut to so much."""
REFUSED = 400
"""What a call that failed is answered; why it failed is not known here."""
_BEGUN = frozenset({"done", "awaiting", "in_doubt", "failed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The time that is looked at, in UTC."""

    start: datetime
    """When the draft would have been published."""
    end: datetime


class Programs(CompiledPipelines):
    """The published pipeline as version 1 and the draft, if there is one, as version 2; compiled
    once for all documents."""

    def __init__(self, published: Pipeline, draft: Pipeline | None = None) -> None:
        pipelines = MemoryPipelines(MemoryState())
        for pipeline in (published, draft):
            if pipeline is not None:
                pipelines.publish(pipeline, at=datetime.min.replace(tzinfo=UTC), by="back-test")
        super().__init__(pipelines)
        self.base, self.draft = published, draft
        self.last = draft or published


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What became of a document."""

    pipeline: Pipeline
    """As it was published at the end."""
    document: Document | None
    """None where nothing made it."""
    timeline: tuple[LogEntry, ...]
    runs: tuple[Run, ...]
    effects: tuple[Effect, ...]
    """What happened within the period, in order."""
    unfit: str | None
    """Why the draft does not fit the document; then nothing of it was played."""
    ignored: tuple[str, ...]
    """What came from outside and could not happen here, each as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """What is known of a document from outside."""

    document: str
    """Its id."""
    steps: tuple[Input, ...]
    """What came to it, in order."""
    connections: Mapping[str, Connection]
    """Where it came from, by id."""
    failed: frozenset[str] = frozenset()
    """Rules whose calls failed, and fail again."""


def replay(life: Life, programs: Programs, period: Period) -> Replay:
    """Play what came to a document, up to the end of the period.

    The pipeline is the published one until the period begins, and the draft from then on; what was
    planned before stays as it is, as when a version is published.
    """
    start = life.steps[0].at if life.steps else period.end
    player = _Player(life, ReplayWorld(start, programs, life.failed), programs, period)
    player.set_up(life.connections)
    for step in life.steps:
        if step.at <= period.end and player.unfit is None:
            player.advance(step.at)
            player.take(step)
    if player.unfit is None:
        player.advance(period.end)
    return player.result()


class ReplayWorld(World):
    """A world that notes what goes out of it, and by which rule."""

    def __init__(self, start: datetime, programs: Programs, failed: Iterable[str]) -> None:
        answers = {rule: ScriptAnswer(status=REFUSED) for rule in failed}
        super().__init__(start, web=MemoryHttpClient(web.answering(answers)))
        self.programs = programs
        self.named_secrets = self._made_up = PlaceholderCredentials()
        self.file_links = PlaceholderFileLinks()
        self.effects: list[Effect] = []

    @property
    def accounts(self) -> Accounts:
        return SimulatedAccounts(self.web, MemoryApiTokens(self.secrets))

    def deliver(self, waiting: QueuedMessage) -> RunResult:
        before = self._counts()
        performed = super().deliver(waiting)
        purpose = purpose_of(waiting.message.rule)
        if isinstance(purpose, RuleRun | TaskMailRun) and self._counts() != before:
            run = self.documents.run(waiting.message.key)
            rule = purpose.rule if isinstance(purpose, TaskMailRun) else waiting.message.rule
            noted = partial(Effect, at=self.now, by=rule, stage=run.stage if run else "")
            self.effects += self._gone_out(before, noted)
        return performed

    def _counts(self) -> tuple[int, int, int, int]:
        mails, calls = len(self.mailbox.sent), len(self.web.calls)
        return mails, calls, len(self.bus.published), len(self.phones.sent)

    def _gone_out(
        self, before: tuple[int, int, int, int], noted: partial[Effect]
    ) -> Iterator[Effect]:
        mails, calls, events, texts = before
        for mail in self.mailbox.sent[mails:]:
            yield noted(kind="mail", to=(*mail.to, *mail.cc, *mail.bcc), text=mail.subject)
        for request in self.web.calls[calls:]:
            called = f"{request.method} {self._made_up.hidden(request.url)}"
            yield noted(kind="call", text=called)
        for event in self.bus.published[events:]:
            yield noted(kind="event", text=event.name)
        for sms in self.phones.sent[texts:]:
            yield noted(kind="sms", to=(sms.to,), text=sms.text)


class _Player:
    """Plays the inputs of one document."""

    def __init__(self, life: Life, world: ReplayWorld, programs: Programs, period: Period) -> None:
        self._id, self._world, self._programs, self._period = life.document, world, programs, period
        self._waits = programs.draft
        """The draft, until it is published."""
        self._ignored = Notes()
        self.unfit: str | None = None

    def set_up(self, connections: Mapping[str, Connection]) -> None:
        self._world.publish(self._programs.base)
        for connection in connections.values():
            sender = provider(connection.provider)
            credentials = ConnectionCredentials(
                connection=connection.id,
                provider=connection.provider,
                pipeline=connection.pipeline,
                tokens=("token",),
                api_token=web.KEY,
                api_url=sender.api or web.API,
            )
            self._world.connect(connection, credentials)

    def advance(self, until: datetime) -> None:
        """Let time pass; the draft is published when the period begins."""
        if self._waits is not None and until >= self._period.start:
            self._pass(self._period.start)
            self._publish(self._waits)
            self._waits = None
        if self.unfit is None:
            self._pass(until)

    def _pass(self, until: datetime) -> None:
        if until > self._world.now:
            self._world.advance(until - self._world.now)

    def _publish(self, draft: Pipeline) -> None:
        document = self.document
        if document is not None and draft.stage(document.stage) is None:
            self.unfit = f'the document is in the stage "{document.stage}", which the draft lacks'
            return
        self._world.publish(draft)

    @property
    def document(self) -> Document | None:
        """The document as it is now; None before it is made."""
        return self._world.state.documents.get(self._id)

    def take(self, step: Input) -> None:
        """Let one input happen, or note why it cannot."""
        if self.unfit is not None:
            return
        try:
            reason = self._happen(step)
        except CountersignError as error:
            reason = str(error)
            if isinstance(step, Made):
                self.unfit = f"the document could not be made: {reason}"
        if reason is not None:
            self._ignored.add(reason)
        self._world.settle()

    def _happen(self, step: Input) -> str | None:
        """Do it; why it could not be done, or None."""
        match step:
            case Made():
                self._make(step)
                return None
            case Received():
                self._receive(step)
                return None
        if self.document is None:
            return "something happened to the document before anything made it"
        match step:
            case Saved():
                save(self._world.store, self._id, step.edit, user(step.by))
            case Answered():
                return self._answer(step)
            case TaskConcluded():
                return self._conclude(step)
            case Called():
                call_by_code(self._world.store, self._id, step.code, user(step.by))
            case Reported():
                return self._report(step)
            case FileAdded(file=file):
                content = made_up(file.name, min(file.size, MAX_BYTES))
                new = announced(file.name, file.kind, content)
                self._world.add_file(self._id, new, content, by=file.added_by)
        return None

    def _make(self, step: Made) -> None:
        pipeline = self._programs.base.pipeline
        new = NewDocument(id=self._id, pipeline=pipeline, values=step.values, stage=step.stage)
        make(self._world.store, new, user(step.by))

    def _receive(self, step: Received) -> None:
        aliases = self._world.state.aliases
        if self.document is not None:
            # However the envelope came to the document, it belongs to it.
            for event in step.events:
                aliases.setdefault(f"{step.connection}#{event.envelope}", self._id)
        self._world.receive(step.connection, step.events, authenticity=step.authenticity)

    def _answer(self, step: Answered) -> str | None:
        if not any(run.state in _BEGUN for run in self._runs(step.rule)):
            return f"the rule {step.rule} did not call, and so got no answer"
        rule = Actor(kind="rule", name=step.rule)
        save(self._world.store, self._id, Edit(values=dict(step.values)), rule)
        return None

    def _conclude(self, step: TaskConcluded) -> str | None:
        made = [task for task in self._world.documents.tasks(self._id) if task.rule == step.rule]
        task = next((task for task in reversed(made) if task.state == "open"), None)
        if task is None:
            return f"{step.by} concluded a task of the rule {step.rule} that is not there"
        if step.state == "withdrawn":
            withdraw(self._world.store, task.key, user(step.by))
        else:
            allowed = may_complete(task, step.by, self._programs.last)
            self._world.complete_task(task.key, by=step.by, as_operator=not allowed)
        return None

    def _report(self, step: Reported) -> str | None:
        for run in reversed(self._runs(step.rule)):
            for number, message_id, to in _mails_of(run):
                if any(
                    same_address(recipient, other) for recipient in step.recipients for other in to
                ):
                    self._world.report(
                        MailEvent(
                            kind=step.kind,
                            at=step.at,
                            message_id=message_id,
                            run=run.key,
                            mail=number,
                            recipients=step.recipients,
                            link=step.link,
                            automated=step.automated,
                        )
                    )
                    return None
        who = ", ".join(step.recipients)
        return f"a mail of the rule {step.rule} to {who} was reported that is not sent"

    def _runs(self, rule: str) -> list[Run]:
        return [run for run in self._world.documents.runs(self._id) if run.rule == rule]

    def result(self) -> Replay:
        """What became of the document."""
        documents, start = self._world.documents, self._period.start
        timeline = documents.timeline(self._id)
        happened = (
            *moves(timeline),
            *tasks(documents.tasks(self._id)),
            *self._world.effects,
        )
        within = [effect for effect in happened if effect.at >= start and self.unfit is None]
        return Replay(
            pipeline=self._programs.last,
            document=self.document,
            timeline=timeline,
            runs=documents.runs(self._id),
            effects=tuple(sorted(within, key=lambda effect: effect.at)),
            unfit=self.unfit,
            ignored=self._ignored.sentences(),
        )


def _mails_of(run: Run) -> Iterator[tuple[int | None, str, tuple[str, ...]]]:
    """The mails that a run has sent: which of several, the service's id, the addresses."""
    if "message_id" in run.result:
        yield None, run.result["message_id"], tuple(run.result.get("to", "").split(", "))
    for number, mail in enumerate(run.mails):
        if mail.message_id is not None:
            yield number, mail.message_id, tuple(mail.to.split(", "))
