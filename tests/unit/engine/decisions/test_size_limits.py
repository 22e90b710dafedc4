"""Whatever a provider sends can be written: what does not fit is cut, and the timeline says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from time import process_time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.adapters.dynamodb.items import dump_document, dump_logs
from countersign.adapters.dynamodb.sizes import item_size
from countersign.engine.decisions.size_limits import (
    cut,
    fitted,
    fitted_entry,
    fitted_log,
    remembered,
)
from countersign.errors import TooLargeError
from countersign.model.actor import user
from countersign.model.condition import ClauseVerdict, Verdict
from countersign.model.document import Document
from countersign.model.log import FieldChange, LogEntry, Skipped, pieces
from countersign.model.pipeline import Pipeline
from countersign.model.signing_event import Envelope, Signer
from countersign.model.transaction import Transaction
from countersign.rules.base import Edit
from countersign.simulation.world import START
from countersign.use_cases.documents.edit import NewDocument, make, save
from countersign.use_cases.store import Store, with_hashes
from tests.builders import ANNA, event, mail, pipeline, stage, trigger, world

WIDE = "\u6f22"
"""A letter of three bytes."""
ITEM = 409_600
"""Bytes that DynamoDB keeps in an item."""


def a_document(**more: Any) -> Document:
    """A document."""
    given = {"id": "d1", "pipeline": "contracts", "stage": "s", "since": START}
    return Document.model_validate({**given, "created_at": START, **more})


def signers(number: int, text: str = "", **more: Any) -> tuple[Signer, ...]:
    """So many signers with texts like this one."""
    return tuple(
        Signer(
            id=f"{n}{text}"[:200], email=f"s{n}@kunde.example", order=n,
            name=text or None, role=text or None, reason=text or None,
            notified_at=START, viewed_at=START, **more,
        )
        for n in range(number)
    )  # fmt: skip


def test_what_fits_is_left_as_it_is() -> None:
    document = a_document(
        title="Lease", signers=signers(200, "Somebody"), fields={"a": "x" * 9_000}
    )
    assert fitted(document).document is document
    assert fitted(document).cut == ()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"signers": signers(120, WIDE * 2_000)},
         ["its signers' names, roles and reasons were cut to 200 bytes"]),
        ({"fields": {f"f{n}": "y" * 60_000 for n in range(9)}},
         ["its fields were cut to 4,000 bytes, lists to 100 items"]),
        ({"fields": {"many": tuple("z" * 3_000 for _ in range(300))}},
         ["its fields were cut to 4,000 bytes, lists to 100 items"]),
        ({"title": WIDE * 90_000, "reason": WIDE * 90_000},
         ["its title, number and reason were cut to 500 bytes"]),
        ({"signers": signers(900, "n" * 60)},
         ["its signers' names, roles and reasons were cut to 40 bytes",
          "its signers' names, roles and reasons were left out"]),
        ({"signers": signers(4_000)},
         ["of its 4,000 signers are kept"]),
        ({"fields": {f"f{n}": "w" * 700 for n in range(2_000)}},
         ["its fields were cut to 500 bytes, lists to 20 items",
          "of its fields were emptied"]),
    ],
)  # fmt: skip
def test_what_is_too_much_is_cut_in_order_of_what_matters_least(
    more: dict[str, Any], told: list[str]
) -> None:
    kept = fitted(a_document(**more))
    assert 0 < item_size(dump_document(kept.document)) <= ITEM
    for sentence in told:
        assert any(sentence in one for one in kept.cut), kept.cut
    assert all(
        one.startswith("the document became too large to be kept whole: ") for one in kept.cut
    )


TEXTS = st.sampled_from(["", "a", WIDE * 2_000, "\U0001f600" * 2_000, '"\\' * 1_000, "x" * 2_000])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1_200), TEXTS, TEXTS, st.integers(0, 60), st.integers(0, 400))
def test_no_document_is_too_large_once_it_is_fitted(
    number: int, text: str, title: str, own: int, items: int
) -> None:
    fields: dict[str, Any] = {
        f"f{n}": (title * 40, (text,) * items, Decimal(n))[n % 3] for n in range(own)
    }
    whole = a_document(
        signers=signers(number, text), title=title, number=text, reason=title, fields=fields,
        observers=(text,) * items, envelope_fields={f"e{n}": text for n in range(own)},
    )  # fmt: skip
    kept = fitted(whole)
    assert item_size(dump_document(kept.document)) <= ITEM
    assert fitted(kept.document).document == kept.document
    ids = [one.id for one in kept.document.signers]
    assert ids == [one.id for one in whole.signers][: len(ids)]
    assert bool(kept.cut) == (kept.document != whole)


def line(**more: Any) -> LogEntry:
    """A line of a timeline."""
    return LogEntry.model_validate({"at": START, "kind": "event", "entry": 1, "text": "t", **more})


def passed(number: int, clauses: int, found: str = "f" * 200) -> tuple[Skipped, ...]:
    """So many triggers that did not fire, each by so many clauses."""
    clause = ClauseVerdict(
        field="amount", op="equals", found=found, wanted="w" * 200, outcome="false"
    )
    verdict = Verdict(outcome="false", clauses=(clause,) * clauses)
    return tuple(
        Skipped(trigger=f"t{n}", stage="s", reason="it is not " + "b" * 200, verdict=verdict)
        for n in range(number)
    )


LINES = {
    "as they are": [line()] * 8,
    "many facts, many triggers, many clauses": [line(passed=passed(12, 9))] * 60,
    "long texts": [line(text=WIDE * 40_000, reason="r" * 90_000, cause="c" * 90_000)] * 3,
    "large values": [
        line(
            kind="edited",
            changes=[FieldChange(field="f", old=WIDE * 60_000, new=("n" * 9_000,) * 50)],
        )
    ],
    "one line with thousands of triggers": [line(passed=passed(3_000, 3))],
    "thousands of lines": [line(text="x" * 900)] * 6_000,
    "thousands of lines with triggers": [line(text="x" * 90, passed=passed(9, 4))] * 3_000,
}


@pytest.mark.parametrize("entries", LINES.values(), ids=LINES)
def test_a_timeline_fits_into_four_items_of_the_table(entries: list[LogEntry]) -> None:
    kept = fitted_log(entries)
    document = a_document(version=6)
    change = Transaction(
        document=document.model_copy(update={"version": 7}), was_version=6, log=kept
    )
    items = list(dump_logs(with_hashes(change, lambda: "a" * 32)))
    assert len(items) == len(pieces(kept)) <= 4
    assert max(map(item_size, items)) <= ITEM
    assert [one for piece in pieces(kept) for one in piece] == list(kept)
    assert [item["sk"]["S"] for item in items] == [
        "LOG#0000000007", "LOG#0000000007#01", "LOG#0000000007#02", "LOG#0000000007#03",
    ][: len(items)]  # fmt: skip


def test_short_lines_are_not_touched() -> None:
    entries = [line(passed=passed(3, 3)), line(text="y" * 2_000)]
    assert fitted_log(entries) == tuple(entries)


def test_the_first_lines_keep_their_clauses_and_every_trigger_keeps_its_reason() -> None:
    kept = fitted_log([line(passed=passed(8, 6))] * 60)
    assert kept[0].passed[0].verdict is not None
    assert kept[-1].passed[0].verdict is None
    assert {one.reason for entry in kept for one in entry.passed} == {"it is not " + "b" * 200}
    assert len(kept) == 60


def test_lines_that_do_not_fit_are_counted_in_the_last() -> None:
    kept = fitted_log([line(text="x" * 900)] * 6_000)
    missing = 6_000 - (len(kept) - 1)
    assert (kept[-1].kind, kept[-1].text) == (
        "warning",
        f"{missing:,} more lines of this change were too much to be kept",
    )


@given(st.text(max_size=400), st.integers(3, 300))
def test_a_text_is_cut_between_letters(text: str, most: int) -> None:
    kept = cut(text, most)
    assert len(kept.encode()) <= most
    assert kept == text or (kept.endswith("…") and text.startswith(kept[:-1]))


@given(st.text(max_size=900), st.text(max_size=900))
def test_what_is_remembered_tells_texts_apart(one: str, other: str) -> None:
    assert (remembered(one) == remembered(other)) == (one == other)
    assert len(remembered(one)) <= 500
    assert remembered(remembered(one)) == remembered(one)


def broad(triggers: int, clauses: int) -> Pipeline:
    """A pipeline with so many triggers that never fire, each of so many clauses."""
    clause = {"field": "title", "op": "equals", "value": "v" * 180}
    never = [
        trigger("signed_by_client", f"t{n}", condition={"any": [clause] * clauses})
        for n in range(triggers)
    ]
    return pipeline(
        stage("draft"),
        stage("sent", triggers=[trigger("sent")]),
        stage("never", triggers=never),
        fields={f"f{n}": {"type": "text"} for n in range(60)},
    )  # fmt: skip


MAPPED = [{"source": f"e{n}", "field": f"f{n}"} for n in range(60)]


def a_state(number: int, text: str, fields: int, **more: Any) -> Envelope:
    """An envelope's state, all of it as long as a message may have it."""
    return Envelope(
        id="env-1",
        title=text,
        reason=text,
        signers=signers(number, text, **more),
        custom_fields={f"e{n}": text * 3 for n in range(fields)},
    )


