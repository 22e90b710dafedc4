"""The web address that the rules call: takes calls, answers as chance has it, looks at each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from countersign.model.http import WebAnswer, WebRequest
from countersign.model.run import RunKey
from countersign.ports import HttpClient
from tests.crash.acts import DAYS
from tests.crash.kernel import Kernel
from tests.crash.laws import WatchedState
from tests.crash.web_laws import Heard, is_repeatable

TAKEN = (200, 200, 201, 202, 204)
"""Statuses of a call that was taken."""
GATEWAY = (502, 504)
"""Statuses of a gateway, which knows nothing of what is behind it."""
ASKED = timedelta(minutes=20)
"""What a Retry-After asks for; longer than the product's own first pauses."""
NONSENSE: tuple[object, ...] = (
    None, {}, [], "end", {"end": "soon", "amount": 7}, {"end": DAYS[0], "amount": "much"},
    {"end": None, "amount": None, "note": {"is": "nested"}},
)  # fmt: skip
"""Answers that do not give every field, or not as the field keeps it; None is no JSON at all."""


class WebSink:
    """``ports.HttpClient``: takes every call that the faults of its port let through."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self.callers: dict[str, RunKey] = {}
        """Which run an invocation performs; the call itself tells it by the key under test."""
        self.accepted: Counter[RunKey] = Counter()
        self._keys: dict[RunKey, str] = {}
        self._owners: dict[str, RunKey] = {}

    def call(self, request: WebRequest) -> WebAnswer:
        """Take a call, or not; the answer may tell less than what became of it."""
        kernel, run = self._kernel, self.callers[self._kernel.place]
        self._look_at(run, request)
        sorts = (
            "answers 503", "answers 429", "answers 404", "answers nonsense",
            "gateway, taken", "gateway, not taken",
        )  # fmt: skip
        fault = kernel.strike(f"{kernel.place}: the address", sorts)
        match fault:
            case "answers 404":
                return WebAnswer(status=404, body=b"no such thing")
            case "answers 503" | "answers 429":
                return self._busy(run, int(fault[-3:]))
            case "gateway, not taken":
                return WebAnswer(status=kernel.fate.pick(f"{run}: gateway", GATEWAY))
        self._accept(run)
        if fault == "gateway, taken":
            return WebAnswer(status=kernel.fate.pick(f"{run}: gateway", GATEWAY))
        return WebAnswer(
            status=kernel.fate.pick(f"{run}: status", TAKEN),
            body=self._body(run, nonsense=fault == "answers nonsense"),
        )

    def heard_through(self, port: HttpClient) -> HttpClient:
        """The port, with a note of each answer that came through it."""
        return _Caller(self._kernel, port, self.callers)

    def _busy(self, run: RunKey, status: int) -> WebAnswer:
        if self._kernel.fate.number(f"{run}: asks for time") < 0.5:
            return WebAnswer(status=status)
        seconds = str(int(ASKED.total_seconds()))
        return WebAnswer(status=status, headers={"retry-after": seconds})

    def _body(self, run: RunKey, *, nonsense: bool) -> bytes:
        pick = self._kernel.fate.pick
        if nonsense:
            said = pick(f"{run}: nonsense", NONSENSE)
            return b"<html>" if said is None else json.dumps(said).encode()
        values: Mapping[str, Any] = {
            "end": pick(f"{run}: end", DAYS),
            "amount": pick(f"{run}: amount", (4, 6000, 5.5)),
            "note": pick(f"{run}: note", ("one", "two")),
        }
        return json.dumps(values).encode()

    # --- the laws of a call

    def _look_at(self, key: RunKey, request: WebRequest) -> None:
        state = self._kernel.state
        run = state.runs[key]
        if run.state != "running" or state.claimed_by[key] != self._kernel.place:
            state.broken("claimed", f"{key} made its call while it is {run.state}")
        name = request.headers["idempotency-key"]
        if self._keys.setdefault(key, name) != name:
            state.broken("one key", f"{key} called as {self._keys[key]}, and again as {name}")
        if self._owners.setdefault(name, key) != key:
            state.broken("one key", f"{key} called as {name}, which {self._owners[name]} is")

    def _accept(self, key: RunKey) -> None:
        state: WatchedState = self._kernel.state
        repeatable = is_repeatable(state.runs[key], state.program_of)
        if not repeatable and self.accepted[key] > state.doubts[key]:
            times = self.accepted[key] + 1
            state.broken("one effect", f"the call of {key} is accepted {times} times")
        self.accepted[key] += 1


class _Caller:
    """The calling function's side: an answer may be lost on its way there."""

    def __init__(self, kernel: Kernel, port: HttpClient, callers: Mapping[str, RunKey]) -> None:
        self._kernel = kernel
        self._port = port
        self._callers = callers

    def call(self, request: WebRequest) -> WebAnswer:
        """Make the call."""
        answer = self._port.call(request)
        heard = Heard(at=self._kernel.now, answer=answer)
        self._kernel.state.heard[self._callers[self._kernel.place]] = heard
        return answer
