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


def task_of(body: Json) -> Task:
    """A task."""
    names = Task.model_fields.keys() & body.keys()
    key = str(body["task"])
    task_id = key.removeprefix(f"{body['document']}.")
    return Task.model_validate({**{name: body[name] for name in names}, "id": task_id})


def run_of(body: Json) -> Run:
    """A run."""
    key = RunKey.read(str(body["run"]))
    names = (Run.model_fields.keys() & body.keys()) - {"mails"}
    given = {name: body[name] for name in names}
    return Run.model_validate({**given, "repeat": key.repeat if key else 0})


def job_of(body: Json) -> Job:
    """A job."""
    return Job.model_validate(_only(Job.model_fields, body))


def document_of(body: Json) -> Document:
    """A document, with its envelope, signers and files."""
    own = _only(Document.model_fields, body)
    envelope = body["envelope"] or {}
    of_envelope = _only(Document.model_fields.keys() - {"id"}, envelope)
    return Document.model_validate(
        {
            **own,
            **of_envelope,
            "fields": {
                name: field_value(value, body["field_texts"].get(name))
                for name, value in body["fields"].items()
            },
            "envelope": envelope.get("id"),
            "signers": [_only(Signer.model_fields, signer) for signer in body["signers"]],
            "stored_files": tuple(map(file_of, body["files"])),
            "files": (),
        }
    )


def file_of(item: Json) -> StoredFile:
    """A file of a document."""
    return StoredFile.model_validate(_only(StoredFile.model_fields, item))


def log_entry_of(body: Json) -> LogEntry:
    """An entry of a timeline."""
    changes = [
        {
            "field": change["field"],
            "old": field_value(change["old"], change["old_text"]),
            "new": field_value(change["new"], change["new_text"]),
        }
        for change in body["changes"]
    ]
    return LogEntry.model_validate({**_only(LogEntry.model_fields, body), "changes": changes})


def field_value(value: Any, text: str | None) -> Any:
    """A field's value. Numbers are sent as exact text, and shown to people as numbers."""
    return Decimal(value) if isinstance(value, str) and text != value else value


def person_of(body: Json) -> Person:
    """Somebody who may sign in."""
    return Person(**PersonView.model_validate(body).model_dump())


def _only(names: Container[str], body: Json) -> Json:
    return {name: value for name, value in body.items() if name in names}
