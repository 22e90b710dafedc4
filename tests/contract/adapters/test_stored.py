"""What stands in the table, letter for letter: later versions must find and read it again."""

from __future__ import annotations

import zlib
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from countersign.adapters.dynamodb import items, keys
from countersign.adapters.dynamodb.sizes import check_change, check_sizes, item_size, items_of
from countersign.errors import TooLargeError, UnreadableError
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.log import FieldChange, LogEntry
from countersign.model.log_hashes import EntryHash, TimelinePart
from countersign.model.pipeline import Head, Pipeline, Version
from countersign.model.run import Run, RunKey
from countersign.model.task import Task, TaskKey
from countersign.model.transaction import ProcessedEvent, Transaction

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
AT = "2026-03-02T12:00:00.000000Z"
RUN = RunKey(document="d1", entry=2, rule="mail")
LONG = "x" * 901
DIGEST = "sha256:" + sha256(b"x" * 901).hexdigest()


def test_everything_has_its_place() -> None:
    assert keys.pipeline_head("sales") == ("PIPELINE#sales", "HEAD")
    assert keys.pipeline_version("sales", 12) == ("PIPELINE#sales", "V#12")
    assert keys.round_robin("sales", "ask") == ("PIPELINE#sales", "TURN#ask")
    assert keys.daily_report("sales", date(2026, 3, 2)) == ("PIPELINE#sales", "REPORT#2026-03-02")
    assert keys.sending_row("mail") == ("SENDING#mail", "ROW")
    assert keys.heartbeat("lane web") == ("HEARTBEAT#lane web", "HEARTBEAT")
    assert keys.connection("c1") == ("CONNECTION#c1", "CONNECTION")
    assert keys.document("d1") == ("DOC#d1", "DOC")
    assert keys.log("d1", 7) == ("DOC#d1", "LOG#0000000007")
    assert keys.log("d1", 7, 2) == ("DOC#d1", "LOG#0000000007#02")
    assert keys.event("d1", "c1", "k") == ("DOC#d1", "EVENT#k")
    assert keys.event(None, "c1", "k") == ("CONNECTION#c1#93", "EVENT#k")
    assert keys.raw_message("d1", "c1", "k") == ("DOC#d1", "RAW#k")
    assert keys.raw_message(None, "c1", "k") == ("CONNECTION#c1#93", "RAW#k")
    assert keys.entry_runs(None) == "RUN#"
    assert keys.run(RUN) == ("DOC#d1", "RUN#000002#mail")
    assert keys.once(RUN) == ("DOC#d1", "ONCE#mail")
    assert keys.alias("c1#e1") == ("ALIAS#c1#e1", "ALIAS")
    assert keys.board_place("sales", "sent", NOON, "d1") == (
        "PIPELINE#sales#38",
        f"sent#{AT}#d1",
    )
    assert keys.due_place(RUN, NOON) == ("DUE#51", f"{AT}#d1.2.mail")
    assert keys.after_due(NOON) == f"{AT}$"
    assert keys.events_place(applied("c1", "k1", "d1"), 7, 3) == (
        "CONNECTION#c1#27",
        f"{AT}#d1#0000000007#003",
    )
    assert keys.events_place(applied("c1", "k1", None), 0, 0)[1] == f"{AT}#-#0000000000#000"
    assert keys.trouble_place(RUN, NOON) == ("TROUBLE#19", f"{AT}#d1.2.mail")


def test_the_first_part_of_a_list_has_the_key_that_the_whole_list_had() -> None:
    """Items of the version that had one part are found by it."""
    assert keys.board_place("sales", "sent", NOON, "d38")[0] == "PIPELINE#sales"
    assert keys.board_shards("sales")[:2] == ("PIPELINE#sales", "PIPELINE#sales#1")
    assert keys.held_shards("sales")[:2] == ("POSTPONED#sales", "POSTPONED#sales#1")
    assert keys.event(None, "c1", "k157")[0] == "CONNECTION#c1"


def test_things_are_spread_over_as_many_partitions_as_are_read() -> None:
    runs = [RunKey(document=f"d{n}", entry=1, rule="a") for n in range(2_000)]
    places = {
        keys.due_shards(): [keys.due_place(run, NOON) for run in runs],
        keys.trouble_shards(): [keys.trouble_place(run, NOON) for run in runs],
        keys.task_shards(): [keys.task_place(TaskKey.of(run), "ben", None) for run in runs],
        keys.board_shards("sales"): [
            keys.board_place("sales", "sent", NOON, run.document) for run in runs
        ],
        keys.events_shards("c"): [
            keys.events_place(applied("c", f"k{n}", "d"), 1, 0) for n in range(2_000)
        ],
    }
    for read, written in places.items():
        assert set(read) == {partition for partition, _ in written}
        assert len(set(read)) == len(read)


