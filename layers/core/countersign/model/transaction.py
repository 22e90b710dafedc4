"""A change: everything one transaction writes, and what must still be true for it."""

from countersign.model.base import Instant, Model
from countersign.model.document import Document
from countersign.model.log import LogEntry, pieces
from countersign.model.log_hashes import EntryHash, TimelinePart
from countersign.model.request_key import RequestKey
from countersign.model.run import Run, RunKey, RunState
from countersign.model.task import Task

MAX_ITEMS = 100
"""Items of one DynamoDB transaction, its service quota."""


class ProcessedEvent(Model):
    """The mark that an event was applied to a document; a second one is refused."""

    key: str
    connection: str
    document: str | None = None
    """None for an event that concerns no document, such as a changed template."""
    at: Instant
    provider_event: str
    kind: str
    authenticity: str
    raw: str | None = None
    """The message as it came, redacted; kept for a limited time."""


class EventMark(Model):
    """An event that was applied to a document, and its place among the others."""

    version: int
    """The document's version that it made."""
    number: int
    """Its place in that change, from 0."""
    event: ProcessedEvent


class RewrittenEvent(Model):
    """A mark that is written anew, under another key where that was changed; what is kept of its
    message is deleted."""

    was: str
    """The event's key until now."""
    had_raw: bool
    """Whether its message is kept."""
    mark: EventMark

    @property
    def items(self) -> int:
        """How many items of the table it writes or deletes."""
        return self.had_raw + 2 * (self.was != self.mark.event.key)


class RunUpdate(Model):
    """A run's new state, and the state and generation it must still be in."""

    run: Run
    was: RunState
    was_generation: int
    was_lease: Instant | None = None
    """The lease it must still have, if it was being performed: a run that sends several mails is
    written several times in one generation, and a write that arrives late must not undo the next.
    """


class Precondition(Model):
    """What must still be true of a document that the change reads but does not write."""

    document: str
    entry: int | None = None
    """It must not have left this stage entry."""
    version: int | None = None
    """It must not have changed at all since this version."""
    erasures: int | None = None
    """Personal data of so many persons must have been erased from it, and of nobody since."""


class Transaction(Model):
    """One transaction: written whole or not at all."""

    document: Document | None = None
    """The document after the change."""
    was_version: int | None = None
    """The version it must still have; None when the document must not exist yet."""
    stay: Precondition | None = None
    """Instead of a changed document: what must still be true of it."""
    events: tuple[ProcessedEvent, ...] = ()
    log: tuple[LogEntry, ...] = ()
    hashes: tuple[EntryHash, ...] = ()
    """One for each entry of ``log``; the last is the document's."""
    parts: tuple[TimelinePart, ...] = ()
    """Parts of the timeline that earlier changes brought, as they are from now on."""
    rewritten: tuple[RewrittenEvent, ...] = ()
    """Events that were applied before, as they are marked from now on."""
    planned: tuple[Run, ...] = ()
    """New runs; none of them may exist yet."""
    updates: tuple[RunUpdate, ...] = ()
    once: tuple[RunKey, ...] = ()
    """Marks of rules that run once per document: refused where another entry's run made one;
    the run that made it may make it again."""
    tasks: tuple[Task, ...] = ()
    """Tasks of the document after the change; each must still be in the version before its own,
    and one of version 1 must not exist yet."""
    attach: tuple[str, ...] = ()
    """Envelopes (``connection#envelope``) that belong to the document from now on, one that has
    several ids by each of them; none may belong to any document yet."""
    new_words: tuple[str, ...] = ()
    old_words: tuple[str, ...] = ()
    """Words that find the document from now on, and words that no longer do."""

    request: RequestKey | None = None
    """The mark of the request that asked for the change; refused where the key is in use."""

    @property
    def items(self) -> int:
        """How many items of the table it writes or checks."""
        single = sum(item is not None for item in (self.document, self.stay, self.request))
        raws = sum(event.raw is not None for event in self.events)
        many = (self.attach, self.events, self.planned, self.updates, self.once, self.tasks)
        words = len(self.new_words) + len(self.old_words)
        anew = len(self.parts) + sum(event.items for event in self.rewritten)
        return single + len(pieces(self.log)) + raws + anew + sum(map(len, many)) + words
