"""What the engine needs from outside: small Protocols, each with its promises."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

from countersign.model.base import Model
from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.document import Document, DocumentCard
from countersign.model.incoming_message import IncomingMessage, SetAsideMessage
from countersign.model.log import LogEntry
from countersign.model.log_hashes import TimelinePart
from countersign.model.pipeline import Head, Pipeline, Version
from countersign.model.rejected_request import RejectedRequest
from countersign.model.request_key import RequestKey
from countersign.model.run import Lane, Run, RunKey
from countersign.model.stored_file import NewFile, StoredFile
from countersign.model.task import Task, TaskKey
from countersign.model.transaction import EventMark, ProcessedEvent, Transaction

if TYPE_CHECKING:
    # No function loads them but those that need them.
    from countersign.errors import CountersignError
    from countersign.model.audit import AuditEntry, AuditFilter
    from countersign.model.dead_letter import DeadLetter, DeadLetterQueue
    from countersign.model.draft import Draft, DraftPage
    from countersign.model.entitlements import Entitlements
    from countersign.model.file_transfer import FileLink, UploadAddress, UploadedContent
    from countersign.model.http import BusEvent, TextMessage, WebAnswer, WebRequest
    from countersign.model.job import Job
    from countersign.model.message import Email, JobMessage, Notice, RunDelivery, RunMessage
    from countersign.model.page import Page, PageRequest, StageQuery, TaskQuery, WordQuery
    from countersign.model.person import Language, PeoplePage, Person, Program, Role
    from countersign.model.publication import Publication
    from countersign.model.refusal import RefusedCall
    from countersign.model.statistics import (
        CountedDocument,
        CounterKey,
        Epochs,
        StatisticsChange,
    )
    from countersign.model.upgrade import UpgradeProgress


class EnvelopeSnapshot(Model):
    """Everything a decision about one envelope needs, read together."""

    connection: Connection | None
    head: Head | None
    document: Document | None


class RunSnapshot(Model):
    """Everything a lane needs about one run, read together."""

    head: Head | None
    document: Document | None
    run: Run | None
    next: Run | None = None


class RunRead(NamedTuple):
    """A run that is to be read, with what goes with it."""

    run: RunKey
    pipeline: str | None = None
    """Its pipeline; None where that is not known, so that its head is not read."""
    next: str | None = None
    """The rule below it, whose run is read as well."""


class DuePeriod(NamedTuple):
    """A part of time in which runs are due."""

    since: datetime
    """The first moment of it."""
    until: datetime
    """The first moment after it."""


RunTest = Callable[[Run], bool]
"""Whether a run is wanted."""


class Documents(Protocol):
    """Documents with their runs and timelines. Reads are strongly consistent unless said."""

    @property
    def most_items(self) -> int:
        """How many items a change may have (``Transaction.items``)."""
        ...

    def read_arrival(
        self, connection: str, pipeline: str, envelope: str, document: str
    ) -> EnvelopeSnapshot:
        """Connection, pipeline head and the envelope's document, in one round trip.

        ``document`` is the id it has unless the envelope was attached to another document; then
        that one is returned, at the cost of a second round trip.
        Raises UnavailableError when the database cannot answer now.
        """
        ...

    def read_run(self, message: RunMessage) -> RunSnapshot:
        """Head, document, run and the run below it, in one round trip."""
        ...

    def read_runs(self, wanted: Sequence[RunRead]) -> tuple[RunSnapshot, ...]:
        """The same of several runs, in their order and in one round trip; of 25 at most."""
        ...

    def commit(self, change: Transaction) -> None:
        """Write the whole change or nothing, in one round trip.

        Refused, the first of these that is true: RepeatedRequestError when the key of ``request``
        is in use; DuplicateError when events were applied before
        (it names them all); LeftStageError when the document of ``stay`` is not there, or no
        longer in its entry; RanBeforeError when another entry's run made a once-mark;
        StaleRunError when a run is not in the expected state and generation; ConflictError when
        the document's version is not ``was_version``, that of ``stay`` not in its version, the
        envelope was attached before, a planned run exists, or a task is not in the version before.
        UnavailableError when the database cannot answer (it may nevertheless have written);
        PermanentError for a change that cannot be one transaction: more than 100 items; log, tasks
        or events without a changed document; a version that does not grow by one.
        """
        ...

    def get(self, document: str) -> Document | None:
        """One document, or None."""
        ...

    def run(self, key: RunKey) -> Run | None:
        """One run, or None."""
        ...

    def runs(self, document: str, entry: int | None = None) -> tuple[Run, ...]:
        """The runs of a document (of one stage entry), by entry and in the order of planning."""
        ...

    def timeline(self, document: str) -> tuple[LogEntry, ...]:
        """The document's timeline, oldest first."""
        ...

    def timeline_between(self, document: str, after: int, until: int) -> tuple[LogEntry, ...]:
        """What the versions after ``after``, up to ``until``, put on the timeline, oldest first."""
        ...

    def timeline_parts(self, document: str) -> tuple[TimelinePart, ...]:
        """The document's timeline with its hashes, in the parts in which it is kept, oldest first.

        UnreadableError where a part cannot be read.
        """
        ...

    def events(self, document: str) -> tuple[ProcessedEvent, ...]:
        """The events applied to a document, oldest first, with what is kept of their messages."""
        ...

    def event_marks(self, document: str) -> tuple[EventMark, ...]:
        """The same events with their places; ``raw`` says no more than whether it is kept."""
        ...

    def recent_events(self, connection: str, limit: int) -> tuple[ProcessedEvent, ...]:
        """The last events a connection brought, newest first, without their messages.

        Eventually consistent.
        """
        ...

    def in_stage(self, pipeline: str, stage: str | None = None) -> Iterator[Document]:
        """The documents of a pipeline (in one stage), longest in their stage first per stage.

        Eventually consistent: a document that moved a moment ago may be missing or stand twice.
        """
        ...

    def cards(self, pipeline: str) -> Iterator[DocumentCard]:
        """What the lists of the pipeline's stages hold of its documents, in the order of
        ``in_stage``. The documents themselves are not read: thousands of cards come in one query.

        Eventually consistent.
        """
        ...

    def loads(self, pipeline: str, stages: Collection[str]) -> Mapping[str, int]:
        """How many documents in these stages each user is responsible for.

        Eventually consistent. Reads the card of every document there, about 8,000 a megabyte.
        """
        ...

    def due(self, until: datetime) -> Iterator[Run]:
        """Runs that are ready with a due time up to ``until``, running with a lease that ended
        before it, or unknown with a wait for a report that ended by then. Eventually consistent,
        in no particular order."""
        ...

    def troubled(self, pipeline: str | None = None) -> Iterator[Run]:
        """The failed and unknown runs (of one pipeline). Eventually consistent, in no particular
        order."""
        ...

    def due_between(self, period: DuePeriod, page: PageRequest, matches: RunTest) -> Page[Run]:
        """A page of the runs that are ready with a due time in the period, running with a lease
        that ends in it, or in doubt with a wait for a report that ends in it: the soonest first.

        Of 500 runs at most those that match: a page may be short, or empty, and yet have a next
        one. It costs the same whatever there is besides. Eventually consistent.
        """
        ...

    def troubled_page(self, page: PageRequest, matches: RunTest) -> Page[Run]:
        """A page of the failed runs and the runs in doubt, by the time at which they came to be
        so; bounded as in ``due_between``. Eventually consistent."""
        ...

    def waiting_page(self, pipeline: str, page: PageRequest, matches: RunTest) -> Page[Run]:
        """A page of the runs of a pipeline that have not begun, or await their tasks, document by
        document in the order of ``in_stage``.

        Of 25 documents at most, so that a page may be short, or empty, and yet have a next one.
        Which documents there are is eventually consistent.
        """
        ...

    def task(self, key: TaskKey) -> Task | None:
        """One task, or None."""
        ...

    def tasks(self, document: str) -> tuple[Task, ...]:
        """The tasks of a document, by stage entry and in the order in which they were made."""
        ...

    def open_tasks(self, assignee: str | None = None) -> Iterator[Task]:
        """The open tasks of an assignee, or everybody's: by deadline, those without one last.

        The assignee is a user or ``group:<name>``, compared as people read it.

        Eventually consistent.
        """
        ...

    def remove(self, document: str) -> None:
        """Forget a document with all that belongs to it: runs, tasks, timeline, events, marks.

        In steps of a bounded size, the document itself last, so that what was interrupted is
        finished by removing it again; nothing happens where there is none. ConflictError where
        it was changed meanwhile: part of what belongs to it may be gone, remove it again.
        """
        ...


