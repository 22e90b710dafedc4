"""An upgrade indexes every older document, once, however often it is interrupted."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.adapters.memory.tables.process.state import MemoryDocuments
from countersign.errors import UnavailableError
from countersign.model.document import Document
from countersign.model.page import PageRequest, WordQuery
from countersign.model.transaction import Transaction
from countersign.model.upgrade import UpgradeProgress
from countersign.rules.base import Edit
from countersign.simulation.world import START, World
from countersign.use_cases.store import Store
from countersign.use_cases.upgrade import Upgrader, upgrade
from tests.builders import pipeline, stage
from tests.unit.use_cases.queries.scene import task


class Interrupted(MemoryDocuments):
    """Gives up after so many changes."""

    left = 10_000

    def commit(self, change: Transaction) -> None:
        if self.left == 0:
            raise UnavailableError("the database is away")
        self.left -= 1
        super().commit(change)


def world(documents: int) -> World:
    """Documents as an earlier version wrote them, in two pipelines."""
    here = World()
    here.publish(pipeline(stage("draft"), stage("sent")))
    here.publish(pipeline(stage("draft"), pipeline="leases"))
    for number in range(documents):
        document = Document(
            id=f"d{number:03}",
            pipeline="leases" if number % 3 == 0 else "contracts",
            stage="draft",
            since=START,
            created_at=START,
            title=f"Framework number{number:03}",
        )
        here.state.documents[document.id] = document
    return here


def upgrader(here: World, documents: MemoryDocuments | None = None) -> Upgrader:
    store = Store(
        documents=documents or here.documents,
        programs=here.programs,
        clock=lambda: here.now,
        salt=lambda: "5a17",
    )
    return Upgrader(store=store, pages=here.pages, pipelines=here.pipelines, upgrades=here.upgrades)


def found(here: World, word: str) -> list[str]:
    page = here.pages.with_word(WordQuery(word=word), PageRequest())
    return [document.id for document in page.items]


def test_every_document_is_found_afterwards_and_written_once() -> None:
    here = world(250)
    told = list(upgrade(upgrader(here)))
    assert told[-1] == UpgradeProgress(
        word_index=1, pipeline="leases", documents=250, indexed=250, tasks=0
    )
    assert [one.documents for one in told] == [100, 166, 250, 250]
    assert {document.version for document in here.state.documents.values()} == {2}
    assert found(here, "number123") == ["d123"]
    assert len(here.state.words) == 250 * 3
    assert list(upgrade(upgrader(here))) == [told[-1]]


def test_what_was_interrupted_goes_on_where_it_was() -> None:
    here = world(250)
    documents = Interrupted(here.state)
    documents.left = 120
    with pytest.raises(UnavailableError):
        list(upgrade(upgrader(here, documents)))
    assert here.upgrades.progress().documents == 100
    documents.left = 10_000
    last = list(upgrade(upgrader(here, documents)))[-1]
    assert (last.word_index, last.documents) == (1, 250)
    assert {document.version for document in here.state.documents.values()} == {2}
    assert found(here, "number249") == ["d249"]


def test_a_document_that_is_changed_meanwhile_keeps_no_word_of_before() -> None:
    here = world(3)

    class Meanwhile(MemoryDocuments):
        def get(self, document: str) -> Document | None:
            there = super().get(document)
            if there is not None and there.version == 1 and document == "d001":
                here.edit("d001", Edit(values={"title": "Rent"}), by="anna@acme.example")
            return there

    list(upgrade(upgrader(here, Meanwhile(here.state))))
    assert (found(here, "rent"), found(here, "number001")) == (["d001"], [])
    assert {word for word, document in here.state.words if document == "d001"} == {"d001", "rent"}


def test_a_change_of_an_older_document_indexes_it() -> None:
    here = world(2)
    here.edit("d001", Edit(values={"amount": "5"}), by="anna@acme.example")
    assert (found(here, "number001"), found(here, "number000")) == (["d001"], [])


@pytest.mark.parametrize("most", [2, 3, 4])
def test_a_document_with_more_words_than_a_transaction_takes_is_indexed_in_steps(
    most: int,
) -> None:
    here = world(1)

    class Small(MemoryDocuments):
        most_items: Any = most

    list(upgrade(upgrader(here, Small(here.state))))
    document = here.state.documents["d000"]
    assert (document.words_to_add, document.word_index) == ((), 1)
    assert here.state.words == {("d000", "d000"), ("framework", "d000"), ("number000", "d000")}


def test_open_tasks_are_written_again() -> None:
    here = world(1)
    task(here, "d000", "call", 5)
    task(here, "d000", "sign", 6, state="done")
    assert list(upgrade(upgrader(here)))[-1].tasks == 1


def test_where_there_is_nothing_it_is_done_at_once() -> None:
    assert list(upgrade(upgrader(World()))) == [UpgradeProgress(word_index=1)]
