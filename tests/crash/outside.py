"""What is outside: providers that send until they are answered, and a mail service that reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from countersign.engine.runs.mail_events import REFUSALS
from countersign.model.mail_event import FeedbackKind, MailEvent
from countersign.model.message import Email
from countersign.model.run import Run, RunKey
from countersign.rules._shared.signers import SignerChoice
from tests.crash.delivery import Queues
from tests.crash.envelopes import Message
from tests.crash.kernel import Kernel
from tests.crash.laws import RECENT
from tests.crash.mail_laws import choices
from tests.crash.pace import Limits

PAUSES = (10, 60, 600, 3600, 14400)
"""Seconds between a provider's tries."""
LATEST = timedelta(hours=8)
REFUSED = "refused"
"""What becomes of a message that is brought by a connection that is gone."""
PATIENCE = 7
"""Tries after which a provider lets a message go whose connection refuses it."""
GOOD = frozenset({"applied", "duplicate", "postponed", "parked", "unavailable", "test"})
"""What may become of a genuine message."""


class Providers:
    """The signing providers' side of the webhooks."""

    def __init__(
        self,
        kernel: Kernel,
        receive: Callable[[Message, int], Any],
        is_gone: Callable[[str], bool],
    ) -> None:
        """``is_gone``: whether a connection is removed, or was while a message was on its way."""
        self._kernel = kernel
        self._receive = receive
        self._is_gone = is_gone
        self.taken: set[str] = set()
        """Names of messages that were answered as taken."""
        self.sent: dict[str, Message] = {}
        """Every message that was sent at all, by name."""

    def send(self, messages: list[Message]) -> None:
        """Send messages, some of which get lost, late, or are sent twice."""
        kernel = self._kernel
        if len(messages) == 2 and messages[0].events:
            first, second = messages
            name = f"{first.name} and {second.name}"
            both = replace(first, name=name, events=first.events + second.events)
            # Each alone, both in one message, or in one that repeats what was told before.
            messages = kernel.fate.pick("together", (messages, [both], [first, both]))
        for message in messages:
            fault = kernel.strike(f"{message.name} sent", ("never sent", "late", "twice"))
            if fault == "never sent":
                continue
            delay = timedelta(milliseconds=300)
            if fault == "late":
                delay = LATEST * kernel.fate.number(message.name)
            for _ in range(2 if fault == "twice" else 1):
                self._later(message, 1, delay)

    def _later(self, message: Message, attempt: int, delay: timedelta) -> None:
        at = self._kernel.now + delay
        self._kernel.agenda.add(at, "webhook", lambda: self._try(message, attempt))

    def _try(self, message: Message, attempt: int) -> None:
        kernel = self._kernel
        self.sent[message.name] = message
        name = f"receive_webhook {message.name}"
        outcome = kernel.invoke(name, lambda: self._receive(message, attempt))
        if getattr(outcome, "outcome", outcome) == REFUSED and self._is_gone(message.connection):
            if attempt < PATIENCE:
                self._try_again(message, attempt)
            return
        failed = kernel.failed(name, outcome)
        if not failed and message.make is not None:
            failed = not 200 <= outcome.answer.status < 300
            self._look_at(message, outcome)
        if not failed:
            self.taken.add(message.name)
        if failed or kernel.strike(f"{message.name} answered", ("answer lost",)):
            self._try_again(message, attempt)

    def _try_again(self, message: Message, attempt: int) -> None:
        pause = PAUSES[min(attempt, len(PAUSES)) - 1]
        self._later(message, attempt + 1, timedelta(seconds=pause))

    def _look_at(self, message: Message, outcome: Any) -> None:
        reason = outcome.reason or ""
        if outcome.outcome not in GOOD:
            text = f"{message.name}: {outcome.outcome}, {reason}"
            self._kernel.state.broken("answered", text)
        injected = reason.startswith(("UnavailableError", "ConflictError"))
        if outcome.outcome == "parked" and not injected and not self._kernel.is_excused(reason):
            self._kernel.state.broken("surprise", f"{message.name} was parked: {reason}")