class Pages(Protocol):
    """The lists of the table, a page at a time.

    A page takes so many reads at most, whatever stands before and behind it. What ``matches``
    refuses, and what is no longer as the index has it, is left out after reading, of which there is
    a bound as well: so a page may be short, or empty, and yet have a ``next``. InvalidCursorError
    for a place that no page of the list can have given. Eventually consistent unless said.
    """

    def in_stage(
        self,
        wanted: StageQuery,
        page: PageRequest,
        matches: Callable[[Document], bool] | None = None,
    ) -> Page[Document]:
        """The documents of a pipeline (in one stage): by stage, there the longest in it first, then
        by id."""
        ...

    def cards(self, pipeline: str, page: PageRequest) -> Page[DocumentCard]:
        """What the lists of the pipeline's stages hold of its documents, in the order of
        ``in_stage``. The documents themselves are not read, so that those stand here too which this
        version cannot read."""
        ...

    def with_word(
        self,
        wanted: WordQuery,
        page: PageRequest,
        matches: Callable[[Document], bool] | None = None,
    ) -> Page[Document]:
        """The documents that a word finds, each once: by the first of their words that begins so,
        there the one that was made last first, to the second, then by id."""
        ...

    def open_tasks(
        self, wanted: TaskQuery, page: PageRequest, matches: Callable[[Task], bool] | None = None
    ) -> Page[Task]:
        """The open tasks, by deadline, then by key; those without a deadline last."""
        ...

    def tasks_of_pipeline(
        self, pipeline: str, page: PageRequest, matches: Callable[[Task], bool]
    ) -> Page[Task]:
        """The tasks of a pipeline's documents, concluded ones included: document by document in
        the order of ``in_stage``, there by key. Of 25 documents at most."""
        ...

    def documents(self, ids: Collection[str]) -> Mapping[str, Document]:
        """The documents of these ids, of which there are 100 at most, in one round trip; without
        those that are not there or cannot be read."""
        ...

    def troubled(
        self, page: PageRequest, matches: Callable[[Run], bool] | None = None
    ) -> Page[Run]:
        """The failed and unknown runs, oldest first, then by key."""
        ...

    def timeline(
        self, document: str, page: PageRequest, *, newest_first: bool = False
    ) -> Page[LogEntry]:
        """The document's timeline, oldest entry first or newest. Strongly consistent."""
        ...

    def runs(self, document: str, page: PageRequest) -> Page[Run]:
        """The runs of a document, by stage entry and there by rule. Strongly consistent."""
        ...

    def tasks(self, document: str, page: PageRequest) -> Page[Task]:
        """The tasks of a document, by key. Strongly consistent."""
        ...

    def events(self, document: str, page: PageRequest) -> Page[ProcessedEvent]:
        """The events applied to a document, by key, without their messages. Strongly
        consistent."""
        ...

    def recent_events(self, connection: str, page: PageRequest) -> Page[ProcessedEvent]:
        """The events a connection brought, newest first, without their messages."""
        ...

    def pipelines(self, page: PageRequest) -> Page[Head]:
        """Every pipeline, by id."""
        ...

    def versions(self, pipeline: str, page: PageRequest) -> Page[Version]:
        """The pipeline's versions, newest first; none where there is no such pipeline."""
        ...

    def connections(self, page: PageRequest) -> Page[Connection]:
        """Every connection, by id."""
        ...

    def held(self, pipeline: str, page: PageRequest) -> Page[IncomingMessage]:
        """The held messages of a pipeline, in the order in which they came. Strongly consistent."""
        ...

    def held_aside(self, pipeline: str, page: PageRequest) -> Page[SetAsideMessage]:
        """The messages of a pipeline that were set aside, in the order in which they came. Strongly
        consistent."""
        ...


