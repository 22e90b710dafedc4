"""The job that fills what is new in a table that has data, as ``use_cases/upgrade`` says.

Its progress is stored in the table itself, so that the next upgrade resumes where another was
interrupted; the job counts the documents that were looked at.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.job import Job
from countersign.model.person import Role
from countersign.model.search_words import WORD_INDEX
from countersign.use_cases.jobs.kinds.base import JobKind, JobServices, JobStep
from countersign.use_cases.upgrade import Upgrader, upgrade

PAGES = 3
"""Pages of documents or tasks that one slice goes through."""


class UpgradeTable(JobKind):
    """Writes the words of older documents, and lists older tasks by deadline."""

    role: ClassVar[Role] = "administrator"

    kind: Literal["upgrade_table"] = "upgrade_table"

    def excludes(self, other: JobKind) -> bool:
        return isinstance(other, UpgradeTable)

    def step(self, services: JobServices, job: Job) -> JobStep:
        upgrader = Upgrader(
            store=services.store,
            pages=services.pages,
            pipelines=services.pipelines,
            upgrades=services.upgrades,
        )
        steps = upgrade(upgrader)
        progress = next(steps)
        for _ in range(PAGES - 1):
            if services.time_is_up():
                break
            progress = next(steps, progress)
        ended = progress.word_index == WORD_INDEX
        done = max(0, progress.documents - job.done)
        return JobStep(place=None if ended else "further", matched=done, done=done)
