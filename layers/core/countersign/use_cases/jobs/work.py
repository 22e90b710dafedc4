"""Working on a job: one slice for each message, whose end is written and hands the job on."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import ValidationError

from countersign.errors import ConflictError, PermanentError
from countersign.model.job import MAX_REASON, MAX_REFUSALS, Job, JobRefusal, JobResult
from countersign.model.message import JobMessage
from countersign.use_cases.jobs.kinds import JOBS
from countersign.use_cases.jobs.kinds.base import JobKind, JobServices, JobStep


def work_on_job(services: JobServices, message: JobMessage) -> JobResult:
    """Work on the slice that the message asks for, if nobody has yet.

    Of several who do so at once, one writes the end. Raises TransientError where the slice must be
    worked on again: then the message must be delivered again.
    """
    job = services.jobs.get(message.job)
    if job is None:
        return JobResult(result="void", job=message.job, reason="there is no such job")
    if not job.is_open or job.version != message.version:
        reason = f"it is {job.state}, in its {job.version}. version"
        return JobResult(result="void", job=job.id, kind=job.kind, reason=reason)
    now = services.store.clock
    try:
        step = _kind(job).step(services, job)
    except PermanentError as error:
        return _write(services, job, job.ended("failed", _short(str(error)), at=now()), None)
    return _write(services, job, _after(job, step, now=now()), step)


def _kind(job: Job) -> JobKind:
    try:
        return JOBS.get(job.kind).model_validate_json(job.arguments)
    except ValidationError as error:
        places = ", ".join(".".join(map(str, detail["loc"])) for detail in error.errors()[:5])
        msg = f"the settings of the job kind {job.kind} cannot be read by this version: {places}"
        raise PermanentError(msg) from error


def _after(job: Job, step: JobStep, *, now: datetime) -> Job:
    """The job after a slice."""
    counted = _counted(job, step)
    update = {"place": step.place, "parts": job.parts + (step.part is not None)}
    if step.place is None:
        return counted.model_copy(update=update).ended("done", None, at=now)
    following = {"state": "running", "swept": 0, "version": job.version + 1, "updated_at": now}
    return counted.model_copy(update={**update, **following, "delay": step.delay})


def _counted(job: Job, step: JobStep) -> Job:
    first = (*job.refusals, *step.refusals)[:MAX_REFUSALS]
    refusals = tuple(
        JobRefusal(item=refusal.item, reason=_short(refusal.reason)) for refusal in first
    )
    return job.model_copy(
        update={
            "matched": job.matched + step.matched,
            "done": job.done + step.done,
            "refused": job.refused + len(step.refusals),
            "refusals": refusals,
        }
    )


def _write(services: JobServices, was: Job, after: Job, step: JobStep | None) -> JobResult:
    try:
        services.jobs.put(after, step.part if step else None)
    except ConflictError as error:
        return _after_conflict(services, was, step, error)
    result: Literal["went_on", "done", "failed"] = "went_on"
    if after.state == "done" or after.state == "failed":
        result = after.state
    return JobResult(result=result, job=after.id, kind=after.kind, reason=after.reason)


def _after_conflict(
    services: JobServices, was: Job, step: JobStep | None, error: ConflictError
) -> JobResult:
    """Somebody else wrote the job, or nobody did. What the slice has done counts, where the job was
    aborted meanwhile."""
    there = services.jobs.get(was.id)
    if there is not None and there.version == was.version:
        raise error
    if there is None or there.state != "aborted" or there.version != was.version + 1:
        reason = "somebody else worked on the same slice"
        return JobResult(result="void", job=was.id, kind=was.kind, reason=reason)
    if step is not None:
        counted = _counted(there, step)
        services.jobs.put(counted.model_copy(update={"version": there.version + 1}))
    return JobResult(result="aborted", job=was.id, kind=was.kind, reason=there.reason)


def _short(reason: str) -> str:
    return reason if len(reason) <= MAX_REASON else f"{reason[: MAX_REASON - 1]}…"