def test_tasks_stand_by_assignee_and_deadline() -> None:
    key = TaskKey.of(RUN)
    assert keys.task_place(key, "Ben@ACME.example", NOON)[1] == f"ben@acme.example#{AT}#{key}"
    assert keys.task_place(key, "ben", None)[1] == f"ben#~#{key}"
    assert keys.assignee("b" * 301) == "sha256:" + sha256(b"b" * 301).hexdigest() + "#"
    assert keys.assignee("b" * 300) == "b" * 300 + "#"


def test_keys_that_are_too_long_are_digests() -> None:
    assert keys.event("d1", "c1", LONG)[1] == f"EVENT#{DIGEST}"
    assert keys.event("d1", "c1", LONG[:900])[1] == f"EVENT#{LONG[:900]}"
    assert keys.alias(LONG)[0] == f"ALIAS#{DIGEST}"
    assert keys.event("d1", "c1", "ä" * 450)[1] == f"EVENT#{'ä' * 450}"
    assert keys.event("d1", "c1", "ä" * 451)[1].startswith("EVENT#sha256:")


def a_run(state: str, **more: Any) -> Run:
    given = {
        "document": "d1", "entry": 2, "rule": "mail", "pipeline": "sales", "pipeline_version": 3,
        "stage": "sent", "kind": "send_email", "lane": "email", "state": state,
        "planned_at": NOON, **more,
    }  # fmt: skip
    return Run.model_validate(given)


LATER, LATEST = NOON + timedelta(days=1), NOON + timedelta(days=2)


@pytest.mark.parametrize(
    ("run", "due", "trouble"),
    [
        (a_run("ready", due=LATER), LATER, None),
        (a_run("ready"), None, None),
        (a_run("running", due=NOON, lease_until=LATER), LATER, None),
        (a_run("in_doubt", due=NOON, doubt_until=LATER), LATER, NOON),
        (a_run("in_doubt", started_at=LATER), None, LATER),
        (a_run("failed", started_at=LATER, concluded_at=LATEST, due=NOON), None, LATEST),
        (a_run("done", started_at=LATER, concluded_at=LATEST, due=NOON), None, None),
        (a_run("no_date", due=NOON), None, None),
    ],
)
def test_a_run_is_in_the_indexes_for_what_it_waits_for_and_for_its_trouble(
    run: Run, due: datetime | None, trouble: datetime | None
) -> None:
    item = items.dump_run(run)
    assert item.get("due_sk") == (
        None if due is None else {"S": f"{due:%Y-%m-%dT%H:%M:%S.%fZ}#d1.2.mail"}
    )
    assert item.get("events_sk") == (
        None if trouble is None else {"S": f"{trouble:%Y-%m-%dT%H:%M:%S.%fZ}#d1.2.mail"}
    )
    assert item.get("due_pk") == (None if due is None else {"S": "DUE#51"})
    assert item.get("events_pk") == (None if trouble is None else {"S": "TROUBLE#19"})


def a_document(**more: Any) -> Document:
    given = {"id": "d1", "pipeline": "sales", "stage": "sent", "since": NOON, "version": 7}
    return Document.model_validate({**given, "created_at": NOON, **more})


def test_items_of_documents_and_what_belongs_to_them() -> None:
    item = items.dump_document(a_document())
    assert {name: item[name] for name in ("pk", "sk", "type", "board_pk", "board_sk")} == {
        "pk": {"S": "DOC#d1"},
        "sk": {"S": "DOC"},
        "type": {"S": "document"},
        "board_pk": {"S": "PIPELINE#sales#38"},
        "board_sk": {"S": f"sent#{AT}#d1"},
    }
    assert items.dump_once(keys.once(RUN), 2) == {
        "pk": {"S": "DOC#d1"}, "sk": {"S": "ONCE#mail"}, "type": {"S": "once"},
        "entry": {"N": "2"},
    }  # fmt: skip
    assert items.dump_alias("c1#e1", "d1") == {
        "pk": {"S": "ALIAS#c1#e1"}, "sk": {"S": "ALIAS"}, "type": {"S": "alias"},
        "document": {"S": "d1"},
    }  # fmt: skip
    line = LogEntry(at=NOON, kind="edited", entry=1, changes=(FieldChange(field="f", new="x"),))
    plain = LogEntry(at=NOON, kind="commented", entry=1, text="t")
    assert items.dump_log("d1", TimelinePart(version=7, entries=(plain,))) == {
        "pk": {"S": "DOC#d1"},
        "sk": {"S": "LOG#0000000007"},
        "type": {"S": "log"},
        "lines": {"S": '[{"at":"2026-03-02T12:00:00Z","kind":"commented","text":"t","entry":1}]'},
    }
    both = items.dump_log(
        "d1",
        TimelinePart(
            version=7,
            piece=1,
            entries=(line, plain),
            hashes=(EntryHash("5a17", None, "1f" * 32), EntryHash(None, "2e" * 32, "3d" * 32)),
        ),
    )
    assert both["sk"] == {"S": "LOG#0000000007#01"}
    assert both["changes"]["L"][1] == {"L": []}
    assert "changes" not in both["lines"]["S"]
    assert both["hashes"] == {
        "B": bytes.fromhex("02" + "5a17" + "1f" * 32 + "00" + "2e" * 32 + "3d" * 32)
    }