@pytest.mark.parametrize(
    ("number", "text", "fields"),
    [
        (40, "A short name", 0),
        (230, WIDE * 2_000, 0),
        (500, "\U0001f600" * 2_000, 60),
        (500, "n" * 2_000, 60),
        (3, WIDE * 2_000, 60),
    ],
)
def test_a_message_of_any_size_is_applied_and_what_follows_it_too(
    number: int, text: str, fields: int
) -> None:
    here = world(broad(10, 8), fields=MAPPED)
    done = a_state(number, text, fields, status="signed", signed_at=START)
    told = [
        event("document.sent", state=a_state(number, text, fields)),
        event(
            "document.completed", minute=5, state=done.model_copy(update={"status": "completed"})
        ),
        event("document.artifact_ready", minute=6, state=done),
    ]
    for one in told:
        document = here.tell("docusign", [one])
    assert document.status == "completed"
    size = item_size(dump_document(document))
    assert size <= ITEM
    lines = here.documents.timeline(document.id)
    warned = [one.text for one in lines if one.kind == "warning"]
    assert bool(warned) == (len(text) > 100)
    assert here.parked.take() == ()
    events = [one.event for one in lines]
    assert "document.sent" in events
    assert "document.completed" in events


def everywhere(stages: int, rules: int) -> Pipeline:
    """A pipeline full of rules, all of which look at everything and never run."""
    clauses = [
        {"field": name, "op": "equals", "value": "v" * 180} for name in ("title", "reason", "f0")
    ]
    looking = [
        mail(f"r{n}", execution="independent", condition={"any": clauses}) for n in range(rules)
    ]
    return pipeline(
        stage("draft"),
        *(
            stage(f"s{place}", *looking, triggers=[trigger("signed_by_client", f"t{place}",
                  condition={"any": [*clauses, {"field": "title", "op": "is_set"}]})])
            for place in range(stages)
        ),
        senders=["contracts@acme.example"],
        fields={f"f{n}": {"type": "text"} for n in range(60)},
    )  # fmt: skip


