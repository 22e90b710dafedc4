"""Jobs that stand still: what should have handed them on was lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from countersign.model.job import Job
from countersign.ports import Heartbeats, Jobs
from countersign.use_cases.grace import GRACE, MAX_LOST, grace, swept_again
from countersign.use_cases.runs.perform_run import lane_heartbeat

JobFinding = Literal["handed_on", "failed"]
"""What became of a job that stood still: ``handed_on``: it was handed to its lane again;
``failed``: so it was every time, though its lane performed others."""


def stalled_jobs(jobs: Jobs, now: datetime) -> Iterator[Job]:
    """The open jobs that have not come forward for longer than they may."""
    for job in jobs.untouched(now - GRACE):
        if now - job.updated_at > grace(job.swept):
            yield job


def tend_stalled(jobs: Jobs, heartbeats: Heartbeats, job: Job, now: datetime) -> JobFinding:
    """Hand the job to its lane again, or end it; ConflictError where somebody works on it."""
    last = heartbeats.last(lane_heartbeat("document"))
    works = last is not None and last >= job.updated_at
    after = job.model_copy(update={"delay": 0, "version": job.version + 1, "updated_at": now})
    if job.swept >= MAX_LOST and works:
        reason = (
            f"it was handed to its lane {MAX_LOST + 1} times and did not come forward, while the "
            "lane performed others; the lane's dead letters and log say why"
        )
        jobs.put(job.ended("failed", reason, at=now))
        return "failed"
    jobs.put(after.model_copy(update={"swept": swept_again(job.swept, works=works)}))
    return "handed_on"
