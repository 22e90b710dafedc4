"""Ports at which things go wrong: between any two steps a function may die, wait or be refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, cast

from countersign.errors import (
    ConflictError,
    InDoubtError,
    OutageError,
    PermanentError,
    TransientError,
    UnavailableError,
)
from countersign.model.run import Run
from tests.crash.fate import Crash, Fate

ANYWHERE = ("crash before", "crash after", "meanwhile", "slow", "killed")
READ = (*ANYWHERE, "unavailable")
WRITE = (*READ, "unavailable after writing", "written later")
COMMIT = (*WRITE, "conflict")
TOGETHER = (*READ, "torn")
LOOSE = (*READ, "out of date", "missing")
CALL = (*ANYWHERE, "busy", "refused", "unforeseen", "taken, no answer", "not taken, no answer")

FAULTS: Mapping[str, tuple[str, ...]] = {
    "documents.commit": COMMIT,
    "documents.read_arrival": TOGETHER,
    "documents.read_run": TOGETHER,
    "documents.read_runs": TOGETHER,
    "documents.in_stage": LOOSE,
    "documents.due": LOOSE,
    "documents.troubled": LOOSE,
    "lanes.send": WRITE,
    "lanes.send_all": WRITE,
    "lanes.withdraw": WRITE,
    "lanes.send_job": WRITE,
    "jobs.add": WRITE,
    "jobs.put": COMMIT,
    "mailbox.send": CALL,
    "web.call": CALL,
    "provider.call": tuple(fault for fault in CALL if fault != "refused"),
    "files.keep_upload": WRITE,
    "files.put": WRITE,
    "files.remove": WRITE,
    "parked.park": WRITE,
    "heartbeats.beat": ANYWHERE,
    "held messages.add": WRITE,
    "held messages.set_aside": WRITE,
    "held messages.remove": WRITE,
    "pipelines.publish": WRITE,
    "pipelines.set_paused": WRITE,
    "pipelines.version": ANYWHERE,
}
"""What may happen at a call; at every other one ``READ``."""


class CliContext(Protocol):
    """What a port needs to know of the world it stands in."""

    fate: Fate

    @property
    def place(self) -> str:
        """The invocation that runs now, and its number."""
        ...

    def pass_time(self, *, slowly: bool) -> None:
        """A moment passes, or half a minute's part."""
        ...

    def others(self) -> None:
        """What else is due happens now, before this goes on."""
        ...

    def used_up(self, port: str) -> bool:
        """Whether a call of the port might not end before the invocation does."""
        ...

    def run_out(self) -> bool:
        """The invocation's time passes to its end; whether the call is made all the same."""
        ...

    def outage(self, port: str) -> OutageError | None:
        """What a call of the port raises, if what stands behind it is away."""
        ...

    def called(self, port: str, fault: str | None) -> None:
        """A call is made."""
        ...

    def later(self, work: Callable[[], object]) -> None:
        """What nobody waits for any more happens all the same, some seconds later."""
        ...

    def earlier(self, run: Run) -> Run:
        """The run as it was before its last change."""
        ...


class FaultyPort:
    """A port whose every call may go wrong in the ways that such a call can."""

    def __init__(self, around: CliContext, inner: object, name: str) -> None:
        self._around = around
        self._inner = inner
        self._name = name

    def __getattr__(self, method: str) -> Callable[..., Any]:
        work = getattr(self._inner, method)
        name = f"{self._name}.{method}"
        if not callable(work):
            return cast(Callable[..., Any], work)  # an attribute, such as a limit

        def call(*args: Any, **kwargs: Any) -> Any:
            return self._call(name, lambda: work(*args, **kwargs))

        self.__dict__[method] = call
        return call

    def _call(self, name: str, work: Callable[[], Any]) -> Any:
        around = self._around
        away = around.outage(self._name)
        if away is not None:
            around.pass_time(slowly=False)
            if name == "heartbeats.beat":
                return None  # its adapter raises nothing
            raise away
        if around.used_up(self._name) and name != "heartbeats.beat":
            raise UnavailableError("the time of the function is used up; nothing was sent")
        fault = around.fate.strike(f"{around.place}: {name}", FAULTS.get(name, READ))
        around.called(name, fault)
        around.pass_time(slowly=fault == "slow")
        match fault:
            case None:
                return work()
            case "crash before":
                raise Crash(name)
            case "killed":
                if around.run_out():
                    work()
                raise Crash(f"{name}, at the end of its time")
            case "unavailable":
                raise UnavailableError(f"{name} is throttled")
            case "written later":
                around.later(work)
                raise UnavailableError(f"{name} gave no answer yet")
            case "conflict":
                raise ConflictError(f"{name} met another transaction")
            case "busy":
                raise TransientError(f"{name} takes nothing now")
            case "refused":
                raise PermanentError(f"{name} refuses this for good")
            case "unforeseen":
                raise RuntimeError(f"{name} broke")
            case "not taken, no answer":
                raise InDoubtError(f"{name} gave no answer")
            case "torn":
                return self._torn(work)
            case "meanwhile" | "slow":
                around.others()
                found = work()
                around.others()
                return found
        found = work()
        match fault:
            case "crash after":
                raise Crash(name)
            case "unavailable after writing":
                raise UnavailableError(f"{name} timed out")
            case "taken, no answer":
                raise InDoubtError(f"{name} gave no answer")
            case "out of date":
                return (self._around.earlier(one) if isinstance(one, Run) else one for one in found)
            case "missing":
                return self._some(found)
        return found

    def _torn(self, work: Callable[[], Any]) -> Any:
        """Items that are read together, but not all at the same moment.

        https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
        promises that of each item alone.
        """
        first = work()
        self._around.others()
        second = work()
        if isinstance(first, tuple):
            return tuple(map(self._partly, first, second))
        return self._partly(first, second)

    def _partly(self, first: Any, second: Any) -> Any:
        """What was read, with some of it as it is a moment later."""
        around = self._around
        later = [
            name
            for name in type(first).model_fields
            if around.fate.number(f"{around.place}: {name} later") < 0.5
        ]
        return first.model_copy(update={name: getattr(second, name) for name in later})

    def _some(self, found: Iterable[Any]) -> Iterable[Any]:
        for one in found:
            if self._around.fate.number(f"{self._around.place}: is there") < 0.5:
                yield one
