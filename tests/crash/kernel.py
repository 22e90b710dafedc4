"""The clock, what comes next, and one invocation after, or within, another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from countersign.errors import CountersignError, OutageError, TransientError
from countersign.model.document import Document
from countersign.model.run import Run
from tests.crash.acts import Scenario
from tests.crash.fate import Crash, Fate
from tests.crash.laws import WatchedState
from tests.crash.outages import Outages
from tests.crash.queues import Agenda, Coming

MOMENT = timedelta(milliseconds=5)
"""What a call of a port takes."""
LONGEST = timedelta(seconds=28)
"""What a person's command takes at most."""
TIME_OUTS = {
    "receive_webhook": timedelta(seconds=25),
    "dispatch_runs": timedelta(seconds=30),
    "record_mail_event": timedelta(seconds=30),
    "run_document": timedelta(seconds=30),
    "run_email": timedelta(seconds=60),
    "run_web": timedelta(seconds=60),
    "sweep": timedelta(seconds=240),
}
"""When the platform ends a function, by the table of bounded work in docs/design.md."""
NEEDS = {"mailbox": 33, "web": 33, "lanes": 9, "parked": 9}
"""Seconds that must be left for a call of a port to begin, where they are more than 7."""
MAX_NEEDED = timedelta(seconds=33)
NEEDS_OF_WEBHOOKS = 22
"""The same for the database's calls of a webhook, behind which it must be parked."""
LATEST_WRITE = 20
"""Seconds after which a write that was given up arrives at the latest."""
MEANWHILE = timedelta(seconds=15)
"""How far ahead is what may happen in the middle of something."""
DEEPEST = 3
"""Invocations that can be within each other."""
ALONE = ("dispatch", "sweep")
"""How the sorts of what does not run twice at once begin."""
PASSING = (TransientError,)


