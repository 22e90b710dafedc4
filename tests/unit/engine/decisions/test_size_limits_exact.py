"""What is cut of a document and its timeline, and where exactly: bytes, items, letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from countersign.engine.decisions.size_limits import (
    check_edit,
    cut,
    fitted,
    fitted_entry,
    fitted_log,
    remembered,
    size_of,
)
from countersign.errors import TooLargeError
from countersign.model.condition import ClauseVerdict, Verdict
from countersign.model.document import Document
from countersign.model.log import FieldChange, Firing, LogEntry, Skipped, json_size
from countersign.model.signing_event import Sender, Signer
from countersign.simulation.world import START

WIDE = "\u6f22"
"""A letter of three bytes."""


def a_document(**more: Any) -> Document:
    """A document."""
    given = {"id": "d1", "pipeline": "contracts", "stage": "s", "since": START}
    return Document.model_validate({**given, "created_at": START, **more})


def of_size(wanted: int) -> Document:
    """A document of exactly so many bytes, with fields of at most 4,000 bytes each."""
    fields = {f"f{n:03}": "x" * 3_900 for n in range((wanted - 5_000) // 3_910)}
    rest = wanted - size_of(a_document(fields={**fields, "last": ""}))
    assert 0 < rest <= 9_000
    return a_document(fields={**fields, "last": "x" * rest})


def test_a_document_of_exactly_the_most_bytes_is_kept_and_one_more_is_cut() -> None:
    most = of_size(330_000)
    assert fitted(most).document == most
    more = of_size(330_001)
    kept = fitted(more)
    assert kept.document.fields["last"] == "x" * 3_997 + "…"
    assert kept.cut == (
        "the document became too large to be kept whole: "
        "its fields were cut to 4,000 bytes, lists to 100 items",
    )


def test_signers_texts_are_cut_to_two_hundred_bytes_first() -> None:
    long = "s" * 2_000
    many = tuple(
        Signer(id=f"{n}", name=long, role=long, reason="r" * 200, status="declined")
        for n in range(330)
    )
    kept = fitted(a_document(signers=many, title="t" * 9_000)).document
    assert {(one.name, one.role, one.reason) for one in kept.signers} == {
        ("s" * 197 + "…", "s" * 197 + "…", "r" * 200)
    }
    assert len(kept.signers) == 330
    assert kept.title == "t" * 9_000


def test_fields_and_lists_are_cut_next() -> None:
    fields: dict[str, Any] = {f"f{n}": "y" * 60_000 for n in range(6)}
    fields |= {"short": "y" * 4_000, "many": ("z" * 3_000,) * 300, "number": 5}
    kept = fitted(a_document(fields=fields, observers=("o" * 201,) * 101, title="t" * 501)).document
    assert kept.fields == {
        **{f"f{n}": "y" * 3_997 + "…" for n in range(6)},
        "short": "y" * 4_000,
        "many": ("z" * 197 + "…",) * 100,
        "number": 5,
    }
    assert kept.observers == ("o" * 197 + "…",) * 100
    assert kept.title == "t" * 501


def test_titles_numbers_and_reasons_are_cut_after_that() -> None:
    sender = Sender(email="anna@acme.example", name="A" * 201)
    texts = {"title": WIDE * 120_000, "number": "N" * 501, "reason": "R" * 500}
    document = a_document(
        sender=sender, fields={"note": "n" * 501}, signers=(Signer(id="1", name="x" * 41),), **texts
    )
    kept = fitted(document).document
    assert (kept.title, kept.number, kept.reason) == (
        WIDE * 165 + "…",
        "N" * 497 + "…",
        "R" * 500,
    )
    assert kept.sender == Sender(email="anna@acme.example", name="A" * 197 + "…")
    assert (kept.fields["note"], kept.signers[0].name) == ("n" * 501, "x" * 41)


def test_texts_that_are_not_there_are_not_made_up() -> None:
    sender = Sender(email="anna@acme.example")
    kept = fitted(a_document(title="t" * 400_000, sender=sender)).document
    assert (kept.title, kept.number, kept.reason) == ("t" * 497 + "…", None, None)
    assert kept.sender == sender


def test_many_signers_keep_forty_bytes_of_each_text() -> None:
    many = tuple(Signer(id=f"{n}", name="n" * 190, role="r" * 40) for n in range(900))
    kept = fitted(a_document(signers=many, fields={"note": "n" * 501})).document
    assert {(one.name, one.role) for one in kept.signers} == {("n" * 37 + "…", "r" * 40)}
    assert kept.fields == {"note": "n" * 501}


def test_many_fields_keep_five_hundred_bytes_and_lists_twenty_items() -> None:
    fields: dict[str, Any] = {f"f{n}": "w" * 700 for n in range(550)}
    fields["many"] = ("m",) * 21
    envelope_fields = {"long": "e" * 501, "short": "e" * 500}
    kept = fitted(a_document(fields=fields, envelope_fields=envelope_fields)).document
    assert kept.fields == {**{f"f{n}": "w" * 497 + "…" for n in range(550)}, "many": ("m",) * 20}
    assert kept.envelope_fields == {
        # The SHA-256 of 501 letters e.
        "long": "sha256:d5bf40de6ada070e9ec6292ac5d4fd3da8f04e76fff12e6e596d347c3014c1d2",
        "short": "e" * 500,
    }


def test_of_fields_that_are_still_too_many_the_largest_are_emptied() -> None:
    fields: dict[str, Any] = {f"f{n:04}": "w" * 400 for n in range(830)}
    fields |= {"large": "w" * 450, "short": "w"}
    whole = a_document(fields=fields, envelope_fields={"e": "e"})
    kept = fitted(whole)
    gone = sorted(set(fields) - set(kept.document.fields))
    # 830 of 411 bytes each, and what else the document has, are above 330,000.
    assert gone[:2] == ["f0000", "f0001"]
    assert gone[-1] == "large"
    assert 329_000 < size_of(kept.document) <= 330_000
    assert kept.document.envelope_fields == {"e": "e"}
    assert kept.cut == (
        "the document became too large to be kept whole: "
        f"{len(gone)} of its fields were emptied ({', '.join(gone)[:200]})",
    )


def test_of_signers_that_are_still_too_many_the_first_are_kept() -> None:
    many = tuple(Signer(id=f"{n:04}", name="Somebody") for n in range(4_000))
    kept = fitted(a_document(signers=many))
    number = len(kept.document.signers)
    assert [one.id for one in kept.document.signers] == [f"{n:04}" for n in range(number)]
    size = size_of(kept.document)
    each = (size - size_of(a_document())) / number
    assert 330_000 - each - 1 < size <= 330_000
    assert kept.cut[-1].endswith(f": {number:,} of its 4,000 signers are kept")


def test_at_last_signers_have_no_names_roles_and_reasons() -> None:
    texts: dict[str, Any] = {"name": "n" * 60, "role": "r" * 60, "reason": "w" * 60}
    many = tuple(Signer(id=f"{n:04}", email=f"s{n}@kunde.example", **texts) for n in range(1_000))
    kept = fitted(a_document(signers=many))
    assert kept.document.signers == tuple(
        Signer(id=f"{n:04}", email=f"s{n}@kunde.example") for n in range(1_000)
    )
    assert kept.cut[-1].endswith(": its signers' names, roles and reasons were left out")


@pytest.mark.parametrize("more", [0, 1])
def test_signers_are_kept_to_the_last_byte(more: int) -> None:
    many = tuple(Signer(id=f"{n:04}") for n in range(4_000))
    size = len(many[0].model_dump_json()) + 1  # with the comma behind it
    number = (330_000 - size_of(a_document())) // size - 5
    base = a_document()
    rest = 330_000 - size_of(base) - number * size
    kept = fitted(a_document(id=base.id + "x" * (rest + more), signers=many)).document
    assert len(kept.signers) == number - more


@pytest.mark.parametrize("more", [0, 1])
def test_fields_are_emptied_to_the_last_byte(more: int) -> None:
    fields = {f"f{n:04}": "w" * 400 for n in range(700)}
    base = size_of(a_document(fields=fields))
    # What is emptied first makes room by its value alone.
    document = a_document(
        id="d1" + "x" * (330_000 - base - len(',"g0":""')), fields={**fields, "g0": "w" * 490}
    )
    assert size_of(document) == 330_490
    document = document.model_copy(update={"id": document.id + "x" * more})
    kept = fitted(document).document
    assert sorted(set(document.fields) - set(kept.fields)) == (["f0000", "g0"] if more else ["g0"])


def test_at_last_what_is_remembered_of_the_envelope_goes() -> None:
    remembered_ = {f"e{n:04}": "e" * 500 for n in range(700)}
    kept = fitted(a_document(fields={"note": "n", "none": None}, envelope_fields=remembered_))
    assert (kept.document.fields, kept.document.envelope_fields) == ({}, {})
    assert kept.cut == (
        "the document became too large to be kept whole: 2 of its fields were emptied (note, none)",
    )


@pytest.mark.parametrize("more", [0, 1])
def test_lines_are_kept_to_the_last_byte(more: int) -> None:
    # With the 70 bytes of its hash, each takes 388.
    plain = of_bytes(318)
    kept = fitted_log([of_bytes(318 + more), *[plain] * 2_700])
    assert len(kept) == 2_500 - more + 1
    assert kept[-1].text == f"{201 + more} more lines of this change were too much to be kept"


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        (6_000, 250_000, False),
        (6_000, 250_001, True),
        (260_000, 261_000, False),
        (260_000, 261_001, True),
    ],
)
def test_an_edit_may_make_a_document_this_large(before: int, after: int, refused: bool) -> None:
    if not refused:
        check_edit(of_size(before), of_size(after), ["a"])
        return
    with pytest.raises(TooLargeError) as raised:
        check_edit(of_size(before), of_size(after), ["a", "b" * 300])
    assert str(raised.value) == (
        f"the document would have {after:,} bytes with the new a, {'b' * 197}; expected at most "
        "250,000: make them shorter"
    )


def test_a_custom_field_of_five_hundred_letters_is_remembered_as_it_is() -> None:
    assert remembered("ä" * 500) == "ä" * 500
    assert remembered("e" * 501) == (
        "sha256:d5bf40de6ada070e9ec6292ac5d4fd3da8f04e76fff12e6e596d347c3014c1d2"
    )


@pytest.mark.parametrize(
    ("text", "most", "kept"),
    [
        ("abcdef", 6, "abcdef"),
        ("abcdefg", 6, "abc…"),
        (WIDE * 3, 8, WIDE + "…"),
        ("abcdef", 3, "…"),
        ("abcdef", 0, "…"),
        ("a\ud800bcdef", 6, "a?b…"),
    ],
)
def test_a_text_is_cut_to_bytes_with_three_of_them_for_the_dots(
    text: str, most: int, kept: str
) -> None:
    assert cut(text, most) == kept


# --- lines of the timeline


def line(**more: Any) -> LogEntry:
    """A line of a timeline."""
    return LogEntry.model_validate({"at": START, "kind": "event", "entry": 1, "text": "t", **more})


def of_bytes(wanted: int, **more: Any) -> LogEntry:
    """A line of exactly so many bytes."""
    rest = wanted - json_size(line(text="", **more))
    return line(text="x" * (rest - len(',"text":""')), **more)


CLAUSE = ClauseVerdict(
    field="amount", op="equals", found="f" * 200, wanted="w" * 200, outcome="false"
)
VERDICT = Verdict(outcome="false", clauses=(CLAUSE,) * 9)


def passed(number: int, reason: str = "b" * 20) -> tuple[Skipped, ...]:
    """So many triggers that did not fire."""
    return tuple(
        Skipped(trigger=f"t{n}", stage="s", reason=reason, verdict=VERDICT) for n in range(number)
    )


def test_a_line_of_exactly_the_most_bytes_is_kept_and_one_more_is_cut() -> None:
    changed = (FieldChange(field="title", old="a", new="b"),)
    most = of_bytes(30_000, changes=changed)
    assert json_size(most) == 30_000
    assert fitted_entry(most) == most
    assert fitted_entry(of_bytes(30_001, changes=changed)).text == "x" * 997 + "…"


def test_each_text_of_a_line_that_is_too_long_is_cut_to_a_thousand_bytes() -> None:
    names = ("text", "by", "event", "key", "signer", "reason", "cause")
    changes = [
        {"field": f"f{n}", "old": "o" * 1_001, "new": ("n" * 201,) * 11 if n < 2 else "n"}
        for n in range(11)
    ]
    kept = fitted_entry(line(**dict.fromkeys(names, "x" * 5_000), changes=changes))
    assert {getattr(kept, name) for name in names} == {"x" * 997 + "…"}
    assert kept.changes == tuple(
        FieldChange(
            field=f"f{n}", old="o" * 997 + "…", new=("n" * 197 + "…",) * 10 if n < 2 else "n"
        )
        for n in range(10)
    )


def test_triggers_of_a_line_that_is_too_long_lose_their_clauses_and_keep_their_reasons() -> None:
    kept = fitted_entry(line(passed=passed(12, "b" * 1_001), reason="r" * 400))
    assert kept.passed == tuple(
        Skipped(trigger=f"t{n}", stage="s", reason="b" * 997 + "…") for n in range(12)
    )
    assert (kept.text, kept.reason) == ("t", "r" * 400)


def test_at_last_ten_triggers_are_named_and_the_others_counted() -> None:
    fired = Firing(trigger="f", stage="s", kind="sent", verdict=VERDICT)
    kept = fitted_entry(
        line(
            text="x" * 301,
            reason="r" * 301,
            cause="c" * 301,
            passed=passed(500, "b" * 201),
            fired=fired,
        )
    )
    assert kept.passed == tuple(
        Skipped(trigger=f"t{n}", stage="s", reason="b" * 197 + "…") for n in range(10)
    )
    assert kept.text == "x" * 297 + "… (and 490 more triggers did not fire)"
    assert (kept.reason, kept.cause) == ("r" * 297 + "…", "c" * 297 + "…")
    assert kept.fired == Firing(trigger="f", stage="s", kind="sent")


def test_lines_lose_their_clauses_from_the_last_and_only_as_far_as_needed() -> None:
    one = line(passed=passed(6))
    assert json_size(one) <= 30_000
    number = 1_000_000 // (json_size(one) + 70) + 3
    kept = fitted_log([one] * number)
    shortened = [entry.passed[0].verdict is None for entry in kept]
    assert shortened == [False] * (number - sum(shortened)) + [True] * sum(shortened)
    total = sum(json_size(entry) + 70 for entry in kept)
    saved = json_size(one) - json_size(kept[-1])
    assert 1_000_000 - saved < total <= 1_000_000


Make = Callable[[int], LogEntry]
GONE_FIRST: Sequence[tuple[Make, Make]] = (
    (
        lambda n: line(text=f"{n}" + "x" * 2_000, applied="derived"),
        lambda n: line(text=f"{n}" + "x" * 2_000, applied="new"),
    ),
    (
        lambda n: line(text=f"{n}" + "x" * 2_000),
        lambda n: line(text=f"{n}" + "x" * 2_000, kind="moved"),
    ),
    (
        lambda n: line(text=f"{n}" + "x" * 2_000, applied="derived"),
        lambda n: line(
            text=f"{n}" + "x" * 2_000,
            applied="derived",
            fired=Firing(trigger="f", stage="s", kind="sent"),
        ),
    ),
)


@pytest.mark.parametrize(("less", "more"), GONE_FIRST)
def test_lines_that_matter_least_are_left_out_first_from_the_last(less: Make, more: Make) -> None:
    lines = [made(n) for n in range(1_000, 2_500) for made in (less, more)]
    kept = fitted_log(lines)
    # Texts of lines behind are cut to 300 bytes before any line goes.
    *rest, last = [(one.text[:4], one.kind, one.applied, one.fired) for one in kept]
    more_ = [(one.text[:4], one.kind, one.applied, one.fired) for one in lines[1::2]]
    less_ = [(one.text[:4], one.kind, one.applied, one.fired) for one in lines[::2]]
    number = len(rest) - 1_500
    assert 0 < number < 1_500
    expected = [one for pair in zip(less_, more_, strict=True) for one in pair]
    assert rest == [one for one in expected if one in more_ or one in less_[:number]]
    assert kept[-1] == line(
        kind="warning",
        text=f"{1_500 - number:,} more lines of this change were too much to be kept",
    )
    assert last[0] == kept[-1].text[:4]
    each = json_size(kept[0]) + 70
    total = sum(json_size(entry) + 70 for entry in kept[:-1])
    assert 970_000 - 2 * each < total <= 970_000
