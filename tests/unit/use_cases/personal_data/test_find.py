"""Finding who is named: a page looks at so many documents, however many there are."""

from __future__ import annotations

import pytest

from countersign.errors import InvalidCursorError
from countersign.model.actor import user
from countersign.model.document import Document
from countersign.model.page import PageRequest
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.personal_data import find
from countersign.use_cases.personal_data.erase import Subject, is_named
from countersign.use_cases.personal_data.find import PersonFinder, page_of_person
from tests.builders import ANNA, KLARA, pipeline, stage


def world_of(number: int) -> World:
    """A world with so many documents in two pipelines, the last of which names Klara."""
    here = World()
    for name in ("contracts", "offers"):
        here.publish(pipeline(stage("draft"), pipeline=name))
    wanted = NewDocument(id="d-00000", pipeline="contracts", values={"title": "Contract"})
    first = make(here.store, wanted, user(ANNA)).document
    for n in range(1, number):
        update = {"id": f"d-{n:05}", "pipeline": ("contracts", "offers")[n % 2]}
        here.state.documents[f"d-{n:05}"] = first.model_copy(update=update)
    last = NewDocument(id="d-last", pipeline="offers", values={"title": f"for {KLARA}"})
    make(here.store, last, user(ANNA))
    return here


@pytest.mark.parametrize("number", [20, 2_000])
def test_a_page_looks_at_no_more_documents_than_it_may(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = world_of(number)
    looked_at = list[str]()

    def noted(document: Document, subject: Subject) -> bool:
        looked_at.append(document.id)
        return is_named(document, subject)

    monkeypatch.setattr(find, "is_named", noted)
    finder = PersonFinder(pages=here.pages, pipelines=here.pipelines)
    after, found, most = None, list[str](), 0
    while True:
        before = len(looked_at)
        page = page_of_person(finder, Subject(address=KLARA), PageRequest(after, limit=10))
        most = max(most, len(looked_at) - before)
        found += [one.id for one in page.items]
        after = page.next
        if after is None:
            break
    assert found == ["d-last"]
    assert most <= 500
    assert len(looked_at) == len(set(looked_at)) == number + 1


def test_a_document_that_the_address_finds_stands_on_the_first_page() -> None:
    """What its words find is not looked for in the stages again."""
    here = World()
    here.publish(pipeline(stage("draft"), pipeline="offers"))
    for name, title in (("d-1", f"for {KLARA}"), ("d-2", "for nobody")):
        wanted = NewDocument(id=name, pipeline="offers", values={"title": title})
        make(here.store, wanted, user(ANNA))
    finder = PersonFinder(pages=here.pages, pipelines=here.pipelines)
    pages = list[tuple[list[str], str | None]]()
    after: str | None = None
    while not pages or after is not None:
        page = page_of_person(finder, Subject(address=KLARA.upper()), PageRequest(after, limit=10))
        pages.append(([found.id for found in page.items], page.next))
        after = page.next
    assert pages == [(["d-1"], "stages/"), ([], None)]


def test_no_page_holds_more_than_it_may_of_those_who_are_named_otherwise() -> None:
    here = World()
    here.publish(pipeline(stage("draft"), pipeline="offers"))
    names = [f"d-{n:02}" for n in range(25)]
    for name in names:
        wanted = NewDocument(id=name, pipeline="offers", values={"title": "Offer to Klara Kundin"})
        make(here.store, wanted, user(ANNA))
    finder = PersonFinder(pages=here.pages, pipelines=here.pipelines)
    klara = Subject(address=KLARA, names=("Klara Kundin",))
    pages, after = list[list[str]](), None
    while not pages or after is not None:
        page = page_of_person(finder, klara, PageRequest(after, limit=10))
        pages.append([document.id for document in page.items])
        after = page.next
    assert max(map(len, pages)) <= 10
    assert [name for page_names in pages for name in page_names] == names


@pytest.mark.parametrize("place", ["elsewhere/", "7", "word/x"])
def test_a_place_that_no_page_has_given_is_refused(place: str) -> None:
    here = world_of(1)
    finder = PersonFinder(pages=here.pages, pipelines=here.pipelines)
    with pytest.raises(InvalidCursorError) as refused:
        page_of_person(finder, Subject(address=KLARA), PageRequest(place))
    assert str(refused.value) == "the page begins at a place that this list does not have"


def test_who_reads_on_after_the_last_pipeline_finds_nothing_more() -> None:
    here = world_of(1)
    finder = PersonFinder(pages=here.pages, pipelines=here.pipelines)
    page = page_of_person(finder, Subject(address=KLARA), PageRequest("stages/zzz"))
    assert (page.items, page.next) == ((), None)
