"""Values of the API as values of ours.

They have what the API tells; what it does not tell is as it is assumed, and no command shows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from countersign.model.job import Job
from countersign.model.run import Run, RunKey
from countersign.model.task import Task

Json = Mapping[str, Any]


def task_of(told: Json) -> Task:
    """A task."""
    names = Task.model_fields.keys() & told.keys()
    key = str(told["task"])
    task_id = key.removeprefix(f"{told['document']}.")
    return Task.model_validate({**{name: told[name] for name in names}, "id": task_id})


def run_of(told: Json) -> Run:
    """A run."""
    key = RunKey.read(str(told["run"]))
    names = (Run.model_fields.keys() & told.keys()) - {"mails"}
    given = {name: told[name] for name in names}
    return Run.model_validate({**given, "repeat": key.repeat if key else 0})


def job_of(told: Json) -> Job:
    """A job."""
    return Job.model_validate({name: told[name] for name in Job.model_fields.keys() & told.keys()})
