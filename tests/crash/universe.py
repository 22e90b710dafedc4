"""The world under one scheduler of chance: the real use cases, in-memory state, and every fault."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from countersign.adapters.memory.parameters.addresses import MemoryAddresses
from countersign.adapters.memory.parameters.credentials import (
    MemoryApiTokens,
    MemoryCredentialStore,
)
from countersign.adapters.memory.parameters.rule_secrets import MemoryRuleSecrets
from countersign.adapters.memory.services.file_store import MemoryFileLinks
from countersign.adapters.memory.services.rejected_requests import MemoryRejectedRequests
from countersign.adapters.memory.tables.configuration.audit_log import MemoryAuditLog
from countersign.adapters.memory.tables.operations.held_messages import MemoryHeldMessages
from countersign.adapters.memory.tables.operations.round_robin import MemoryRoundRobin
from countersign.adapters.memory.tables.operations.sending_slots import (
    FixedRate,
    MemorySendingSlots,
)
from countersign.adapters.memory.tables.process.pages import MemoryPages
from countersign.adapters.memory.tables.process.state import (
    MemoryConnections,
    MemoryDocuments,
    MemoryPipelines,
)
from countersign.adapters.memory.tables.process.statistics import MemoryStatistics
from countersign.adapters.memory.tables.process.upgrades import MemoryUpgrades
from countersign.engine.runs.planner import is_behind
from countersign.errors import ConflictError, PermanentError, UnavailableError
from countersign.model.audit import AuditEntry
from countersign.model.job import Job, JobResult
from countersign.model.mail_event import MailEvent
from countersign.model.message import JobMessage, RunMessage
from countersign.model.pipeline import Head, Pipeline
from countersign.model.run import RunKey
from countersign.model.run_result import RunResult
from countersign.use_cases.effects.attachments import Attachments
from countersign.use_cases.effects.base import Effect
from countersign.use_cases.effects.email import EmailEffect
from countersign.use_cases.effects.http_call import WebEffect
from countersign.use_cases.effects.mail_pace import MailPace
from countersign.use_cases.effects.provider_api import Accounts
from countersign.use_cases.effects.provider_files import ProviderFiles
from countersign.use_cases.effects.web import WebLane
from countersign.use_cases.jobs.kinds.base import JobServices
from countersign.use_cases.jobs.work import work_on_job
from countersign.use_cases.known_runs import KnownRuns
from countersign.use_cases.messages.apply_message import (
    RemovedConnectionError,
    apply_to_envelope,
    document_id,
)
from countersign.use_cases.messages.mail_events import (
    MailEventRecorder,
    read_reported,
    record_mail_event,
)
from countersign.use_cases.messages.receive import Receiver, receive, take_parked
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.pipelines.remove import Remover
from countersign.use_cases.runs.dispatch import dispatch
from countersign.use_cases.runs.document_lane import perform_document_run
from countersign.use_cases.runs.effect_lanes import LaneBatch, begin_batch, perform_effect_run
from countersign.use_cases.runs.perform_run import Performer
from countersign.use_cases.runs.sweep import Sweeper, sweep
from countersign.use_cases.store import Store
from countersign.wiring.stack import LEASE
from tests.builders import incoming
from tests.crash.acts import BEN, PIPELINE, SECOND, SIGNED_WITH, SIGNING_KEY, Act, Scenario
from tests.crash.bucket import FilePeople, WatchedBucket
from tests.crash.connecting import Connecting, WatchedPostponed
from tests.crash.delivery import Queues, Stream
from tests.crash.envelopes import (
    Message,
    SimulatedEnvelope,
    connections,
    example_connection,
    example_message,
    examples,
)
from tests.crash.file_laws import FileLaws
from tests.crash.filing import with_api
from tests.crash.jobs import WatchedJobs
from tests.crash.kernel import LONGEST, Kernel
from tests.crash.laws import WatchedHeartbeats, WatchedState
from tests.crash.light_mail import LightMail
from tests.crash.lives import WAYS_IN, Keys, life, life_connection, life_message, others
from tests.crash.outside import REFUSED, MailService, Providers
from tests.crash.pace import PROCESSES, Limits, Processes
from tests.crash.people import People, PeopleParts
from tests.crash.poison import Poison, read
from tests.crash.ports import FaultyPort
from tests.crash.provider_api import ProviderApi
from tests.crash.queues import Chances, Letter, OwnLaneAlone, SimulatedRunQueues
from tests.crash.statistics import StatisticsStream
from tests.crash.sweeps import LeftOver, Sweeps
from tests.crash.web_sink import WebSink
from tests.meaning.lives import senders as all_providers

EXPECTED_OF_PEOPLE = (PermanentError, ConflictError, UnavailableError)
ROUTES = ("docusign", "direct", "direct", "standard_webhooks", "direct")
ABOUT_ENVELOPES = frozenset({"envelope", "edit", "pay", "call"})
PROVIDERS = all_providers()
MAX_STEPS = 3000
MAX_IN_OUTAGES = 20_000
"""A lane that is broken for days fails every message five times, and the sweep sends each again."""
STEPS_A_DAY = 48 * 3
"""Of a mail over its quota: each time its message comes, is put back and is seen by the sweep."""
LONGEST_WAIT = timedelta(hours=8)
"""How long after the faults have stopped a run may be late: the sweep's longest grace, and more."""


