"""What ``ports.Documents`` promises, kept by the table and by its twin in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from countersign.engine.runs.lifecycle import update
from countersign.errors import (
    ConflictError,
    CountersignError,
    DuplicateError,
    LeftStageError,
    PermanentError,
    RanBeforeError,
    StaleRunError,
)
from countersign.model.condition import ClauseVerdict, Verdict
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.erased_person import ErasedPerson
from countersign.model.log import FieldChange, Firing, LogEntry, Skipped
from countersign.model.log_hashes import EntryHash, TimelinePart, verified
from countersign.model.message import RunMessage
from countersign.model.pipeline import Head, Pipeline, Stage
from countersign.model.run import Run, RunKey, RunMail
from countersign.model.signing_event import Sender, Signer
from countersign.model.transaction import (
    Precondition,
    ProcessedEvent,
    RewrittenEvent,
    RunUpdate,
    Transaction,
)
from countersign.ports import (
    Connections,
    Documents,
    EnvelopeSnapshot,
    Pipelines,
    RunRead,
    RunSnapshot,
)
from countersign.use_cases.documents.verify import verify
from countersign.use_cases.store import with_hashes

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
VERDICT = Verdict(
    outcome="false",
    clauses=(
        ClauseVerdict(field="amount", op="greater", found="3,200", wanted="5,000", outcome="false"),
    ),
    reason="amount 3,200 is not over 5,000",
)
DOCUMENT = Document(
    id="d1",
    pipeline="sales",
    stage="sent",
    since=NOON,
    created_at=NOON - MINUTE,
    title="Lease, 2nd floor",
    observers=("eva@house.example",),
    amount=Decimal("3200.5"),
    currency="EUR",
    fields={"floor": Decimal(2), "urgent": True, "tags": ("a", "b"), "note": "5", "gone": None},
    connection="c1",
    envelope="e1",
    sender=Sender(name="Eva", email="eva@house.example"),
    signers=(Signer(id="s1", email="max@client.example", order=1, notified_at=NOON),),
)


def a_document(**members: Any) -> Document:
    return DOCUMENT.model_copy(update=members)


def a_run(rule: str = "mail", **members: Any) -> Run:
    run = Run(
        document="d1",
        entry=1,
        rule=rule,
        pipeline="sales",
        pipeline_version=1,
        stage="sent",
        kind="send_email",
        lane="email",
        state="ready",
        planned_at=NOON,
        due=NOON,
    )
    return run.model_copy(update=members)


def an_event(key: str = "k1", **members: Any) -> ProcessedEvent:
    event = ProcessedEvent(
        key=key,
        connection="c1",
        document="d1",
        at=NOON,
        provider_event="envelope-sent",
        kind="document.sent",
        authenticity="signed",
    )
    return event.model_copy(update=members)


def an_entry(text: str, **members: Any) -> LogEntry:
    return LogEntry(at=NOON, kind="event", text=text, entry=1).model_copy(update=members)


def a_claim(run: Run, **members: Any) -> RunUpdate:
    """The run as a lane takes it, from the state and generation given."""
    taken = run.model_copy(update={"state": "running", "lease_until": NOON + MINUTE})
    update = RunUpdate(run=taken, was=run.state, was_generation=run.generation)
    return update.model_copy(update=members)


def put(documents: Documents, *many: Document) -> None:
    for document in many:
        documents.commit(Transaction(document=document.model_copy(update={"version": 1})))
        for version in range(2, document.version + 1):
            after = document.model_copy(update={"version": version})
            documents.commit(Transaction(document=after, was_version=version - 1))


def everything(documents: Documents) -> tuple[object, ...]:
    """All that one document consists of."""
    return (
        documents.get("d1"),
        documents.runs("d1"),
        documents.timeline("d1"),
        documents.events("d1"),
    )


def test_a_change_is_read_back_whole(documents: Documents) -> None:
    entry = an_entry(
        "sent",
        occurred_at=NOON - MINUTE,
        fired=Firing(trigger="t1", stage="sent", kind="sent", verdict=VERDICT),
        passed=(Skipped(trigger="t2", stage="signed", reason="not enough", verdict=VERDICT),),
        changes=(FieldChange(field="amount", old=Decimal(1), new=Decimal("3200.5")),),
    )
    mails = (RunMail(signer="s1", to="a@b.example", state="sent", message_id="m1"), RunMail())
    run = a_run(
        verdict=VERDICT, result={"message_id": "m1"}, next="task", cause="c1 > t1", mails=mails
    )
    event = an_event(raw='{"event": "envelope-sent", "ü": 1}')
    documents.commit(Transaction(document=DOCUMENT, events=(event,), log=(entry,), planned=(run,)))
    assert everything(documents) == (DOCUMENT, (run,), (entry,), (event,))
    assert documents.run(run.key) == run


def test_what_is_not_there_is_none_or_empty(documents: Documents) -> None:
    assert everything(documents) == (None, (), (), ())
    assert documents.run(a_run().key) is None
    assert documents.read_arrival("c1", "sales", "e1", "d1") == EnvelopeSnapshot(
        connection=None, head=None, document=None
    )
    assert documents.read_run(RunMessage.of(a_run(next="task"))) == RunSnapshot(
        head=None, document=None, run=None, next=None
    )
    assert list(documents.in_stage("sales")) == []
    assert list(documents.due(NOON)) == []
    assert documents.recent_events("c1", 10) == ()


def test_an_arrival_brings_connection_head_and_document(
    documents: Documents, pipelines: Pipelines, connections: Connections
) -> None:
    connection = Connection(id="c1", provider="docusign", pipeline="sales")
    connections.put(connection)
    pipelines.publish(Pipeline(pipeline="sales", stages=(Stage(id="sent"),)), at=NOON, by="eva")
    put(documents, DOCUMENT)
    assert documents.read_arrival("c1", "sales", "e1", "d1") == EnvelopeSnapshot(
        connection=connection, head=Head(pipeline="sales", version=1), document=DOCUMENT
    )


def test_an_attached_envelope_leads_to_its_document(documents: Documents) -> None:
    put(documents, DOCUMENT, a_document(id="d2"))
    attached = a_document(version=2)
    documents.commit(Transaction(document=attached, was_version=1, attach=("c1#e2",)))
    assert documents.read_arrival("c1", "sales", "e2", "d2").document == attached
    assert documents.read_arrival("c1", "sales", "e2", "d1").document == attached
    assert documents.read_arrival("c2", "sales", "e2", "d2").document == a_document(id="d2")


def test_an_envelope_is_attached_once(documents: Documents) -> None:
    documents.commit(Transaction(document=DOCUMENT, attach=("c1#e2",)))
    second = Transaction(document=a_document(id="d2"), attach=("c1#e2",))
    with pytest.raises(ConflictError):
        documents.commit(second)
    assert documents.get("d2") is None


def test_a_lane_reads_run_document_and_the_run_below(
    documents: Documents, pipelines: Pipelines
) -> None:
    pipelines.publish(Pipeline(pipeline="sales", stages=(Stage(id="sent"),)), at=NOON, by="eva")
    first, second = a_run(next="task"), a_run("task", after="mail", state="waiting", due=None)
    documents.commit(Transaction(document=DOCUMENT, planned=(first, second)))
    head = Head(pipeline="sales", version=1)
    assert documents.read_run(RunMessage.of(first)) == RunSnapshot(
        head=head, document=DOCUMENT, run=first, next=second
    )
    assert documents.read_run(RunMessage.of(second)) == RunSnapshot(
        head=head, document=DOCUMENT, run=second, next=None
    )


def test_several_runs_are_read_each_with_its_document_and_head(
    documents: Documents, pipelines: Pipelines
) -> None:
    pipelines.publish(Pipeline(pipeline="sales", stages=(Stage(id="sent"),)), at=NOON, by="eva")
    first, second = a_run(next="task"), a_run("task", after="mail", state="waiting", due=None)
    documents.commit(Transaction(document=DOCUMENT, planned=(first, second)))
    head = Head(pipeline="sales", version=1)
    gone = RunKey(document="d9", entry=1, rule="mail")
    wanted = (
        RunRead(second.key, "sales"),
        RunRead(gone, "sales", "task"),
        RunRead(first.key),
        RunRead(first.key, "sales", "task"),
    )
    of_second = RunSnapshot(head=head, document=DOCUMENT, run=second)
    assert documents.read_runs(wanted) == (
        of_second,
        RunSnapshot(head=head, document=None, run=None),
        RunSnapshot(head=None, document=DOCUMENT, run=first),
        RunSnapshot(head=head, document=DOCUMENT, run=first, next=second),
    )
    assert documents.read_runs(()) == ()


REFUSED: list[tuple[str, Transaction, type[CountersignError]]] = [
    ("a second creation", Transaction(document=DOCUMENT), ConflictError),
    (
        "an older version",
        Transaction(document=a_document(version=2), was_version=1),
        ConflictError,
    ),
    (
        "a version that never was",
        Transaction(document=a_document(version=9), was_version=8),
        ConflictError,
    ),
    (
        "another document that must exist",
        Transaction(document=a_document(id="d9", version=2), was_version=1),
        ConflictError,
    ),
    (
        "an event that was applied",
        Transaction(document=a_document(version=3), was_version=2, events=(an_event(),)),
        DuplicateError,
    ),
    (
        "an event that was applied, on an older version",
        Transaction(document=a_document(version=2), was_version=1, events=(an_event(),)),
        DuplicateError,
    ),
    (
        "a run that was planned",
        Transaction(document=a_document(version=3), was_version=2, planned=(a_run(),)),
        ConflictError,
    ),
    (
        "a run in another state",
        Transaction(updates=(a_claim(a_run(), was="waiting"),)),
        StaleRunError,
    ),
    (
        "a run in another generation",
        Transaction(updates=(a_claim(a_run(), was_generation=2),)),
        StaleRunError,
    ),
    (
        "a run read in a generation that was replaced",
        Transaction(updates=(a_claim(a_run(), was_generation=0),)),
        StaleRunError,
    ),
    ("a run that is not there", Transaction(updates=(a_claim(a_run("task")),)), StaleRunError),
    (
        "a stale run on an older version",
        Transaction(
            document=a_document(version=2),
            was_version=1,
            updates=(a_claim(a_run(), was_generation=2),),
        ),
        StaleRunError,
    ),
    (
        "a document in a later entry",
        Transaction(stay=Precondition(document="d1", entry=2), updates=(a_claim(a_run()),)),
        LeftStageError,
    ),
    (
        "a document in a later entry, and a stale run",
        Transaction(
            stay=Precondition(document="d1", entry=2), updates=(a_claim(a_run(), was="waiting"),)
        ),
        LeftStageError,
    ),
    (
        "a document that is not there",
        Transaction(stay=Precondition(document="d9"), updates=(a_claim(a_run()),)),
        LeftStageError,
    ),
    (
        "a document that changed",
        Transaction(stay=Precondition(document="d1", version=1), updates=(a_claim(a_run()),)),
        ConflictError,
    ),
    (
        "a document that changed within its entry",
        Transaction(
            stay=Precondition(document="d1", entry=1, version=1), updates=(a_claim(a_run()),)
        ),
        ConflictError,
    ),
    (
        "a document that left",
        Transaction(
            stay=Precondition(document="d1", entry=2, version=1), updates=(a_claim(a_run()),)
        ),
        LeftStageError,
    ),
    (
        "a rule that ran in an earlier entry",
        Transaction(once=(a_run(entry=2).key,), planned=(a_run("x", entry=2),)),
        RanBeforeError,
    ),
    (
        "a rule that ran in an earlier entry, by a stale run",
        Transaction(once=(a_run(entry=2).key,), updates=(a_claim(a_run(), was_generation=2),)),
        RanBeforeError,
    ),
]


@pytest.mark.parametrize(
    ("change", "error"), [(c, e) for _, c, e in REFUSED], ids=[name for name, *_ in REFUSED]
)
def test_a_refused_change_leaves_no_trace(
    documents: Documents, change: Transaction, error: type[CountersignError]
) -> None:
    put(documents, DOCUMENT)
    documents.commit(
        Transaction(
            document=a_document(version=2),
            was_version=1,
            events=(an_event(),),
            planned=(a_run(),),
            once=(a_run().key,),
        )
    )
    before = everything(documents)
    news: dict[str, Any] = {"planned": (*change.planned, a_run("news", state="waiting"))}
    if change.document is not None:
        news["log"] = (an_entry("news"),)
    with pytest.raises(error):
        documents.commit(change.model_copy(update=news))
    assert everything(documents) == before


def test_all_duplicates_are_named(documents: Documents) -> None:
    documents.commit(Transaction(document=DOCUMENT, events=(an_event("k1"), an_event("k2"))))
    events = (an_event("k2"), an_event("k3"), an_event("k1"))
    with pytest.raises(DuplicateError) as caught:
        documents.commit(Transaction(document=a_document(version=2), was_version=1, events=events))
    assert caught.value.keys == ("k2", "k1")


def test_an_event_that_concerns_no_document_is_marked_once_for_its_connection(
    documents: Documents,
) -> None:
    alone = an_event(document=None, raw="{}")
    documents.commit(Transaction(events=(alone,)))
    with pytest.raises(DuplicateError):
        documents.commit(Transaction(events=(alone,)))
    documents.commit(Transaction(events=(an_event(document=None, connection="c2"),)))
    documents.commit(Transaction(document=DOCUMENT, events=(an_event(),)))
    assert documents.events(DOCUMENT.id) == (an_event(),)
    assert alone.model_copy(update={"raw": None}) in documents.recent_events("c1", 9)


def test_one_event_may_be_applied_to_two_documents(documents: Documents) -> None:
    documents.commit(Transaction(document=DOCUMENT, events=(an_event(),)))
    documents.commit(Transaction(document=a_document(id="d2"), events=(an_event(document="d2"),)))
    assert documents.events("d1") == (an_event(),)
    assert documents.events("d2") == (an_event(document="d2"),)


def test_a_write_that_arrives_late_undoes_nothing_of_a_run_that_went_on(
    documents: Documents,
) -> None:
    mails = (RunMail(to="max@client.example"), RunMail(to="mia@client.example"))
    run = a_run(mails=mails)
    first = a_run(mails=mails, state="running", lease_until=NOON + MINUTE)
    later = a_run(
        mails=(mails[0].model_copy(update={"state": "sent"}), mails[1]),
        state="running",
        lease_until=NOON + 2 * MINUTE,
    )
    documents.commit(Transaction(document=DOCUMENT, planned=(run,)))
    for was, after in ((run, first), (first, later)):
        documents.commit(Transaction(updates=(update(was, after),)))
    given_up = first.model_copy(update={"lease_until": NOON + 3 * MINUTE})
    with pytest.raises(StaleRunError):
        documents.commit(Transaction(updates=(update(first, given_up),)))
    assert documents.run(run.key) == later


def test_a_claim_is_granted_once(documents: Documents) -> None:
    run = a_run()
    documents.commit(Transaction(document=DOCUMENT, planned=(run,)))
    claim = a_claim(run)
    change = Transaction(stay=Precondition(document="d1", entry=1, version=1), updates=(claim,))
    documents.commit(change)
    assert documents.run(run.key) == claim.run
    with pytest.raises(StaleRunError):
        documents.commit(change)


def test_the_run_that_made_a_once_mark_may_make_it_again(documents: Documents) -> None:
    run = a_run(once=True)
    documents.commit(Transaction(document=DOCUMENT, planned=(run,), once=(run.key,)))
    claim = a_claim(run)
    documents.commit(Transaction(updates=(claim,), once=(run.key,)))
    assert documents.run(run.key) == claim.run


def test_runs_stand_by_entry_and_in_the_order_of_planning(documents: Documents) -> None:
    second = a_run("b", position=0, entry=2), a_run("a", position=1, entry=2)
    first = tuple(a_run(f"r{9 - n}", position=n) for n in range(3))
    tenth = (a_run("c", entry=10),)
    documents.commit(Transaction(document=DOCUMENT, planned=(*tenth, *second[::-1], *first[::-1])))
    put(documents, a_document(id="d2"))
    assert documents.runs("d1") == (*first, *second, *tenth)
    assert documents.runs("d1", 1) == first
    assert documents.runs("d1", 2) == second
    assert documents.runs("d2") == ()


def test_a_repeated_run_stands_beside_the_run_that_it_repeats(documents: Documents) -> None:
    first = a_run(position=1, state="done")
    again = a_run(position=1, repeat=1, not_after=NOON + MINUTE)
    documents.commit(
        Transaction(document=DOCUMENT, planned=(again, a_run("below", position=2), first))
    )
    assert [run.key.part for run in documents.runs("d1")] == ["mail", "mail~1", "below"]
    assert documents.run(first.key) == first
    assert documents.read_run(RunMessage.of(again)).run == again
    documents.commit(Transaction(updates=(a_claim(again),)))
    assert [run.state for run in documents.runs("d1")] == ["done", "running", "ready"]


def test_the_timeline_is_told_oldest_first(documents: Documents) -> None:
    told: list[LogEntry] = []
    for version in range(1, 12):
        entries = (an_entry(f"{version} first"), an_entry(f"{version} then", at=NOON - MINUTE))
        was = version - 1 or None
        documents.commit(
            Transaction(document=a_document(version=version), was_version=was, log=entries)
        )
        told += entries
    assert documents.timeline("d1") == tuple(told)


def test_the_timeline_is_told_between_two_versions(documents: Documents) -> None:
    """Of a version without lines there are none; one of many lines is whole."""
    long = tuple(an_entry(f"{n} {'x' * 29_000}") for n in range(24))
    logs = {1: (an_entry("one"),), 2: (), 3: long, 10: (an_entry("ten"),), 11: (an_entry("last"),)}
    for version in range(1, 12):
        was = version - 1 or None
        change = Transaction(document=a_document(version=version), was_version=was)
        documents.commit(change.model_copy(update={"log": logs.get(version, ())}))
    assert documents.timeline_between("d1", 0, 1) == logs[1]
    assert documents.timeline_between("d1", 1, 2) == ()
    assert documents.timeline_between("d1", 2, 3) == long
    assert documents.timeline_between("d1", 1, 10) == (*long, *logs[10])
    assert documents.timeline_between("d1", 0, 99) == documents.timeline("d1")
    assert documents.timeline_between("d1", 3, 3) == ()
    assert documents.timeline_between("d1", 5, 4) == ()
    assert documents.timeline_between("no-such", 0, 9) == ()


def test_a_timeline_is_told_in_parts_with_its_hashes(documents: Documents) -> None:
    many = tuple(an_entry(f"{number}" + "x" * 29_000) for number in range(11))
    numbers = FieldChange(field="amount", old=Decimal("3200.50"), new=Decimal("1E+2"))
    one = an_entry("moved", changes=(numbers,), at=NOON + timedelta(microseconds=1))
    first = with_hashes(Transaction(document=DOCUMENT, log=many), lambda: "5a17")
    documents.commit(first)
    known = documents.get("d1")
    assert known is not None
    assert known.timeline_hash == first.hashes[-1].timeline
    after = known.model_copy(update={"version": 2})
    second = with_hashes(Transaction(document=after, was_version=1, log=(one,)), lambda: "a1")
    documents.commit(second)
    third = a_document(version=3, timeline_hash=second.hashes[-1].timeline)
    documents.commit(Transaction(document=third, was_version=2, log=(an_entry("plain"),)))
    parts = documents.timeline_parts("d1")
    assert [(part.version, part.piece, len(part.entries)) for part in parts] == [
        (1, 0, 10),
        (1, 1, 1),
        (2, 0, 1),
        (3, 0, 1),
    ]
    assert tuple(proof for part in parts for proof in part.hashes) == first.hashes + second.hashes
    assert tuple(entry for part in parts for entry in part.entries) == documents.timeline("d1")
    assert [one.number for one in verify(documents, "d1").problems] == [13]
    whole = verified("d1", parts[:3], second.hashes[-1].timeline)
    assert (whole.holds, whole.entries) == (True, 12)
    assert documents.timeline_parts("nowhere") == ()


def test_parts_of_a_timeline_are_written_anew_in_their_places(documents: Documents) -> None:
    for version in range(1, 4):
        was = version - 1 or None
        document = a_document(version=version)
        documents.commit(
            Transaction(document=document, was_version=was, log=(an_entry(f"{version}"),))
        )
    hashes = (EntryHash(None, "1f" * 32, "2e" * 32),)
    part = TimelinePart(version=2, entries=(an_entry("another"),), hashes=hashes)
    fourth = Transaction(
        document=a_document(version=4), was_version=3, parts=(part,), log=(an_entry("4"),)
    )
    documents.commit(fourth)
    assert [one.text for one in documents.timeline("d1")] == ["1", "another", "3", "4"]
    assert documents.timeline_parts("d1")[1] == part
    late = fourth.model_copy(update={"parts": (part.model_copy(update={"entries": ()}),)})
    with pytest.raises(ConflictError):
        documents.commit(late)
    assert documents.timeline_parts("d1")[1] == part


def test_marks_of_events_are_written_anew_without_their_messages(documents: Documents) -> None:
    first = (an_event("z", raw="{}"), an_event("a"))
    second = (an_event("m", raw="ü"), an_event("q"))
    documents.commit(Transaction(document=DOCUMENT, events=first))
    documents.commit(Transaction(document=a_document(version=2), was_version=1, events=second))
    marks = documents.event_marks("d1")
    assert [(one.event.key, one.event.raw) for one in marks] == [
        ("z", ""),
        ("a", None),
        ("m", ""),
        ("q", None),
    ]
    rewritten = tuple(
        RewrittenEvent(
            was=one.event.key,
            had_raw=one.event.raw is not None,
            mark=one.model_copy(
                update={"event": one.event.model_copy(update={"key": key, "raw": None})}
            ),
        )
        for one, key in zip(marks, ("z", "anew", "anew too", "q"), strict=True)
    )
    change = Transaction(document=a_document(version=3), was_version=2, rewritten=rewritten)
    assert change.items == 1 + 1 + 2 + 3
    documents.commit(change)
    assert [(one.key, one.raw) for one in documents.events("d1")] == [
        ("z", None),
        ("anew", None),
        ("anew too", None),
        ("q", None),
    ]
    # Of the old keys none is known any more, of the new ones all are.
    fourth = a_document(version=4)
    again = (an_event("anew"), an_event("a"), an_event("z"))
    with pytest.raises(DuplicateError) as refused:
        documents.commit(Transaction(document=fourth, was_version=3, events=again))
    assert sorted(refused.value.keys) == ["anew", "z"]
    documents.commit(Transaction(document=fourth, was_version=3, events=(an_event("a"),)))
    assert [one.key for one in documents.recent_events("c1", 9)].count("a") == 1


@pytest.mark.parametrize(("erased", "asked", "entry"), [(0, 0, 1), (1, 1, None), (2, 2, 1)])
def test_a_claim_holds_while_nobody_else_was_erased(
    documents: Documents, erased: int, asked: int, entry: int | None
) -> None:
    persons = tuple(
        ErasedPerson(pseudonym=f"erased-{n:012x}", key="5a17", digests=("d",))
        for n in range(erased)
    )
    documents.commit(Transaction(document=a_document(erased=persons), planned=(a_run(),)))
    assert documents.get("d1") == a_document(erased=persons)
    for other in {0, 1, 2} - {asked}:
        stay = Precondition(document="d1", entry=entry, erasures=other)
        with pytest.raises(ConflictError):
            documents.commit(Transaction(stay=stay, updates=(a_claim(a_run()),)))
    left = Precondition(document="d1", entry=2, erasures=asked)
    with pytest.raises(LeftStageError):
        documents.commit(Transaction(stay=left, updates=(a_claim(a_run()),)))
    stay = Precondition(document="d1", entry=entry, erasures=asked)
    documents.commit(Transaction(stay=stay, updates=(a_claim(a_run()),)))
    (run,) = documents.runs("d1")
    assert run.state == "running"


def test_events_stand_in_the_order_in_which_they_were_applied(documents: Documents) -> None:
    first = (an_event("z", raw="{}"), an_event("a"))
    second = (an_event("m", at=NOON - MINUTE, raw="ü" * 2_000),)
    documents.commit(Transaction(document=DOCUMENT, events=first))
    documents.commit(Transaction(document=a_document(version=2), was_version=1, events=second))
    assert documents.events("d1") == (*first, *second)


def test_the_last_events_of_a_connection_are_listed_newest_first(documents: Documents) -> None:
    for n in range(9):
        events = (
            an_event(f"k{n}", document=f"d{n}", at=NOON + n * MINUTE, raw="{}"),
            an_event(f"l{n}", document=f"d{n}", at=NOON + n * MINUTE),
        )
        documents.commit(Transaction(document=a_document(id=f"d{n}"), events=events))
    other = an_event("other", connection="c2", document="other", at=NOON + 99 * MINUTE)
    documents.commit(Transaction(document=a_document(id="other"), events=(other,)))
    keys = [event.key for event in documents.recent_events("c1", 5)]
    assert keys == ["l8", "k8", "l7", "k7", "l6"]
    assert documents.recent_events("c1", 2) == (
        an_event("l8", document="d8", at=NOON + 8 * MINUTE),
        an_event("k8", document="d8", at=NOON + 8 * MINUTE),
    )
    assert documents.recent_events("c2", 5) == (other,)
    assert documents.recent_events("c1", 0) == ()


def test_a_stage_lists_its_documents_longest_there_first(documents: Documents) -> None:
    late, early = a_document(id="a"), a_document(id="b", since=NOON - timedelta(days=400))
    elsewhere = a_document(id="c", stage="draft")
    similar = a_document(id="e", stage="sent-back")
    put(documents, late, early, elsewhere, similar, a_document(id="d", pipeline="hr"))
    assert list(documents.in_stage("sales", "sent")) == [early, late]
    assert list(documents.in_stage("sales")) == [elsewhere, early, late, similar]
    assert list(documents.in_stage("sales", "signed")) == []


def test_cards_name_the_documents_of_a_pipeline_in_the_same_order(documents: Documents) -> None:
    late, early = a_document(id="a"), a_document(id="b#2026", since=NOON - timedelta(days=400))
    untitled = a_document(id="c", stage="draft", title=None)
    put(documents, late, early, untitled, a_document(id="d", pipeline="hr"))
    assert list(documents.cards("sales")) == [
        ("draft", untitled.since, "c", None),
        ("sent", early.since, "b#2026", early.title),
        ("sent", late.since, "a", late.title),
    ]
    assert list(documents.cards("purchase")) == []


def test_loads_count_whose_documents_are_in_those_stages(documents: Documents) -> None:
    mine = [a_document(id=name, responsible="eva") for name in ("a", "b")]
    others = (
        a_document(id="c", responsible="max", stage="draft"),
        a_document(id="d", responsible="max", stage="sent-back"),
        a_document(id="e", responsible=None),
        a_document(id="f", responsible="eva", pipeline="hr"),
    )
    put(documents, *mine, *others)
    assert documents.loads("sales", ("draft", "sent")) == {"eva": 2, "max": 1}
    assert documents.loads("sales", ()) == {}


def test_a_document_that_moved_stands_in_its_new_stage(documents: Documents) -> None:
    put(documents, DOCUMENT)
    moved = a_document(stage="signed", since=NOON + MINUTE, entry=2, version=2)
    documents.commit(Transaction(document=moved, was_version=1))
    assert list(documents.in_stage("sales")) == [moved]
    assert list(documents.in_stage("sales", "sent")) == []


def test_runs_are_due_up_to_their_time_and_when_their_lease_has_ended(
    documents: Documents,
) -> None:
    tick = timedelta(microseconds=1)
    due = (
        a_run("past", due=NOON - timedelta(days=30)),
        a_run("now", due=NOON),
        a_run("lost", state="running", lease_until=NOON - tick),
    )
    not_due = (
        a_run("soon", due=NOON + tick),
        a_run("at_work", state="running", lease_until=NOON),
        a_run("no_date", state="no_date", due=None),
        a_run("waiting", state="waiting", due=NOON - MINUTE),
        a_run("done", state="done", due=NOON - MINUTE, lease_until=NOON - MINUTE),
    )
    documents.commit(Transaction(document=DOCUMENT, planned=(*due, *not_due)))
    assert sorted(documents.due(NOON), key=lambda run: run.rule) == sorted(
        due, key=lambda run: run.rule
    )


def test_a_run_in_doubt_is_due_when_its_report_was_waited_for_long_enough(
    documents: Documents,
) -> None:
    tick = timedelta(microseconds=1)
    due = a_run("waited", state="in_doubt", doubt_until=NOON)
    not_due = (
        a_run("waits", state="in_doubt", doubt_until=NOON + tick),
        a_run("for_a_person", state="in_doubt"),
        a_run("resolved", state="done", doubt_until=NOON),
    )
    documents.commit(Transaction(document=DOCUMENT, planned=(due, *not_due)))
    assert list(documents.due(NOON)) == [due]


def test_runs_in_trouble_are_found_until_they_are_settled(documents: Documents) -> None:
    failed = a_run("failed", state="failed", concluded_at=NOON)
    unknown = a_run("in_doubt", state="in_doubt", doubt_until=NOON)
    other = a_run("other", state="failed", pipeline="hr", concluded_at=NOON)
    fine = tuple(
        a_run(state, state=state)
        for state in ("waiting", "no_date", "ready", "running", "done", "skipped", "cancelled")
    )
    documents.commit(Transaction(document=DOCUMENT, planned=(failed, unknown, other, *fine)))
    assert {run.rule: run for run in documents.troubled()} == {
        "failed": failed,
        "in_doubt": unknown,
        "other": other,
    }
    assert [run.rule for run in documents.troubled("hr")] == ["other"]
    done = unknown.model_copy(update={"state": "done", "doubt_until": None})
    again = failed.model_copy(update={"state": "ready", "generation": 2})
    documents.commit(
        Transaction(
            updates=(
                RunUpdate(run=done, was="in_doubt", was_generation=1),
                RunUpdate(run=again, was="failed", was_generation=1),
            )
        )
    )
    assert list(documents.troubled()) == [other]


def test_what_is_in_trouble_is_no_event_of_a_connection(documents: Documents) -> None:
    run = a_run("failed", state="failed", concluded_at=NOON)
    documents.commit(Transaction(document=DOCUMENT, planned=(run,), events=(an_event(),)))
    assert [event.key for event in documents.recent_events("c1", 5)] == ["k1"]
    assert list(documents.troubled()) == [run]


def test_a_run_is_due_no_longer_once_it_is_concluded(documents: Documents) -> None:
    run = a_run()
    documents.commit(Transaction(document=DOCUMENT, planned=(run,)))
    assert list(documents.due(NOON)) == [run]
    done = run.model_copy(update={"state": "done"})
    documents.commit(Transaction(updates=(RunUpdate(run=done, was="ready", was_generation=1),)))
    assert list(documents.due(NOON)) == []


MALFORMED: list[tuple[str, Transaction, str]] = [
    (
        "too large",
        Transaction(document=DOCUMENT, planned=tuple(a_run(f"r{n}") for n in range(100))),
        "101 items",
    ),
    ("a timeline without its document", Transaction(log=(an_entry("x"),)), "with log must change"),
    ("an event of another document", Transaction(events=(an_event(),)), "every event of a change"),
    (
        "an attachment without its document",
        Transaction(attach=("c1#e1",)),
        "with attach must change",
    ),
    (
        "a document that changes and stays",
        Transaction(document=DOCUMENT, stay=Precondition(document="d1", entry=1)),
        "cannot also make it stay",
    ),
    (
        "more hashes than entries",
        Transaction(document=DOCUMENT, hashes=(EntryHash("5a17", None, "f00d"),)),
        "1 hashes for 0 timeline entries",
    ),
    (
        "a part of a timeline that is no earlier one's",
        Transaction(
            document=a_document(version=2),
            was_version=1,
            parts=(TimelinePart(version=2, entries=()),),
        ),
        "must be of an earlier version",
    ),
    (
        "a part of a timeline without its document",
        Transaction(parts=(TimelinePart(version=1, entries=()),)),
        "with parts must change",
    ),
    ("a first version other than 1", Transaction(document=a_document(version=2)), "expected 1"),
    (
        "a version that does not grow",
        Transaction(document=a_document(version=2), was_version=2),
        "expected 3",
    ),
    ("one run twice", Transaction(planned=(a_run(), a_run())), "the run d1.1.mail more than once"),
    (
        "one run planned and updated",
        Transaction(planned=(a_run(),), updates=(a_claim(a_run()),)),
        "the run d1.1.mail more than once",
    ),
    (
        "one event twice",
        Transaction(document=DOCUMENT, events=(an_event(), an_event())),
        "the event k1 more than once",
    ),
    (
        "one once-mark twice",
        Transaction(once=(a_run().key, a_run(entry=2).key)),
        "the once-mark d1.mail more than once",
    ),
]


@pytest.mark.parametrize(
    ("change", "told"), [(c, t) for _, c, t in MALFORMED], ids=[name for name, *_ in MALFORMED]
)
def test_a_change_that_can_be_no_transaction_is_refused_for_good(
    documents: Documents, change: Transaction, told: str
) -> None:
    with pytest.raises(PermanentError, match=told):
        documents.commit(change)
    assert everything(documents) == (None, (), (), ())


def test_a_change_of_a_hundred_items_is_written(documents: Documents) -> None:
    runs = tuple(a_run(f"r{n}", position=n) for n in range(99))
    documents.commit(Transaction(document=DOCUMENT, planned=runs))
    assert documents.runs("d1") == runs


def test_an_empty_change_changes_nothing(documents: Documents) -> None:
    documents.commit(Transaction())
    assert everything(documents) == (None, (), (), ())


def test_long_keys_are_told_apart(documents: Documents) -> None:
    first, second = an_event("k" * 900), an_event("ü" * 899 + "1", raw="{}")
    third = an_event("ü" * 899 + "2", raw="[]")
    documents.commit(Transaction(document=DOCUMENT, events=(first, second, third)))
    assert documents.events("d1") == (first, second, third)
    with pytest.raises(DuplicateError):
        documents.commit(
            Transaction(document=a_document(version=2), was_version=1, events=(third,))
        )
