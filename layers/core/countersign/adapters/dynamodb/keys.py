"""The table's keys: where each thing is found, and in which order things stand.

Every key is text. ``pk`` and ``sk`` name an item; the indexes ``board``, ``due``, ``events`` and
``tasks`` hold only items with their attributes, so that they stay sparse.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from countersign.adapters.dynamodb import shards
from countersign.adapters.instants import iso
from countersign.model.document import Document
from countersign.model.run import RunKey
from countersign.model.task import TaskKey
from countersign.model.transaction import ProcessedEvent
from countersign.text.folding import fold_address

BOARD = "board"
DUE = "due"
EVENTS = "events"
TASKS = "tasks"
ATTRIBUTES = {BOARD: "board", DUE: "due", EVENTS: "events", TASKS: "task"}
"""What the names of an index's two attributes begin with."""
PIPELINES = "PIPELINES"
DRAFTS = "DRAFTS"
CONNECTIONS = "CONNECTIONS"
JOBS = "JOBS"
"""In the index ``events`` all jobs, by the time of their start; in ``due`` the open ones, by the
time at which they were last written."""

MAX_BYTES = 900
"""A sort key holds 1,024 bytes; the rest is for prefixes."""

LAST_SECOND = 253_402_300_799
"""The end of the year 9999, in seconds since 1970: times count down to it in lists."""
EVENT = "EVENT#"
TASK = "TASK#"
"""What the sort keys of a document's events and tasks begin with."""

Key = tuple[str, str]
"""Partition key and sort key."""


def sort_key_of(index: str) -> str:
    """The name of the attribute by which an index is sorted."""
    return f"{ATTRIBUTES[index]}_sk"


def pipeline_head(pipeline: str) -> Key:
    return f"PIPELINE#{pipeline}", "HEAD"


def pipeline_version(pipeline: str, number: int) -> Key:
    return f"PIPELINE#{pipeline}", f"V#{number}"


def pipeline_draft(pipeline: str) -> Key:
    return f"PIPELINE#{pipeline}", "DRAFT"


def round_robin(pipeline: str, rule: str) -> Key:
    """The counter of a rule that goes round in turn."""
    return f"PIPELINE#{pipeline}", f"TURN#{rule}"


def daily_report(pipeline: str, day: date) -> Key:
    """The mark that a day's report of failed runs was sent."""
    return f"PIPELINE#{pipeline}", f"REPORT#{day.isoformat()}"


def sending_row(name: str) -> Key:
    """The row of those who send, where the outside takes so many a second."""
    return f"SENDING#{name}", "ROW"


def heartbeat(name: str) -> Key:
    """The mark of when a lane, or the mail service's reports, were last seen at work."""
    return f"HEARTBEAT#{name}", "HEARTBEAT"


def upgrade() -> Key:
    """The mark of how far the upgrade of the table has come."""
    return "UPGRADE", "PROGRESS"


def entitlements() -> Key:
    """What the deployment's plan includes."""
    return "ENTITLEMENTS", "ENTITLEMENTS"


def audit_subject(subject: str) -> str:
    """In the audit table's index: the entries about one subject, ``pipeline:contracts``."""
    return _fit(subject)


def connection(connection_id: str) -> Key:
    return f"CONNECTION#{connection_id}", "CONNECTION"


def job(job_id: str) -> Key:
    return f"JOB#{job_id}", "JOB"


def job_part(job_id: str, number: int) -> Key:
    """A part of what the job works on."""
    return f"JOB#{job_id}", f"PART#{number:06}"


def partition(document: str) -> str:
    """The partition of a document and of everything that belongs to it."""
    return f"DOC#{document}"


def document(document_id: str) -> Key:
    return partition(document_id), "DOC"


def log(document_id: str, version: int, piece: int = 0) -> Key:
    """What the change that made this version of the document put on its timeline; the pieces of
    one that is large stand behind each other."""
    place = f"LOG#{version:010}"
    return partition(document_id), f"{place}#{piece:02}" if piece else place


