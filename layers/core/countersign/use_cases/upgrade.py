"""Filling what is new in a table that has data: the words of documents, and the deadlines of tasks.

Whatever is changed meanwhile, by webhooks or by people, is written as this version writes it, and
what is written here is written only if it is still as it was read.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from countersign.model.page import PageRequest, StageQuery
from countersign.model.search_words import WORD_INDEX
from countersign.model.upgrade import UpgradeProgress
from countersign.ports import Pages, Pipelines, Upgrades
from countersign.use_cases.documents.index_words import index_words
from countersign.use_cases.queries.pipelines import list_pipelines
from countersign.use_cases.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Upgrader:
    """What an upgrade works with."""

    store: Store
    pages: Pages
    pipelines: Pipelines
    upgrades: Upgrades


def upgrade(upgrader: Upgrader) -> Generator[UpgradeProgress, None, None]:
    """Fill what is new, and tell after each page of documents how far it has come.

    Goes on where an earlier call was interrupted, and does nothing where it came to its end.
    Raises UnavailableError when the database cannot answer, ConflictError for a document that keeps
    changing: call it again.
    """
    progress = upgrader.upgrades.progress()
    if progress.word_index == WORD_INDEX:
        yield progress
        return
    for head in list_pipelines(upgrader.pipelines):
        if progress.pipeline is not None and head.pipeline < progress.pipeline:
            continue
        progress = yield from _documents(upgrader, head.pipeline, progress)
    tasks = sum(map(upgrader.upgrades.write_again, upgrader.store.documents.open_tasks()))
    progress = progress.model_copy(update={"word_index": WORD_INDEX, "tasks": tasks})
    upgrader.upgrades.note(progress)
    yield progress


def _documents(
    upgrader: Upgrader, pipeline: str, progress: UpgradeProgress
) -> Generator[UpgradeProgress, None, UpgradeProgress]:
    """The documents of a pipeline. One that moves meanwhile is indexed by its move."""
    place = progress.place if progress.pipeline == pipeline else None
    while True:
        request = PageRequest(after=place)
        page = upgrader.pages.in_stage(StageQuery(pipeline=pipeline), request)
        place = page.next
        indexed = sum(index_words(upgrader.store, document) for document in page.items)
        progress = progress.model_copy(
            update={
                "pipeline": pipeline,
                "place": place,
                "documents": progress.documents + len(page.items),
                "indexed": progress.indexed + indexed,
            }
        )
        if place is None:
            # It is noted with the first page of the next one: until then the last page counts.
            yield progress
            return progress
        upgrader.upgrades.note(progress)
        yield progress
