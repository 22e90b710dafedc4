"""Starting a job, and aborting it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

from pydantic import ValidationError

from countersign.errors import ConflictError, CountersignError, NotFoundError, PermanentError
from countersign.model.actor import Actor
from countersign.model.job import Job
from countersign.ports import AuditLog, Jobs
from countersign.use_cases.jobs.kinds import JOBS
from countersign.use_cases.jobs.kinds.base import JobKind

CLOCKS_APART = timedelta(minutes=1)
"""How much later than ours the clocks are of others who write jobs."""
TRIES = 8
"""How often an abort is tried while the job is being worked on."""


def start_job(jobs: Jobs, job_id: str, wanted: JobKind, by: Actor, *, now: datetime) -> Job:
    """Keep a job, which is worked on from now on.

    Doing it again with the same id starts nothing: the job as it is. ConflictError where the id is
    that of another job, or one goes on that excludes it.
    """
    check_alone(jobs, job_id, wanted, now=now)
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


def check_alone(jobs: Jobs, job_id: str, wanted: JobKind, *, now: datetime) -> None:
    """Raise ConflictError where another job goes on beside which this one is not to be started.

    Two that are started at the same moment may both go on: what they do twice does nothing.
    """
    if type(wanted).excludes is JobKind.excludes:
        return
    kind = wanted.model_dump()["kind"]
    for job in jobs.untouched(now + CLOCKS_APART):
        if job.id != job_id and job.kind == kind and _excludes(wanted, job):
            raise ConflictError(
                f"the job {job.id} of {job.by} does that already; wait for its end, or abort it"
            )


def _excludes(wanted: JobKind, job: Job) -> bool:
    try:
        other = type(wanted).model_validate_json(job.arguments)
    except ValidationError:  # it fails when it is worked on
        return False
    return wanted.excludes(other)


def abort_job(
    jobs: Jobs, job_id: str, by: Actor, *, now: datetime, audit: AuditLog | None = None
) -> Job:
    """End a job where it is; what it has done stays done, and ``audit`` has that it was aborted.

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
        if audit is not None:
            # It has ended, whether that can be recorded or not.
            with suppress(CountersignError, ValidationError):
                JOBS.get(job.kind).model_validate_json(job.arguments).record_end(audit, after)
        return after
    raise ConflictError(f"the job {job_id} went on {TRIES} times meanwhile; try again")


def existing_job(jobs: Jobs, job_id: str) -> Job:
    """The job as it is now; NotFoundError where there is none."""
    job = jobs.get(job_id)
    if job is None:
        raise NotFoundError(f"there is no job {job_id}; jobs are kept for 30 days")
    return job