class Upgrades(Protocol):
    """What is filled once in a table that had data before. UnavailableError when the database
    cannot answer."""

    def progress(self) -> UpgradeProgress:
        """How far it has come; the beginning where it was never begun."""
        ...

    def note(self, progress: UpgradeProgress) -> None:
        """Keep how far it has come."""
        ...

    def write_again(self, task: Task) -> bool:
        """Write a task as this version writes it, unless it was changed since it was read; whether
        it was written."""
        ...


class Jobs(Protocol):
    """Jobs, for 30 days after they were last written. Each write of an open job has it handed to
    the document lane in its new version. UnavailableError when the database cannot answer."""

    def add(self, job: Job) -> None:
        """Keep a new job; ConflictError where there is one of this id."""
        ...

    def get(self, job: str) -> Job | None:
        """One job, or None."""
        ...

    def put(self, job: Job, part: Sequence[str] | None = None) -> None:
        """Write a job's next version, with one more part of what it works on if there is one: the
        job's ``parts`` counts it already. ConflictError where it is not in the version before.
        """
        ...

    def part(self, job: str, number: int) -> tuple[str, ...]:
        """A part of what the job works on, from 0; empty where there is none."""
        ...

    def page(self, page: PageRequest) -> Page[Job]:
        """Jobs, the newest first. Eventually consistent."""
        ...

    def untouched(self, since: datetime) -> Iterator[Job]:
        """The open jobs that were last written before, the longest ago first. Eventually
        consistent."""
        ...


