"""Documents are listed longest in their stage first, whatever the store answers first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from countersign.errors import NotFoundError
from countersign.model.document import DocumentCard
from countersign.simulation.world import START, World
from countersign.use_cases.queries.documents import (
    DocumentList,
    list_documents,
    some_documents,
)
from countersign.use_cases.queries.pages.documents import DocumentReader, DocumentSearch
from countersign.use_cases.store import existing_document
from tests.unit.use_cases.queries.scene import LastFirstDocuments, disordered, put


def listed(here: World, **wanted: Any) -> DocumentList:
    reader = DocumentReader(pages=here.pages, pipelines=here.pipelines, programs=here.programs)
    return list_documents(reader, here.documents, DocumentSearch(**wanted), now=here.now)


def ids(here: World, **wanted: Any) -> list[str]:
    return [row.document.id for row in listed(here, **wanted).rows]


@pytest.fixture
def here() -> World:
    """Five documents; by stage, by pipeline and by id they stand in other orders than by time."""
    made = disordered()
    put(made, "d-3", 10, stage="sent", title="Alpha")
    put(made, "d-1", 40, title="Beta")
    put(made, "d-5", 20, pipeline="leases", stage="moved-in", title="Gamma")
    put(made, "d-4", 30, pipeline="leases", title="Delta")
    put(made, "d-2", 30, title="Alphabet")
    return made


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["d-3", "d-5", "d-2", "d-4", "d-1"]),
        ({"pipeline": "contracts"}, ["d-3", "d-2", "d-1"]),
        ({"pipeline": "leases"}, ["d-5", "d-4"]),
        ({"stage": "draft"}, ["d-2", "d-4", "d-1"]),
        ({"stage": "draft", "pipeline": "leases"}, ["d-4"]),
        ({"stage": "IN  ARBEIT"}, ["d-2", "d-1"]),
        ({"stage": "moved-in"}, ["d-5"]),
        ({"stage": "sent", "text": "beta"}, []),
        ({"text": "alpha"}, ["d-3", "d-2"]),
        ({"text": "ALPHA", "stage": "draft"}, ["d-2"]),
        ({"text": "omega"}, []),
        ({"text": "  "}, ["d-3", "d-5", "d-2", "d-4", "d-1"]),
    ],
    ids=str,
)
def test_what_the_filter_matches_is_listed_by_time_in_the_stage_and_then_by_id(
    here: World, wanted: dict[str, str], found: list[str]
) -> None:
    assert ids(here, **wanted) == found


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, ["d-5", "d-2"]),
        ({"pipeline": "contracts"}, ["d-2"]),
        ({"text": "alphabet"}, ["d-2"]),
        ({"stage": "moved-in"}, ["d-5"]),
        ({"responsible": "ben@acme.example"}, ["d-5"]),
    ],
    ids=str,
)
def test_a_person_s_documents_are_those_of_a_responsible_or_an_observer(
    here: World, wanted: dict[str, str], found: list[str]
) -> None:
    anna, ben = "anna@acme.example", "ben@acme.example"
    put(here, "d-2", 30, title="Alphabet", responsible="ANNA@acme.example", observers=(ben,))
    put(here, "d-5", 20, pipeline="leases", stage="moved-in", responsible=ben, observers=(anna,))
    put(here, "d-4", 30, pipeline="leases", title="Delta", responsible=ben)
    assert ids(here, person=anna, **wanted) == found


def test_documents_of_the_same_moment_stand_by_id_whatever_their_pipeline() -> None:
    here = disordered()
    for document, pipeline in (("b", "contracts"), ("d", "leases"), ("c", "contracts")):
        put(here, document, pipeline=pipeline)
    put(here, "a", pipeline="leases")
    assert ids(here) == ["a", "b", "c", "d"]
    assert ids(here, pipeline="contracts") == ["b", "c"]
    assert ids(here, pipeline="leases", stage="draft") == ["a", "d"]


def test_a_document_of_a_list_has_its_stage_s_name_where_there_is_one(here: World) -> None:
    put(here, "d-6", 50, stage="given-up")
    assert [(row.document.id, row.stage_name) for row in listed(here).rows] == [
        ("d-3", "sent"),
        ("d-5", "moved-in"),
        ("d-2", "In Arbeit"),
        ("d-4", "draft"),
        ("d-1", "In Arbeit"),
        ("d-6", "given-up"),
    ]


@pytest.mark.parametrize(
    ("found", "rows", "cut"), [(999, 999, False), (1_000, 1_000, False), (1_001, 1_000, True)]
)
def test_a_search_ends_at_a_thousand_documents_and_says_so(
    found: int, rows: int, cut: bool
) -> None:
    here = disordered()
    for number in range(found):
        put(here, f"d-{number}", title="Lease")
    search = listed(here, text="lease")
    assert (len(search.rows), search.cut) == (rows, cut)


def test_where_there_is_nothing_nothing_is_listed() -> None:
    assert listed(World()) == DocumentList((), cut=False)
    assert listed(disordered(), text="xy") == DocumentList((), cut=False)


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ({"pipeline": "nda"}, 'there is no pipeline "nda"; published are '),
        (
            {"stage": "drft"},
            'there is no stage "drft" in contracts, leases; did you mean draft?',
        ),
        (
            {"stage": "moved-in", "pipeline": "contracts"},
            'there is no stage "moved-in" in contracts; expected draft, sent',
        ),
        ({"stage": "sent", "pipeline": "Contracts"}, 'there is no pipeline "Contracts"'),
    ],
    ids=str,
)
def test_unknown_names_are_errors(here: World, wanted: dict[str, str], says: str) -> None:
    with pytest.raises(NotFoundError) as raised:
        listed(here, **wanted)
    assert str(raised.value).startswith(says)


def test_some_documents_stand_by_pipeline_and_stage_and_no_more_are_read(here: World) -> None:
    read: list[str] = []

    class Counted(LastFirstDocuments):
        def cards(self, pipeline: str) -> Iterator[DocumentCard]:
            for card in super().cards(pipeline):
                read.append(card.id)
                yield card

    documents = Counted(here.state)
    some = some_documents(documents, here.pipelines, "", 100)
    assert [card.id for card in some] == ["d-2", "d-1", "d-3", "d-4", "d-5"]
    read.clear()
    assert len(some_documents(documents, here.pipelines, "", 2)) == 2
    assert len(read) == 2
    assert some_documents(documents, here.pipelines, "", 0) == ()


@pytest.mark.parametrize(
    ("begun", "ids"),
    [
        ("d-3", ["d-3"]),
        ("d-", ["d-2", "d-1", "d-3", "d-4", "d-5"]),
        ("D-3", []),
        ("-3", []),
        ("d-33", []),
    ],
)
def test_documents_are_looked_for_by_how_their_ids_begin(
    here: World, begun: str, ids: list[str]
) -> None:
    some = some_documents(here.documents, here.pipelines, begun, 100)
    assert [card.id for card in some] == ids


def test_no_more_than_20_000_cards_are_read_for_what_is_not_there(here: World) -> None:
    read = 0

    class Endless(LastFirstDocuments):
        def cards(self, pipeline: str) -> Iterator[DocumentCard]:
            nonlocal read
            while True:
                read += 1
                yield DocumentCard("draft", START, f"d-{read}", None)

    assert some_documents(Endless(here.state), here.pipelines, "x", 100) == ()
    assert read == 20_000


def test_a_document_is_known_by_its_id(here: World) -> None:
    assert existing_document(here.documents, "d-1").title == "Beta"
    with pytest.raises(NotFoundError, match=r"^there is no document D-1$"):
        existing_document(here.documents, "D-1")
