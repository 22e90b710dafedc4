"""Triggers compare what changed as the field keeps it, and know what it is to become empty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from unicodedata import normalize

import pytest

from countersign.engine.validation.pipeline import check
from countersign.model.document import Document
from countersign.rules.base import Edit
from countersign.simulation.world import World
from tests.builders import ANNA, KLARA, envelope, event, pipeline, stage, trigger, world

FIELDS = {
    "urgent": {"type": "bool"},
    "score": {"type": "number"},
    "tier": {"type": "choice", "options": ["Größe A", "Größe B"]},
    "call": {"type": "datetime"},
    "end": {"type": "date"},
    "owner": {"type": "user"},
    "tags": {"type": "list"},
    "note": {"type": "text"},
}


def _start(kind: str, settings: dict[str, Any]) -> tuple[World, Document]:
    watching = trigger(kind, "watching", settings=settings)
    here = world(pipeline(stage("draft"), stage("moved", triggers=[watching]), fields=FIELDS))
    return here, here.tell("docusign", [event("document.sent", state=envelope())])


def _stage_after(
    settings: dict[str, Any], *saves: dict[str, Any], kind: str = "field_changed"
) -> str:
    here, document = _start(kind, settings)
    for values in saves:
        here.edit(document.id, Edit(values=values), by=ANNA)
    return here.document(document.id).stage


@pytest.mark.parametrize(
    ("field", "wanted", "saved", "other"),
    [
        ("urgent", "yes", True, False),
        ("urgent", "No", False, True),
        ("urgent", False, "no", "yes"),
        ("score", 12, "12.00", "12.01"),
        ("score", "7.5", Decimal("7.50"), 7),
        ("amount", 2500, "2500.00", "2500.5"),
        ("tier", "grösse a", "Größe A", "Größe B"),
        ("tier", normalize("NFD", "größe b"), "Größe B", "Größe A"),
        ("call", "2026-06-01T10:00:00+02:00", "2026-06-01T08:00:00Z", "2026-06-01T08:01:00Z"),
        ("end", " 2026-06-01 ", "2026-06-01", "2026-06-02"),
        ("owner", "kai@m\u00fcller.example", "KAI@xn--mller-kva.example", "kim@acme.example"),
        ("tags", "b, A", ["a", "B"], ["a"]),
        ("tags", ["x"], "X", "x, y"),
        ("note", "on  hold", "On\u00a0hold", "on-hold"),
    ],
)
def test_what_it_becomes_is_compared_as_the_field_keeps_it(
    field: str, wanted: object, saved: object, other: object
) -> None:
    settings = {"fields": [field], "new": wanted}
    assert _stage_after(settings, {field: other}) == "draft"
    assert _stage_after(settings, {field: other}, {field: saved}) == "moved"
    was = {"fields": [field], "old": wanted}
    assert _stage_after(was, {field: saved}, {field: other}) == "moved"
    assert _stage_after(was, {field: other}, {field: saved}) == "draft"
    assert _problems("field_changed", settings | was) == []


@pytest.mark.parametrize(
    ("settings", "saves", "expected"),
    [
        ({"became_empty": True}, [{"note": "x"}, {"note": None}], "moved"),
        ({"became_empty": True}, [{"note": "x"}, {"note": " "}], "moved"),
        ({"became_empty": True}, [{"note": "x"}, {"note": "y"}], "draft"),
        ({"became_empty": False}, [{"note": "x"}], "moved"),
        ({"was_empty": True}, [{"note": "x"}], "moved"),
        ({"was_empty": False}, [{"note": "x"}], "draft"),
        ({"was_empty": False, "became_empty": False}, [{"note": "x"}, {"note": "y"}], "moved"),
        ({"was_empty": False, "became_empty": False}, [{"note": "x"}, {"note": ""}], "draft"),
        ({"old": "x", "became_empty": True}, [{"note": "X"}, {"note": None}], "moved"),
        ({"old": "y", "became_empty": True}, [{"note": "x"}, {"note": None}], "draft"),
        (
            {"fields": ["observers"], "became_empty": True},
            [{"observers": [ANNA]}, {"observers": []}],
            "moved",
        ),
        (
            {"fields": ["urgent"], "became_empty": True},
            [{"urgent": True}, {"urgent": False}],
            "draft",
        ),
        ({"fields": ["score"], "became_empty": True}, [{"score": 1}, {"score": 0}], "draft"),
    ],
)
def test_there_is_a_word_for_empty(
    settings: dict[str, Any], saves: list[dict[str, Any]], expected: str
) -> None:
    assert _stage_after({"fields": ["note"], **settings}, *saves) == expected


@pytest.mark.parametrize(
    ("settings", "saves", "expected"),
    [
        ({"to": ["KIM@acme.example"]}, [{"responsible": "kim@acme.example"}], "moved"),
        (
            {"to": ["kim@xn--mller-kva.example"]},
            [{"responsible": "kim@m\u00fcller.example"}],
            "moved",
        ),
        ({"to": ["kim@acme.example"]}, [{"responsible": "kai@acme.example"}], "draft"),
        ({"became_empty": True}, [{"responsible": None}], "moved"),
        ({"became_empty": True}, [{"responsible": "kim@acme.example"}], "draft"),
        ({"became_empty": False}, [{"responsible": None}], "draft"),
        ({"to": ["kim@acme.example"]}, [{"responsible": None}], "draft"),
    ],
)
def test_so_do_those_who_become_responsible(
    settings: dict[str, Any], saves: list[dict[str, Any]], expected: str
) -> None:
    assert _stage_after(settings, *saves, kind="responsible_changed") == expected


def test_why_it_did_not_fire_is_told_as_people_read_it() -> None:
    here, document = _start("field_changed", {"fields": ["urgent"], "new": "yes"})
    here.edit(document.id, Edit(values={"urgent": False}), by=ANNA)
    [passed] = [one for line in here.documents.timeline(document.id) for one in line.passed]
    assert passed.reason == "urgent became no, not yes"


def _problems(kind: str, settings: dict[str, Any]) -> list[tuple[tuple[Any, ...], str]]:
    raw = {
        "pipeline": "p",
        "fields": FIELDS,
        "stages": [
            {"id": "draft"},
            {"id": "moved", "triggers": [{"id": "t", "kind": kind, "settings": settings}]},
        ],
    }
    return [(problem.place[5:], problem.text) for problem in check(raw, today=date(2026, 1, 5))[1]]


def _cases() -> Iterator[tuple[str, dict[str, Any], tuple[Any, ...], str]]:
    of_field = "field_changed"
    yield of_field, {"fields": ["note"], "new": None}, ("new",), "write became_empty: true"
    yield of_field, {"fields": ["note"], "old": None}, ("old",), "write was_empty: true"
    yield of_field, {"fields": ["note"], "new": "  "}, ("new",), "write became_empty: true"
    yield of_field, {"fields": ["tags"], "old": []}, ("old",), "write was_empty: true"
    yield of_field, {"fields": ["urgent"], "new": "maybe"}, ("new",), "neither yes nor no"
    yield of_field, {"fields": ["urgent"], "new": "empty"}, ("new",), "write became_empty: true"
    yield (
        of_field,
        {"fields": ["note", "score"], "new": "x"},
        ("new",),
        'score: "x" is not a valid number',
    )
    yield of_field, {"fields": ["tier"], "old": "Größe C"}, ("old",), "is not one of the options"
    yield (
        of_field,
        {"fields": ["note"], "new": "x", "became_empty": True},
        ("became_empty",),
        "exclude",
    )
    yield "responsible_changed", {"to": ["Kim Li"]}, ("to", 0), '"Kim Li" is not a user'
    yield "responsible_changed", {"to": ["group:sales"]}, ("to", 0), "list its users"
    both = {"to": ["kim@acme.example"], "became_empty": True}
    yield "responsible_changed", both, ("became_empty",), "exclude each other"


@pytest.mark.parametrize(("kind", "settings", "place", "text"), list(_cases()))
def test_publishing_refuses_what_could_never_be_meant(
    kind: str, settings: dict[str, Any], place: tuple[Any, ...], text: str
) -> None:
    [(found, told)] = _problems(kind, settings)
    assert found == place
    assert text in told


def test_where_any_field_is_watched_a_value_must_suit_one_of_them() -> None:
    assert _problems("field_changed", {"new": "x"}) == []
    raw_without_bool = {"new": True}
    assert _problems("field_changed", raw_without_bool) == []
    assert _stage_after({"new": True}, {"note": "true"}) == "draft"
    assert _stage_after({"new": True}, {"urgent": "yes"}) == "moved"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("written", ["Prokuristin für Süd", "PROKURISTIN FÜR\u00a0SÜD"])
def test_a_role_reads_the_same_however_it_is_encoded(form: Any, written: str) -> None:
    role = normalize(form, written)
    signers = [
        {"id": "1", "email": ANNA, "role": "Prokuristin für Süd"},
        {"id": "2", "email": KLARA, "role": "Käuferin"},
    ]
    watching = trigger("signed_by_signer", settings={"role": role})
    here = world(pipeline(stage("draft"), stage("moved", triggers=[watching])))
    here.tell("docusign", [event("document.sent", state=envelope(signers=signers))])
    document = here.tell("docusign", [event("signer.signed", KLARA, minute=1)])
    assert document.stage == "draft"
    assert here.tell("docusign", [event("signer.signed", ANNA, minute=2)]).stage == "moved"