class RoundRobin(Protocol):
    """Numbers for whatever goes round in turn."""

    def draw(self, pipeline: str, rule: str) -> int:
        """The next number of a rule, from 0: everyone who draws gets another one.

        UnavailableError when the database cannot answer; a number may be lost then.
        """
        ...


class RequestKeys(Protocol):
    """Idempotency keys of callers, each kept for a day."""

    def get(self, caller: str, key: str, *, now: datetime) -> RequestKey | None:
        """What the caller used the key for within the last day, or None."""
        ...

    def add(self, request: RequestKey) -> None:
        """Note what a key was used for; RepeatedRequestError where it is in use.

        ``Documents.commit`` does the same for what one change makes.
        """
        ...


class HeldMessages(Protocol):
    """What came for paused pipelines."""

    def add(self, message: IncomingMessage) -> None:
        """Keep a message; the same one again is kept once. UnavailableError if it can't."""
        ...

    def list(self, pipeline: str) -> Iterator[IncomingMessage]:
        """The messages of a pipeline in the order in which they came."""
        ...

    def count(self, pipeline: str, most: int) -> int:
        """How many messages of a pipeline wait to be applied, counted up to ``most``. It reads no
        more of them. Eventually consistent."""
        ...

    def remove(self, message: IncomingMessage) -> None:
        """Forget a message that was applied."""
        ...

    def set_aside(self, message: IncomingMessage, reason: str, *, at: datetime) -> None:
        """Keep a message apart, with the reason for which it could not be applied.

        ``list`` no longer names it. Setting it aside again changes reason and time.
        UnavailableError if it can't.
        """
        ...

    def list_aside(self, pipeline: str) -> Iterator[SetAsideMessage]:
        """The messages of a pipeline that were set aside, in the order in which they came."""
        ...

    def remove_aside(self, message: IncomingMessage) -> None:
        """Forget a message that was set aside."""
        ...


class Pipelines(Protocol):
    """Published pipelines with their versions.

    An audit ``entry`` is written in one transaction with the change, or neither is.
    """

    def head(self, pipeline: str) -> Head | None:
        """Which version is published, or None where there is no such pipeline."""
        ...

    def version(self, pipeline: str, number: int) -> Version:
        """A published version; immutable, so it may be kept for good. NotFoundError if none."""
        ...

    def publish(
        self,
        pipeline: Pipeline,
        *,
        at: datetime,
        by: str,
        publication: Publication | None = None,
    ) -> Version:
        """Make the next version and point the head at it; ConflictError if somebody else did.

        What ``publication`` says is checked and written in the same transaction: StaleDraftError
        where its draft is not as it was read, ConflictError where the draft's base is not the
        published version any more, or where another version is published than it replaces.
        """
        ...

    def set_paused(self, pipeline: str, paused: bool, entry: AuditEntry | None = None) -> Head:
        """Pause or resume; NotFoundError where there is no such pipeline."""
        ...

    def set_automation(self, pipeline: str, included: bool) -> Head:
        """Let triggers fire and rules be planned, or neither; NotFoundError where there is no such
        pipeline."""
        ...

    def versions(self, pipeline: str, newest: int) -> tuple[Version, ...]:
        """The last so many versions, newest first; none where there is no such pipeline.

        Eventually consistent.
        """
        ...

    def remove(self, pipeline: str) -> None:
        """Forget a pipeline with its versions, counters and draft, the head last.

        What was interrupted is finished by removing it again; nothing happens where there is
        none. ConflictError where it was published meanwhile.
        """
        ...

    def list(self) -> tuple[Head, ...]:
        """Every pipeline, by id. Eventually consistent."""
        ...


class Drafts(Protocol):
    """Pipelines that are being edited, one draft a pipeline. Reads are strongly consistent unless
    said."""

    def get(self, pipeline: str) -> Draft | None:
        """The draft of a pipeline, or None."""
        ...

    def put(self, draft: Draft) -> None:
        """Keep a draft of version 1 where there is none, a later one in place of the version before
        its own.

        StaleDraftError with the present draft where that is another one; then nothing is written.
        TooLargeError for a content of more than 1,000,000 bytes as JSON, or of more than 350,000
        when it is compressed.
        """
        ...

    def remove(self, draft: Draft) -> None:
        """Forget a draft that is still as it was read; nothing happens where there is none.

        StaleDraftError with the present draft where it is another one.
        """
        ...

    def list(self, *, after: str = "", limit: int = 100) -> DraftPage:
        """Up to ``limit`` drafts by the id of their pipeline, those after the id ``after``.

        A page costs the same, however many there are. Eventually consistent.
        """
        ...