def log_parts(place: str) -> tuple[int, int]:
    """The version and the piece of a sort key of ``log``."""
    _, version, *piece = place.split("#")
    return int(version), int(piece[0]) if piece else 0


def event(document_id: str | None, connection_id: str, key: str) -> Key:
    """With its document; with its connection where it concerns no document."""
    return _home(document_id, connection_id, key), f"{EVENT}{_fit(key)}"


def raw_message(document_id: str | None, connection_id: str, key: str) -> Key:
    return _home(document_id, connection_id, key), f"RAW#{_fit(key)}"


def _home(document_id: str | None, connection_id: str, key: str) -> str:
    if document_id is not None:
        return partition(document_id)
    number = shards.shard_of(key, shards.WITHOUT_DOCUMENT)
    return shards.spread(f"CONNECTION#{connection_id}", number)


def entry_runs(entry: int | None) -> str:
    """What the sort keys of a stage entry's runs begin with; of all runs for None."""
    return "RUN#" if entry is None else f"RUN#{entry:06}#"


def run(key: RunKey) -> Key:
    return partition(key.document), f"{entry_runs(key.entry)}{key.part}"


def once(key: RunKey) -> Key:
    return partition(key.document), f"ONCE#{key.rule}"


def task(key: TaskKey) -> Key:
    return partition(key.document), f"{TASK}{key.id}"


def task_shards() -> tuple[str, ...]:
    """In the index ``tasks``: each a part of all open tasks."""
    return tuple(map(_task_shard, range(shards.TASKS)))


def _task_shard(number: int) -> str:
    return f"TASKS#{number}"


def assignee(user: str) -> str:
    """What the places of an assignee's tasks begin with, however the name is written."""
    return f"{_fit(fold_address(user), MAX_BYTES // 3)}#"


def task_place(key: TaskKey, user: str, deadline: datetime | None) -> Key:
    """By assignee, and there by deadline; a task without one stands behind all others."""
    place = f"{assignee(user)}{deadline_place(key, deadline)[1]}"
    return _task_shard(shards.shard_of(str(key), shards.TASKS)), place


def request_key(caller: str, key: str) -> Key:
    """The idempotency key of a caller."""
    return f"REQUEST#{_fit(f'{caller}#{key}')}", "REQUEST"


def deadline_shards() -> tuple[str, ...]:
    """In the index ``due``: each a part of everybody's open tasks."""
    return tuple(map(_deadline_shard, range(shards.TASKS)))


def _deadline_shard(number: int) -> str:
    return f"DEADLINES#{number}"


def deadline_place(key: TaskKey, deadline: datetime | None) -> Key:
    """By deadline; a task without one stands behind all others."""
    at = iso(deadline) if deadline else "~"
    place = f"{at}#{_fit(str(key), MAX_BYTES // 3 * 2)}"
    return _deadline_shard(shards.shard_of(str(key), shards.TASKS)), place


def alias(envelope: str) -> Key:
    """``envelope``: ``connection#envelope``, as in ``Transaction.attach``."""
    return f"ALIAS#{_fit(envelope)}", "ALIAS"


def held(pipeline: str, number: int = 0) -> str:
    """A part of the messages that came for a paused pipeline."""
    return shards.spread(f"POSTPONED#{pipeline}", number)


def held_shards(pipeline: str) -> tuple[str, ...]:
    """All parts of the messages that came for a paused pipeline."""
    return tuple(held(pipeline, number) for number in range(shards.HELD))


def board_shards(pipeline: str) -> tuple[str, ...]:
    """In the index ``board``: each a part of the pipeline's documents."""
    return tuple(_board(pipeline, number) for number in range(shards.BOARD))


def _board(pipeline: str, number: int) -> str:
    return shards.spread(f"PIPELINE#{pipeline}", number)


def board_place(pipeline: str, stage: str, since: datetime, document_id: str) -> Key:
    """By stage, and there by time."""
    shard = _board(pipeline, shards.shard_of(document_id, shards.BOARD))
    return shard, f"{stage}#{iso(since)}#{document_id}"


