"""Documents a page at a time: all of them, once, by each filter and across pipelines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from countersign.errors import InvalidCursorError, NotFoundError, PermanentError
from countersign.model.page import Page
from countersign.model.signing_event import Signer
from countersign.simulation.world import START, World
from countersign.use_cases.queries.pages.documents import (
    DocumentReader,
    DocumentRow,
    DocumentSearch,
    page_documents,
)
from tests.builders import pipeline, stage
from tests.unit.use_cases.queries.scene import ANNA, BEN, disordered, put

KLARA = Signer(id="1", name="Klara Vogel", email="klara@kunde.example")
MAX = Signer(id="2", name="Max Vogel", members=("max@kunde.example",))


def page(
    here: World, cursor: str | None = None, limit: int = 100, **wanted: Any
) -> Page[DocumentRow]:
    reader = DocumentReader(pages=here.pages, pipelines=here.pipelines, programs=here.programs)
    return page_documents(reader, DocumentSearch(**wanted), cursor, limit, now=here.now)


def ids(here: World, limit: int = 100, **wanted: Any) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        part = page(here, cursor, limit, **wanted)
        assert len(part.items) <= limit
        found += [row.document.id for row in part.items]
        cursor = part.next
        if cursor is None:
            return found


@pytest.fixture
def here() -> World:
    made = disordered()
    put(made, "d-3", 10, stage="sent", title="Alpha", responsible=BEN)
    put(made, "d-1", 40, title="Beta", signers=(KLARA,), responsible=ANNA)
    put(made, "d-5", 20, pipeline="leases", stage="moved-in", title="Gamma", signers=(MAX, KLARA))
    put(made, "d-4", 30, pipeline="leases", title="Delta", responsible=BEN)
    put(made, "d-2", 30, title="Alphabet of Klara")
    return made


@pytest.mark.parametrize("limit", [1, 2, 100])
@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["d-2", "d-1", "d-3", "d-4", "d-5"]),
        ({"pipeline": "leases"}, ["d-4", "d-5"]),
        ({"stage": "draft"}, ["d-2", "d-1", "d-4"]),
        ({"stage": "In Arbeit"}, ["d-2", "d-1"]),
        ({"responsible": "BEN@acme.example"}, ["d-3", "d-4"]),
        ({"party": "Klara@Kunde.example"}, ["d-1", "d-5"]),
        ({"party": "max@kunde.example"}, ["d-5"]),
        ({"party": "klara@kunde.example", "pipeline": "leases"}, ["d-5"]),
        ({"party": "klara@kunde.exampl"}, []),
        ({"text": "klara"}, ["d-1", "d-2", "d-5"]),
        ({"text": "klara alpha"}, ["d-2"]),
        ({"text": "kunde.example", "stage": "draft"}, ["d-1"]),
        ({"text": "alpha", "responsible": BEN}, ["d-3"]),
        ({"text": "d-4"}, ["d-4"]),
        ({"days_in_stage": 0, "text": "al"}, []),
    ],
    ids=str,
)
def test_each_document_that_is_wanted_stands_on_one_page(
    here: World, wanted: dict[str, Any], found: list[str], limit: int
) -> None:
    assert sorted(ids(here, limit, **wanted)) == sorted(found)
    if "text" not in wanted and "party" not in wanted:
        assert ids(here, limit, **wanted) == found


def test_the_age_in_the_stage_counts_from_now(here: World) -> None:
    here.now = START + timedelta(days=2, minutes=20)
    assert ids(here, days_in_stage=2) == ["d-3", "d-5"]
    assert ids(here, days_in_stage=3) == []


def test_pipelines_without_documents_end_no_list() -> None:
    here = World()
    for number in range(12):
        here.publish(pipeline(stage("draft"), pipeline=f"p{number:02}"))
    put(here, "d-1", pipeline="p11")
    first = page(here)
    assert (first.items, first.next is None) == ((), False)
    assert ids(here) == ["d-1"]


def test_a_row_has_the_name_of_its_stage(here: World) -> None:
    rows = page(here, pipeline="contracts").items
    assert [row.stage_name for row in rows] == ["In Arbeit", "In Arbeit", "sent"]


def test_a_cursor_of_other_filters_is_refused(here: World) -> None:
    cursor = page(here, limit=1).next
    assert cursor is not None
    others: list[dict[str, Any]] = [
        {"text": "alpha"},
        {"pipeline": "contracts"},
        {"days_in_stage": 3},
    ]
    for wanted in others:
        with pytest.raises(InvalidCursorError):
            page(here, cursor, **wanted)


@pytest.mark.parametrize(
    ("wanted", "error", "says"),
    [
        ({"pipeline": "nda"}, NotFoundError, 'there is no pipeline "nda"'),
        ({"stage": "drft"}, NotFoundError, "did you mean draft?"),
        ({"text": "alpha", "stage": "drft"}, NotFoundError, "did you mean draft?"),
        ({"text": "a"}, PermanentError, '"a" is too short'),
        ({"party": "klara"}, PermanentError, '"klara" is not a valid e-mail address'),
        ({"party": "@kunde.example"}, PermanentError, "is not a valid e-mail address"),
    ],
    ids=str,
)
def test_what_cannot_be_looked_for_is_an_error(
    here: World, wanted: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as raised:
        page(here, **wanted)
    assert says in str(raised.value)
