"""A world of its own: the real engine and use cases, in-memory adapters, and a clock to turn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from countersign.adapters.memory.parameters.addresses import MemoryAddresses
from countersign.adapters.memory.parameters.credentials import (
    MemoryApiTokens,
    MemoryCredentialStore,
)
from countersign.adapters.memory.parameters.rule_secrets import MemoryRuleSecrets
from countersign.adapters.memory.queues.dead_letters import MemoryDeadLetters
from countersign.adapters.memory.queues.retry_queue import MemoryRetryQueue
from countersign.adapters.memory.queues.run_queues import MemoryRunQueues, QueuedMessage
from countersign.adapters.memory.services.event_bus import MemoryEventBus
from countersign.adapters.memory.services.file_store import (
    MemoryFileLinks,
    MemoryFileStore,
    MemoryFileTransfers,
)
from countersign.adapters.memory.services.http_client import MemoryHttpClient
from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.services.refused_calls import MemoryRefusedCalls
from countersign.adapters.memory.services.rejected_requests import MemoryRejectedRequests
from countersign.adapters.memory.services.sms_sender import MemorySmsSender
from countersign.adapters.memory.tables.configuration.audit_log import MemoryAuditLog
from countersign.adapters.memory.tables.configuration.drafts import MemoryDrafts
from countersign.adapters.memory.tables.configuration.entitlements import MemoryEntitlementStore
from countersign.adapters.memory.tables.operations.heartbeats import MemoryHeartbeats
from countersign.adapters.memory.tables.operations.held_messages import MemoryHeldMessages
from countersign.adapters.memory.tables.operations.jobs import MemoryJobs
from countersign.adapters.memory.tables.operations.round_robin import MemoryRoundRobin
from countersign.adapters.memory.tables.operations.sending_slots import (
    FixedRate,
    MemorySendingSlots,
)
from countersign.adapters.memory.tables.process.pages import MemoryPages
from countersign.adapters.memory.tables.process.request_keys import MemoryRequestKeys
from countersign.adapters.memory.tables.process.state import (
    MemoryConnections,
    MemoryDocuments,
    MemoryPipelines,
    MemoryState,
)
from countersign.adapters.memory.tables.process.statistics import MemoryStatistics
from countersign.adapters.memory.tables.process.upgrades import MemoryUpgrades
from countersign.model.actor import user
from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.document import Document
from countersign.model.incoming_message import IncomingMessage
from countersign.model.mail_event import MailEvent
from countersign.model.message import JobMessage
from countersign.model.pipeline import Pipeline, Version
from countersign.model.run import Lane, RunRecord
from countersign.model.run_result import RunResult
from countersign.model.signing_event import Authenticity, SigningEvent
from countersign.model.stored_file import NewFile, StoredFile
from countersign.model.task import TaskKey
from countersign.rules.base import Edit
from countersign.use_cases.connections.connect import Connector
from countersign.use_cases.documents.edit import save
from countersign.use_cases.documents.file_transfers import FileService, send_file
from countersign.use_cases.documents.files import FileUpload
from countersign.use_cases.documents.tasks import complete
from countersign.use_cases.effects.attachments import Attachments
from countersign.use_cases.effects.base import Effect
from countersign.use_cases.effects.email import EmailEffect
from countersign.use_cases.effects.http_call import WebEffect
from countersign.use_cases.effects.mail_pace import MailPace
from countersign.use_cases.effects.provider_api import Accounts
from countersign.use_cases.effects.provider_files import ProviderFiles
from countersign.use_cases.effects.reminders import ReminderEffect
from countersign.use_cases.effects.web import WebLane
from countersign.use_cases.jobs.kinds.base import JobServices
from countersign.use_cases.jobs.work import work_on_job
from countersign.use_cases.messages.apply_message import Became, apply_to_envelope
from countersign.use_cases.messages.mail_events import MailEventRecorder, record_mail_event
from countersign.use_cases.messages.mail_events import Outcome as ReportResult
from countersign.use_cases.messages.receive import Receiver
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.runs.dispatch import dispatch
from countersign.use_cases.runs.document_lane import perform_document_run
from countersign.use_cases.runs.effect_lanes import perform_effect_run
from countersign.use_cases.runs.perform_run import Performer
from countersign.use_cases.runs.sweep import Sweeper, SweepReport, sweep
from countersign.use_cases.store import Store

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning."""

MAX_STEPS = 10_000
"""Deliveries in one stretch of time; more means that rules chase each other without end."""