class Connections(Protocol):
    """Connections of signing providers, without their secrets."""

    def get(self, connection: str) -> Connection | None:
        """One connection, or None."""
        ...

    def put(self, connection: Connection, entry: AuditEntry | None = None) -> None:
        """Make or replace a connection; PermanentError for an id that ``get`` could not find.

        An audit ``entry`` is written in one transaction with it, or neither is.
        """
        ...

    def remove(self, connection: str) -> None:
        """Forget a connection; nothing happens where there is none."""
        ...

    def list(self) -> tuple[Connection, ...]:
        """Every connection, by id. Eventually consistent."""
        ...


class Addresses(Protocol):
    """Which addresses of webhooks the deployment has made."""

    def make(self, connection: str, unguessable: str) -> str:
        """The token of a new address of the connection; PermanentError for what cannot be an id.

        ``unguessable`` is its secret part. The first call makes the deployment's key.
        """
        ...

    def proves(self, connection: str, token: str) -> bool:
        """Whether ``make`` made the token for this connection, in constant time.

        An address that somebody invented costs nothing, apart from one read of the key in each
        process. UnavailableError or PermanentError while the key cannot be read.
        """
        ...


class CredentialStore(Protocol):
    """What must be known before the table may be read: each connection's secrets and tokens."""

    def get(self, connection: str) -> ConnectionCredentials | None:
        """The connection's secrets, or None; may be a minute old.

        While the store does not answer, the last known ones serve on for up to 12 hours. That
        there are none is remembered for a second, apart from those that are known. An id that
        cannot be one is not asked for at all. PermanentError for a parameter that holds something
        else, UnavailableError when the store cannot answer and nothing is known.
        """
        ...

    def refresh(self, connection: str) -> ConnectionCredentials | None:
        """The same, but not older than a second: for those who are about to refuse somebody.

        Where the store does not answer, what ``get`` knows.
        """
        ...

    def put(self, secrets: ConnectionCredentials) -> None:
        """Make or replace a connection's secrets; PermanentError for what cannot be an id."""
        ...

    def remove(self, connection: str) -> None:
        """Forget a connection's secrets; nothing happens where there are none.

        Who has read them before may know them for another minute.
        """
        ...


class ApiTokens(Protocol):
    """How the providers' APIs are asked, apart from what proves their webhooks."""

    def get(self, connection: str) -> ConnectionCredentials | None:
        """The connection's provider, API token and API address alone, or None; may be a minute
        old. UnavailableError when the store cannot answer."""
        ...


class OwnRunQueue(Protocol):
    """The queue of a lane's own function."""

    def send(self, lane: Lane, message: RunMessage, *, due: datetime, now: datetime) -> None:
        """Deliver the message to the lane at or after ``due``, at least once; it may come early.

        UnavailableError when the queue cannot answer; it may nevertheless be sent.
        """
        ...


class RunQueues(Protocol):
    """Queues of the functions that perform runs."""

    def send_all(
        self, deliveries: Sequence[RunDelivery], *, now: datetime
    ) -> Sequence[CountersignError | None]:
        """Deliver each message to its lane at or after its time, at least once, in few round trips.

        Up to 15 minutes ahead through the queue's own delay (to the second), later ones through
        a one-time schedule (within 60 seconds). Sending the same generation twice is harmless.
        Returns for each, in their order, None or why it was not sent: UnavailableError when queue
        or scheduler cannot answer, it may nevertheless be sent; PermanentError for a lane that is
        not there.
        """
        ...

    def send_job(self, message: JobMessage) -> None:
        """Deliver the message to the document lane now, at least once.

        UnavailableError when the queue cannot answer; it may nevertheless be sent.
        """
        ...

    def withdraw(self, message: RunMessage) -> None:
        """Delete the schedule of that generation, if there is one: housekeeping only."""
        ...


class Mailer(Protocol):
    """The mail service."""

    def send(self, email: Email) -> str:
        """Hand over a mail; returns the service's message id.

        PermanentError where it refuses this mail for good (sender not verified, bad address, a
        line break in a header), TransientError where it may take it later, InDoubtError where no
        answer came. Never tries again by itself.
        """
        ...

    def notify(self, notice: Notice) -> str:
        """Hand over a mail that belongs to no run: as ``send``, without reports on it."""
        ...


