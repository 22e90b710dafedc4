"""Laws of the table's items: nothing is lost on the way there and back, and keys keep order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.adapters.dynamodb import items, keys
from countersign.adapters.instants import iso
from countersign.errors import PermanentError, UnreadableError
from countersign.model.condition import ClauseVerdict, Verdict
from countersign.model.connection import Connection, FieldMapping, PartyMapping
from countersign.model.document import Document
from countersign.model.log import FieldChange, Firing, LogEntry, Skipped
from countersign.model.log_hashes import EntryHash, TimelinePart, hashed
from countersign.model.pipeline import Head, Pipeline, Version
from countersign.model.run import Run, RunKey
from countersign.model.signing_event import Sender, Signer
from countersign.model.task import ChecklistItem, Task, TaskKey
from countersign.model.transaction import ProcessedEvent
from tests.strategies import pipelines

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
texts = st.text(max_size=12)
names = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-", min_size=1, max_size=12)
instants = st.datetimes(timezones=st.just(UTC))
counts = st.integers(0, 10**9)
numbers = st.decimals(-(10**15), 10**15, places=4) | st.integers(-(10**37), 10**37).map(Decimal)
values = st.none() | texts | numbers | st.booleans() | st.lists(texts, max_size=3).map(tuple)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def many(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(strategy, max_size=3).map(tuple)


verdicts = st.builds(
    Verdict,
    outcome=st.sampled_from(["true", "false", "unknown"]),
    clauses=many(
        st.builds(
            ClauseVerdict,
            field=texts,
            op=st.just("equals"),
            found=maybe(texts),
            wanted=maybe(texts),
            outcome=st.just("true"),
        )
    ),
    reason=texts,
)
signers = st.builds(
    Signer,
    id=texts,
    name=maybe(texts),
    order=maybe(st.integers(-5, 10**6)),
    action=st.sampled_from(["sign", "copy"]),
    party=st.sampled_from(["company", "client", "unknown"]),
    signed_at=maybe(instants),
    reason=maybe(texts),
)
documents = st.builds(
    Document,
    id=names,
    pipeline=names,
    stage=names,
    entry=counts,
    version=counts,
    since=instants,
    created_at=instants,
    title=maybe(texts),
    observers=many(texts),
    amount=maybe(numbers),
    fields=st.dictionaries(texts, values, max_size=4),
    status=st.sampled_from([None, "sent", "completed"]),
    status_at=maybe(instants),
    sender=maybe(st.builds(Sender, name=maybe(texts), email=maybe(texts))),
    signers=many(signers),
    files=many(texts),
)
runs = st.builds(
    Run,
    document=names,
    entry=st.integers(1, 999_999),
    rule=names,
    position=counts,
    pipeline=names,
    pipeline_version=counts,
    stage=names,
    kind=names,
    lane=st.sampled_from(["email", "web", "document"]),
    state=st.sampled_from(
        ["waiting", "no_date", "ready", "running", "awaiting", "done", "in_doubt"]
    ),
    generation=counts,
    planned_at=instants,
    due=maybe(instants),
    not_after=maybe(instants),
    repeat=st.integers(0, 40),
    lease_until=maybe(instants),
    once=st.booleans(),
    verdict=maybe(verdicts),
    result=st.dictionaries(texts, texts, max_size=3),
    reason=maybe(texts),
)
entries = st.builds(
    LogEntry,
    at=instants,
    kind=st.sampled_from(["event", "moved", "edited"]),
    text=texts,
    entry=counts,
    occurred_at=maybe(instants),
    fired=maybe(st.builds(Firing, trigger=texts, stage=texts, kind=texts, verdict=maybe(verdicts))),
    passed=many(
        st.builds(Skipped, trigger=texts, stage=texts, reason=texts, verdict=maybe(verdicts))
    ),
    changes=many(st.builds(FieldChange, field=texts, old=values, new=values)),
)
tasks = st.builds(
    Task,
    document=names,
    id=names,
    version=counts,
    entry=counts,
    rule=names,
    repeat=st.integers(0, 40),
    pipeline=names,
    pipeline_version=counts,
    stage=names,
    title=texts,
    text=texts,
    assignee=texts,
    deadline=maybe(instants),
    checklist=many(st.builds(ChecklistItem, text=texts, done=st.booleans())),
    state=st.sampled_from(["open", "done", "withdrawn"]),
    waits=st.booleans(),
    created_at=instants,
    concluded_by=maybe(texts),
)
parties = st.sampled_from(["company", "client", "unknown"])
connections = st.builds(
    Connection,
    id=names,
    provider=names,
    pipeline=names,
    created_at=maybe(instants),
    parties=st.builds(
        PartyMapping,
        emails=st.dictionaries(texts, parties, max_size=2),
        company_domains=many(texts),
        orders=st.dictionaries(st.integers(0, 9), parties, max_size=2),
        strict=st.booleans(),
        others=maybe(parties),
    ),
    fields=many(st.builds(FieldMapping, source=texts, field=texts)),
)
heads = st.builds(Head, pipeline=names, name=texts, version=counts, paused=st.booleans())
events = st.builds(
    ProcessedEvent,
    key=st.text(min_size=1, max_size=900),
    connection=names,
    at=instants.filter(lambda at: at.year > 1970),
    provider_event=texts,
    kind=texts,
    authenticity=texts,
    raw=maybe(texts),
)
DOCUMENT = Document(id="d1", pipeline="sales", stage="sent", since=NOON, created_at=NOON)


@given(documents)
def test_a_document_comes_back_as_it_was(document: Document) -> None:
    assert items.parse(Document, items.dump_document(document)) == document


@given(runs)
def test_a_run_comes_back_as_it_was(run: Run) -> None:
    assert items.parse(Run, items.dump_run(run)) == run


@given(tasks)
def test_a_task_comes_back_as_it_was(task: Task) -> None:
    assert items.parse(Task, items.dump_task(task)) == task


@given(tasks)
def test_only_an_open_task_is_in_the_index_of_its_assignee(task: Task) -> None:
    item = items.dump_task(task)
    assert {"task_pk", "task_sk"} & item.keys() == (
        {"task_pk", "task_sk"} if task.state == "open" else set()
    )


@given(st.lists(entries, min_size=1, max_size=3), st.booleans())
def test_the_lines_of_a_timeline_come_back_as_they_were(
    lines: list[LogEntry], with_hashes: bool
) -> None:
    hashes = hashed("before", lines, ["5a17"] * len(lines)) if with_hashes else ()
    part = TimelinePart(version=7, piece=1, entries=tuple(lines), hashes=hashes)
    item = items.dump_log("d1", part)
    assert items.parse_log(item) == tuple(lines)
    read = items.parse_part(item)
    assert read == part
    if with_hashes:
        assert hashed("before", read.entries, ["5a17"] * len(lines)) == hashes


@given(connections)
def test_a_connection_comes_back_as_it_was(connection: Connection) -> None:
    assert items.parse(Connection, items.dump_connection(connection)) == connection


@given(heads)
def test_a_head_comes_back_as_it_was(head: Head) -> None:
    assert items.parse(Head, items.dump_head(head)) == head


@given(pipelines(), counts)
def test_a_version_comes_back_as_it_was(pipeline: Pipeline, number: int) -> None:
    version = Version(number=number, pipeline=pipeline)
    assert items.parse_version(items.dump_version(version)) == version


@given(events)
def test_an_event_and_its_message_come_back_as_they_were(event: ProcessedEvent) -> None:
    mark = items.parse(ProcessedEvent, items.dump_event(DOCUMENT.version, 0, event))
    raw = items.unpack(items.dump_raw(event)["body"])
    assert mark == event.model_copy(update={"raw": None})
    assert raw == (event.raw or "")


@given(documents)
def test_fields_keep_their_types(document: Document) -> None:
    back = items.parse(Document, items.dump_document(document))
    types = {name: type(value) for name, value in document.fields.items()}
    assert {name: type(value) for name, value in back.fields.items()} == types


@given(events)
def test_every_key_fits_the_table(event: ProcessedEvent) -> None:
    for pk, sk in (
        keys.event("d" * 64, event.connection, event.key),
        keys.raw_message("d" * 64, event.connection, event.key),
        keys.alias(f"{event.connection}#{event.key}"),
    ):
        assert 0 < len(pk.encode()) <= 2048
        assert 0 < len(sk.encode()) <= 1024


@given(instants, instants)
def test_instants_sort_as_text(first: datetime, second: datetime) -> None:
    assert (iso(first) < iso(second)) == (first < second)
    assert len(iso(first)) == 27


def test_instants_of_other_zones_are_written_in_utc() -> None:
    berlin = timezone(timedelta(hours=1))
    assert iso(NOON.astimezone(berlin)) == "2026-03-02T12:00:00.000000Z"


@given(instants, instants, runs)
def test_a_run_is_before_the_end_of_its_own_moment(
    first: datetime, second: datetime, run: Run
) -> None:
    _, place = keys.due_place(run.key, first)
    assert (place < keys.after_due(second)) == (first <= second)


@given(st.lists(st.integers(1, 10**9), max_size=5))
def test_log_keys_sort_by_version(versions: list[int]) -> None:
    def key(version: int) -> str:
        return keys.log("d1", version)[1]

    assert sorted(map(key, versions)) == [key(version) for version in sorted(versions)]


def test_an_item_is_what_conditions_indexes_and_the_stream_read() -> None:
    run = Run(
        document="d1",
        entry=2,
        rule="mail",
        pipeline="sales",
        pipeline_version=3,
        stage="sent",
        kind="send_email",
        lane="email",
        state="ready",
        planned_at=NOON,
        due=NOON,
        verdict=Verdict(outcome="true"),
    )
    assert items.dump_run(run) == {
        "pk": {"S": "DOC#d1"},
        "sk": {"S": "RUN#000002#mail"},
        "type": {"S": "run"},
        "document": {"S": "d1"},
        "entry": {"N": "2"},
        "rule": {"S": "mail"},
        "pipeline": {"S": "sales"},
        "pipeline_version": {"N": "3"},
        "stage": {"S": "sent"},
        "kind": {"S": "send_email"},
        "lane": {"S": "email"},
        "state": {"S": "ready"},
        "generation": {"N": "1"},
        "planned_at": {"S": "2026-03-02T12:00:00.000000Z"},
        "due": {"S": "2026-03-02T12:00:00.000000Z"},
        "on_leave": {"S": "cancel"},
        "verdict": {"S": '{"outcome":"true","clauses":[],"reason":""}'},
        "due_pk": {"S": "DUE#51"},
        "due_sk": {"S": "2026-03-02T12:00:00.000000Z#d1.2.mail"},
    }


def test_a_repeated_run_and_its_task_have_items_of_their_own() -> None:
    key = RunKey(document="d1", entry=2, rule="mail", repeat=3)
    assert keys.run(key) == ("DOC#d1", "RUN#000002#mail~3")
    assert keys.task(TaskKey.of(key)) == ("DOC#d1", "TASK#2.mail~3")
    # Whatever is repeated, the rule ran for this document.
    assert keys.once(key) == ("DOC#d1", "ONCE#mail")


@pytest.mark.parametrize(
    ("state", "indexed"),
    [
        ("waiting", False),
        ("no_date", False),
        ("ready", True),
        ("running", True),
        ("done", False),
        ("skipped", False),
        ("failed", False),
        ("in_doubt", False),
        ("cancelled", False),
    ],
)
def test_only_runs_that_wait_for_a_moment_are_in_the_index(state: str, indexed: bool) -> None:
    run = Run.model_validate(
        {
            "document": "d1",
            "entry": 1,
            "rule": "mail",
            "pipeline": "sales",
            "pipeline_version": 1,
            "stage": "sent",
            "kind": "send_email",
            "lane": "email",
            "state": state,
            "planned_at": NOON,
            "due": NOON,
            "lease_until": NOON,
        }
    )
    assert ("due_pk" in items.dump_run(run)) is indexed


def test_attributes_of_a_later_version_are_passed_over() -> None:
    item = items.dump_document(DOCUMENT) | {"colour": {"S": "blue"}}
    assert items.parse(Document, item) == DOCUMENT


def test_only_the_raw_message_expires() -> None:
    event = ProcessedEvent(
        key="k1",
        connection="c1",
        at=NOON,
        provider_event="x",
        kind="x",
        authenticity="signed",
        raw="{}",
    )
    assert "expires_ttl" not in items.dump_event(DOCUMENT.version, 0, event)
    thirty_days_on = int((NOON + timedelta(days=30)).timestamp())
    assert items.dump_raw(event)["expires_ttl"] == {"N": str(thirty_days_on)}


def test_a_message_too_large_to_keep_leaves_a_note() -> None:
    event = ProcessedEvent(
        key="k1",
        connection="c1",
        at=NOON,
        provider_event="x",
        kind="x",
        authenticity="signed",
        raw="".join(chr(0x4E00 + (n * n) % 19_997) for n in range(200_000)),
    )
    note = items.unpack(items.dump_raw(event)["body"])
    assert note.startswith("[left out: ")
    assert note.endswith(" bytes compressed; 300,000 are kept at most]")


@pytest.mark.parametrize(
    ("number", "fits"),
    [
        ("1E-130", True),
        ("-1.5E-130", True),
        ("1E-131", False),
        ("9.9999999999999999999999999999999999999E+125", True),
        ("-9.9E+125", True),
        ("1E+126", False),
        ("0", True),
    ],
)
def test_numbers_are_as_small_and_as_large_as_dynamodb_has_them(number: str, fits: bool) -> None:
    """HowItWorks.NamingRulesDataTypes in the Developer Guide: from 1E-130 to 9.9...E+125."""
    document = DOCUMENT.model_copy(update={"amount": Decimal(number)})
    if fits:
        (written,) = items.dump_document(document)["amount"].values()
        assert Decimal(written) == Decimal(number)
    else:
        with pytest.raises(PermanentError, match="at most 38 digits, of a size from 1E-130 to 9"):
            items.dump_document(document)


def test_a_hash_that_is_cut_off_cannot_be_read() -> None:
    line = LogEntry(at=NOON, kind="created", entry=1)
    proof = EntryHash("0f" * 16, None, "ab" * 32)
    item = items.dump_log("d1", TimelinePart(version=1, entries=(line,), hashes=(proof,)))
    assert items.parse_part(item).hashes == (proof,)
    for left in (1, 16, 17, 47, 48):
        cut = {**item, "hashes": {"B": item["hashes"]["B"][:left]}}
        with pytest.raises(UnreadableError):
            items.parse_part(cut)


def test_a_number_that_would_be_rounded_is_refused() -> None:
    with pytest.raises(PermanentError, match="at most 38 digits"):
        items.dump_document(DOCUMENT.model_copy(update={"amount": Decimal("1" * 39)}))


def test_shards_are_the_same_in_every_process() -> None:
    run = RunKey(document="d1", entry=2, rule="mail")
    assert keys.due_place(run, NOON)[0] == "DUE#51"
    event = ProcessedEvent(
        key="k1",
        connection="c1",
        document="d1",
        at=NOON,
        provider_event="sent",
        kind="document.sent",
        authenticity="signed",
    )
    assert keys.events_place(event, 1, 0)[0] == "CONNECTION#c1#27"


@pytest.mark.parametrize(
    "amount", ["0.1", "12500.10", "12345678901234567890.12", "0.30000000000000000001"]
)
def test_an_amount_keeps_every_digit(amount: str) -> None:
    document = DOCUMENT.model_copy(update={"amount": Decimal(amount)})
    kept = items.parse(Document, items.dump_document(document))
    assert str(kept.amount) == amount
