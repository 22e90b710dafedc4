"""Jobs as people see them: the newest first, and one of them."""

from __future__ import annotations

from countersign.model.job import Job
from countersign.model.page import Page, PageRequest
from countersign.ports import Jobs
from countersign.use_cases.jobs.start import existing_job


def list_jobs(jobs: Jobs, page: PageRequest) -> Page[Job]:
    """A page of the jobs of the last 30 days, the newest first. Eventually consistent."""
    return jobs.page(page)


def show_job(jobs: Jobs, job_id: str) -> Job:
    """One job; NotFoundError where there is none."""
    return existing_job(jobs, job_id)