def test_twelve_stages_of_eighty_rules_take_a_message_of_five_hundred_signers() -> None:
    here = world(everywhere(12, 80), fields=MAPPED)
    text = WIDE * 2_000
    done = a_state(500, text, 60, status="signed", signed_at=START)
    here.tell("docusign", [event("document.sent", state=a_state(500, text, 60))])
    here.edit(next(iter(here.state.documents)), Edit(stage="s3"), by=ANNA)
    told = done.model_copy(update={"status": "completed"})
    document = here.tell("docusign", [event("document.completed", minute=5, state=told)])
    assert document.status == "completed"
    assert item_size(dump_document(document)) <= ITEM
    assert {run.state for run in here.state.runs.values()} == {"skipped"}
    assert len(here.state.runs) == 80
    assert here.parked.take() == ()


def test_five_hundred_signers_who_are_named_at_once_are_counted_each() -> None:
    """What they signed before is held against all triggers again, signer by signer."""
    here = world(everywhere(12, 80), fields=MAPPED, parties={"company_domains": ["acme.example"]})
    text = WIDE * 2_000
    whole = a_state(500, text, 60, status="signed", signed_at=START)
    ids = tuple(Signer(id=one.id, status="signed", signed_at=START) for one in whole.signers)
    nameless = whole.model_copy(update={"signers": ids, "sender": None})
    here.tell("docusign", [event("document.sent", state=nameless)])
    began = process_time()
    document = here.tell("docusign", [event("other", minute=5, state=whole)])
    assert process_time() - began < 15  # a webhook has 25 seconds
    assert {signer.status for signer in document.signers} == {"signed"}
    assert document.stage == "s11"
    assert item_size(dump_document(document)) <= ITEM
    assert here.parked.take() == ()


