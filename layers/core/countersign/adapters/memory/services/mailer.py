"""A mail service in memory: keeps what it took, and refuses what a test tells it to."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from countersign.adapters.ses.mime import addressed
from countersign.errors import PermanentError
from countersign.model.message import Email, Notice

Refusal = Callable[[Email], Exception | None]
"""Judges a mail before it is taken: the error to raise instead, or None."""


class MemoryMailer:
    """``ports.Mailer`` in memory; without ``verified`` every sender may send."""

    def __init__(
        self, *, verified: Iterable[str] | None = None, refusal: Refusal | None = None
    ) -> None:
        self.sent: list[Email] = []
        self.notices: list[Notice] = []
        self._verified = None if verified is None else frozenset(verified)
        self._refusal = refusal

    def notify(self, notice: Notice) -> str:
        self._check(notice)
        self.notices.append(notice)
        return f"memory-notice-{len(self.notices)}"

    def send(self, email: Email) -> str:
        self._check(email)
        error = self._refusal(email) if self._refusal else None
        if error is not None:
            raise error
        self.sent.append(email)
        return f"memory-{len(self.sent)}"

    def _check(self, email: Notice) -> None:
        sender = addressed(email).sender.spec
        if self._verified is not None and sender not in self._verified:
            raise PermanentError(f"the sender {sender} is not verified with the mail service")
