"""What holds for every run, whatever the rules, and in whatever order messages are delivered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from countersign.adapters.memory.queues.run_queues import QueuedMessage
from countersign.adapters.memory.services.mailer import MemoryMailer
from countersign.adapters.memory.tables.process.state import (
    MemoryConnections,
    MemoryDocuments,
    MemoryPipelines,
    MemoryState,
)
from countersign.engine.runs.lifecycle import EARLY
from countersign.errors import InDoubtError, PermanentError, TransientError
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.message import Email
from countersign.model.pipeline import Pipeline
from countersign.model.run import CONCLUDED, NOT_BEGUN, Run, RunRecord
from countersign.model.run_result import RunResult
from countersign.model.transaction import Transaction
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from countersign.use_cases.documents.edit import save
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.pipelines.pause import pause, resume
from countersign.use_cases.runs.dispatch import dispatch
from tests.builders import ANNA, KLARA, connection, envelope
from tests.builders import event as told
from tests.strategies import STAGES, pipelines

BEN = "ben@acme.example"
HOUR = timedelta(hours=1)

# Each example lives through weeks; nothing here is about speed.
laws = settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])

# --- what may happen to a document

edits = st.one_of(
    st.sampled_from(STAGES).map(lambda to: Edit(stage=to)),
    st.sampled_from(STAGES).map(lambda to: Edit(stage=to)),
    st.sampled_from([None, "2026-03-01", "2026-03-05", "2026-03-12"]).map(
        lambda day: Edit(values={"end": day})
    ),
    st.sampled_from([3, 50, 5000]).map(lambda amount: Edit(values={"amount": amount})),
    st.tuples(st.sampled_from(STAGES), st.sampled_from(["2026-03-06", None])).map(
        lambda both: Edit(stage=both[0], values={"end": both[1]})
    ),
    st.just(Edit(stop_rules=True)),
)
waits = st.integers(1, 40).map(lambda n: n * HOUR)
words = st.sampled_from(
    [
        ("document.viewed",),
        ("signer.signed",),
        ("document.completed",),
        ("signer.signed", "document.completed"),
        ("document.viewed", "signer.signed", "document.completed"),
    ]
)
actions = st.one_of(edits, edits, waits, waits, words, st.sampled_from(["pause", "resume"]))
days = st.lists(actions, min_size=2, max_size=10)
chances = st.integers(0, 2**32).map(Random)


# --- a world in which messages come in any order, twice, and while others are worked on


class WatchedState(MemoryState):
    """Looks at every change of a run as it is written, and notes what must not be."""

    def __init__(self) -> None:
        super().__init__()
        self.broken: list[str] = []
        """Not raised: who performs a run takes every error for a fault of the effect."""
        self.meanwhile: Callable[[], None] = lambda: None
        """What others do between the reading and the writing."""
        self.refused = False
        """Whether the last change was."""
        self.clock: Callable[[], datetime] = lambda: START

    def commit(self, change: Transaction) -> None:
        if not self.refused:  # Otherwise nothing would ever be written.
            self.meanwhile()
        self.refused = True
        runs, documents = dict(self.runs), dict(self.documents)
        super().commit(change)
        self.refused = False
        for key, new in self.runs.items():
            old = runs.get(key)
            if old is not None and old is not new:
                self.broken += self._laws(old, new, documents[new.document])

    def _laws(self, old: Run, new: Run, document: Document) -> Iterator[str]:
        step = f"{new.key}: {old.state} -> {new.state}"
        if old.state in CONCLUDED or old.state == "in_doubt":
            yield f"{step}: it was over"
        if old.state == "waiting" and new.state in ("running", "done", "failed", "skipped"):
            yield f"{step}: it never had its turn"
        begins = old.state in NOT_BEGUN and new.state in ("running", "awaiting", "done")
        if begins and new.on_leave == "cancel" and new.entry != document.entry:
            yield f"{step}: the document had left"
        if begins and (old.due is None or old.due - EARLY > self.clock()):
            yield f"{step}: it was not due before {old.due}"
        if new.after is not None and new.state not in ("waiting", "cancelled"):
            above = self.runs[new.key.model_copy(update={"rule": new.after})]
            if above.state not in CONCLUDED:
                yield f"{step}: {above.rule} above it is {above.state}"


class Turmoil(World):
    """Delivers what is due in any order and some of it again, and lets things happen meanwhile."""

    def __init__(self, chance: Random) -> None:
        super().__init__(START, MemoryMailer(refusal=self._sending))
        self.state: WatchedState = WatchedState()
        self.documents = MemoryDocuments(self.state)
        self.pipelines = MemoryPipelines(self.state)
        self.connections = MemoryConnections(self.state)
        self.programs = CompiledPipelines(self.pipelines)
        self.chance = chance
        self.delivered: list[QueuedMessage] = []
        self.tried: Counter[str] = Counter()
        self.nested = 0
        self.quiet = False
        """Whether nobody interferes any more."""
        self.state.meanwhile = lambda: self._meanwhile(0.2)
        self.state.clock = lambda: self.now

    def settle(self) -> None:
        for _ in range(500):
            for old, new in self._some(self.state.take_ready()):
                dispatch(self.lanes, [RunRecord(old=old, new=new)], self.now)
            due = self._some(self.lanes.take_due(self.now))
            if not due:
                return
            for waiting in due:
                self.deliver(waiting)
        raise AssertionError("never at rest")

    def _some(self, given: tuple[Any, ...]) -> list[Any]:
        """In another order, and some of it twice."""
        twice = [one for one in given if self.chance.random() < 0.2]
        mixed = [*given, *twice]
        self.chance.shuffle(mixed)
        return mixed

    def deliver(self, waiting: QueuedMessage) -> RunResult:
        performed = super().deliver(waiting)
        self.delivered.append(waiting)
        if self.chance.random() < 0.2:
            super().deliver(self.chance.choice(self.delivered))
        return performed

    def _sending(self, email: Email) -> Exception | None:
        """The mail service at work: meanwhile anything may happen, also the same message again."""
        run = self.documents.run(email.run)
        if run is None or run.state != "running":
            self.state.broken.append(f"{email.run} was sent without a claim")
        self.tried[str(email.run)] += 1
        self._meanwhile(0.4)
        faults = [TransientError("busy"), PermanentError("no"), InDoubtError("no answer")]
        return self.chance.choice(faults) if self.chance.random() < 0.3 else None

    def _meanwhile(self, likely: float) -> None:
        """What others do while something is under way."""
        if self.nested or self.quiet or self.chance.random() > likely or not self.state.documents:
            return
        self.nested += 1
        try:
            self._others_act()
        except Exception as error:
            # Raised in the middle of an effect it would be taken for a fault of that.
            self.state.broken.append(repr(error))
        self.nested -= 1

    def _others_act(self) -> None:
        # Messages of now come again, and some that are not due yet.
        for waiting in (*self.delivered[-3:], *self.lanes.waiting[:2]):
            if self.chance.random() < 0.4:
                super().deliver(waiting)
        what = self.chance.choice(
            [
                Edit(stage=self.chance.choice(STAGES)),
                Edit(stage=self.chance.choice(STAGES)),
                Edit(stop_rules=True),
                Edit(values={"end": "2026-03-05"}),
                Edit(values={"end": None}),
                Edit(values={"amount": self.chance.choice([3, 50])}),
            ]
        )
        document = next(iter(self.state.documents))
        save(self.store, document, what, user(BEN))
        if self.chance.random() < 0.3:
            self.settle()

    def take(self, what: Any, number: int, document: str) -> None:
        """One thing happens."""
        match what:
            case Edit():
                self.edit(document, what, by=BEN)
            case timedelta():
                self.advance(what)
            case "pause":
                pause(self.pipelines, "contracts")
            case "resume":
                resume(self.receiver, self.pipelines, "contracts")
                self.settle()
            case _:
                self.receive(
                    "docusign",
                    [
                        told(
                            kind,
                            self.chance.choice([ANNA, KLARA]) if "signer" in kind else None,
                            minute=number * 10 + place,
                        )
                        for place, kind in enumerate(what)
                    ],
                )


def live(wanted: Pipeline, happens: list[Any], chance: Random) -> Turmoil:
    """A document's whole life, until nothing is due any more."""
    here = Turmoil(chance)
    here.publish(wanted)
    here.connect(connection())
    document, _ = here.receive("docusign", [told("document.sent", state=envelope())])
    for number, what in enumerate(happens, 1):
        here.take(what, number, document)
    # Left alone, every circle of rules comes to its end.
    here.quiet = True
    here.take("resume", 99, document)
    here.advance(timedelta(days=400))
    return here


