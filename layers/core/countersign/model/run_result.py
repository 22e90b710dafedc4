"""How a lane's delivery of a run ended."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from countersign.model.run import Lane, Run

Result = Literal[
    "done", "skipped", "failed", "cancelled", "retried", "awaiting", "in_doubt", "void", "early",
    "put_back",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """How a delivery ended, for the log and the metrics."""

    result: Result
    run: str
    kind: str | None = None
    reason: str | None = None
    lane: Lane | None = None
    """None where there is no such run."""
    quota: bool = False
    """Whether the mail waits for the account's daily quota."""

    @property
    def note(self) -> str | None:
        """What may be logged: other reasons may quote the document, and stand on its run."""
        return self.reason if self.result in ("void", "early", "put_back", "cancelled") else None

    @classmethod
    def of(cls, run: Run) -> RunResult:
        """How the delivery ended that left the run like this."""
        match run.state:
            case "done" | "skipped" | "failed" | "cancelled" | "in_doubt" | "awaiting":
                result: Result = run.state
            case _:
                result = "retried"
        quota = run.state == "ready" and run.quota_since is not None
        return replace(cls.without_change(run, result, run.reason), quota=quota)

    @classmethod
    def without_change(cls, run: Run, result: Result, reason: str | None = None) -> RunResult:
        """How a delivery ended that left the run as it was, or as somebody else has it."""
        return cls(result=result, run=str(run.key), kind=run.kind, lane=run.lane, reason=reason)