class World:
    """Documents, lanes and a mailbox in memory; nothing happens unless somebody does it here."""

    def __init__(
        self,
        start: datetime = START,
        mailbox: MemoryMailer | None = None,
        web: MemoryHttpClient | None = None,
        bus: MemoryEventBus | None = None,
        phones: MemorySmsSender | None = None,
    ) -> None:
        self.now = start
        self.state = MemoryState()
        self.documents = MemoryDocuments(self.state)
        self.pipelines = MemoryPipelines(self.state)
        self.drafts = MemoryDrafts(self.state)
        self.connections = MemoryConnections(self.state)
        self.requests = MemoryRequestKeys(self.state)
        self.statistics = MemoryStatistics()
        self.addresses = MemoryAddresses()
        self.secrets = MemoryCredentialStore()
        self.lanes = MemoryRunQueues()
        self.turns = MemoryRoundRobin()
        self.heartbeats = MemoryHeartbeats()
        self.pace = MailPace(MemorySendingSlots(), FixedRate(1.0), lambda: self.now)
        self.mailbox = mailbox or MemoryMailer()
        self.web = web or MemoryHttpClient()
        self.bus = bus or MemoryEventBus()
        self.phones = phones or MemorySmsSender()
        self.named_secrets = MemoryRuleSecrets()
        self.files = MemoryFileStore()
        self.file_links = MemoryFileLinks()
        self.transfers = MemoryFileTransfers(self.files)
        self._numbers = count(1)
        self._salts = count(1)
        self.parked = MemoryRetryQueue()
        self.rejected = MemoryRejectedRequests()
        self.refusals = MemoryRefusedCalls()
        self.held = MemoryHeldMessages()
        self.pages = MemoryPages(self.state, self.held)
        self.upgrades = MemoryUpgrades(self.state)
        self.dead_letters = MemoryDeadLetters()
        self.jobs = MemoryJobs()
        self._later_jobs: list[tuple[datetime, JobMessage]] = []
        self.audit = MemoryAuditLog(self.state)
        self.entitlements = MemoryEntitlementStore(self.state)
        self.programs = CompiledPipelines(self.pipelines)
        self.performed: list[RunResult] = []

    # --- set up

    def publish(self, pipeline: Pipeline) -> Version:
        """Publish a pipeline as it is, without the publishing checks."""
        return self.pipelines.publish(pipeline, at=self.now, by="simulation")

    def connect(self, connection: Connection, secrets: ConnectionCredentials | None = None) -> None:
        """Make a connection."""
        known = secrets or ConnectionCredentials(
            connection=connection.id,
            provider=connection.provider,
            pipeline=connection.pipeline,
            tokens=("token",),
        )
        for token in known.tokens:
            self.addresses.make(connection.id, token)
        self.connections.put(connection)
        self.secrets.put(known)

    # --- what happens

    @property
    def store(self) -> Store:
        """What is decided on, in this world."""
        return Store(
            documents=self.documents,
            programs=self.programs,
            clock=lambda: self.now,
            salt=self._new_salt,
        )

    def _new_salt(self) -> str:
        """The next salt: a world is the same each time, and keeps no secret."""
        return f"{next(self._salts):032x}"

    @property
    def connector(self) -> Connector:
        """Connecting providers, in this world."""
        return Connector(
            connections=self.connections, credentials=self.secrets, pipelines=self.pipelines
        )

    @property
    def receiver(self) -> Receiver:
        """Receiving, in this world."""
        return Receiver(
            store=self.store,
            secrets=self.secrets,
            addresses=self.addresses,
            parked=self.parked,
            rejected=self.rejected,
            held=self.held,
            max_body=5_000_000,
        )

    def receive(
        self,
        connection: str,
        events: Sequence[SigningEvent],
        *,
        authenticity: Authenticity = "signed",
    ) -> tuple[str, Became]:
        """Take one message with signing events of one envelope, as if its provider had sent it.

        Returns the id of the envelope's document, and what became of the message.
        """
        secrets = self.secrets.get(connection)
        if secrets is None:
            msg = f"no connection {connection}"
            raise LookupError(msg)
        message = IncomingMessage(
            pipeline=secrets.pipeline,
            connection=connection,
            received_at=self.now,
            authenticity=authenticity,
            events=tuple(events),
        )
        document, outcome = apply_to_envelope(self.receiver, message)
        self.settle()
        return document, outcome

    def tell(
        self,
        connection: str,
        events: Sequence[SigningEvent],
        *,
        authenticity: Authenticity = "signed",
    ) -> Document:
        """The same where the document must be there afterwards; the document."""
        document, _ = self.receive(connection, events, authenticity=authenticity)
        return self.document(document)

    def edit(self, document: str, wanted: Edit, *, by: str) -> Document:
        """A person saves changes."""
        save(self.store, document, wanted, user(by))
        self.settle()
        return self.document(document)

    def add_file(self, document: str, file: NewFile, content: bytes, *, by: str) -> StoredFile:
        """A person adds a file, in place of one of the same name."""
        service = FileService(
            store=self.store, files=self.files, transfers=self.transfers, new_id=self.new_id
        )
        upload = FileUpload(document=document, file=file, id=self.new_id(), replace=True)
        added = send_file(service, upload, content, user(by))
        self.settle()
        return added

    def complete_task(self, key: TaskKey, *, by: str, as_operator: bool = False) -> Document:
        """A person completes a task."""
        complete(self.store, key, user(by, as_operator=as_operator))
        self.settle()
        return self.document(key.document)

    def report(self, report: MailEvent) -> ReportResult:
        """The mail service reports on one of the mails."""
        outcome = record_mail_event(self.recorder, report)
        self.settle()
        return outcome

    def sweep(self) -> SweepReport:
        """What was lost is set going again."""
        swept = sweep(self.sweeper)
        self.settle()
        return swept

    @property
    def recorder(self) -> MailEventRecorder:
        """Recording reports, in this world."""
        return MailEventRecorder(
            store=self.store,
            held=self.held,
            heartbeats=self.heartbeats,
        )

    @property
    def sweeper(self) -> Sweeper:
        """Sweeping, in this world."""
        return Sweeper(
            applier=self.receiver,
            pipelines=self.pipelines,
            connections=self.connections,
            heartbeats=self.heartbeats,
            jobs=self.jobs,
            files=self.files,
            unreadable=self.state.unreadable.take,
        )

    def document(self, document: str) -> Document:
        """The document as it is now."""
        current = self.documents.get(document)
        if current is None:
            msg = f"no document {document}"
            raise LookupError(msg)
        return current

    # --- time

    def settle(self) -> None:
        """Let everything happen that is due now."""
        for _ in range(MAX_STEPS):
            ready = [RunRecord(old=old, new=new) for old, new in self.state.take_ready()]
            dispatch(self.lanes, (*ready, *self.jobs.take_written()), self.now)
            due, jobs = self.lanes.take_due(self.now), self._take_jobs()
            if not due and not jobs:
                return
            for waiting in due:
                self.deliver(waiting)
            for message in jobs:
                work_on_job(self.job_services, message)
        msg = f"still not at rest after {MAX_STEPS} rounds"
        raise RuntimeError(msg)

    def _take_jobs(self) -> list[JobMessage]:
        """What asks for jobs now; a slice that is to wait is kept until then."""
        for message in self.lanes.take_jobs():
            self._later_jobs.append((self.now + timedelta(seconds=message.delay), message))
        due = [message for at, message in self._later_jobs if at <= self.now]
        self._later_jobs = [(at, message) for at, message in self._later_jobs if at > self.now]
        return due

    def deliver(self, waiting: QueuedMessage) -> RunResult:
        """Hand one message to its lane."""
        effect = self._effect(waiting.lane)
        if effect is None:
            performed = perform_document_run(self.performer, waiting.message)
        else:
            performed = perform_effect_run(self.performer, waiting.message, effect)
        self.performed.append(performed)
        return performed

    def _effect(self, lane: Lane) -> Effect | None:
        effects: dict[Lane, Effect] = {
            "email": EmailEffect(self.mailbox, self.attachments, self.pace),
            "web": WebLane(
                WebEffect(self.web, self.named_secrets),
                self.bus,
                self.phones,
                ReminderEffect(self.attachments.accounts),
                self.attachments.kept,
            ),
        }
        return effects.get(lane)

    @property
    def attachments(self) -> Attachments:
        """What goes with mails, in this world."""
        accounts = self.accounts
        kept = ProviderFiles(self.store, accounts, self.files, self.new_id)
        return Attachments(kept=kept, accounts=accounts, files=self.files, links=self.file_links)

    @property
    def accounts(self) -> Accounts:
        """The signing providers' accounts, in this world."""
        return Accounts(self.web, MemoryApiTokens(self.secrets))

    def new_id(self) -> str:
        """An id that nothing has yet."""
        return f"f-{next(self._numbers)}"

    @property
    def job_services(self) -> JobServices:
        """What jobs work with, in this world."""
        return JobServices(
            store=self.store,
            pipelines=self.pipelines,
            pages=self.pages,
            files=self.files,
            jobs=self.jobs,
            connections=self.connections,
            held=self.held,
            statistics=self.statistics,
            upgrades=self.upgrades,
            audit=self.audit,
        )

    @property
    def performer(self) -> Performer:
        """Performing, in this world."""
        return Performer(
            store=self.store,
            lanes=self.lanes,
            turns=self.turns,
            lease=timedelta(minutes=3),
            heartbeats=self.heartbeats,
        )

    def advance(self, span: timedelta) -> None:
        """Let time pass: everything that falls due on the way happens at its own moment."""
        until = self.now + span
        self.settle()
        while (next_ := self._next_due()) is not None and next_ <= until:
            self.now = max(self.now, next_)
            self.settle()
        self.now = until

    def _next_due(self) -> datetime | None:
        moments = [message.due for message in self.lanes.waiting[:1]]
        return min((*moments, *(at for at, _ in self._later_jobs)), default=None)
