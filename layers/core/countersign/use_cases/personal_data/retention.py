"""Retention: documents whose process ended so long ago are removed, with all of theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from zoneinfo import ZoneInfo

from countersign.engine.schedule.business_hours import add_months, at_wall
from countersign.errors import ConflictError, CountersignError, NotFoundError
from countersign.model.document import Document
from countersign.model.pipeline import KeptFor, Pipeline
from countersign.ports import Documents, FileStore, Heartbeats
from countersign.use_cases.documents.remove import remove_document

EVERY = timedelta(hours=1)
"""How often a pipeline's documents are looked at."""
MAX_AT_ONCE = 100
"""Documents of a pipeline that are removed in one go; the next one takes the rest."""
STILL_TO_COME: frozenset[str] = frozenset({"ready", "running", "awaiting"})
"""States of runs that a document is kept for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeper:
    """What keeping documents no longer than they may be needs from outside."""

    documents: Documents
    files: FileStore
    heartbeats: Heartbeats
    clock: Callable[[], datetime]
    time_is_up: Callable[[], bool]


def remove_expired(keeper: Keeper, pipeline: Pipeline, problems: list[str]) -> Iterator[str]:
    """Remove the pipeline's documents whose retention is over; each one's id as it is gone.

    At most ``MAX_AT_ONCE`` at a time, and once an hour unless there are more. Why others could not
    be removed goes to ``problems``. What was interrupted is finished by doing it again.
    """
    if pipeline.retention is None:
        return
    name, now, number = f"retention {pipeline.pipeline}", keeper.clock(), 0
    last = keeper.heartbeats.last(name)
    if last is not None and now - last < EVERY:
        return
    for document in _expired(keeper, pipeline, pipeline.retention.final_after, now):
        if number == MAX_AT_ONCE or keeper.time_is_up():
            return
        try:
            if not _is_needed(keeper.documents, document):
                remove_document(keeper.documents, keeper.files, document.id, _still(document))
                number += 1
                yield document.id
        except (ConflictError, NotFoundError):
            continue  # it has moved on, or somebody else has removed it
        except CountersignError as error:
            problems.append(f"document {document.id}: {error}")
    keeper.heartbeats.beat(name, now)


def is_over(kept: KeptFor, since: datetime, now: datetime, zone: ZoneInfo) -> bool:
    """Whether what began to be kept then may be removed now."""
    local = since.astimezone(zone)
    try:
        day = (
            add_months(local.date(), kept.months)
            if kept.months is not None
            else local.date() + timedelta(days=kept.days or 0)
        )
        return at_wall(day, local.time(), zone).astimezone(UTC) <= now
    except OverflowError:
        return False


def _expired(
    keeper: Keeper, pipeline: Pipeline, kept: KeptFor, now: datetime
) -> Iterator[Document]:
    """The documents in final stages for longer than they are kept, longest first in each."""
    zone = ZoneInfo(pipeline.time_zone)
    for stage in pipeline.stages:
        if stage.is_final:
            there = keeper.documents.in_stage(pipeline.pipeline, stage.id)
            yield from takewhile(lambda document: is_over(kept, document.since, now, zone), there)


def _is_needed(documents: Documents, document: Document) -> bool:
    """Whether something is still to come of it: a rule with its time ahead, a task."""
    return any(run.state in STILL_TO_COME for run in documents.runs(document.id))


def _still(listed: Document) -> Callable[[Document], None]:
    """Refuses a document that has moved since it was listed."""

    def check(document: Document) -> None:
        if (document.stage, document.entry) != (listed.stage, listed.entry):
            raise ConflictError(f"document {document.id} has left the stage {listed.stage}")

    return check
