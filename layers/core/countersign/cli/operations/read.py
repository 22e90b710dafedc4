"""Values of the API as values of ours.

They have what the API tells; what it does not tell is as it is assumed, and no command shows it.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from decimal import Decimal
from typing import Any

from countersign.http.views.people import PersonView
from countersign.model.document import Document
from countersign.model.job import Job
from countersign.model.log import LogEntry
from countersign.model.person import Person
from countersign.model.run import Run, RunKey
from countersign.model.signing_event import Signer
from countersign.model.stored_file import StoredFile
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
    return Job.model_validate(_only(Job.model_fields, told))


def document_of(told: Json) -> Document:
    """A document, with its envelope, signers and files."""
    own = _only(Document.model_fields, told)
    envelope = told["envelope"] or {}
    of_envelope = _only(Document.model_fields.keys() - {"id"}, envelope)
    return Document.model_validate(
        {
            **own,
            **of_envelope,
            "fields": {
                name: field_value(value, told["field_texts"].get(name))
                for name, value in told["fields"].items()
            },
            "envelope": envelope.get("id"),
            "signers": [_only(Signer.model_fields, one) for one in told["signers"]],
            "stored_files": tuple(map(file_of, told["files"])),
            "files": (),
        }
    )


def file_of(told: Json) -> StoredFile:
    """A file of a document."""
    return StoredFile.model_validate(_only(StoredFile.model_fields, told))


def log_entry_of(told: Json) -> LogEntry:
    """An entry of a timeline."""
    changes = [
        {
            "field": one["field"],
            "old": field_value(one["old"], one["old_text"]),
            "new": field_value(one["new"], one["new_text"]),
        }
        for one in told["changes"]
    ]
    return LogEntry.model_validate({**_only(LogEntry.model_fields, told), "changes": changes})


def field_value(value: Any, text: str | None) -> Any:
    """A field's value. Numbers are told as exact text; people read them otherwise than texts."""
    return Decimal(value) if isinstance(value, str) and text != value else value


def person_of(told: Json) -> Person:
    """Somebody who may sign in."""
    return Person(**PersonView.model_validate(told).model_dump())


def _only(names: Container[str], told: Json) -> Json:
    return {name: value for name, value in told.items() if name in names}