class MailService:
    """``ports.Mailer``: takes every mail that the faults of its port let through."""

    def __init__(self, kernel: Kernel, queues: Queues, limits: Limits) -> None:
        self._kernel = kernel
        self._queues = queues
        self._limits = limits
        self.looks_at: Callable[[Email], None] | None = None
        """Called with each mail that is taken."""
        self.accepted: list[tuple[datetime, RunKey]] = []
        self.parts: Counter[tuple[RunKey, int]] = Counter()
        """How often each of a run's several mails was taken."""

    def send(self, email: Email) -> str:
        """Take a mail; reports on it follow. ThrottledError, OutageError where it is too much."""
        self._limits.check()
        self._limits.take(self._kernel.state.runs.get(email.run))
        self._look_at(email)
        if self.looks_at is not None:
            self.looks_at(email)
        self.accepted.append((self._kernel.now, email.run))
        message_id = f"mail-{len(self.accepted)}"
        self._report_on(email, message_id)
        return message_id

    def look_at_report(self, report: MailEvent) -> None:
        """After a report was taken, nobody doubts any more that the mail was sent."""
        run = self._kernel.state.runs.get(report.run)
        about = run.mails[report.mail] if run and run.mails and report.mail is not None else None
        if about is not None and about.state != "sending":
            return  # the doubt is about another of its mails
        if run is not None and run.state == "in_doubt" and report.kind not in REFUSALS:
            text = f"{report.run} is unknown, though its mail was {report.kind}"
            self._kernel.state.broken("doubt", text)

    def _look_at(self, email: Email) -> None:
        key, state = email.run, self._kernel.state
        run = state.runs.get(key)
        if run is None or run.state != "running":
            told = run.state if run else "not there"
            state.broken("claimed", f"the mail of {key} was sent while it is {told}")
        if run is not None and email.mail is not None:
            self._look_at_one_of(run, email, email.mail)
            return
        if run is not None:
            self._look_at_one(run, email)
        before = sum(1 for _, run in self.accepted if run == key)
        if before > state.doubts[key]:
            state.broken("one effect", f"the mail of {key} is sent {before + 1} times")

    def _look_at_one_of(self, run: Run, email: Email, number: int) -> None:
        """One of several mails."""
        state, mail = self._kernel.state, run.mails[number] if number < len(run.mails) else None
        if mail is None or (run.state == "running" and mail.state != "sending"):
            state.broken("claimed", f"mail {number} of {run.key} is {mail and mail.state}")
            return
        if self.parts[run.key, number] > state.mail_doubts[run.key, number]:
            text = f"mail {number} of {run.key} is sent {self.parts[run.key, number] + 1} times"
            state.broken("one effect", text)
        self.parts[run.key, number] += 1
        signer = state.documents[run.document].signer(mail.signer or "")
        if mail.signer is not None and len(email.to) > 1:
            state.broken("mails", f"mail {number} of {run.key} goes to {email.to}")
        known = state.signed_since.get((run.document, mail.signer or ""))
        named = self._choices(run)
        asks = named and all(choice.progress != "signed" for choice in named)
        if signer and asks and known and run.started_at and known < run.started_at - RECENT:
            state.broken("still to do", f"{signer.name} has signed, and {run.key} writes to them")

    def _look_at_one(self, run: Run, email: Email) -> None:
        """A mail that is the only one of its run."""
        rule = self._kernel.state.program_of(run).rule(run.stage, run.rule)
        if rule is not None and len(email.to) > 1 and not rule.settings.get("together"):
            self._kernel.state.broken("mails", f"the mail of {run.key} goes to {email.to}")

    def _choices(self, run: Run) -> tuple[SignerChoice, ...]:
        return choices(self._kernel.state.program_of(run), run)

    def _report_on(self, email: Email, message_id: str) -> None:
        kernel = self._kernel
        fault = kernel.strike(f"{email.run} sent", ("rejected", "bounced"))
        kinds: tuple[FeedbackKind, ...] = ("sent", "delivered")
        if fault == "rejected":
            kinds = ("rejected",)
        elif fault == "bounced":
            kinds = ("sent", "bounced")
        elif kernel.fate.number(f"{email.run}: opened") < 0.3:
            kinds = ("sent", "delivered", "opened", "clicked")
        at = kernel.now
        # Mails of older versions do not name it.
        pipeline = email.pipeline if kernel.fate.number(f"{email.run}: older") < 0.8 else None
        for kind in () if kernel.no_reports else kinds:
            at += timedelta(seconds=1 + 30 * kernel.fate.number(f"{email.run}: {kind}"))
            report = MailEvent(
                kind=kind,
                at=at,
                message_id=message_id,
                run=email.run,
                pipeline=pipeline,
                mail=email.mail,
                recipients=email.to[:1],
            )
            if kernel.strike(f"report {message_id} {kind}", ("never sent",)) is None:
                self._queues.send("feedback", report, f"{message_id} {kind}", at - kernel.now)
