"""A world that writes down what happens in it: events, moves, rules and what goes out, in order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from countersign.adapters.memory.parameters.credentials import MemoryApiTokens
from countersign.adapters.memory.queues.run_queues import QueuedMessage
from countersign.adapters.memory.services.http_client import Answer, MemoryHttpClient
from countersign.engine.explain import ExplainedRun, Explanation
from countersign.model.base import Instant, Model
from countersign.model.http import BusEvent, TextMessage, WebRequest
from countersign.model.log import LogEntry, LogKind
from countersign.model.message import Email
from countersign.model.run_purpose import TimerRun, purpose_of
from countersign.model.run_result import RunResult
from countersign.simulation import web
from countersign.simulation.files import PlaceholderFileLinks, SimulatedAccounts
from countersign.simulation.secrets import PlaceholderCredentials
from countersign.simulation.world import World
from countersign.use_cases.effects.provider_api import Accounts
from countersign.use_cases.queries.show import show

Sort = (
    LogKind
    | Literal["rule", "timer", "mail", "call", "post", "bus", "sms"]
    | Literal["lost", "kept", "paused", "resumed"]
)
"""``post`` is a chat message, ``bus`` an event for the account's own consumers; ``lost`` and
``kept`` are messages: one that never came, one kept for later."""

_PERFORMED = frozenset({"done", "skipped", "failed", "awaiting", "in_doubt"})


class Moment(Model):
    """One thing that happened, with whatever is known of it."""

    at: Instant
    sort: Sort
    text: str
    log: LogEntry | None = None
    """The line of the document's timeline."""
    entry: int | None = None
    run: ExplainedRun | None = None
    """The run as it is from now on, and its stage entry."""
    mail: Email | None = None
    """With the names of its attachments, without their content."""
    call: WebRequest | None = None
    """With its secrets as ``secret:<name>``; of a chat message too."""
    published: BusEvent | None = None
    sms: TextMessage | None = None
    document: str | None = None
    """Whose it is; None for what no document knows of."""


@dataclass(slots=True)
class _Known:
    """What of a document is written down already."""

    lines: int = 0
    runs: dict[tuple[int, str, int], ExplainedRun] = field(default_factory=dict)


class RecordedWorld(World):
    """A world every change of whose documents becomes a moment."""

    def __init__(self, start: datetime, answer: Answer = web.answer) -> None:
        super().__init__(start, web=MemoryHttpClient(answer))
        self.named_secrets = self.made_up = PlaceholderCredentials()
        self.file_links = PlaceholderFileLinks()
        self.moments: list[Moment] = []
        self._left = (0, 0, 0, 0)
        """How many mails, calls, events and SMS were written down."""
        self._known: dict[str, _Known] = {}

    def deliver(self, waiting: QueuedMessage) -> RunResult:
        self.record()
        performed = super().deliver(waiting)
        self.record()
        return performed

    @property
    def accounts(self) -> Accounts:
        return SimulatedAccounts(self.web, MemoryApiTokens(self.secrets))

    def tell_of(self, sort: Sort, text: str) -> None:
        """Write down what the document does not know of."""
        self.record()
        self.moments.append(Moment(at=self.now, sort=sort, text=text))

    def explanation(self, document: str | None = None) -> Explanation | None:
        """Everything about a document as it is now, the first unless said; None without one."""
        wanted = document or next(iter(self.state.documents), None)
        if wanted is None or wanted not in self.state.documents:
            return None
        return show(self.documents, self.pipelines, self.programs, wanted)

    def record(self) -> None:
        """Write down what has changed since this was last asked, in the order of cause."""
        for document in list(self.state.documents):
            explanation = self.explanation(document)
            if explanation is not None:
                self._record(explanation, self._known.setdefault(document, _Known()))
        self.moments.extend(self._gone_out())

    def _record(self, explanation: Explanation, known: _Known) -> None:
        document = explanation.document.id
        changed = list(self._changed_runs(explanation, known))
        performed = [moment for moment in changed if self._was_performed(moment, known)]
        self.moments.extend(performed)
        for line in explanation.timeline[known.lines :]:
            text = line.text or line.kind
            self.moments.append(
                Moment(at=line.at, sort=line.kind, text=text, log=line, document=document)
            )
        self.moments.extend(
            moment for moment in changed if moment not in performed and self._tells(moment)
        )
        known.lines = len(explanation.timeline)
        known.runs = {
            (e.entry, run.rule, run.repeat): run for e in explanation.entries for run in e.runs
        }

    def _gone_out(self) -> Iterator[Moment]:
        mails, calls, events, texts = self._left
        sent = self.mailbox.sent, self.web.calls, self.bus.published, self.phones.sent
        self._left = (len(sent[0]), len(sent[1]), len(sent[2]), len(sent[3]))
        for mail in sent[0][mails:]:
            text = f"to {', '.join(mail.to)}: {mail.subject}"
            yield Moment(at=self.now, sort="mail", text=text, mail=_without_content(mail))
        for request in sent[1][calls:]:
            call = self._without_secrets(request)
            posted = self.performed[-1].kind == "post_message"
            text = f"to {call.url}" if posted else f"{call.method} {call.url}"
            yield Moment(at=self.now, sort="post" if posted else "call", text=text, call=call)
        for event in sent[2][events:]:
            yield Moment(at=self.now, sort="bus", text=event.name, published=event)
        for sms in sent[3][texts:]:
            text = f"to {sms.to}" + (f" from {sms.sender}" if sms.sender else "")
            yield Moment(at=self.now, sort="sms", text=text, sms=sms)

    def _without_secrets(self, call: WebRequest) -> WebRequest:
        hidden = self.made_up.hidden
        headers = {name: hidden(value) for name, value in call.headers.items()}
        return call.model_copy(update={"url": hidden(call.url), "headers": headers})

    def _changed_runs(self, explanation: Explanation, known: _Known) -> Iterator[Moment]:
        for entry in explanation.entries:
            for run in entry.runs:
                if known.runs.get((entry.entry, run.rule, run.repeat)) == run:
                    continue
                words = "done" if run.state == "done" else run.words
                yield Moment(
                    at=self.now,
                    sort="timer" if isinstance(purpose_of(run.rule), TimerRun) else "rule",
                    text=f"{run.name}: {words}",
                    entry=entry.entry,
                    run=run,
                    document=explanation.document.id,
                )

    def _was_performed(self, moment: Moment, known: _Known) -> bool:
        """Whether a lane had the run, so that what else is new may be its effect."""
        run = moment.run
        if run is None:
            return False
        before = known.runs.get((moment.entry or 0, run.rule, run.repeat))
        if before is None or before.state == "awaiting":
            return False  # a person concludes what is awaited
        return run.state in _PERFORMED

    def _tells(self, moment: Moment) -> bool:
        """What is due now is recorded once it has happened."""
        run = moment.run
        return run is None or run.state != "ready" or run.due is None or run.due > self.now


def _without_content(mail: Email) -> Email:
    attached = tuple(
        attachment.model_copy(update={"content": b""}) for attachment in mail.attachments
    )
    return mail.model_copy(update={"attachments": attached})
