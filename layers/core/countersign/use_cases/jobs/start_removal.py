"""Starting the removal of a pipeline with its documents."""

from __future__ import annotations

from countersign.model.actor import Actor
from countersign.model.job import Job
from countersign.ports import Jobs
from countersign.use_cases.auditor import Auditor, record_request
from countersign.use_cases.jobs.kinds.remove_pipeline import RemovePipeline
from countersign.use_cases.jobs.start import check_alone, start_job
from countersign.use_cases.pipelines.remove import Removal


def start_removal(jobs: Jobs, auditor: Auditor, removal: Removal, job_id: str, by: Actor) -> Job:
    """The job that removes a pipeline with its documents, and an entry of who asked for it.

    PermanentError where a connection leads to the pipeline, ConflictError where it is being removed
    already.
    """
    removal.check(and_documents=True)
    now = auditor.clock()
    check_alone(jobs, job_id, RemovePipeline(pipeline=removal.pipeline), now=now)
    entry = record_request(auditor, removal.change)
    wanted = RemovePipeline(pipeline=removal.pipeline, entry=entry)
    return start_job(jobs, job_id, wanted, by, now=now)