class DailyReports(Protocol):
    """Which day's report of a pipeline has been sent."""

    def claim(self, pipeline: str, day: date) -> bool:
        """True for the first who asks for this pipeline's report of this day, False for all others.

        UnavailableError when the database cannot answer; the report may be claimed then.
        """
        ...

    def release(self, pipeline: str, day: date) -> None:
        """Give back a claim whose report was certainly not sent."""
        ...


class SendingSlots(Protocol):
    """Rows of those who send, where the outside takes so many a second."""

    def take(self, row: str, every: timedelta, now: datetime) -> datetime:
        """Take the next free place of the row, ``every`` after the one before; not before ``now``.

        UnavailableError when the database cannot answer.
        """
        ...


class SendingRate(Protocol):
    """How fast the mail service takes mails."""

    def a_second(self) -> float:
        """How many a second; always more than nothing."""
        ...


class Statistics(Protocol):
    """Counters of each pipeline, by epoch and UTC day, and what is counted of each document.

    The two are written together: what documents have counted, with what they still have to add, is
    at all times what the counters hold, unless somebody else changes them. UnavailableError when
    the database cannot answer; what was to be written may be written then.
    """

    def epochs(self, pipeline: str) -> Epochs:
        """Which counts of the pipeline there are. Strongly consistent."""
        ...

    def counted(self, documents: Collection[str]) -> Mapping[str, CountedDocument]:
        """What is counted of these documents, by id, as far as there is anything. Strongly
        consistent."""
        ...

    def record(self, changes: Sequence[StatisticsChange]) -> Collection[str]:
        """Write what is counted of each document together with what it adds to the counters.

        Each document once, in the revision after the one it has. Returns the ids of those that
        have another revision, or that another transaction was in the way of: of them nothing is
        written, or, where one has more than a transaction takes, part of it, which ``counted``
        then tells with what is pending. What a removed document has counted is forgotten 3 days
        after its removal; its counters stay.
        """
        ...

    def read(self, pipeline: str, first: date, last: date) -> Mapping[CounterKey, int]:
        """The counters of these days and of what there is now, of all epochs from the oldest on
        and of removed documents; none that is 0. Eventually consistent."""
        ...

    def present(self, pipeline: str) -> Mapping[CounterKey, int]:
        """What ``read`` gives of what there is now, without the counters of any day."""
        ...

    def superseded(self, pipeline: str) -> Mapping[CounterKey, int]:
        """The counters of all epochs before the newest, without those of removed documents; none
        that is 0. Strongly consistent."""
        ...

    def begin_epoch(self, pipeline: str, at: datetime) -> Epochs:
        """Begin another epoch for a rebuild; one that was begun within the last day and is not over
        goes on. ConflictError where somebody else begins one at the same moment."""
        ...

    def end_rebuild(self, pipeline: str, epoch: int, *, drop: bool) -> None:
        """The rebuild that began this epoch is over. With ``drop`` the counters of the epochs
        before it are forgotten. ConflictError where it is not the newest."""
        ...


class Heartbeats(Protocol):
    """When something was last seen at work: the mail service's reports, the lanes."""

    def beat(self, name: str, at: datetime) -> None:
        """Note that it was at work then; an older moment than the known one changes nothing.

        Of a process's moments one a minute is written, and none while the database does not
        answer: the work neither waits for this nor fails because of it.
        """
        ...

    def last(self, name: str) -> datetime | None:
        """When it was last seen at work, up to a minute too early; None if it never was.

        UnavailableError when the database cannot answer.
        """
        ...


class Senders(Protocol):
    """The addresses that the mail service sends from."""

    def verified(self, address: str) -> bool | None:
        """Whether it sends mails from the address; None where that cannot be known now.

        ``address`` is plain, its domain in Punycode, or a domain alone for all its addresses. An
        address is verified by itself, by its domain, or by a domain above that.
        """
        ...

    def may_send_to_anybody(self) -> bool | None:
        """Whether it sends mails to addresses that are not verified as well; None where that
        cannot be known now."""
        ...


class HttpClient(Protocol):
    """The web, for calls of addresses that rules name."""

    def call(self, request: WebRequest) -> WebAnswer:
        """Make one call; any answer is returned, whatever its status. Never tries again by itself.

        PermanentError for an address that may not be called (no https, a private network),
        TransientError where nothing was sent (no such host now, no connection), InDoubtError
        where the call was sent and no answer came. Redirects are answers: they are not followed.
        """
        ...


class EventBus(Protocol):
    """The account's own event bus."""

    def publish(self, event: BusEvent) -> str:
        """Put an event onto the bus; returns the service's id of it.

        PermanentError where it is refused for good, TransientError where it may be taken later,
        InDoubtError where no answer came. Never tries again by itself. Consumers may get an event
        more than once in any case.
        """
        ...