def why_open(here: Turmoil, run: Run) -> str:
    """Why a run is not concluded at the end; ``stuck`` where there is no good reason."""
    document = here.state.documents[run.document]
    if run.state == "waiting" and run.after is not None:
        above = here.state.runs[run.key.model_copy(update={"rule": run.after})]
        if above.state in CONCLUDED:
            return f"stuck: {above.key} is {above.state}"
        why = why_open(here, above)
        return why
    if run.state == "in_doubt":
        return "in_doubt"
    if run.entry != document.entry and run.on_leave == "cancel":
        return "left"
    if run.state == "no_date" and document.fields.get("end") is None:
        return "no_date"
    return f"stuck: {run.state}"


def open_runs(here: Turmoil) -> dict[str, str]:
    """Every run that is not concluded at the end, and why."""
    found = {}
    for run in here.state.runs.values():
        if run.state not in CONCLUDED:
            why = why_open(here, run)
            # A kept rule does not wait for one that will never run.
            kept = run.on_leave == "keep"
            found[str(run.key)] = (
                "stuck: kept behind what was left" if kept and why == "left" else why
            )
    return found


@given(pipelines(), days, chances)
@laws
def test_every_run_is_concluded_once_or_says_why_not(
    wanted: Pipeline, happens: list[Any], chance: Random
) -> None:
    found = open_runs(live(wanted, happens, chance))
    for why in found.values():
        event(why)
    assert {key: why for key, why in found.items() if why.startswith("stuck")} == {}


@given(pipelines(), days, chances)
@laws
def test_no_run_begins_before_its_turn_after_leaving_or_after_its_end(
    wanted: Pipeline, happens: list[Any], chance: Random
) -> None:
    assert live(wanted, happens, chance).state.broken == []


@given(pipelines(), days, chances)
@laws
def test_no_run_has_its_effect_twice(wanted: Pipeline, happens: list[Any], chance: Random) -> None:
    here = live(wanted, happens, chance)
    sent = Counter(str(email.run) for email in here.mailbox.sent)
    assert all(count == 1 for count in sent.values()), sent
    for run in here.state.runs.values():
        if run.kind == "send_email":
            assert (run.state == "done") == (sent[str(run.key)] == 1), run
            # A try that fails before anything is handed over is counted too; it is the last.
            assert run.attempts - here.tried[str(run.key)] in (0, 1), run


@given(pipelines(), days, chances)
@laws
def test_a_rule_once_per_document_is_done_at_most_once(
    wanted: Pipeline, happens: list[Any], chance: Random
) -> None:
    here = live(wanted, happens, chance)
    done = Counter(run.rule for run in here.state.runs.values() if run.once and run.state == "done")
    assert all(count == 1 for count in done.values()), done