class Universe(Kernel):
    """Documents, functions, queues, providers and people, and the laws that look at them."""

    def __init__(self, scenario: Scenario, *, tell: bool = False) -> None:
        super().__init__(scenario, tell=tell)
        self.scenario = scenario
        self.memory_documents = _Documents(self.state, scenario.most_items)
        self._turns = MemoryRoundRobin()
        self._keys = Keys()
        self.memory_postponed = WatchedPostponed()
        self.memory_jobs = WatchedJobs(self.state.broken)
        self.state.looks_at_jobs = self.memory_jobs.note
        self.connecting = Connecting(self, self.memory_postponed)
        self.connecting.secrets_of = self._keys.known
        self.excuses.append(self.connecting.excuses)
        self.queues = Queues(self, self._take, self._begin)
        self._reported: KnownRuns | None = None
        self._mail_batch: LaneBatch | None = None
        self._failed: set[tuple[str, RunKey]] = set()
        """Runs over which an invocation failed, and whose messages come again."""
        self.poison = Poison(self, self.queues.lay)
        self.excuses.append(self.poison.excuses)
        self.limits = Limits(self, scenario.mail_rate, scenario.mail_quota)
        self.mail_service = MailService(self, self.queues, self.limits)
        self.web_sink = WebSink(self)
        self.stream = Stream(
            self,
            lambda records: dispatch(self._lanes, records, self.own_clock()),
            self.queues,
        )
        # What is lost of its stream is no fault that others could feel.
        loses = "lost" in scenario.rates
        self.statistics = StatisticsStream(self, scenario.seed, loses=loses)
        gone = self.connecting.ever_gone
        self.providers = Providers(self, self._receive, lambda name: name in gone)
        self._build()
        self._set_up()

    def _port(self, inner: object, name: str) -> Any:
        return FaultyPort(self, inner, name)

    def _build(self) -> None:
        self._heartbeats = self._port(WatchedHeartbeats(self.state), "heartbeats")
        self._pipelines = self._port(_Pipelines(self.state), "pipelines")
        self._connections = self._port(MemoryConnections(self.state), "connections")
        chances = Chances(strike=self.strike, number=self.fate.number)
        lanes = SimulatedRunQueues(self.queues.send, self.agenda, chances)
        self._lanes = self._port(lanes, "lanes")
        store = Store(
            documents=self._port(self.memory_documents, "documents"),
            programs=CompiledPipelines(self._pipelines),
            clock=self.own_clock,
            salt=self._new_salt,
        )
        credentials = MemoryCredentialStore()
        self._receiver = Receiver(
            store=store,
            addresses=self._port(MemoryAddresses(), "addresses"),
            secrets=self._port(credentials, "secrets"),
            held=self._port(self.memory_postponed, "held messages"),
            parked=self._port(_Parked(self.queues), "parked"),
            rejected=self._port(MemoryRejectedRequests(), "rejected"),
            max_body=5_000_000,
        )
        receiver = self._receiver
        self._recorder = MailEventRecorder(
            store=store, held=receiver.held, heartbeats=self._heartbeats
        )
        self._performer = Performer(
            store=store,
            lanes=self._port(OwnLaneAlone(self.queues.send), "lanes"),
            turns=self._port(self._turns, "turns"),
            lease=LEASE,
            heartbeats=self._heartbeats,
        )
        attachments = self._attachments(store, credentials)
        self._jobs = JobServices(
            store=store,
            pipelines=self._pipelines,
            pages=MemoryPages(self.state, MemoryHeldMessages()),
            files=self.files,
            jobs=self._port(self.memory_jobs, "jobs"),
            connections=self._connections,
            held=MemoryHeldMessages(),
            statistics=MemoryStatistics(),
            upgrades=MemoryUpgrades(self.state),
            audit=MemoryAuditLog(self.state),
        )
        self._ids = 0
        self._salts = 0
        mailbox = self._port(self.mail_service, "mailbox")
        real = self.scenario.real_mail
        effect = EmailEffect if real else LightMail
        self._effect: Effect = effect(mailbox, attachments, self._pace())
        keys = MemoryRuleSecrets()
        keys.put(SIGNED_WITH, SIGNING_KEY)
        web = self.web_sink.heard_through(self._port(self.web_sink, "web"))
        calls = WebEffect(web, self._port(keys, "named secrets"))
        unused: Any = None
        self._web = WebLane(calls, unused, unused, unused, attachments.kept)
        sweeper = Sweeper(
            applier=receiver,
            pipelines=self._pipelines,
            connections=self._connections,
            heartbeats=self._heartbeats,
            jobs=self._jobs.jobs,
            files=self.files,
            unreadable=self.state.unreadable.take,
        )
        left = LeftOver(messages=self._is_left_over, jobs=self._open_jobs)
        self.sweeps = Sweeps(self, lambda: sweep(sweeper), left, self.poison)
        self.people = People(
            self,
            receiver=receiver,
            pipelines=self._pipelines,
            parts=PeopleParts(
                dead_letters=self._port(self.queues.dead_letters, "dead letters"),
                jobs=self._jobs.jobs,
                versions=[Pipeline.model_validate(one) for one in self.scenario.pipelines],
            ),
        )

    def _attachments(self, store: Store, credentials: MemoryCredentialStore) -> Attachments:
        """What mails take with them, from the bucket and from the provider's API."""
        self.files = WatchedBucket(self)
        files = self._port(self.files, "files")
        self.file_people = FilePeople(self, store, files, self.files)
        api = ProviderApi(self)
        self.file_laws = FileLaws(self, self.files, self.file_people, api)
        self.state.looks_at_files = self.file_laws.look_at_change
        self.state.looks_at_failure = self.file_laws.look_at_failure
        self.mail_service.looks_at = self.file_laws.look_at_mail
        tokens = self._port(MemoryApiTokens(credentials), "api tokens")
        accounts = Accounts(self._port(api, "provider"), tokens)
        kept = ProviderFiles(store, accounts, files, self._new_id)
        return Attachments(kept=kept, accounts=accounts, files=files, links=MemoryFileLinks())

    def _new_id(self) -> str:
        self._ids += 1
        return f"f-{self._ids}"

    def _new_salt(self) -> str:
        self._salts += 1
        return f"{self._salts:032x}"

    def _pace(self) -> MailPace | None:
        """How the processes of the mail lane share what the mail service takes."""
        rate = self.scenario.mail_rate
        if not rate:
            return None
        slots = self._port(MemorySendingSlots(), "sending slots")
        paces = [MailPace(slots, FixedRate(rate), self.own_clock) for _ in range(PROCESSES)]
        return Processes(self, paces)

    def _set_up(self) -> None:
        given, self.fate.calm = self.scenario, True
        first = Pipeline.model_validate(given.pipelines[0])
        self._pipelines.publish(first, at=self.now, by=BEN)
        numbers = {act.with_[0] for act in given.acts if act.what == "example"}
        senders = {examples()[number % len(examples())][0] for number in numbers}
        self._pipelines.publish(others(), at=self.now, by=BEN)
        if given.second is not None:
            second = Pipeline.model_validate(given.second)
            self._pipelines.publish(second, at=self.now, by=BEN)
        lived = [act.with_ for act in given.acts if act.what == "life"]
        ways = sorted({(WAYS_IN[way], life(number, 0)[0].name) for number, _, way, _ in lived})
        in_all = [life_connection(way, PROVIDERS[name], PIPELINE) for way, name in ways]
        examples_of = map(example_connection, sorted(senders))
        own = (with_api(one, given) for one in connections(second=given.second is not None))
        for connection, secrets in (*own, *examples_of, *in_all):
            self._connections.put(connection)
            self._receiver.secrets.put(secrets)
            self.connecting.remember(connection, secrets)
            for token in secrets.tokens:
                self._receiver.addresses.make(connection.id, token)
        self.envelopes = [
            SimulatedEnvelope(
                n,
                SECOND if n and given.second else ROUTES[(given.seed + n) % len(ROUTES)],
                2 + (given.seed + n) % 2,
                given.named,
            )
            for n in range(2)
        ]
        self.fate.calm = False
        at = self.now
        for act in given.acts:
            at += act.after
            self.agenda.add(at, "person", partial(self._do, act))
        end = self.outages.end
        calm = at + given.calm_after
        self.agenda.add(max(calm, end) if end else calm, "calm", self._calm_down)

    def home_of(self, envelope: SimulatedEnvelope) -> str:
        """The document that the envelope belongs to, or will."""
        alias = f"{envelope.route}#{envelope.state.id}"
        return self.state.aliases.get(alias, document_id(envelope.route, envelope.state.id))

    # --- the run of time

    def run(self) -> None:
        """Live until nothing is left to happen, or a law is broken."""
        long = self.scenario.outages or self.scenario.mail_rate or self.scenario.mail_quota
        most, steps = MAX_IN_OUTAGES if long else MAX_STEPS, 0
        while steps < most + self._steps_within_quota(steps, most):
            self._tell_stream()
            self.sweeps.plan()
            coming = self.agenda.next()
            if coming is None or self.state.violations:
                return
            self.happen(coming)
            self.statistics.follow()
            steps += 1
        self.state.broken("at rest", f"there were {steps} steps")

    def _steps_within_quota(self, steps: int, most: int) -> int:
        """How many more steps the mails may take that a day's quota makes wait: each is tried
        again up to 48 times a day, until those before it have gone."""
        quota = self.scenario.mail_quota
        if not quota or steps < most:
            return 0
        mails = sum(len(run.mails) or 1 for run in self.state.runs.values() if run.lane == "email")
        return STEPS_A_DAY * mails * (mails // quota + 1)

    def _tell_stream(self) -> None:
        """What was written comes into the table's stream."""
        self.stream.add(self.state.take_ready())
        self.stream.add_jobs(self.memory_jobs.take_written())

    def others(self) -> None:
        self._tell_stream()
        super().others()

    # --- the functions

    def _receive(self, message: Message, attempt: int) -> Any:
        if message.make is not None:
            return receive(self._receiver, message.address, message.make(self.now, attempt))
        secrets = self._receiver.secrets.get(message.connection)
        if secrets is None:
            return REFUSED
        try:
            come = incoming(secrets, *message.events, received_at=self.now)
            return apply_to_envelope(self._receiver, come)
        except RemovedConnectionError:
            return REFUSED

    def _begin(self, batch: list[Letter]) -> None:
        """What a function reads for all of its messages together."""
        reports = [one.body for one in batch if isinstance(one.body, MailEvent)]
        self._reported = read_reported(self._recorder, reports) if reports else None
        mails = [one.body for one in batch if isinstance(one.body, RunMessage)]
        is_mail_lane = batch[0].queue == "email"
        self._mail_batch = begin_batch(self._performer, "email", mails) if is_mail_lane else None

    def _take(self, letter: Letter) -> Any:
        if letter.poison and isinstance(letter.body, str):
            return read(letter)
        match letter.queue:
            case "email":
                return self._perform(letter.body, self._effect)
            case "web":
                self.web_sink.callers[self.place] = letter.body.key
                return self._perform(letter.body, self._web)
            case "document" if isinstance(letter.body, JobMessage):
                return self._work_on(letter.body)
            case "document":
                return self._perform(letter.body, None)
            case "parked":
                return take_parked(self._receiver, "a connection", letter.body, letter.received)
            case "feedback":
                outcome = record_mail_event(self._recorder, letter.body, known=self._reported)
                self.mail_service.look_at_report(letter.body)
                return outcome

    def _work_on(self, message: JobMessage) -> JobResult:
        """A slice of a job; what it does has one of its run's documents read and written."""
        worked = work_on_job(self._jobs, message)
        self._performer.note_lane("document")
        job = self.memory_jobs.jobs.get(message.job)
        waits = job is not None and job.is_open and job.version == message.version
        if waits:
            self.state.broken("dropped", f"{message.job} waits in version {message.version}")
        return worked

    def _performed(self, message: RunMessage, effect: Effect | None) -> RunResult:
        if effect is None:
            return perform_document_run(self._performer, message)
        batch = self._mail_batch if effect is self._effect else None
        return perform_effect_run(self._performer, message, effect, batch)

    def _is_performing(self, key: RunKey) -> bool:
        """Whether this invocation has claimed the run, and not concluded it."""
        run = self.state.runs.get(key)
        running = run is not None and run.state == "running"
        return running and self.state.claimed_by[key] == self.place

    def _perform(self, message: RunMessage, effect: Effect | None) -> RunResult:
        # One that comes twice in the batch may have failed before, and its claim be written.
        begun_before = (self.place, message.key) in self._failed
        try:
            performed = self._performed(message, effect)
        except BaseException:
            self._failed.add((self.place, message.key))
            raise
        run = self.state.runs.get(message.key)
        if run is None:
            return performed
        paused = "paused" in (performed.reason or "")
        waits = run.state == "ready" and run.generation == message.generation
        document = self.state.documents[run.document]
        # One whose stage was left while the lane read it is not rescheduled: the sweep ends it.
        was_behind = "its date field" in (performed.reason or "")
        moving = is_behind(run, document) or (was_behind and run.left_stage(document))
        unreported = self._is_performing(run.key) and not begun_before
        sent_again = performed.result in ("early", "put_back")
        if unreported or (waits and not (paused or moving or sent_again)):
            told = f"{performed.result}, {performed.reason}"
            self.state.broken("dropped", f"{message.key} is {run.state}: {told}")
        heard = self.state.heard.get(run.key)
        own = self.state.claimed_by.get(run.key) == self.place and not begun_before
        if own and heard is not None and heard.is_good and run.state != "done":
            self.state.broken("reply", f"{message.key} was answered, and is {run.state}")
        return performed

    def _open_jobs(self) -> list[Job]:
        return [job for job in self.memory_jobs.jobs.values() if job.is_open]

    def _is_left_over(self) -> bool:
        return any(
            not self.state.heads[one].paused and any(True for _ in self.memory_postponed.list(one))
            for one in self.pipelines
        )

    @property
    def pipelines(self) -> tuple[str, ...]:
        """Those that have rules."""
        return (PIPELINE,) if self.scenario.second is None else (PIPELINE, SECOND)

    # --- people and signers

    def _do(self, act: Act) -> None:
        self.tell(f"* {act}")
        about = self.envelopes[act.with_[0]] if act.what in ABOUT_ENVELOPES else None
        home = self.home_of(about) if about else ""
        if about is not None and act.what == "envelope":
            self.providers.send(about.act(act.with_[1], act.with_[2], self.now))
        elif about is not None and act.what == "pay":
            self.providers.send([about.pay(home, self.now)])
        elif act.what == "life":
            number, which, way, place = act.with_
            sender, files = life(number, which)
            if place < len(files):
                told = life_message(WAYS_IN[way], sender, files[place], self._keys)
                self.providers.send([told])
        elif act.what == "rotate":
            number, way, step = act.with_
            connection = f"{WAYS_IN[way]}_{life(number, 0)[0].name}"

            def rotate() -> str:
                return self._keys.rotate(self._receiver.secrets, connection, step, self.now)

            self.failed(str(act), self.invoke(f"person: {act}", rotate), EXPECTED_OF_PEOPLE)
        elif act.what in ("upload", "remove file", "lose file"):
            home = self.home_of(self.envelopes[act.with_[0]])
            works = {
                "upload": self.file_people.upload,
                "remove file": self.file_people.remove,
                "lose file": self.file_people.lose,
            }
            works[act.what](act, home)
        elif act.what == "spoil":
            self.tell(self.poison.spoil(*act.with_))
        elif act.what == "poison" and act.with_[0] == "stream":
            self.poison.ever = True
            self.tell(self.stream.poison(act.with_[1]))
        elif act.what == "poison":
            self.tell(self.poison.put(*act.with_))
        elif act.what in ("remove connection", "connect anew"):
            outcome = self.invoke(f"person: {act}", lambda: self._connect(act))
            self.failed(str(act), outcome, EXPECTED_OF_PEOPLE)
        elif act.what == "example":
            found = examples()
            self.providers.send([example_message(*found[act.with_[0] % len(found)])])
        else:
            outcome = self.invoke(f"person: {act}", lambda: self.people.act(act, home))
            self.failed(str(act), outcome, EXPECTED_OF_PEOPLE)
            self.queues.take_back()

    def _connect(self, act: Act) -> str:
        """Somebody removes a connection, or connects one anew."""
        remover = Remover(
            documents=self._receiver.store.documents,
            pipelines=self._pipelines,
            connections=self._connections,
            secrets=self._receiver.secrets,
            held=self._receiver.held,
            files=self.files,
        )
        if act.what == "remove connection":
            number, drop = act.with_
            return self.connecting.remove(remover, number, drop=drop)
        return self.connecting.connect_anew(remover, act.with_[0])

    # --- the end

    def _calm_down(self) -> None:
        """No fault strikes from now on."""
        self.fate.calm = True
        self.tell("* faults stop")
        # What was given up before may still arrive.
        self.agenda.add(self.now + LONGEST, "calm", self._set_going)

    def _set_going(self) -> None:
        """Who looks after the system sets it going again."""
        self.sweeps.begin_calm()
        resumed = [partial(self.people.resume, one) for one in self.pipelines]
        aside = [partial(self.people.retry_aside, one) for one in self.pipelines]
        work: list[Callable[[], object]] = []
        if self.scenario.connects_anew:
            anew = Act(timedelta(0), "connect anew", (0,))
            work += len(self.connecting.gone) * [partial(self._connect, anew)]
        if work or (self.poison.ever and not self.state.spoiled):
            work += [*aside, self.people.retry_backlogs]
        work += [*resumed, self.people.redrive]
        for one in work:
            outcome = self.invoke("person: afterwards", one)
            self.failed("afterwards", outcome, (), excusable=False)
        self.queues.take_back()
        late = {
            run.key: run.generation
            for run in self.state.runs.values()
            if run.state == "ready" and run.due is not None and run.due <= self.now
        }
        self.agenda.add(self.now + LONGEST_WAIT, "check", lambda: self._look_at_late(late))

    def _look_at_late(self, late: dict[RunKey, int]) -> None:
        for key, generation in late.items():
            run = self.state.runs[key]
            waits = run.state == "ready" and run.generation == generation
            if waits and not self.poison.keeps(run):
                self.state.broken("waits", f"{key} is ready since {run.due}")
        if self.state.spoiled:
            self.poison.heal()
            self._set_going()


class _Documents(MemoryDocuments):
    """``ports.Documents`` in memory; what follows from a change must do with less room."""

    def __init__(self, state: WatchedState, most_items: int) -> None:
        super().__init__(state)
        self._most_items = most_items

    @property
    def most_items(self) -> int:
        return self._most_items


class _Pipelines(MemoryPipelines):
    """``ports.Pipelines`` in memory; the law is told since when one is paused."""

    def __init__(self, state: WatchedState) -> None:
        super().__init__(state)
        self._watched = state

    def set_paused(self, pipeline: str, paused: bool, entry: AuditEntry | None = None) -> Head:
        """Pause or resume."""
        head = super().set_paused(pipeline, paused, entry)
        self._watched.note_paused(pipeline, paused)
        return head


class _Parked:
    """``ports.RetryQueue`` into the simulated queue."""

    def __init__(self, queues: Queues) -> None:
        self._queues = queues

    def park(self, connection: str, request: str) -> None:
        """Keep it and have it tried again."""
        self._queues.park(request)

    def give_up(self, connection: str, request: str, reason: str) -> None:
        """It rests as a dead letter, with the reason."""
        self._queues.give_up(request, reason)


def lived(scenario: Scenario, *, tell: bool = False) -> Universe:
    """A universe at its end."""
    made = Universe(scenario, tell=tell)
    made.run()
    return made