class SmsSender(Protocol):
    """The service that sends SMS."""

    def send(self, message: TextMessage) -> str:
        """Hand over an SMS; returns the service's message id.

        PermanentError where it refuses this one for good (no such number, its owner wants none),
        TransientError where it may take it later, InDoubtError where no answer came. Never tries
        again by itself.
        """
        ...


class RuleSecrets(Protocol):
    """Keys, tokens and secret addresses that rules use by name, so that no pipeline holds them."""

    def get(self, name: str) -> str | None:
        """The secret, or None; may be a minute old. UnavailableError when the store cannot
        answer."""
        ...

    def put(self, name: str, value: str) -> None:
        """Make or replace a secret; PermanentError for a name that cannot be one."""
        ...

    def remove(self, name: str) -> None:
        """Forget a secret; nothing happens where there is none."""
        ...

    def list(self) -> tuple[str, ...]:
        """The names there are, in alphabetical order. Eventually consistent."""
        ...


class RetryQueue(Protocol):
    """Verified webhook requests that could not be committed."""

    def park(self, connection: str, request: str) -> None:
        """Keep the request, whatever its size, and have it tried again, at least once;
        UnavailableError if it can't."""
        ...

    def give_up(self, connection: str, request: str, reason: str) -> None:
        """Lay the request, which can never be committed, with its reason to the dead letters;
        UnavailableError if it can't be."""
        ...


class RejectedRequests(Protocol):
    """Webhooks that proved their sender and were refused all the same, for 30 days."""

    def keep(self, rejected: RejectedRequest) -> None:
        """Keep a message; the same one again takes the place of the one before.

        PermanentError for a connection that cannot be one, UnavailableError if it can't.
        """
        ...

    def get(self, rejected_id: str) -> RejectedRequest | None:
        """One message, or None; PermanentError for one that cannot be read."""
        ...

    def ids(self, connection: str | None = None) -> Iterator[str]:
        """The ids of the messages (of one connection), by connection."""
        ...

    def remove(self, rejected_id: str) -> None:
        """Forget a message; nothing happens where there is none."""
        ...

    def page(self, connection: str | None, page: PageRequest) -> Page[str]:
        """A page of ``ids``. InvalidCursorError for a place that no page of it gave."""
        ...


class DeadLetters(Protocol):
    """The queues of messages that were given up. UnavailableError when they cannot answer."""

    @property
    def queues(self) -> tuple[DeadLetterQueue, ...]:
        """The dead-letter queues there are."""
        ...

    def count(self, queue: DeadLetterQueue) -> int:
        """How many messages rest there, those that are held included; nothing is taken in hand.
        It may lag a minute behind."""
        ...

    def hold(self, queue: DeadLetterQueue) -> Iterator[DeadLetter]:
        """The messages that rest there, in no particular order, each hidden from others for some
        minutes. One that cannot be read says so in ``reason``."""
        ...

    def look(self, queues: tuple[DeadLetterQueue, ...]) -> tuple[DeadLetter, ...]:
        """The messages in these queues, queue by queue, each as ``hold`` gives it. None of them is
        held any longer when this returns."""
        ...

    def release(self, letter: DeadLetter) -> None:
        """Let others see a message that is held."""
        ...

    def send_back(self, letter: DeadLetter, lane: Lane | None = None) -> None:
        """Send a held message to the queue it came from, or to a lane's, and remove it here.

        Both or, if it fails in between, twice: never not at all. PermanentError for one that has
        no queue to go back to.
        """
        ...

    def remove(self, letter: DeadLetter) -> None:
        """Forget a held message."""
        ...


class FileStore(Protocol):
    """The bytes of documents' files, each under the file's id. UnavailableError when the store
    cannot answer."""

    def upload_address(self, document: str, upload: str, file: NewFile) -> UploadAddress:
        """Where the bytes of a file may be sent to for the next 15 minutes, without any other
        right. What was sent is not one of the document's files until it is kept, and is forgotten
        after a day."""
        ...

    def uploaded(self, document: str, upload: str) -> UploadedContent | None:
        """What was sent there; None where nothing was, or too long ago."""
        ...

    def keep_upload(self, document: str, upload: str, file: str) -> None:
        """Keep what was sent as the bytes of the file of that id. Doing it again is harmless.

        NotFoundError where it is not there any more.
        """
        ...

    def put(self, document: str, file: str, content: bytes) -> None:
        """Keep the bytes of the file of that id."""
        ...

    def get(self, document: str, file: StoredFile) -> bytes | None:
        """The file's bytes, or None where there are none. PermanentError where the store has other
        bytes than the file's hash says."""
        ...

    def download_address(self, document: str, file: StoredFile, seconds: int) -> str:
        """An address at which the file can be had for so many seconds, without any other right."""
        ...

    def remove(self, document: str, file: str) -> None:
        """Forget the bytes of the file of that id; nothing happens where there are none."""
        ...

    def remove_all(self, document: str) -> None:
        """Forget all bytes of a document."""
        ...


