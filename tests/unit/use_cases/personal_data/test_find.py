"""Finding who is named: a page looks at so many documents, however many there are."""

from __future__ import annotations

import pytest

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
