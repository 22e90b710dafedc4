"""The job that plans a rule for documents already in its stage: found first, then one by one."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.errors import PermanentError
from countersign.model.actor import user
from countersign.model.job import Job, JobRefusal
from countersign.model.page import PageRequest
from countersign.model.person import Role
from countersign.use_cases.jobs.kinds._shared.select_first import (
    JobItem,
    JobPart,
    OneByOne,
)
from countersign.use_cases.jobs.kinds.base import JobServices
from countersign.use_cases.runs.backfill import (
    Backfill,
    Planner,
    backfill_of,
    page_backfill,
    plan_for,
)
from countersign.use_cases.store import Store

PAGE_SIZE = 50
"""Documents that are looked at in one slice; of each the runs are read."""


class BackfillRule(OneByOne):
    """Plans a rule, or arms a trigger's timer, for every document that was there before it.

    A document that has a run of it in its stage entry is none of those it is about.
    """

    role: ClassVar[Role] = "administrator"

    kind: Literal["backfill"] = "backfill"
    pipeline: str
    rule: str

    def find(self, services: JobServices, job: Job, after: str | None) -> JobPart:
        """Documents that are to get it, each in its stage entry."""
        store = services.store
        wanted = self.wanted(store)
        page = page_backfill(store, services.pages, wanted, PageRequest(after, PAGE_SIZE))
        return JobPart(
            items=tuple(str(JobItem(document.id, str(document.entry))) for document in page.found),
            next=page.next,
            refusals=tuple(
                JobRefusal(item=document_id, reason=why) for document_id, why in page.full.items()
            ),
        )

    def carry_out(self, services: JobServices, job: Job, item: JobItem) -> None:
        """Plan it for one document; the run says which job it was."""
        planner = Planner(by=user(job.by), job=job.id)
        wanted = self.wanted(services.store)
        out = plan_for(services.store, wanted, item.id, planner, int(item.state))
        if out is not None:
            raise PermanentError(out.text)

    def wanted(self, store: Store) -> Backfill:
        """What is planned, by the version that is published now."""
        return backfill_of(store.programs.current(self.pipeline), self.rule)
