"""Lists a page at a time: nothing twice, nothing left out, and the same reads wherever one is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from countersign.adapters.dynamodb import items
from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.adapters.dynamodb.stores.process.pages import DynamoPages
from countersign.errors import InvalidCursorError, PermanentError
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.page import Page, PageRequest, StageQuery, TaskQuery, WordQuery
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run
from countersign.model.signing_event import Signer
from countersign.model.task import Task
from countersign.model.transaction import ProcessedEvent, RunUpdate, Transaction
from countersign.ports import Documents, Pages
from tests.contract.adapters.conftest import TABLE, Stores
from tests.contract.adapters.test_held_messages import a_message

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
T = TypeVar("T")
Read = Callable[[PageRequest], Page[T]]
SALES = StageQuery(pipeline="sales")
SENT = StageQuery(pipeline="sales", stage="sent")
EVERYBODY = TaskQuery()


def whole(read: Read[T], limit: int) -> list[T]:
    """All items of a list, page by page; every page but the last is full."""
    found: list[T] = []
    after = None
    while True:
        page = read(PageRequest(after=after, limit=limit))
        found += page.items
        if page.next is None:
            return found
        assert len(page.items) == limit
        after = page.next


def read_through(read: Read[T], limit: int) -> list[T]:
    """All items of a list whose pages may be short."""
    found: list[T] = []
    after = None
    while True:
        page = read(PageRequest(after=after, limit=limit))
        found += page.items
        if page.next is None:
            return found
        assert len(page.items) <= limit
        after = page.next


def a_document(number: int, minutes: int = 0, **members: Any) -> Document:
    at = NOON + timedelta(minutes=minutes)
    given = {
        "id": f"d{number}",
        "pipeline": "sales",
        "stage": "sent",
        "since": at,
        "created_at": at,
        "word_index": 1,
    }
    return Document.model_validate({**given, **members})


def a_run(document: str, number: int = 0, **members: Any) -> Run:
    given = {
        "document": document,
        "entry": 1,
        "rule": f"r{number:02}",
        "pipeline": "sales",
        "pipeline_version": 1,
        "stage": "sent",
        "kind": "send_email",
        "lane": "email",
        "state": "failed",
        "planned_at": NOON,
        "concluded_at": NOON + timedelta(minutes=number),
    }
    return Run.model_validate({**given, **members})


def a_task(document: str, assignee: str, deadline: datetime | None, rule: str = "call") -> Task:
    return Task(
        document=document,
        id=f"1.{rule}",
        entry=1,
        rule=rule,
        pipeline="sales",
        pipeline_version=1,
        stage="sent",
        title="Call",
        assignee=assignee,
        deadline=deadline,
        created_at=NOON,
    )


def an_event(number: int, **members: Any) -> ProcessedEvent:
    given = {
        "key": f"k{number:02}",
        "connection": "c1",
        "document": "d0",
        "at": NOON + timedelta(minutes=number),
        "provider_event": "envelope-sent",
        "kind": "document.sent",
        "authenticity": "signed",
        "raw": "{}",
    }
    return ProcessedEvent.model_validate({**given, **members})


def shuffled(count: int) -> list[int]:
    """All numbers up to there, in an order that has nothing to do with theirs."""
    return [number * 37 % count for number in range(count)]


# --- documents


@pytest.mark.parametrize("limit", [17, 60, 100])
def test_a_stage_is_read_page_by_page_longest_there_first(
    documents: Documents, pages: Pages, limit: int
) -> None:
    for number, minutes in enumerate(shuffled(60)):
        documents.commit(Transaction(document=a_document(number, minutes)))
    documents.commit(Transaction(document=a_document(100, stage="draft")))
    documents.commit(Transaction(document=a_document(101, pipeline="leases")))
    found = whole(lambda page: pages.in_stage(SENT, page), limit)
    assert [document.since for document in found] == [
        NOON + timedelta(minutes=n) for n in range(60)
    ]


def test_a_pipeline_is_read_by_stage(documents: Documents, pages: Pages) -> None:
    for number, stage in enumerate(("sent", "draft", "sent", "archive")):
        documents.commit(Transaction(document=a_document(number, number, stage=stage)))
    found = whole(lambda page: pages.in_stage(SALES, page), 3)
    assert [document.id for document in found] == ["d3", "d1", "d0", "d2"]


@pytest.mark.parametrize("limit", [1, 3, 17, 100])
def test_cards_are_read_page_by_page_in_the_same_order(
    documents: Documents, pages: Pages, limit: int
) -> None:
    for number, minutes in enumerate(shuffled(40)):
        name = "draft" if number % 3 else "sent"
        title = None if number % 2 else f"Lease {number}"
        made = a_document(number, minutes, stage=name, title=title)
        documents.commit(Transaction(document=made))
    documents.commit(Transaction(document=a_document(101, pipeline="leases")))
    found = whole(lambda page: pages.cards("sales", page), limit)
    assert found == list(documents.cards("sales"))
    assert len(found) == 40


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"responsible": "BEN@acme.example"}, ["d1", "d3", "d5"]),
        ({"arrived_by": NOON + timedelta(minutes=2)}, ["d0", "d1", "d2"]),
        ({"stage": "sent", "arrived_by": NOON + timedelta(minutes=2)}, ["d0", "d1", "d2"]),
        ({"stage": "sent", "arrived_by": NOON - timedelta(minutes=1)}, []),
        (
            {"responsible": "ben@acme.example", "arrived_by": NOON + timedelta(minutes=4)},
            ["d1", "d3"],
        ),
        ({"responsible": "carl@acme.example"}, []),
    ],
    ids=str,
)
@pytest.mark.parametrize("limit", [2, 100])
def test_documents_are_filtered_by_person_and_by_age(
    documents: Documents, pages: Pages, wanted: dict[str, Any], found: list[str], limit: int
) -> None:
    for number in range(6):
        responsible = "ben@acme.example" if number % 2 else "anna@acme.example"
        document = a_document(number, number, responsible=responsible)
        documents.commit(Transaction(document=document))
    asked = StageQuery(**{"pipeline": "sales", **wanted})
    read = read_through(lambda page: pages.in_stage(asked, page), limit)
    assert [document.id for document in read] == found


def test_what_does_not_match_is_left_out_and_the_page_goes_on(
    documents: Documents, pages: Pages
) -> None:
    for number in range(30):
        documents.commit(Transaction(document=a_document(number, number)))
    read = read_through(
        lambda page: pages.in_stage(SENT, page, lambda one: one.id.endswith("7")), 2
    )
    assert [document.id for document in read] == ["d7", "d17", "d27"]


def test_a_document_that_has_moved_on_does_not_stand_in_its_old_stage(
    documents: Documents, pages: Pages
) -> None:
    for number in range(3):
        documents.commit(Transaction(document=a_document(number, number)))
    moved = a_document(1, 9, stage="signed", version=2)
    documents.commit(Transaction(document=moved, was_version=1))
    found = whole(lambda page: pages.in_stage(SENT, page), 1)
    assert [document.id for document in found] == ["d0", "d2"]


# --- by word


def found_by(pages: Pages, word: str, *, whole_word: bool = False, limit: int = 2) -> list[str]:
    wanted = WordQuery(word=word, whole=whole_word)
    return [one.id for one in read_through(lambda page: pages.with_word(wanted, page), limit)]


def words(document: Document, *new: str, old: tuple[str, ...] = ()) -> Transaction:
    was = None if document.version == 1 else document.version - 1
    return Transaction(document=document, was_version=was, new_words=new, old_words=old)


def test_a_word_finds_its_documents_the_newest_first(documents: Documents, pages: Pages) -> None:
    for number, minutes in enumerate(shuffled(11)):
        document = a_document(number, minutes, title="Framework agreement")
        documents.commit(words(document, "framework", "agreement"))
    newest_first = [
        f"d{number}"
        for _, number in sorted(
            ((minutes, number) for number, minutes in enumerate(shuffled(11))), reverse=True
        )
    ]
    assert found_by(pages, "framework") == newest_first
    assert found_by(pages, "fr") == newest_first
    assert found_by(pages, "framework", whole_word=True) == newest_first
    assert found_by(pages, "frame", whole_word=True) == []
    assert found_by(pages, "work") == []


def test_a_document_stands_once_under_the_first_of_its_words_that_begins_so(
    documents: Documents, pages: Pages
) -> None:
    documents.commit(words(a_document(1, title="Anna Andersen"), "anna", "andersen"))
    documents.commit(words(a_document(2, title="Anka"), "anka"))
    assert found_by(pages, "an", limit=1) == ["d1", "d2"]
    assert found_by(pages, "ann", limit=1) == ["d1"]


def test_an_address_is_found_whole_and_by_its_beginning(documents: Documents, pages: Pages) -> None:
    for number, address in enumerate(("ada@kunde.example", "ada@kunde.example.org")):
        document = a_document(number, number, signers=(Signer(id="1", email=address),))
        documents.commit(words(document, address))
    assert found_by(pages, "ada@kunde.example") == ["d0", "d1"]
    assert found_by(pages, "ada@kunde.example", whole_word=True) == ["d0"]


def test_a_word_that_was_lost_finds_nothing(documents: Documents, pages: Pages) -> None:
    documents.commit(words(a_document(1, title="Lease"), "lease"))
    after = a_document(1, title="Rent", version=2)
    documents.commit(words(after, "rent", old=("lease",)))
    assert (found_by(pages, "lease"), found_by(pages, "rent")) == ([], ["d1"])


def test_what_the_index_has_beyond_the_document_s_words_finds_nothing(
    documents: Documents, pages: Pages
) -> None:
    documents.commit(words(a_document(1, title="Lease"), "lease", "rent"))
    assert (found_by(pages, "lease"), found_by(pages, "rent")) == (["d1"], [])


def test_a_removed_document_is_found_by_no_word(documents: Documents, pages: Pages) -> None:
    for number in (1, 2):
        documents.commit(words(a_document(number, number, title="Lease"), "lease"))
    documents.remove("d1")
    assert found_by(pages, "lease") == ["d2"]


def test_removing_a_document_removes_its_words(
    dynamodb: DynamoDBClient,
) -> None:
    documents = DynamoDocuments(dynamodb, TABLE)
    late = a_document(1, title="Lease Müller", words_to_add=("muller",), words_to_remove=("rent",))
    documents.commit(words(late, "lease", "müller", "rent"))
    documents.remove("d1")
    assert dynamodb.scan(TableName=TABLE)["Items"] == []


def test_a_change_names_each_word_once(documents: Documents) -> None:
    with pytest.raises(PermanentError, match="names the word lease more than once"):
        documents.commit(words(a_document(1), "lease", old=("lease",)))


def test_words_belong_to_a_changed_document(documents: Documents) -> None:
    with pytest.raises(PermanentError, match="a change with new_words must change its document"):
        documents.commit(Transaction(new_words=("lease",)))


# --- tasks


@pytest.fixture
def with_tasks(documents: Documents) -> None:
    for number, hours in enumerate(shuffled(20)):
        assignee = ("anna@acme.example", "Ben@acme.example", "group:Legal")[number % 3]
        task = a_task(f"d{number}", assignee, NOON + timedelta(hours=hours))
        documents.commit(Transaction(document=a_document(number), tasks=(task,)))
    without = a_task("d20", "anna@acme.example", None)
    documents.commit(Transaction(document=a_document(20), tasks=(without,)))


@pytest.mark.usefixtures("with_tasks")
@pytest.mark.parametrize("limit", [4, 100])
def test_everybody_s_tasks_stand_by_deadline_and_those_without_last(
    pages: Pages, limit: int
) -> None:
    found = whole(lambda page: pages.open_tasks(EVERYBODY, page), limit)
    deadlines = [NOON + timedelta(hours=n) for n in range(20)]
    assert [task.deadline for task in found] == [*deadlines, None]


@pytest.mark.usefixtures("with_tasks")
@pytest.mark.parametrize("limit", [4, 100])
def test_the_tasks_of_a_person_and_of_groups_stand_together_by_deadline(
    pages: Pages, limit: int
) -> None:
    wanted = TaskQuery(assignees=("BEN@acme.example", "group:legal"))
    found = whole(lambda page: pages.open_tasks(wanted, page), limit)
    mine = sorted(hours for number, hours in enumerate(shuffled(20)) if number % 3)
    assert [task.deadline for task in found] == [NOON + timedelta(hours=n) for n in mine]


@pytest.mark.usefixtures("with_tasks")
@pytest.mark.parametrize("assignees", [None, ("anna@acme.example",)])
def test_overdue_tasks_end_with_their_moment(
    pages: Pages, assignees: tuple[str, ...] | None
) -> None:
    wanted = TaskQuery(assignees=assignees, due_by=NOON + timedelta(hours=9))
    found = whole(lambda page: pages.open_tasks(wanted, page), 2)
    hours = sorted(
        hours
        for number, hours in enumerate(shuffled(20))
        if hours <= 9 and (assignees is None or number % 3 == 0)
    )
    assert [task.deadline for task in found] == [NOON + timedelta(hours=n) for n in hours]


@pytest.mark.usefixtures("with_tasks")
@pytest.mark.parametrize("assignees", [None, ("anna@acme.example",)])
@pytest.mark.parametrize(
    ("bounds", "hours"),
    [
        ({"due_after": 5}, range(5, 20)),
        ({"due_before": 5}, range(5)),
        ({"due_after": 5, "due_before": 9}, range(5, 9)),
        ({"due_after": 9, "due_before": 5}, ()),
        ({"due_by": 5, "due_before": 9}, range(6)),
        ({"due_by": 9, "due_before": 5}, range(5)),
    ],
)
def test_tasks_are_asked_for_by_when_they_are_due(
    pages: Pages,
    assignees: tuple[str, ...] | None,
    bounds: dict[str, int],
    hours: Sequence[int],
) -> None:
    moments: dict[str, Any] = {
        name: NOON + timedelta(hours=number) for name, number in bounds.items()
    }
    wanted = TaskQuery(assignees=assignees, **moments)
    found = whole(lambda page: pages.open_tasks(wanted, page), 2)
    mine = {n for number, n in enumerate(shuffled(20)) if assignees is None or number % 3 == 0}
    assert [task.deadline for task in found] == [
        NOON + timedelta(hours=n) for n in hours if n in mine
    ]


@pytest.mark.usefixtures("with_tasks")
@pytest.mark.parametrize("assignees", [None, ("anna@acme.example",), ("ben@acme.example",)])
def test_tasks_without_a_deadline_are_asked_for(
    pages: Pages, assignees: tuple[str, ...] | None
) -> None:
    wanted = TaskQuery(assignees=assignees, without_deadline=True)
    found = whole(lambda page: pages.open_tasks(wanted, page), 2)
    assert [task.document for task in found] == (
        [] if assignees == ("ben@acme.example",) else ["d20"]
    )
    with_a_bound = TaskQuery(assignees=assignees, without_deadline=True, due_before=NOON)
    assert whole(lambda page: pages.open_tasks(with_a_bound, page), 2) == []


def _with_two_tasks_each(documents: Documents, number: int) -> None:
    """Of each document one task is done and one is open; every second is in an earlier stage."""
    for one in range(number):
        tasks = (
            a_task(f"d{one}", "anna@acme.example", NOON, "a"),
            a_task(f"d{one}", "anna@acme.example", None, "b").model_copy(update={"state": "done"}),
        )
        stage = "draft" if one % 2 else "sent"
        documents.commit(Transaction(document=a_document(one, one, stage=stage), tasks=tasks))
    other = a_document(99, pipeline="leases")
    task = a_task("d99", "anna@acme.example", NOON).model_copy(update={"pipeline": "leases"})
    documents.commit(Transaction(document=other, tasks=(task,)))


@pytest.mark.parametrize("limit", [1, 3, 100])
def test_all_tasks_of_a_pipeline_stand_document_by_document(
    documents: Documents, pages: Pages, limit: int
) -> None:
    _with_two_tasks_each(documents, 5)
    every = read_through(lambda page: pages.tasks_of_pipeline("sales", page, lambda _: True), limit)
    assert [f"{task.document} {task.rule}" for task in every] == [
        *("d1 a", "d1 b", "d3 a", "d3 b"),
        *("d0 a", "d0 b", "d2 a", "d2 b", "d4 a", "d4 b"),
    ]

    def is_done(task: Task) -> bool:
        return task.state == "done"

    done = read_through(lambda page: pages.tasks_of_pipeline("sales", page, is_done), limit)
    assert [task.document for task in done] == ["d1", "d3", "d0", "d2", "d4"]


def test_a_page_of_a_pipeline_s_tasks_looks_at_25_documents(
    documents: Documents, pages: Pages
) -> None:
    _with_two_tasks_each(documents, 30)
    page = pages.tasks_of_pipeline("sales", PageRequest(), lambda _: False)
    assert page.items == ()
    assert page.next is not None
    rest = pages.tasks_of_pipeline("sales", PageRequest(after=page.next), lambda _: True)
    assert ({task.document for task in rest.items}, rest.next) == (
        {"d20", "d22", "d24", "d26", "d28"},
        None,
    )


@pytest.mark.parametrize("place", ["x", "0#sent", "-1#sent#2026-03-02#d1", "²#sent#2026-03-02#d1"])
def test_a_place_among_documents_names_one_and_a_number(pages: Pages, place: str) -> None:
    with pytest.raises(InvalidCursorError):
        pages.tasks_of_pipeline("sales", PageRequest(after=place), lambda _: True)


def test_documents_are_read_by_their_ids(stores: Stores) -> None:
    made = {one.id: one for one in map(a_document, range(3))}
    for document in made.values():
        stores.documents.commit(Transaction(document=document))
    assert stores.pages.documents(("d2", "d0", "d2", "gone")) == {
        "d0": made["d0"],
        "d2": made["d2"],
    }
    assert stores.pages.documents(()) == {}
    stores.spoil(("document", "d1"), ("DOC#d1", "DOC"), {"entry": {"S": "one"}})
    assert list(stores.pages.documents({"d1", "d2"})) == ["d2"]
    assert len(stores.unreadable.take()) == 1


@pytest.mark.usefixtures("with_tasks")
def test_a_task_that_is_done_or_was_given_to_another_is_not_listed(
    documents: Documents, pages: Pages
) -> None:
    first, second = whole(lambda page: pages.open_tasks(EVERYBODY, page), 100)[:2]
    done = first.model_copy(update={"state": "done", "version": 2})
    given = second.model_copy(update={"assignee": "carl@acme.example", "version": 2})
    for task in (done, given):
        there = documents.get(task.document)
        assert there is not None
        document = there.model_copy(update={"version": 2})
        documents.commit(Transaction(document=document, was_version=1, tasks=(task,)))
    left = whole(lambda page: pages.open_tasks(EVERYBODY, page), 100)
    assert (done.key in {task.key for task in left}, len(left)) == (False, 20)
    carl = TaskQuery(assignees=("carl@acme.example",))
    assert whole(lambda page: pages.open_tasks(carl, page), 5) == [given]


# --- runs, timeline and events


def test_runs_in_trouble_are_read_oldest_first_until_they_are_resolved(
    documents: Documents, pages: Pages
) -> None:
    for number in shuffled(12):
        pipeline = "sales" if number % 2 else "leases"
        run = a_run(f"d{number}", number, pipeline=pipeline)
        documents.commit(Transaction(document=a_document(number), planned=(run,)))
    resolved = a_run("d3", 3, state="skipped")
    documents.commit(
        Transaction(updates=(RunUpdate(run=resolved, was="failed", was_generation=1),))
    )
    every = whole(lambda page: pages.troubled(page), 5)
    assert [run.document for run in every] == [f"d{n}" for n in range(12) if n != 3]
    mine = read_through(lambda page: pages.troubled(page, lambda run: run.pipeline == "sales"), 2)
    assert [run.document for run in mine] == ["d1", "d5", "d7", "d9", "d11"]


def test_the_timeline_is_read_from_either_end(documents: Documents, pages: Pages) -> None:
    texts = []
    for version in range(1, 6):
        lines = [f"{version}.{number}" for number in range(version)]
        texts += lines
        log = tuple(LogEntry(at=NOON, kind="event", text=text, entry=1) for text in lines)
        was = version - 1 or None
        documents.commit(
            Transaction(document=a_document(0, version=version), was_version=was, log=log)
        )
    for limit in (1, 2, 4, 15, 100):
        read = whole(lambda page: pages.timeline("d0", page), limit)
        assert [entry.text for entry in read] == texts
        read = whole(lambda page: pages.timeline("d0", page, newest_first=True), limit)
        assert [entry.text for entry in read] == texts[::-1]


def test_what_belongs_to_a_document_is_read_page_by_page(
    documents: Documents, pages: Pages
) -> None:
    runs = [a_run("d0", number, entry=1 + number % 2) for number in range(9)]
    tasks = [a_task("d0", "anna@acme.example", None, rule=f"t{number}") for number in range(7)]
    events = [an_event(number) for number in range(8)]
    change = Transaction(
        document=a_document(0), planned=tuple(runs), tasks=tuple(tasks), events=tuple(events)
    )
    documents.commit(change)
    others = Transaction(
        document=a_document(1), planned=(a_run("d1"),), events=(an_event(1, document="d1"),)
    )
    documents.commit(others)
    by_entry = sorted(runs, key=lambda run: (run.entry, run.rule))
    assert whole(lambda page: pages.runs("d0", page), 2) == by_entry
    assert whole(lambda page: pages.tasks("d0", page), 3) == tasks
    without_messages = [event.model_copy(update={"raw": None}) for event in events]
    assert whole(lambda page: pages.events("d0", page), 3) == without_messages
    assert pages.runs("d2", PageRequest()) == Page(())


def test_the_events_of_a_connection_are_read_newest_first(
    documents: Documents, pages: Pages
) -> None:
    for number in shuffled(13):
        event = an_event(number, document=f"d{number}")
        documents.commit(Transaction(document=a_document(number), events=(event,)))
    other = an_event(50, document="d50", connection="c2")
    documents.commit(Transaction(document=a_document(50), events=(other,)))
    found = whole(lambda page: pages.recent_events("c1", page), 4)
    assert [event.key for event in found] == [f"k{number:02}" for number in reversed(range(13))]
    assert {event.raw for event in found} == {None}


# --- pipelines, connections and messages


def test_pipelines_and_their_versions_are_read_page_by_page(stores: Stores) -> None:
    for name in ("nda", "sales", "leases"):
        for _ in range(4):
            pipeline = Pipeline.model_validate(
                {"pipeline": name, "stages": [{"id": "draft", "name": "Draft"}]}
            )
            stores.pipelines.publish(pipeline, at=NOON, by="anna")
    heads = whole(stores.pages.pipelines, 2)
    assert [head.pipeline for head in heads] == ["leases", "nda", "sales"]
    versions = whole(lambda page: stores.pages.versions("sales", page), 3)
    assert [(one.pipeline.pipeline, one.number) for one in versions] == [
        ("sales", 4),
        ("sales", 3),
        ("sales", 2),
        ("sales", 1),
    ]
    assert stores.pages.versions("none", PageRequest()) == Page(())


def test_connections_are_read_page_by_page(stores: Stores) -> None:
    for name in ("yousign", "docusign", "pandadoc"):
        stores.connections.put(Connection(id=name, provider="docusign", pipeline="sales"))
    found = whole(stores.pages.connections, 1)
    assert [one.id for one in found] == ["docusign", "pandadoc", "yousign"]


def test_held_messages_are_read_in_the_order_in_which_they_came(stores: Stores) -> None:
    messages = [a_message(f"k{n}", received_at=NOON + timedelta(seconds=n)) for n in range(9)]
    for message in reversed(messages):
        stores.held.add(message)
    assert whole(lambda page: stores.pages.held("sales", page), 2) == messages
    for message in messages[:5]:
        stores.held.set_aside(message, "no such connection", at=NOON)
    assert whole(lambda page: stores.pages.held("sales", page), 3) == messages[5:]
    aside = whole(lambda page: stores.pages.held_aside("sales", page), 2)
    assert [one.message for one in aside] == messages[:5]
    assert stores.pages.held("leases", PageRequest()) == Page(())


# --- places


READS: dict[str, Callable[[Pages, PageRequest], object]] = {
    "in_stage": lambda pages, page: pages.in_stage(SENT, page),
    "cards": lambda pages, page: pages.cards("sales", page),
    "with_word": lambda pages, page: pages.with_word(WordQuery(word="lease"), page),
    "open_tasks": lambda pages, page: pages.open_tasks(EVERYBODY, page),
    "my tasks": lambda pages, page: pages.open_tasks(TaskQuery(assignees=("anna",)), page),
    "tasks_of_pipeline": lambda pages, page: pages.tasks_of_pipeline("sales", page, bool),
    "troubled": lambda pages, page: pages.troubled(page),
    "timeline": lambda pages, page: pages.timeline("d0", page),
    "runs": lambda pages, page: pages.runs("d0", page),
    "tasks": lambda pages, page: pages.tasks("d0", page),
    "events": lambda pages, page: pages.events("d0", page),
    "recent_events": lambda pages, page: pages.recent_events("c1", page),
    "pipelines": lambda pages, page: pages.pipelines(page),
    "versions": lambda pages, page: pages.versions("sales", page),
    "connections": lambda pages, page: pages.connections(page),
    "held": lambda pages, page: pages.held("sales", page),
    "held_aside": lambda pages, page: pages.held_aside("sales", page),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_an_empty_list_has_one_empty_page(
    pages: Pages, read: Callable[[Pages, PageRequest], object]
) -> None:
    assert read(pages, PageRequest()) == Page((), None)


@pytest.mark.parametrize("place", ["", "x" * 1_001, "half a letter: \ud83d"])
@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_what_can_be_no_place_is_refused(
    pages: Pages, read: Callable[[Pages, PageRequest], object], place: str
) -> None:
    with pytest.raises(InvalidCursorError):
        read(pages, PageRequest(after=place))


@pytest.mark.parametrize("name", ["timeline", "versions"])
@pytest.mark.parametrize("place", ["x", "1.x", "-1", "²"])
def test_a_place_that_must_be_a_number_is_one(pages: Pages, name: str, place: str) -> None:
    with pytest.raises(InvalidCursorError):
        READS[name](pages, PageRequest(after=place))


@pytest.mark.parametrize("place", ["!", "a", "~", "\U0010ffff", "\x00"])
def test_an_invented_place_leads_nowhere_else(
    documents: Documents, pages: Pages, place: str
) -> None:
    for number, stage in enumerate(("archive", "sent", "signed")):
        task = a_task(f"d{number}", f"{stage}@acme.example", NOON)
        document = a_document(number, stage=stage)
        documents.commit(Transaction(document=document, tasks=(task,)))
    found = pages.in_stage(SENT, PageRequest(after=place)).items
    assert {document.stage for document in found} <= {"sent"}
    wanted = TaskQuery(assignees=("sent@acme.example",))
    tasks = pages.open_tasks(wanted, PageRequest(after=place)).items
    assert {task.assignee for task in tasks} <= {"sent@acme.example"}


@pytest.mark.parametrize("limit", [0, -1, 101])
def test_a_page_has_from_one_to_a_hundred_items(limit: int) -> None:
    with pytest.raises(PermanentError, match="expected 1 to 100"):
        PageRequest(limit=limit)


def test_what_cannot_be_read_is_noted_and_the_page_goes_on(stores: Stores) -> None:
    for number in range(3):
        stores.documents.commit(Transaction(document=a_document(number, number)))
    stores.spoil(("document", "d1"), ("DOC#d1", "DOC"), {"entry": {"S": "one"}})
    found = whole(lambda page: stores.pages.in_stage(SENT, page), 1)
    assert [document.id for document in found] == ["d0", "d2"]
    assert len(stores.unreadable.take()) == 1


# --- what the twin in memory has no calls for


@contextmanager
def calls(client: DynamoDBClient) -> Iterator[Counter[str]]:
    """How often each operation is called meanwhile."""
    made: Counter[str] = Counter()

    def note(model: Any, **_: object) -> None:
        made[model.name] += 1

    client.meta.events.register("before-call.dynamodb", note)
    try:
        yield made
    finally:
        client.meta.events.unregister("before-call.dynamodb", note)


def fill(client: DynamoDBClient, count: int) -> None:
    for number in range(count):
        document = a_document(number, number, title="Lease", responsible="anna@acme.example")
        client.put_item(TableName=TABLE, Item=items.dump_document(document))
        client.put_item(TableName=TABLE, Item=items.dump_word("lease", document))


@pytest.mark.parametrize("count", [30, 300])
def test_a_page_takes_a_query_of_each_part_and_one_batch_wherever_it_is(
    dynamodb: DynamoDBClient, count: int
) -> None:
    fill(dynamodb, count)
    pages = DynamoPages(dynamodb, TABLE)
    with calls(dynamodb) as made:
        first = pages.in_stage(SENT, PageRequest(limit=20))
    assert made == {"Query": 64, "BatchGetItem": 1}
    with calls(dynamodb) as made:
        second = pages.in_stage(SENT, PageRequest(limit=10, after=first.next))
    assert made == {"Query": 64, "BatchGetItem": 1}
    found = [document.id for document in (*first.items, *second.items)]
    assert found == [f"d{n}" for n in range(30)]


@pytest.mark.parametrize("count", [30, 300])
def test_what_a_word_finds_is_read_at_once(dynamodb: DynamoDBClient, count: int) -> None:
    fill(dynamodb, count)
    pages = DynamoPages(dynamodb, TABLE)
    with calls(dynamodb) as made:
        found = pages.with_word(WordQuery(word="le"), PageRequest(limit=20))
    assert made == {"Query": 64, "BatchGetItem": 1}
    assert [document.id for document in found.items] == [f"d{count - n}" for n in range(1, 21)]


def test_a_page_that_finds_nothing_stops_and_says_where(dynamodb: DynamoDBClient) -> None:
    fill(dynamodb, 700)
    pages = DynamoPages(dynamodb, TABLE)
    seen: list[str] = []

    def never(document: Document) -> bool:
        seen.append(document.id)
        return False

    with calls(dynamodb) as made:
        page = pages.in_stage(SENT, PageRequest(limit=20), never)
    assert (page.items, made["BatchGetItem"], len(seen)) == ((), 5, 500)
    page = pages.in_stage(SENT, PageRequest(limit=20, after=page.next), never)
    assert (page, len(seen), len(set(seen))) == (Page((), None), 700, 700)


def test_cards_of_others_are_passed_over_without_reading_their_documents(
    dynamodb: DynamoDBClient,
) -> None:
    fill(dynamodb, 150)
    pages = DynamoPages(dynamodb, TABLE)
    wanted = StageQuery(pipeline="sales", responsible="ben@acme.example")
    with calls(dynamodb) as made:
        assert pages.in_stage(wanted, PageRequest()) == Page((), None)
    assert made["BatchGetItem"] == 0