def board_parts(place: str) -> tuple[str, datetime, str]:
    """The stage, the time and the document of a sort key of ``board_place``."""
    stage, since, document_id = place.split("#", 2)
    return stage, datetime.fromisoformat(since), document_id


def word_shards(begun: str) -> tuple[str, ...]:
    """Each a part of the words that begin so, of at least two letters."""
    return tuple(_words(begun, number) for number in range(shards.WORDS))


def _words(word: str, number: int) -> str:
    return shards.spread(f"WORD#{word[:2]}", number)


def word_place(word: str, document: Document) -> Key:
    """By word, and there the document that was made last comes first."""
    age = LAST_SECOND - int(document.created_at.timestamp())
    place = f"{_fit(word, MAX_BYTES // 3)}#{age:012}#{_fit(document.id, MAX_BYTES // 2)}"
    return _words(word, shards.shard_of(document.id, shards.WORDS)), place


def due_shards() -> tuple[str, ...]:
    """In the index ``due``: each a part of the runs that wait for a moment."""
    return tuple(map(_due_shard, range(shards.DUE)))


def _due_shard(number: int) -> str:
    return f"DUE#{number}"


def due_place(key: RunKey, at: datetime) -> Key:
    return _due_shard(shards.shard_of(str(key), shards.DUE)), f"{iso(at)}#{key}"


def after_due(until: datetime) -> str:
    """The first place in a shard of ``due`` after everything up to ``until``, itself included."""
    return f"{iso(until)}$"  # "$" follows "#"


def events_shards(connection_id: str) -> tuple[str, ...]:
    """In the index ``events``: each a part of the events that a connection brought."""
    return tuple(_events_shard(connection_id, number) for number in range(shards.EVENTS))


def _events_shard(connection_id: str, number: int) -> str:
    return f"CONNECTION#{connection_id}#{number}"


def events_place(event: ProcessedEvent, version: int, number: int) -> Key:
    """``version`` and ``number`` as in ``items.dump_event``: events of one moment keep order."""
    home = event.document or "-"
    shard = shards.shard_of(f"{home}#{event.key}", shards.EVENTS)
    place = f"{iso(event.at)}#{home}#{version:010}#{number:03}"
    return _events_shard(event.connection, shard), place


def trouble_shards() -> tuple[str, ...]:
    """In the index ``events``: each a part of the runs in trouble."""
    return tuple(map(_trouble_shard, range(shards.TROUBLE)))


def _trouble_shard(number: int) -> str:
    return f"TROUBLE#{number}"


def trouble_place(key: RunKey, at: datetime) -> Key:
    """In the index ``events``: what went wrong, by time."""
    return _trouble_shard(shards.shard_of(str(key), shards.TROUBLE)), f"{iso(at)}#{key}"


def counted_document(document_id: str) -> Key:
    """What is counted of a document, in the table of statistics."""
    return f"COUNTED#{document_id}", "COUNTED"


def epochs(pipeline: str) -> Key:
    """Which counts of the pipeline there are."""
    return f"STATISTICS#{pipeline}", "EPOCHS"


def counters_shards(pipeline: str) -> tuple[str, ...]:
    """All parts of a pipeline's counters."""
    return tuple(counters(pipeline, number) for number in range(shards.STATISTICS))


def counters(pipeline: str, number: int) -> str:
    """A part of a pipeline's counters."""
    return shards.spread(f"STATISTICS#{pipeline}", number)


def counters_row(epoch: int, day: date | None) -> str:
    """The sort key of an epoch's counters of a day, or of what there is now, which sorts last."""
    return f"{epoch:06}#{'NOW' if day is None else day.isoformat()}"


def counters_row_parts(place: str) -> tuple[int, date | None]:
    """The epoch and the day of a sort key of ``counters_row``."""
    epoch, day = place.split("#")
    return int(epoch), None if day == "NOW" else date.fromisoformat(day)


def _fit(text: str, most: int = MAX_BYTES) -> str:
    """The text, or its digest where it is too long for a key."""
    raw = text.encode()
    return text if len(raw) <= most else f"sha256:{hashlib.sha256(raw).hexdigest()}"