class Kernel:
    """One world's time and chance. Everything that happens is an invocation, and can be cut off."""

    def __init__(self, scenario: Scenario, *, tell: bool) -> None:
        self.now = scenario.start
        self._skew = scenario.skew
        self.no_reports = scenario.no_reports
        self.outages = Outages(scenario.outages, scenario.start)
        self.fate = Fate(scenario.seed, scenario.rates, scenario.spared)
        self.state = WatchedState(self.clock, lambda: self.place)
        self.state.ends = lambda: self._ends[-1]
        self.state.on_the_wire = scenario.on_the_wire
        self.state.skew = scenario.skew
        self.agenda = Agenda()
        self.faults: Counter[str] = Counter()
        self.story: list[str] | None = [] if tell else None
        self.excuses: list[Callable[[str], bool]] = []
        """Whether a text tells of what the scenario has brought about, and not of a fault."""
        self.in_batches = scenario.batches
        self.is_faultless = not (scenario.rates or scenario.outages or scenario.skew)
        """Whether nothing goes wrong by chance, and all clocks agree."""
        self._stack = ["start"]
        self._functions = ["start"]
        self._ends = [scenario.start]
        self._before = [0]
        """How many changes there were before each of the invocations."""
        self._times: Counter[str] = Counter()
        self._under_way: Counter[str] = Counter()

    # --- what a port needs to know

    @property
    def place(self) -> str:
        """The invocation that runs now."""
        return self._stack[-1]

    def clock(self) -> datetime:
        """The time."""
        return self.now

    def own_clock(self) -> datetime:
        """The time by the clock of the machine on which this invocation runs."""
        if not self._skew:
            return self.now
        return self.now + self._skew * (self.fate.fixed(self.place) - 0.5)

    def pass_time(self, *, slowly: bool) -> None:
        """A call takes its time."""
        self.now += MOMENT
        if slowly and self.now < self._ends[-1]:
            self.now += (self._ends[-1] - self.now) * self.fate.number(f"{self.place}: slow")

    def used_up(self, port: str) -> bool:
        """Whether a call of the port might not end before the invocation does."""
        if len(self._stack) != 2:
            return False
        function, left = self._functions[-1], self._ends[-1] - self.now
        if left > MAX_NEEDED or function not in TIME_OUTS:
            return False
        needs = NEEDS.get(port, 7)
        if function == "receive_webhook" and port == "documents":
            needs = NEEDS_OF_WEBHOOKS
        return left < timedelta(seconds=needs)

    def run_out(self) -> bool:
        """The invocation's time passes to its end; whether the call is made all the same."""
        self.now = max(self.now, self._ends[-1])
        return self.fate.number(f"{self.place}: killed") < 0.5

    def outage(self, port: str) -> OutageError | None:
        """What a call of the port raises, if what stands behind it is away.

        Nothing is while the scenario is set up.
        """
        error = None if self.fate.calm else self.outages.error(port, self.now)
        if error is not None:
            self.faults["outage"] += 1
            self.tell(f"{port}: {error}")
        return error

    def called(self, port: str, fault: str | None) -> None:
        """A port is called."""
        if fault is not None:
            self.faults[fault] += 1
        if self.story is not None and (
            fault or port in ("documents.commit", "mailbox.send", "web.call")
        ):
            self.tell(f"{port}{f': {fault}' if fault else ''}")

    def later(self, work: Callable[[], object]) -> None:
        """A write that its function gave up arrives; whether it still may is for the store."""
        name = f"{self.place}, too late"
        began = self._before[-1]
        latest = timedelta(seconds=LATEST_WRITE)
        at = self.now + latest * self.fate.number(name)

        def arrive() -> None:
            if self.now > at + latest:  # another's time ran out meanwhile; no write takes so long
                return
            self.failed(name, self.invoke(name, work, began=began), (CountersignError,))

        self.agenda.add(at, "write", arrive)

    def versions_since(self, document: str) -> list[Document]:
        """The document as it was when this invocation began, and as it has been since."""
        since = self.state.written[self._before[-1] :]
        changed = sum(1 for *_, one in since if one.document and one.document.id == document)
        return [one for _, one in self.state.courses[document][-changed - 1 :]]

    def earlier(self, run: Run) -> Run:
        """The run as an index shows it that is behind."""
        return self.state.before.get(run.key, run)

    def others(self) -> None:
        """One or two other things that are due happen now, in the middle of this."""
        if len(self._stack) > DEEPEST or self.state.violations:
            return
        for _ in range(2):
            soon = sorted(
                one
                for one in self.agenda.due(min(self.now + MEANWHILE, self._ends[-1]))
                if not self._under_way[one.sort] and one.sort != "calm"
            )
            if not soon:
                return
            self.happen(self.fate.pick(f"{self.place}: meanwhile", soon))

    # --- what happens

    def happen(self, coming: Coming) -> None:
        """It happens now, even if it should have happened before."""
        self.agenda.take(coming)
        self.now = max(self.now, coming.at)
        alone = coming.sort.startswith(ALONE)
        self._under_way[coming.sort] += alone
        coming.work()
        self._under_way[coming.sort] -= alone

    def invoke(self, name: str, work: Callable[[], Any], *, began: int | None = None) -> Any:
        """One invocation of a function or a command: its outcome, or what ended it.

        ``began``: how much was written when it really began, for a write of it that arrives late.
        """
        self._times[name] += 1
        times = self._times[name]
        self._stack.append(f"{name}, {times}." if times > 1 else name)
        # What waits for another cannot outlive its own time.
        self._functions.append(name.partition(" ")[0])
        own = self.now + TIME_OUTS.get(self._functions[-1], LONGEST)
        self._ends.append(min(own, self._ends[-1]) if len(self._ends) > 1 else own)
        self._before.append(len(self.state.written) if began is None else began)
        self.tell(f"- {self.place}")
        try:
            outcome = work()
        except Crash as crash:
            self.tell(f"crashed at {crash}")
            return crash
        except Exception as error:
            self.tell(f"ended by {type(error).__name__}: {error}")
            return error
        else:
            self._tell_outcome(outcome)
            return outcome
        finally:
            self._stack.pop()
            self._ends.pop()
            self._functions.pop()
            self._before.pop()

    def failed(
        self,
        name: str,
        outcome: object,
        expected: tuple[type[BaseException], ...] = PASSING,
        *,
        excusable: bool = True,
    ) -> bool:
        """Whether an invocation failed; it may only fail by what was injected."""
        if not isinstance(outcome, BaseException):
            return False
        excused = excusable and self.is_excused(str(outcome))
        if not isinstance(outcome, (Crash, *expected)) and not excused:
            where = outcome.__traceback__
            while where is not None and where.tb_next is not None:
                where = where.tb_next
            place = f"{where.tb_frame.f_code.co_name}, line {where.tb_lineno}" if where else ""
            text = f"{name}: {type(outcome).__name__}: {outcome} in {place}"
            self.state.broken("surprise", text)
        return True

    def is_excused(self, text: str) -> bool:
        """Whether something failed by what the scenario has brought about."""
        return any(excuse(text) for excuse in self.excuses)

    def strike(self, place: str, sorts: tuple[str, ...]) -> str | None:
        """The fault that strikes something on its way, if any."""
        fault = self.fate.strike(place, sorts)
        if fault is not None:
            self.faults[fault] += 1
            self.tell(f"{place}: {fault}")
        return fault

    def tell(self, text: str) -> None:
        """A line of the story."""
        if self.story is not None:
            self.story.append(f"{self.now:%a %d %H:%M:%S} {'  ' * len(self._stack)}{text}")

    def _tell_outcome(self, outcome: object) -> None:
        if self.story is None:
            return
        told = getattr(outcome, "result", getattr(outcome, "outcome", outcome))
        reason = getattr(outcome, "reason", None) or ""
        if isinstance(told, str) and told:
            self.tell(f"= {told} {reason}".rstrip())
