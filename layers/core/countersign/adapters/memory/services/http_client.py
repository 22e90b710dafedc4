"""The web in memory: keeps the calls it took, and answers what a test tells it to."""

from __future__ import annotations

from collections.abc import Callable

from countersign.model.http import WebAnswer, WebRequest

Answer = Callable[[WebRequest], WebAnswer]
"""Answers a call, or raises what the web would."""


class MemoryHttpClient:
    """``ports.HttpClient`` in memory; without ``answer`` every call is answered 200 and no more."""

    def __init__(self, answer: Answer | None = None) -> None:
        self.calls: list[WebRequest] = []
        self._answer = answer or (lambda request: WebAnswer(status=200))

    def call(self, request: WebRequest) -> WebAnswer:
        answer = self._answer(request)
        self.calls.append(request)
        return answer
