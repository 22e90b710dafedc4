"""Starting a job, and aborting it."""

from __future__ import annotations

from datetime import datetime

from countersign.errors import ConflictError, NotFoundError, PermanentError
from countersign.model.actor import Actor
from countersign.model.job import Job
from countersign.ports import Jobs
from countersign.use_cases.jobs.kinds.base import JobKind

TRIES = 8
"""How often an abort is tried while the job is being worked on."""


def start_job(jobs: Jobs, job_id: str, wanted: JobKind, by: Actor, *, now: datetime) -> Job:
    """Keep a job, which is worked on from now on.

    Doing it again with the same id starts nothing: the job as it is. ConflictError where the id is
    that of another job.
    """
    job = Job(
        id=job_id,
        kind=wanted.model_dump()["kind"],
        arguments=wanted.model_dump_json(exclude_defaults=True),
        private=wanted.private,
        by=str(by),
        created_at=now,
        updated_at=now,
    )
    try:
        jobs.add(job)
    except ConflictError:
        there = existing_job(jobs, job_id)
        forgotten = there.private and not there.is_open
        arguments = "" if forgotten else job.arguments
        if (there.kind, there.arguments, there.by) != (job.kind, arguments, job.by):
            raise ConflictError(f"there is another job {job_id}; give another id") from None
        return there
    return job


def abort_job(jobs: Jobs, job_id: str, by: Actor, *, now: datetime) -> Job:
    """End a job where it is; what it has done stays done.

    What is under way at this moment is finished, and counted. NotFoundError where there is no such
    job, PermanentError where it has ended, ConflictError where it goes on all the time.
    """
    for _ in range(TRIES):
        job = existing_job(jobs, job_id)
        if not job.is_open:
            raise PermanentError(f"the job {job_id} has ended: it is {job.state}")
        after = job.ended("aborted", f"aborted by {by}", at=now)
        try:
            jobs.put(after)
        except ConflictError:
            continue
        return after
    raise ConflictError(f"the job {job_id} went on {TRIES} times meanwhile; try again")


def existing_job(jobs: Jobs, job_id: str) -> Job:
    """The job as it is now; NotFoundError where there is none."""
    job = jobs.get(job_id)
    if job is None:
        raise NotFoundError(f"there is no job {job_id}; jobs are kept for 30 days")
    return job
