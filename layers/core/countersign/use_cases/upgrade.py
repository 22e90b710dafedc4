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


TASKS_AT_ONCE = 100
"""Open tasks that are written again before that is noted."""


def upgrade(upgrader: Upgrader) -> Generator[UpgradeProgress, None, None]:
    """Fill what is new, and tell after each page of documents or tasks how far it has come.

    Goes on where an earlier call was interrupted, wherever it was left, and does nothing where it
    came to its end. Raises UnavailableError when the database cannot answer, ConflictError for a
    document that keeps changing: call it again.
    """
    progress = upgrader.upgrades.progress()
    if progress.word_index == WORD_INDEX:
        yield progress
        return
    if progress.task is None:
        progress = yield from _all_documents(upgrader, progress)
    progress = yield from _tasks(upgrader, progress)
    update = {"word_index": WORD_INDEX, "task": None}
    progress = progress.model_copy(update=update)
    upgrader.upgrades.note(progress)
    yield progress


def _all_documents(
    upgrader: Upgrader, progress: UpgradeProgress
) -> Generator[UpgradeProgress, None, UpgradeProgress]:
    """The documents of all pipelines, from where it was interrupted."""
    pipelines = [
        head.pipeline
        for head in list_pipelines(upgrader.pipelines)
        if progress.pipeline is None or head.pipeline >= progress.pipeline
    ]
    for number, pipeline in enumerate(pipelines):
        following = pipelines[number + 1] if number + 1 < len(pipelines) else None
        progress = yield from _documents(upgrader, pipeline, progress, following)
    return progress.model_copy(update={"place": None, "task": ""})


def _documents(
    upgrader: Upgrader, pipeline: str, progress: UpgradeProgress, following: str | None
) -> Generator[UpgradeProgress, None, UpgradeProgress]:
    """The documents of a pipeline; with the last of them the ``following`` one is noted, or that it
    goes on with tasks. A document that moves meanwhile is indexed by its move."""
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
        noted = progress
        if place is None:
            more = {"task": ""} if following is None else {"pipeline": following}
            noted = progress.model_copy(update=more)
        upgrader.upgrades.note(noted)
        yield progress
        if place is None:
            return progress


def _tasks(
    upgrader: Upgrader, progress: UpgradeProgress
) -> Generator[UpgradeProgress, None, UpgradeProgress]:
    """The open tasks by their keys. Those that are made meanwhile need nothing."""
    tasks = sorted(upgrader.store.documents.open_tasks(), key=lambda task: str(task.key))
    rest = [task for task in tasks if str(task.key) > (progress.task or "")]
    for start in range(0, len(rest), TASKS_AT_ONCE):
        batch = rest[start : start + TASKS_AT_ONCE]
        written = sum(map(upgrader.upgrades.write_again, batch))
        update = {"task": str(batch[-1].key), "tasks": progress.tasks + written}
        progress = progress.model_copy(update=update)
        if start + TASKS_AT_ONCE < len(rest):
            upgrader.upgrades.note(progress)
            yield progress
    return progress