def applied(connection: str, key: str, document: str | None) -> ProcessedEvent:
    return an_event(connection=connection, key=key, document=document, at=NOON)


def an_event(**more: Any) -> ProcessedEvent:
    given = {"key": "k1", "connection": "c1", "at": NOON, "provider_event": "x", "kind": "other"}
    return ProcessedEvent.model_validate({**given, "authenticity": "signed", **more})


def test_items_of_events_and_their_messages() -> None:
    item = items.dump_event(7, 3, an_event(document="d1", raw="{}"))
    assert item == {
        "pk": {"S": "DOC#d1"},
        "sk": {"S": "EVENT#k1"},
        "type": {"S": "event"},
        "key": {"S": "k1"},
        "connection": {"S": "c1"},
        "document": {"S": "d1"},
        "at": {"S": AT},
        "provider_event": {"S": "x"},
        "kind": {"S": "other"},
        "authenticity": {"S": "signed"},
        "applied_in": {"S": "0000000007#003"},
        "events_pk": {"S": "CONNECTION#c1#27"},
        "events_sk": {"S": f"{AT}#d1#0000000007#003"},
    }
    raw = items.dump_raw(an_event(raw='{"a": 1}'))
    assert (raw["pk"], raw["sk"], raw["type"], raw["key"]) == (
        {"S": "CONNECTION#c1#41"}, {"S": "RAW#k1"}, {"S": "raw"}, {"S": "k1"},
    )  # fmt: skip
    assert zlib.decompress(raw["body"]["B"]) == b'{"a": 1}'
    assert items.unpack(items.dump_raw(an_event())["body"]) == ""


def test_items_of_pipelines_and_connections() -> None:
    head = items.dump_head(Head(pipeline="sales", name="Sales", version=4))
    assert (head["pk"], head["sk"], head["type"]) == (
        {"S": "PIPELINE#sales"}, {"S": "HEAD"}, {"S": "pipeline"},
    )  # fmt: skip
    assert (head["board_pk"], head["board_sk"]) == ({"S": "PIPELINES"}, {"S": "sales"})
    stages = [{"id": "draft"}]
    wanted = Pipeline.model_validate({"pipeline": "sales", "stages": stages})
    version = items.dump_version(Version(number=4, pipeline=wanted))
    assert (version["pk"], version["sk"], version["type"]) == (
        {"S": "PIPELINE#sales"}, {"S": "V#4"}, {"S": "version"},
    )  # fmt: skip
    one = items.dump_connection(Connection(id="c1", provider="docusign", pipeline="sales"))
    assert (one["pk"], one["sk"], one["type"]) == (
        {"S": "CONNECTION#c1"}, {"S": "CONNECTION"}, {"S": "connection"},
    )  # fmt: skip
    assert (one["board_pk"], one["board_sk"]) == ({"S": "CONNECTIONS"}, {"S": "c1"})


