"""Hashes of timelines: whatever is done to entries afterwards shows, at the first place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.model.condition import ClauseVerdict, Verdict
from countersign.model.log import FieldChange, Firing, LogEntry, Skipped
from countersign.model.log_hashes import (
    EntryHash,
    TimelinePart,
    hashed,
    verified,
    without_salt,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SALTS = [f"{number:032x}" for number in range(1, 6)]


def entry(text: str, **more: object) -> LogEntry:
    return LogEntry.model_validate(
        {"at": NOON, "kind": "commented", "entry": 1, "text": text, **more}
    )


FIVE = tuple(entry(text) for text in ("one", "two", "three", "four", "five"))
HASHES = hashed("new d-1", FIVE, SALTS)
Pairs = list[tuple[LogEntry, EntryHash | None]]


def parts(pairs: Sequence[tuple[LogEntry, EntryHash | None]]) -> tuple[TimelinePart, ...]:
    return tuple(
        TimelinePart(version=number, entries=(line,), hashes=() if proof is None else (proof,))
        for number, (line, proof) in enumerate(pairs, start=1)
    )


def problems(pairs: Pairs, end: str | None = HASHES[-1].timeline) -> list[tuple[int, str]]:
    return [(one.number, one.text) for one in verified("d-1", parts(pairs), end).problems]


CHANGED = "it does not follow: it, or what stood before it, was changed, removed or added"
NO_END = "the timeline does not end as the document says: entries are missing, or were added"
NO_HASH = "it has no hash, although earlier entries have one: it was inserted"


def whole() -> Pairs:
    return list(zip(FIVE, HASHES, strict=True))


def test_a_timeline_as_it_was_written_holds() -> None:
    found = verified("d-1", parts(whole()), HASHES[-1].timeline)
    assert (found.holds, found.entries, found.before, found.erased) == (True, 5, 0, 0)
    assert found.hash == HASHES[-1].timeline
    assert problems([], None) == []


def test_the_form_of_what_is_hashed_never_changes() -> None:
    line = entry(
        "Zoë",
        kind="event",
        by="provider:docusign",
        event="signer.signed",
        occurred_at=NOON,
        signer="zoe@kunde.example",
        fired=Firing(
            trigger="signed",
            stage="done",
            kind="signed_by_client",
            verdict=Verdict(
                outcome="true",
                clauses=(
                    ClauseVerdict(
                        field="amount", op="greater", found="3,200", wanted="5", outcome="true"
                    ),
                ),
            ),
        ),
        passed=(Skipped(trigger="late", stage="late", reason="no"),),
        changes=(
            FieldChange(field="amount", old=None, new=Decimal("3200.50")),
            FieldChange(field="tags", old=("a",), new=("a", "b")),
            FieldChange(field="ok", old=False, new=True),
        ),
    )
    assert hashed("earlier d-1", (line,), ("5a17",)) == (
        EntryHash("5a17", None, "e4b9f01a7f550885fdc862c98593d296bede36aff2a51983bc7a43c34beeb4d1"),
    )


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    "change",
    [
        {"text": "another"},
        {"by": "mallory@acme.example"},
        {"at": datetime(2026, 3, 2, 12, 1, tzinfo=UTC)},
        {"kind": "edited"},
        {"entry": 2},
        {"signer": "mallory@acme.example"},
        {"changes": (FieldChange(field="amount", new=Decimal(1)),)},
        {"fired": Firing(trigger="t", stage="s", kind="k")},
        {"to_stage": "done"},
    ],
)
def test_an_entry_that_was_changed_is_named(number: int, change: dict[str, object]) -> None:
    pairs = whole()
    line, proof = pairs[number - 1]
    pairs[number - 1] = (line.model_copy(update=change), proof)
    assert problems(pairs) == [(number, CHANGED)]


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_where_an_entry_was_removed_the_next_one_does_not_follow(number: int) -> None:
    pairs = whole()
    del pairs[number - 1]
    assert problems(pairs) == [(number, CHANGED)]


@pytest.mark.parametrize("left", [0, 1, 4])
def test_entries_that_are_missing_at_the_end_are_missed(left: int) -> None:
    assert problems(whole()[:left]) == [(left + 1, NO_END)]


def test_an_added_end_shows() -> None:
    line = entry("six")
    (proof,) = hashed(HASHES[-1].timeline, (line,), ("5a17",))
    assert problems([*whole(), (line, proof)]) == [(7, NO_END)]
    assert problems(whole(), None) == [(6, NO_END)]


def test_entries_that_changed_places_show() -> None:
    pairs = whole()
    pairs[1], pairs[2] = pairs[2], pairs[1]
    assert [number for number, _ in problems(pairs)] == [2, 3, 4]


@pytest.mark.parametrize("place", [1, 2, 4])
def test_an_inserted_entry_shows(place: int) -> None:
    line = entry("inserted")
    (proof,) = hashed(HASHES[place - 1].timeline, (line,), ("5a17",))
    pairs = whole()
    pairs.insert(place, (line, proof))
    assert problems(pairs) == [(place + 2, CHANGED)]
    pairs[place] = (line, None)
    assert problems(pairs) == [(place + 1, NO_HASH)]


def test_a_timeline_of_another_document_does_not_hold() -> None:
    found = verified("d-2", parts(whole()), HASHES[-1].timeline)
    assert [one.number for one in found.problems] == [1]


def test_entries_of_before_there_were_hashes_are_counted() -> None:
    later = hashed("earlier d-1", FIVE[2:], SALTS[2:])
    pairs: Pairs = [(FIVE[0], None), (FIVE[1], None), *zip(FIVE[2:], later, strict=True)]
    found = verified("d-1", parts(pairs), later[-1].timeline)
    assert (found.holds, found.entries, found.before) == (True, 5, 2)
    # None may be put before a timeline that began with hashes, nor all of them be removed.
    assert problems([(entry("zero"), None), *whole()]) == [(2, CHANGED)]
    assert problems(pairs[2:], later[-1].timeline) == [(1, CHANGED)]
    only = verified("d-1", parts([(FIVE[0], None)]), None)
    assert (only.holds, only.before, only.hash) == (True, 1, None)


def test_hashes_and_entries_of_a_part_belong_together() -> None:
    one = TimelinePart(version=1, entries=FIVE[:1], hashes=HASHES[:2])
    found = verified("d-1", [one], HASHES[1].timeline)
    assert [(one.number, one.text) for one in found.problems] == [
        (2, "there is a hash, and no entry to it")
    ]


def erase(line: LogEntry) -> LogEntry:
    return line.model_copy(update={"text": "erased"})


def test_what_is_erased_leaves_the_hashes_as_they_are() -> None:
    pairs = whole()
    line, proof = pairs[1]
    assert proof is not None
    erased = without_salt(line, proof)
    assert (erased.salt, erased.timeline) == (None, proof.timeline)
    assert without_salt(erase(line), erased) == erased
    pairs[1] = (erase(line), erased)
    found = verified("d-1", parts(pairs), HASHES[-1].timeline)
    assert (found.holds, found.erased) == (True, 1)


def test_of_an_erased_entry_what_lasts_is_still_proven() -> None:
    pairs = whole()
    line, proof = pairs[1]
    assert proof is not None
    later = erase(line).model_copy(update={"at": datetime(2026, 3, 3, tzinfo=UTC)})
    pairs[1] = (later, without_salt(line, proof))
    assert problems(pairs) == [(2, CHANGED)]


def test_an_erased_text_cannot_be_guessed_without_its_salt() -> None:
    (one,) = hashed("new d-1", FIVE[:1], ("a" * 32,))
    (other,) = hashed("new d-1", FIVE[:1], ("b" * 32,))
    assert without_salt(FIVE[0], one).erased != without_salt(FIVE[0], other).erased


def test_a_hash_that_was_noted_must_still_be_there() -> None:
    noted = HASHES[2].timeline
    assert verified("d-1", parts(whole()), HASHES[-1].timeline, wanted=noted).holds
    anew = hashed("new d-1", FIVE[1:], SALTS[1:])
    pairs = list(zip(FIVE[1:], anew, strict=True))
    assert problems(list(pairs), anew[-1].timeline) == []
    found = verified("d-1", parts(pairs), anew[-1].timeline, wanted=noted)
    assert [one.text for one in found.problems] == [
        f"no entry has the hash {noted}: entries up to it were changed or removed"
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [("3200.00", "3.2E+3"), ("0", "-0.00"), ("1E-10", "0.0000000001"), ("12.340", "12.34")],
)
def test_a_number_has_one_hash_however_a_store_writes_it(one: str, other: str) -> None:
    made = [
        hashed(
            "new d-1", (entry("", changes=(FieldChange(field="f", new=Decimal(text)),)),), ("s",)
        )
        for text in (one, other)
    ]
    assert made[0] == made[1]
    text = hashed("new d-1", (entry("", changes=(FieldChange(field="f", new=one),)),), ("s",))
    assert text != made[0]


@given(st.permutations(range(5)))
def test_only_the_order_in_which_it_was_written_holds(order: Sequence[int]) -> None:
    pairs = whole()
    assert (problems([pairs[place] for place in order]) == []) == (list(order) == sorted(order))