def test_a_long_custom_field_is_not_taken_for_changed_by_each_message() -> None:
    here = world(broad(1, 1), fields=MAPPED[:2])
    state = Envelope(id="env-1", custom_fields={"e0": "k" * 3_000, "e1": "short"})
    first = here.tell("docusign", [event("document.sent", state=state)])
    assert first.fields == {"f0": "k" * 3_000, "f1": "short"}
    save(
        Store(
            documents=here.documents,
            programs=here.programs,
            clock=lambda: START,
            salt=lambda: "5a17",
        ),
        first.id,
        Edit(values={"f0": None}),
        user(ANNA),
    )
    later = here.tell("docusign", [event("document.viewed", minute=3, state=state)])
    assert later.fields == {"f1": "short"}
    lines = [one for one in here.documents.timeline(first.id) if one.kind == "edited"]
    assert [one.by for one in lines] == ["provider:docusign", ANNA]


def test_one_that_has_changed_at_its_end_is_taken_over() -> None:
    here = world(broad(1, 1), fields=MAPPED[:2])
    for minute, ends in enumerate("abb"):
        told = Envelope(id="env-1", custom_fields={"e0": "k" * 3_000 + ends})
        last = here.tell("docusign", [event("document.sent", minute=minute, state=told)])
    assert last.fields == {"f0": "k" * 3_000 + "b"}
    lines = here.documents.timeline(last.id)
    assert [one.kind for one in lines].count("edited") == 2


LONG = {f"f{n}": "x" * 9_000 for n in range(20)}
LONGER = {f"f{n}": "y" * 9_900 for n in range(8, 30)}


def test_a_person_is_told_what_is_too_long_and_nothing_of_it_is_cut() -> None:
    here = world(broad(1, 1))
    make(
        Store(
            documents=here.documents,
            programs=here.programs,
            clock=lambda: START,
            salt=lambda: "5a17",
        ),
        NewDocument(id="d1", pipeline="contracts", values=LONG),
        user(ANNA),
    )
    before, later = here.document("d1"), START + timedelta(minutes=1)
    with pytest.raises(TooLargeError, match=r"with the new f8, f9, f10.*at most 250,000: make"):
        save(
            Store(
                documents=here.documents,
                programs=here.programs,
                clock=lambda: later,
                salt=lambda: "5a17",
            ),
            "d1",
            Edit(values=LONGER),
            user(ANNA),
        )
    assert here.document("d1") == before


def test_a_document_that_is_large_already_is_moved_and_edited_all_the_same() -> None:
    here = world(broad(1, 1))
    large = here.tell("docusign", [event("document.sent", state=a_state(500, WIDE * 2_000, 0))])
    assert item_size(dump_document(large)) > 250_000
    after = here.edit(large.id, Edit(values={"number": "V-1"}, stage="draft"), by=ANNA)
    assert (after.number, after.stage) == ("V-1", "draft")


def test_the_twin_refuses_what_the_table_could_not_keep() -> None:
    here = world(broad(1, 1))
    large = a_document(title="t" * 500_000)
    with pytest.raises(
        TooLargeError, match=r"the item DOC has 5\d\d,\d+ bytes; DynamoDB keeps 409,600"
    ):
        here.documents.commit(Transaction(document=large))
    many = tuple(line(text="x" * 29_000) for _ in range(200))
    with pytest.raises(TooLargeError, match=r"DynamoDB writes 4,194,304 at once"):
        here.documents.commit(Transaction(document=a_document(), log=many))
    assert here.documents.get("d1") is None


@pytest.mark.parametrize("text", ["x" * 12_000, "ä" * 12_000], ids=["ascii", "umlauts"])
def test_a_plain_line_that_fits_is_kept_whole_however_long(text: str) -> None:
    line = LogEntry(at=datetime(2026, 3, 2, tzinfo=UTC), kind="commented", entry=1, text=text)
    assert fitted_entry(line) == line
