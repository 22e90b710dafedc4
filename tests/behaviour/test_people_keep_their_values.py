"""What people changed stays when the provider speaks again; what it says is on the timeline."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.engine.decisions.edits import edited, keeps
from countersign.model.document import Document
from countersign.model.log import FieldChange
from countersign.rules.base import Edit
from countersign.simulation.world import World
from tests.builders import ANNA, KLARA, envelope, event, pipeline, stage, world

FIELDS = {"term": {"type": "date"}, "vip": {"type": "bool"}, "sum": {"type": "money"}}
MAPPED = [
    {"source": "Amount", "field": "amount"},
    {"source": "Currency", "field": "currency"},
    {"source": "Term", "field": "term"},
    {"source": "VIP", "field": "vip"},
    {"source": "Owner", "field": "responsible"},
]


def _world(**more: Any) -> World:
    rules = [{"id": "set", "kind": "change_fields", "settings": {"values": {"amount": 1}}}]
    locale = {"locale": more.pop("locale")} if "locale" in more else {}
    wanted = pipeline(stage("draft"), stage("ruled", *rules), fields=FIELDS, **more)
    return world(wanted, fields=MAPPED, **locale)


def _tell(here: World, minute: int, **custom: str) -> Document:
    state = envelope(custom_fields=custom)
    return here.tell("docusign", [event("document.viewed", KLARA, minute=minute, state=state)])


def _warnings(here: World, document: Document) -> list[str]:
    return [line.text for line in here.documents.timeline(document.id) if line.kind == "warning"]


@pytest.mark.parametrize(
    ("source", "field", "told", "saved", "then", "kept"),
    [
        ("Amount", "amount", "400", 450, "500", 450),
        ("Term", "term", "2027-01-01", "2027-02-01", "2027-03-01", "2027-02-01"),
        ("VIP", "vip", "true", False, "1", False),
        (
            "Owner",
            "responsible",
            "a@acme.example",
            "b@acme.example",
            "c@acme.example",
            "b@acme.example",
        ),
        ("Currency", "currency", "EUR", "CHF", "USD", "CHF"),
        ("Amount", "amount", "400", 450, "", 450),
    ],
)
def test_a_persons_value_stays_and_the_new_one_is_told_once(
    source: str, field: str, told: str, saved: Any, then: str, kept: Any
) -> None:
    here = _world()
    document = _tell(here, 1, **{source: told})
    here.edit(document.id, Edit(values={field: saved}), by=ANNA)
    for minute in (2, 3, 4):
        after = _tell(here, minute, **{source: then})
    assert getattr(after, field, None) == kept or after.fields[field] == kept
    says = f'"{then}"' if then else "nothing"
    assert _warnings(here, after) == [
        f'the custom field "{source}" of the envelope says {says}, but {field} stays as a person '
        "set it; empty the field to take the next value from the envelope"
    ]


def test_each_new_value_is_told_and_the_persons_own_is_not() -> None:
    here = _world()
    document = _tell(here, 1, Amount="400")
    here.edit(document.id, Edit(values={"amount": 450}), by=ANNA)
    for minute, amount in ((2, "500"), (3, "600"), (4, "450.00"), (5, "500")):
        document = _tell(here, minute, Amount=amount)
    assert document.amount == 450
    assert [text.split('"')[3] for text in _warnings(here, document)] == ["500", "600", "500"]


def test_what_a_person_empties_takes_the_next_value() -> None:
    here = _world()
    document = _tell(here, 1, Amount="400")
    here.edit(document.id, Edit(values={"amount": 450}), by=ANNA)
    here.edit(document.id, Edit(values={"amount": None}), by=ANNA)
    assert _tell(here, 2, Amount="400").amount is None
    assert _tell(here, 3, Amount="410").amount == 410
    assert _warnings(here, document) == []


def test_what_a_rule_wrote_gives_way() -> None:
    here = _world()
    document = _tell(here, 1, Amount="400")
    here.edit(document.id, Edit(stage="ruled"), by=ANNA)
    here.settle()
    assert here.document(document.id).amount == 1
    assert _tell(here, 2, Amount="500").amount == 500


def test_a_person_who_makes_a_document_gives_its_values() -> None:
    given = edited(
        Document.model_validate({"id": "d", "pipeline": "p", "stage": "s", **_TIMES}),
        [FieldChange(field="amount", new="x"), FieldChange(field="term", old="x", new=None)],
    )
    assert (keeps(given, "amount"), keeps(given, "term"), keeps(given, "title")) == (
        True,
        False,
        False,
    )


_TIMES = {"since": "2026-01-01T00:00:00Z", "created_at": "2026-01-01T00:00:00Z"}


def test_a_message_that_only_repeats_the_envelope_changes_nothing() -> None:
    here = _world()
    document = _tell(here, 1, Amount="400")
    here.edit(document.id, Edit(values={"amount": 450}), by=ANNA)
    assert _tell(here, 2, Amount="400").amount == 450
    assert _warnings(here, document) == []


def _titled(here: World, minute: int, title: str | None) -> Document:
    state = envelope(title=title)
    return here.tell("docusign", [event("document.viewed", KLARA, minute=minute, state=state)])


def test_a_title_that_a_person_gave_stays_and_a_new_one_is_told_once() -> None:
    here = _world()
    document = _titled(here, 1, "Lease")
    here.edit(document.id, Edit(values={"title": "Lease of the barn"}), by=ANNA)
    for minute, title in enumerate(("Lease", "lease of the  barn", "Lease 2", "Lease 2", None), 2):
        document = _titled(here, minute, title)
        assert document.title == "Lease of the barn"
    assert _warnings(here, document) == [
        'the envelope says "Lease 2", but title stays as a person set it; '
        "empty the field to take the next value from the envelope"
    ]


def test_a_title_that_a_person_empties_is_the_envelopes_again() -> None:
    here = _world()
    document = _titled(here, 1, "Lease")
    here.edit(document.id, Edit(values={"title": "Barn"}), by=ANNA)
    here.edit(document.id, Edit(values={"title": ""}), by=ANNA)
    assert _titled(here, 2, "Lease 2").title == "Lease 2"
    assert _titled(here, 3, "Lease 3").title == "Lease 3"
    assert _warnings(here, document) == []


def test_a_title_that_nobody_touched_follows_the_envelope() -> None:
    here = _world()
    assert [_titled(here, n, title).title for n, title in ((1, "a"), (2, "b"))] == ["a", "b"]


# --- values in the country's form


def test_custom_fields_are_read_in_the_connections_locale() -> None:
    here = _world(locale="de")
    custom = {"Amount": "7.400,50 €", "Currency": "EUR", "Term": "1. Juni 2027", "VIP": "Ja"}
    document = _tell(here, 1, **custom)
    assert (str(document.amount), document.currency) == ("7400.50", "EUR")
    assert document.fields == {"term": "2027-06-01", "vip": True}
    assert _warnings(here, document) == []


def test_without_one_in_the_pipelines_language() -> None:
    here = _world(language="en-GB")
    document = _tell(here, 1, Amount="7,400.50", Term="01/06/2027")
    assert (str(document.amount), document.fields["term"]) == ("7400.50", "2027-06-01")


def test_an_amount_in_another_currency_is_not_taken_over() -> None:
    here = _world(locale="de")
    document = _tell(here, 1, Currency="CHF", Amount="7.400,50 €")
    assert (document.amount, document.currency) == (None, "CHF")
    assert _warnings(here, document) == [
        'the custom field "Amount" of the envelope was not taken over: amount: "7.400,50 €" is in '
        "EUR, but the document's currency is CHF"
    ]


def test_where_nothing_says_the_country_the_warning_says_what_helps() -> None:
    here = _world()
    document = _tell(here, 1, Amount="7.400,50 €")
    [warning] = _warnings(here, document)
    assert warning.endswith(
        "; if people fill it in, set the connection's locale: "
        "countersign connections update ID --locale NAME"
    )
