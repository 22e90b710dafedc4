"""Statistics: what is counted of each document, and the counters that it adds to."""

from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from pydantic import Field

from countersign.model.base import Instant, Model
from countersign.model.document import Document
from countersign.model.run import RunKey
from countersign.model.signing_event import EnvelopeStatus, Party

REMOVED = 0
"""The epoch of what removed documents have counted: no rebuild can count that again."""
FIRST_EPOCH = 1
RESUMED_WITHIN = timedelta(days=1)
"""How long after its beginning a rebuild that was interrupted goes on."""

CountedState = Literal["done", "skipped", "failed", "in_doubt"]
"""The states of runs that are counted."""


class CounterKey(NamedTuple):
    """Which counter of a pipeline."""

    epoch: int
    """The count that it belongs to: each rebuild begins another one."""
    day: date | None
    """The UTC day it speaks of; None for what there is now."""
    name: str
    """What it counts (``engine/statistics/counters.py``)."""


class PendingCount(NamedTuple):
    """What one counter still has to grow by."""

    epoch: int
    day: date | None
    name: str
    number: int


class StageStay(Model):
    """One stage entry: how long a document was in a stage."""

    stage: str
    since: Instant
    until: Instant | None = None
    """When the document left the stage; None while it is there."""


class CountedSignature(Model):
    """One signature."""

    party: Party
    day: date
    seconds: int | None = None
    """From when the signer was notified, or the envelope sent; None where neither is known."""


class CountedRun(Model):
    """What became of one run."""

    kind: str
    rule: str
    state: CountedState
    day: date
    mails: int = 0
    """How many mails the mail service took of it."""
    generation: int = 1
    """The run's generation, which adds to no counter. A run that is tried again and ends as before
    is written anew for it, so that no write of the time in between can arrive after that."""


class CountedDocument(Model):
    """What is counted of one document: enough to take it back, and to go on from there."""

    document: str
    pipeline: str
    created_at: Instant
    """Tells a document from another one that had its id before."""
    epoch: int = FIRST_EPOCH
    compared: int = 0
    """The epoch in which a rebuild last compared it with its timeline and its runs."""
    version: int = 0
    """The document's version up to which its timeline is counted."""
    revision: int = 0
    """Grows by one with every write: the optimistic lock. 0: never written."""
    stays: tuple[StageStay, ...] = ()
    """Its stage entries, oldest first."""
    sent_on: date | None = None
    status: EnvelopeStatus | None = None
    """How its envelope ended; None while it has not."""
    ended_on: date | None = None
    seconds_to_sign: int | None = None
    """From sending the envelope to its completion."""
    signatures: tuple[CountedSignature, ...] = ()
    mail_events: dict[str, int] = {}
    """How often the mail service reported what, by ``<kind>/<day>``."""
    runs: dict[str, CountedRun] = Field(default_factory=dict)
    """By stage entry and rule."""
    removed_at: Instant | None = None
    """When the document was found to be removed."""
    pending: tuple[PendingCount, ...] = ()
    """What one transaction was too small for: it is still to be added to the counters."""


class StatisticsChange(Model):
    """What is written together: a document's counts, and what they add to the counters."""

    counted: CountedDocument
    """In the revision that it is to have."""
    counts: tuple[PendingCount, ...]
    """What is to be added, nothing of it 0."""


class Epochs(Model):
    """Which counts of a pipeline there are."""

    oldest: int = FIRST_EPOCH
    newest: int = FIRST_EPOCH
    """The one that documents are counted in from now on."""
    begun_at: Instant | None = None
    """When the newest one was begun."""
    rebuilding: bool = False
    """Whether a rebuild is under way, or was interrupted."""

    def goes_on(self, now: datetime) -> bool:
        """Whether a rebuild that is begun now goes on with one that was interrupted. After a day it
        does not: what is lost since would not be looked for."""
        begun = self.begun_at
        return self.rebuilding and begun is not None and now < begun + RESUMED_WITHIN


class DocumentRecord(Model):
    """A document after a change, as the table's stream tells it."""

    document: Document
    """As the change left it, or as it was when it was removed."""
    removed: bool = False


def run_name(key: RunKey) -> str:
    """What a run is called among those of its document."""
    return f"{key.entry}.{key.part}"


StreamRecord = DocumentRecord | RunKey
"""A change of a document, or the name of a run whose state changed."""