@pytest.mark.parametrize(("state", "indexed"), [("open", True), ("done", False)])
def test_only_an_open_task_is_listed(state: str, indexed: bool) -> None:
    task = Task.model_validate(
        {
            **TaskKey.of(RUN).model_dump(),
            "pipeline": "sales", "stage": "sent", "title": "Call", "assignee": "Ben",
            "state": state, "pipeline_version": 1, "created_at": NOON, "entry": 2, "rule": "mail",
        }
    )  # fmt: skip
    item = items.dump_task(task)
    assert (item["pk"], item["type"]) == ({"S": "DOC#d1"}, {"S": "task"})
    assert ("task_pk" in item, "task_sk" in item) == (indexed, indexed)


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        ("x", {"S": "x"}), (True, {"BOOL": True}), (5, {"N": "5"}), (None, {"NULL": True}),
        (b"x", {"B": b"x"}), (("x", 1), {"L": [{"S": "x"}, {"N": "1"}]}),
        (["x"], {"L": [{"S": "x"}]}), ({"a": False}, {"M": {"a": {"BOOL": False}}}),
        (NOON, {"S": AT}),
    ],
)  # fmt: skip
def test_plain_values_are_attributes(value: Any, attribute: dict[str, Any]) -> None:
    assert items.write(value) == attribute
    back = items.read(attribute)
    assert back == (AT if value == NOON else list(value) if isinstance(value, tuple) else value)


# --- sizes


@pytest.mark.parametrize(
    ("attribute", "size"),
    [
        ({"S": "abc"}, 3), ({"S": "ä\ud800"}, 3), ({"N": "5"}, 3), ({"N": "12"}, 3),
        ({"N": "123"}, 4), ({"B": b"1234"}, 4), ({"BOOL": True}, 1), ({"NULL": True}, 1),
        ({"L": [{"S": "ab"}, {"BOOL": True}]}, 8), ({"M": {"é": {"S": "ab"}}}, 8),
        ({"L": []}, 3), ({"M": {}}, 3),
    ],
)  # fmt: skip
def test_an_item_is_as_large_as_dynamodb_counts(attribute: dict[str, Any], size: int) -> None:
    assert item_size({"name": attribute}) == 4 + size
    assert item_size({"name": attribute, "b": {"S": "x"}}) == 4 + size + 2


def item(size: int) -> dict[str, Any]:
    return {"sk": {"S": "x" * (size - 2)}}


def test_the_limits_are_dynamodbs() -> None:
    check_sizes([item(409_600)])
    with pytest.raises(TooLargeError) as raised:
        check_sizes([item(100), item(409_601)])
    assert str(raised.value) == (f"the item {'x' * 80} has 409,601 bytes; DynamoDB keeps 409,600")
    check_sizes([item(400_000)] * 10 + [item(194_304)])
    with pytest.raises(TooLargeError) as raised:
        check_sizes([item(400_000)] * 10 + [item(194_305)])
    assert str(raised.value) == "the change has 4,194,305 bytes; DynamoDB writes 4,194,304 at once"


def test_a_change_is_measured_with_all_that_it_writes() -> None:
    large = "\U0001f600" * 40_000
    tasks = {"entry": 2, "rule": "mail", "pipeline": "sales", "stage": "sent", "assignee": "Ben"}
    task = Task.model_validate(
        {**TaskKey.of(RUN).model_dump(), **tasks, "title": large * 3, "state": "open",
         "pipeline_version": 1, "created_at": NOON}
    )  # fmt: skip
    raw = "".join(chr(0x4E00 + (n * n) % 19_997) for n in range(90_000))
    lines = tuple(LogEntry(at=NOON, kind="commented", entry=1, text=large) for _ in range(40))
    for change in (
        Transaction(document=a_document(title=large * 3)),
        Transaction(document=a_document(title="\U0001f600" * 102_390)),
        Transaction(planned=(a_run("ready", reason=large * 3),)),
        Transaction(tasks=(task,)),
        Transaction(document=a_document(), log=lines),
        Transaction(events=(an_event(provider_event=large * 3),)),
    ):
        with pytest.raises(TooLargeError):
            check_change(change)
    check_change(Transaction(events=tuple(an_event(key=f"k{n}", raw=raw) for n in range(5))))
    written = list(items_of(Transaction(events=(an_event(), an_event(key="k2", raw="{}")))))
    assert [one.get("applied_in") for one in written] == [
        {"S": "0000000000#000"},
        {"S": "0000000000#001"},
        None,
    ]


def test_an_item_that_cannot_be_read_names_at_most_five_places_and_no_value() -> None:
    item_ = items.dump_run(a_run("ready"))
    for name in ("entry", "pipeline_version", "generation", "attempts", "swept", "put_off"):
        item_[name] = {"S": "klara@kunde.example"}
    with pytest.raises(UnreadableError) as raised:
        items.parse(Run, item_)
    assert str(raised.value) == (
        "the item DOC#d1 RUN#000002#mail cannot be read by this version: entry (int_parsing), "
        "pipeline_version (int_parsing), generation (int_parsing), attempts (int_parsing), "
        "put_off (int_parsing)"
    )
