"""Words that a transaction has no room for are written right after it, by the backlog's run."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.model.actor import user
from countersign.model.page import PageRequest, WordQuery
from countersign.rules.base import Edit
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from tests.builders import pipeline, stage

LONG = "alpha beta gamma delta epsilon zeta eta theta"


class Small(MemoryDocuments):
    """Documents whose changes are to stay small."""

    most_items: Any = 6


def world() -> World:
    here = World()
    here.documents = Small(here.state)
    here.publish(pipeline(stage("draft"), stage("sent")))
    return here


def create(here: World, title: str) -> None:
    wanted = NewDocument(id="d-1", pipeline="contracts", values={"title": title or None})
    make(here.store, wanted, user("anna@acme.example"))


def found(here: World, word: str) -> list[str]:
    page = here.pages.with_word(WordQuery(word=word, whole=True), PageRequest())
    return [document.id for document in page.items]


@pytest.mark.parametrize("title", [LONG, "one", ""])
def test_every_word_finds_the_document_once_its_backlog_is_done(title: str) -> None:
    here = world()
    create(here, title)
    here.settle()
    document = here.state.documents["d-1"]
    assert (document.words_to_add, document.words_to_remove) == ((), ())
    assert [found(here, word) for word in title.split()] == [["d-1"]] * len(title.split())
    here.edit("d-1", Edit(values={"title": "omega"}), by="anna@acme.example")
    here.settle()
    words = {word for word, _ in here.state.words}
    assert words == {"d-1", "omega", "anna@acme.example", "acme.example"}


def test_the_backlog_is_planned_once_and_says_what_it_is_for() -> None:
    here = world()
    create(here, LONG)
    (run,) = here.state.runs.values()
    assert (run.rule, run.lane, run.state) == ("_backlog", "document", "ready")
    here.edit("d-1", Edit(values={"title": f"{LONG} iota"}), by="anna@acme.example")
    assert len(here.state.runs) == 1
    here.settle()
    assert found(here, "iota") == ["d-1"]


def test_no_change_is_larger_than_it_may_be() -> None:
    here = world()
    sizes: list[int] = []

    class Measured(Small):
        def commit(self, change: Any) -> None:
            sizes.append(change.items)
            super().commit(change)

    here.documents = Measured(here.state)
    create(here, LONG)
    here.settle()
    assert max(sizes) <= 6