class FileTransfers(Protocol):
    """Sends and fetches files' bytes at the presigned addresses of a ``FileStore``. No error quotes
    an address: it is a key. UnavailableError where the other side gives no answer, or cannot answer
    now."""

    def send(self, address: UploadAddress, content: bytes) -> None:
        """Send the bytes to an upload's address. PermanentError where they are refused."""
        ...

    def fetch(self, address: str) -> bytes:
        """The file's bytes. NotFoundError where there are none, PermanentError where they are
        refused, or more than a file may have."""
        ...


class FileLinks(Protocol):
    """Links to files that go into mails: anyone who has one has the file until the link expires."""

    def make(self, link: FileLink) -> str:
        """The link's whole address."""
        ...

    def read(self, token: str) -> FileLink | None:
        """What the last part of such an address stands for; None for one that was not made here.

        Whether it has expired is not asked. UnavailableError while the key cannot be read.
        """
        ...


class RefusedCalls(Protocol):
    """Webhook calls that were refused."""

    def recent(self, connection: str, limit: int, *, since: datetime) -> tuple[RefusedCall, ...]:
        """The last calls refused at the connection's address since then, newest first.

        May lag some seconds behind.
        """
        ...


class People(Protocol):
    """Those who may sign in, and their roles. ``person`` is an id, or the address of somebody who
    does not sign in at the company. UnavailableError when the pool cannot answer now."""

    def page(self, limit: int, cursor: str | None = None) -> PeoplePage:
        """Up to ``limit`` people (60 at most), in the pool's own order, from the first or from
        where ``PeoplePage.next`` says. A page costs the same however many people there are.

        PermanentError for a cursor that is none of this list.
        """
        ...

    def get(self, person: str) -> Person | None:
        """One person as the pool knows it now, or None."""
        ...

    def named(self, email: str) -> tuple[Person, ...]:
        """Those with this address: one who was invited, and who signs in at the company."""
        ...

    def invite(self, email: str, language: Language) -> Person:
        """Make a person without any role; the pool mails an invitation.

        ExistsError for somebody who was invited before.
        """
        ...

    def invite_again(self, person: str) -> None:
        """Mail another invitation; the one before is void. NotFoundError for nobody."""
        ...

    def set_roles(self, person: str, roles: Iterable[Role]) -> None:
        """Give these roles and no others. NotFoundError for nobody.

        Not in one step: where it is interrupted, some of the roles are given or still there.
        """
        ...

    def remove(self, person: str) -> None:
        """Forget a person, who cannot sign in any more; nothing happens where there is none.

        An access token that was given out before lives on until it ends.
        """
        ...

    def with_role(self, role: Role) -> Iterator[Person]:
        """Those who have this role."""
        ...


class Programs(Protocol):
    """The clients by which programs act, one for each role."""

    def list(self) -> tuple[Program, ...]:
        """The clients, from the role that may most to the one that may least."""
        ...

    def secret(self, role: Role) -> str:
        """The secret of the role's client. NotFoundError where there is no such client."""
        ...


class EntitlementStore(Protocol):
    """What the deployment's plan includes."""

    def get(self) -> Entitlements:
        """What it includes now: everything, in version 0, where nothing was ever set."""
        ...

    def put(self, entitlements: Entitlements, entry: AuditEntry | None = None) -> None:
        """Keep the version after the one that is kept; ConflictError where it is another one.

        An audit ``entry`` is written in one transaction with it, or neither is.
        """
        ...


class AuditLog(Protocol):
    """Who changed the configuration. Entries are added and read; nothing changes or removes one."""

    def add(self, entry: AuditEntry) -> None:
        """Keep an entry for good. One that was ``requested`` may be followed by another of its id,
        with its ``concluded_at``, that says how it ended. ConflictError where it is kept already.
        """
        ...

    def page(self, wanted: AuditFilter, limit: int, *, before: str) -> Page[AuditEntry]:
        """The newest entries that are wanted and whose ids sort before that text, newest first.

        ``next`` is where the next page begins. A page reads a bounded number of entries, so that
        one with ``next`` may hold fewer than ``limit``, or none. Entries of one subject are
        eventually consistent, others strongly.
        """
        ...
