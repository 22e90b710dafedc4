"""Jobs as people see them: the newest first, and one of them."""

from __future__ import annotations

from countersign.errors import NotFoundError
from countersign.model.job import Job
from countersign.model.page import Page, PageRequest
from countersign.ports import Jobs
from countersign.use_cases.jobs.kinds.rebuild_statistics import (
    PipelineDifference,
    RebuildStatistics,
    read_differences,
)
from countersign.use_cases.jobs.start import existing_job

_REBUILD = RebuildStatistics().kind


def list_jobs(jobs: Jobs, page: PageRequest) -> Page[Job]:
    """A page of the jobs of the last 30 days, the newest first. Eventually consistent."""
    return jobs.page(page)


def show_job(jobs: Jobs, job_id: str) -> Job:
    """One job; NotFoundError where there is none."""
    return existing_job(jobs, job_id)


def list_differences(jobs: Jobs, job_id: str, page: PageRequest) -> Page[PipelineDifference]:
    """What a job that rebuilds statistics has found so far, in the order in which it was found.

    One that changed while it was compared may stand there twice. NotFoundError where there is no
    such job.
    """
    job = existing_job(jobs, job_id)
    if job.kind != _REBUILD:
        raise NotFoundError(f"the job {job_id} does not rebuild statistics")
    number, _, start = (page.after or "0.0").partition(".")
    part, begin = int(number), int(start)
    differences = tuple(read_differences(jobs.part(job_id, part)))
    end = begin + page.limit
    if end < len(differences):
        following: str | None = f"{part}.{end}"
    else:
        following = f"{part + 1}.0" if part + 1 < job.parts else None
    return Page(differences[begin:end], following)
