"""Exporting what is known of a person: pages that end in time, and lose nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from countersign.errors import InvalidCursorError, NotFoundError
from countersign.model.page import PageRequest
from countersign.simulation.world import World
from countersign.use_cases.personal_data import export
from countersign.use_cases.personal_data.erase import Subject
from countersign.use_cases.personal_data.export import (
    PersonalData,
    personal_data_in,
    personal_data_page,
)
from countersign.use_cases.personal_data.find import PersonFinder
from tests.builders import ANNA, KLARA, connection, envelope, event, pipeline, stage

SIGNERS = [
    {"id": "1", "name": "Anna Berg", "email": ANNA, "order": 1},
    {"id": "2", "name": "Klara Kundin", "email": KLARA, "order": 2},
]


def world_of(number: int) -> World:
    here = World()
    here.publish(pipeline(stage("sent"), senders=["contracts@acme.example"]))
    here.connect(connection())
    for n in range(number):
        state = envelope(id=f"env-{n}", signers=SIGNERS)
        told = event("document.sent", key=f"sent {KLARA} {n}", envelope=f"env-{n}", state=state)
        here.tell("docusign", [told])
    return here


def pages(here: World, limit: int = 10) -> Iterator[tuple[PersonalData, ...]]:
    finder = PersonFinder(pages=here.pages, pipelines=here.pipelines)
    after: str | None = None
    while True:
        request = PageRequest(after, limit)
        page = personal_data_page(here.documents, finder, Subject(address=KLARA), request)
        yield page.items
        if page.next is None:
            return
        after = page.next


def ids(found: Iterator[tuple[PersonalData, ...]]) -> list[str]:
    return [one.document.id for page in found for one in page]


def test_a_page_ends_early_where_its_documents_are_large(monkeypatch: pytest.MonkeyPatch) -> None:
    here = world_of(5)
    monkeypatch.setattr(export, "MAX_PAGE_BYTES", 1)
    found = list(pages(here))
    assert [len(one) for one in found if one] == [1] * 5
    assert sorted(one.document.id for page in found for one in page) == sorted(here.state.documents)


def test_of_a_very_large_document_the_messages_are_left_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = world_of(1)
    monkeypatch.setattr(export, "MAX_DOCUMENT_BYTES", 1)
    ((one,), *_) = [page for page in pages(here) if page]
    assert one.messages_left_out
    assert {found.raw for found in one.events} == {None}
    assert one.timeline


@pytest.mark.parametrize("limit", [1, 2, 3, 10])
def test_every_document_stands_on_one_page(limit: int) -> None:
    here = world_of(5)
    assert sorted(ids(pages(here, limit))) == sorted(here.state.documents)


@pytest.mark.parametrize("place", ["", "x", "[]", "7", '["a"]', "[1, 2]", '["elsewhere/x", null]'])
def test_what_is_no_place_is_refused(place: str) -> None:
    here = world_of(1)
    finder = PersonFinder(pages=here.pages, pipelines=here.pipelines)
    with pytest.raises(InvalidCursorError):
        personal_data_page(
            here.documents, finder, Subject(address=KLARA), PageRequest(place, limit=1)
        )


def sized(monkeypatch: pytest.MonkeyPatch, most: float, number: int = 3) -> list[int]:
    """How many documents each page has where a page takes so many times the size of one."""
    here = world_of(number)
    one = next(one for page in pages(here) for one in page)
    size = len(one.model_dump_json().encode())
    monkeypatch.setattr(export, "MAX_PAGE_BYTES", int(most * size))
    return [len(page) for page in pages(here) if page]


def test_small_documents_share_a_page_and_the_last_one_ends_the_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert sized(monkeypatch, 10) == [3]
    assert sized(monkeypatch, 1.5) == [2, 1]
    assert sized(monkeypatch, 2.5) == [3]
    assert sized(monkeypatch, 0.5) == [1, 1, 1]


def test_a_document_that_is_as_large_as_may_be_has_its_messages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = world_of(1)
    ((one,), *_) = [page for page in pages(here) if page]
    size = len(one.model_dump_json().encode())
    for most, left_out in ((size, False), (size - 1, True)):
        monkeypatch.setattr(export, "MAX_DOCUMENT_BYTES", most)
        assert export.bounded(one).messages_left_out is left_out
    assert not one.messages_left_out


def test_of_one_document_there_is_what_names_the_person_and_nothing_of_others() -> None:
    here = world_of(2)
    first = sorted(here.state.documents)[0]
    (found,) = personal_data_in(here.documents, first, Subject(address=KLARA))
    assert found.document.id == first
    assert [signer.email for signer in found.signers] == [KLARA]
    assert personal_data_in(here.documents, first, Subject(address="no@body.example")) == ()
    with pytest.raises(NotFoundError, match="there is no document d-9"):
        personal_data_in(here.documents, "d-9", Subject(address=KLARA))
