"""Fields: every one is readable, and only what fits comes in from outside."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from countersign.errors import PermanentError
from countersign.model import fields
from countersign.model.document import Document, FieldValue
from countersign.model.document_event import DocumentEvent
from countersign.model.pipeline import FieldSpec, FieldType, Pipeline
from countersign.model.signing_event import Sender, Signer
from countersign.model.values import InvalidValueError, is_empty

NOW = datetime(2026, 5, 4, 8, tzinfo=UTC)
PIPELINE = Pipeline.model_validate(
    {
        "pipeline": "contracts",
        "fields": {
            "contract_end": {"type": "date"},
            "segment": {"type": "choice", "options": ["private", "business"]},
        },
        "stages": [{"id": "draft"}, {"id": "sent"}],
    }
)
EMPTY = Document(id="d1", pipeline="contracts", stage="sent", since=NOW, created_at=NOW)
FULL = EMPTY.model_copy(
    update={
        "title": "Lease",
        "number": "C-7",
        "responsible": "anna@acme.example",
        "observers": ("ben@acme.example",),
        "amount": Decimal("5000.50"),
        "currency": "EUR",
        "previous_stage": "draft",
        "moved_by": "system",
        "entry": 2,
        "provider": "docusign",
        "connection": "main",
        "envelope": "e1",
        "status": "sent",
        "reason": "wrong price",
        "sender": Sender(name="Anna", email="anna@acme.example"),
        "sent_at": NOW,
        "completed_at": NOW,
        "expires_at": NOW,
        "files": ("signed_pdf",),
        "signers": (
            Signer(id="s1", email="carl@client.example", status="signed"),
            Signer(id="s2", email="dora@client.example", status="viewed"),
            Signer(id="s3", status="declined", action="approve"),
            Signer(id="s4", email="copy@client.example", action="copy", status="viewed"),
        ),
        "fields": {"contract_end": "2027-01-31"},
    }
)
SIGNER = Signer(
    id="s1", name="Carl", email="carl@client.example", role="Buyer", order=1, party="client"
)
SIGNED = DocumentEvent(
    kind="signer.signed", at=NOW, signer=SIGNER, reason="fine", field="amount", old=None
).model_copy(update={"new": Decimal("5000.50")})


def test_each_field_of_a_full_document_reads_as_it_stands() -> None:
    assert {name: fields.read(FULL, name) for name in fields.BUILT_IN} == {
        "title": "Lease",
        "number": "C-7",
        "responsible": "anna@acme.example",
        "observers": ("ben@acme.example",),
        "amount": Decimal("5000.50"),
        "currency": "EUR",
        "stage": "sent",
        "previous_stage": "draft",
        "moved_by": "system",
        "entry": Decimal(2),
        "since": NOW,
        "created": NOW,
        "provider": "docusign",
        "connection": "main",
        "envelope": "e1",
        "status": "sent",
        "reason": "wrong price",
        "sender": "anna@acme.example",
        "sent": NOW,
        "completed": NOW,
        "expires": NOW,
        "files": ("signed_pdf",),
        "signers": ("carl@client.example", "dora@client.example", "s3"),
        "signers_open": ("dora@client.example",),
        "signers_signed": ("carl@client.example",),
        "signers_declined": ("s3",),
        "signer_count": Decimal(3),
        "signed_count": Decimal(1),
    }


def test_a_new_document_has_only_its_stage_its_entry_its_times_and_counts() -> None:
    filled = {name for name in fields.BUILT_IN if not is_empty(fields.read(EMPTY, name))}
    assert filled == {"stage", "entry", "since", "created", "signer_count", "signed_count"}


def test_each_field_of_an_event_reads_as_it_stands() -> None:
    assert {name: fields.read(EMPTY, name, SIGNED) for name in fields.EVENT} == {
        "event.kind": "signer.signed",
        "event.at": NOW,
        "event.authenticity": "signed",
        "event.signer": "carl@client.example",
        "event.signer_name": "Carl",
        "event.role": "Buyer",
        "event.order": Decimal(1),
        "event.party": "client",
        "event.reason": "fine",
        "event.field": "amount",
        "event.old": None,
        "event.new": "5000.5",
    }


def test_without_an_event_its_fields_are_empty() -> None:
    assert {fields.read(FULL, name) for name in fields.EVENT} == {None}


def test_own_fields_are_read_by_id_and_empty_until_filled() -> None:
    assert fields.read(FULL, "contract_end") == "2027-01-31"
    assert fields.read(EMPTY, "contract_end") is None


def test_a_name_no_field_can_have_is_refused() -> None:
    with pytest.raises(KeyError):
        fields.read(FULL, "event.weather")


def test_types_are_the_built_in_ones_and_the_own_ones() -> None:
    own = {"contract_end": "date", "segment": "choice"}
    assert fields.types(PIPELINE) == {**fields.BUILT_IN, **own}


def test_an_own_field_does_not_change_the_type_of_a_built_in_one() -> None:
    shadowing = PIPELINE.model_copy(update={"fields": {"amount": FieldSpec(type="text")}})
    assert fields.types(shadowing) == fields.BUILT_IN
    assert fields.specs(shadowing)["amount"] == FieldSpec(type="money")


def test_specs_know_every_field_and_what_a_choice_may_be() -> None:
    specs = fields.specs(PIPELINE)
    assert set(specs) == {*fields.types(PIPELINE), *fields.EVENT}
    assert specs["stage"] == FieldSpec(type="choice", options=("draft", "sent"))
    assert specs["segment"].options == ("private", "business")
    assert {"signer.signed", "field.changed", "other"} <= set(specs["event.kind"].options)
    assert [name for name, s in specs.items() if s.type == "choice" and not s.options] == []


@pytest.mark.parametrize(
    ("spec", "place", "text"),
    [
        ({"amount": {"type": "money"}}, ("amount",), "already; give yours another name"),
        ({"a": {"type": "choice"}}, ("a", "options"), "has no options"),
        ({"a": {"type": "text", "options": ["x"]}}, ("a", "options"), "only a choice has options"),
        ({"a": {"type": "choice", "options": ["x", "x"]}}, ("a", "options", 1), "stands twice"),
        ({"a": {"type": "choice", "options": ["x", " "]}}, ("a", "options", 1), "blank"),
    ],
)
def test_an_own_field_that_cannot_work_is_refused_with_its_place(
    spec: dict[str, object], place: tuple[str | int, ...], text: str
) -> None:
    pipeline = Pipeline.model_validate(
        {"pipeline": "p", "fields": spec, "stages": [{"id": "draft"}]}
    )
    [(found, why)] = fields.problems(pipeline)
    assert found == ("fields", *place)
    assert text in why


def test_sound_own_fields_are_no_problem() -> None:
    assert fields.problems(PIPELINE) == []


FITTING: list[tuple[FieldType, object, FieldValue]] = [
    ("text", " Lease ", "Lease"),
    ("text", "5000", "5000"),
    ("number", "5000", Decimal(5000)),
    ("number", "-0.50", Decimal("-0.50")),
    ("number", "5.0000", Decimal(5)),
    ("number", "-0", Decimal(0)),
    ("number", 7, Decimal(7)),
    ("number", Decimal("0.1"), Decimal("0.1")),
    ("money", "5000", Decimal(5000)),
    ("money", "5000.00", Decimal(5000)),
    ("money", "1234.567", Decimal("1234.567")),
    ("money", "5.0000", Decimal(5)),
    ("money", Decimal("5.000"), Decimal(5)),
    ("date", "2026-05-31", "2026-05-31"),
    ("date", date(2026, 5, 31), "2026-05-31"),
    ("datetime", "2026-05-31T14:00:00+02:00", "2026-05-31T12:00:00+00:00"),
    ("datetime", "2026-05-31 14:00Z", "2026-05-31T14:00:00+00:00"),
    ("datetime", NOW, "2026-05-04T08:00:00+00:00"),
    ("choice", "private", "private"),
    ("user", "Anna@acme.example", "Anna@acme.example"),
    ("bool", True, True),
    ("bool", "No", False),
    ("bool", "TRUE", True),
    ("list", "a, b,,a", ("a", "b")),
    ("list", ["a", " b "], ("a", "b")),
    ("list", ("a",), ("a",)),
    ("list", [], None),
]


@pytest.mark.parametrize(("kind", "given", "kept"), FITTING)
def test_what_fits_is_kept_in_the_fields_form(
    kind: FieldType, given: object, kept: FieldValue
) -> None:
    fitted = fields.fit(given, kind, "f")
    assert (fitted, type(fitted)) == (kept, type(kept))


@pytest.mark.parametrize(("kind", "given", "kept"), FITTING)
def test_what_was_kept_fits_again(kind: FieldType, given: object, kept: FieldValue) -> None:
    assert fields.fit(kept, kind, "f") == kept


@pytest.mark.parametrize("kind", ["text", "number", "money", "date", "datetime", "choice", "user"])
@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_nothing_empties_a_field(kind: FieldType, nothing: object) -> None:
    assert fields.fit(nothing, kind, "f") is None


@pytest.mark.parametrize(
    ("kind", "given", "why"),
    [
        ("text", 5000, "int 5000 is not a text; expected text, in quotes"),
        ("text", "x" * 10_001, "the text has 10,001 characters; expected at most 10,000"),
        ("number", "5,000", '"5,000" is not a valid number; expected digits with a point'),
        ("number", "1e5", '"1e5" is not a valid number'),
        ("number", "NaN", '"NaN" is not a valid number'),
        ("number", "\u0665", "is not a valid number"),
        ("number", 0.1, "float 0.1 is not a valid number"),
        ("number", True, "bool True is not a valid number"),
        ("number", Decimal("Infinity"), "is not a valid number"),
        ("number", Decimal("1E+20"), "at most 20 digits before and 10 after the point"),
        ("number", "0.00000000001", "at most 20 digits before and 10 after the point"),
        ("money", "5,000.00", '"5,000.00" is not a valid number'),
        ("money", "5.000,00", '"5.000,00" is not a valid number'),
        ("money", "5000 EUR", '"5000 EUR" is not a valid number'),
        ("money", "5.000", "has two readings; write 5000 for the larger, 5.0000 for the smaller"),
        ("date", "31.05.2026", '"31.05.2026" is not a valid date; expected YYYY-MM-DD'),
        ("date", "20260531", '"20260531" is not a valid date'),
        ("date", "2026-02-30", '"2026-02-30" is not in the calendar'),
        ("date", NOW, "is not a valid date"),
        ("date", "0001-01-01", "the year 1 is out of range; expected 1900 to 9998"),
        ("datetime", "2026-05-31", "is not a valid date and time with an offset"),
        ("datetime", "2026-05-31T14:00", "is not a valid date and time with an offset"),
        ("datetime", "2026-05-31T25:00Z", "is not a valid date and time with an offset"),
        ("datetime", datetime(2026, 5, 31), "with an offset"),  # noqa: DTZ001 - the point
        ("datetime", "0001-01-01T00:00:00Z", "the year 1 is out of range"),
        ("user", "Anna Miller", '"Anna Miller" is not a user'),
        ("bool", "maybe", '"maybe" is neither yes nor no'),
        ("bool", 1, "int 1 is neither yes nor no"),
        ("list", [1], "is not a valid list; expected a list of text"),
        ("list", 5, "is not a valid list; expected a list of text"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_was_expected(
    kind: FieldType, given: object, why: str
) -> None:
    with pytest.raises(InvalidValueError) as refused:
        fields.fit(given, kind, "field f")
    assert str(refused.value).startswith("field f: ")
    assert why in str(refused.value)
    assert isinstance(refused.value, PermanentError)


@pytest.mark.parametrize(
    ("given", "hint"),
    [("privat", 'did you mean "private"?'), ("state", "expected one of private, business")],
)
def test_a_choice_must_be_among_its_options(given: str, hint: str) -> None:
    with pytest.raises(InvalidValueError, match="is not one of the options") as refused:
        fields.fit(given, PIPELINE.fields["segment"], "segment")
    assert hint in str(refused.value)


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("amount", "3200.00", Decimal(3200)),
        (
            "observers",
            "ben@acme.example, eva@acme.example",
            ("ben@acme.example", "eva@acme.example"),
        ),
        ("contract_end", "2027-01-31", "2027-01-31"),
        ("segment", "business", "business"),
    ],
)
def test_text_from_an_envelope_fits_by_the_fields_name(
    name: str, text: str, kept: FieldValue
) -> None:
    assert fields.fit_value(text, name, PIPELINE) == kept


@pytest.mark.parametrize("name", ["stage", "signed_count", "weather", "event.kind"])
def test_text_does_not_go_into_what_nobody_edits(name: str) -> None:
    with pytest.raises(InvalidValueError, match=f'"{name}" does not exist or is not for editing'):
        fields.fit_value("sent", name, PIPELINE)


def test_long_text_from_outside_is_shortened_and_kept_on_one_line_in_errors() -> None:
    with pytest.raises(InvalidValueError) as refused:
        fields.fit("x\n" * 500, "date", "contract_end")
    assert len(str(refused.value)) < 200
    assert "\n" not in str(refused.value)
