"""Everything that is known of a person, for whoever asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from countersign.engine.erasure import Eraser
from countersign.model.base import Model
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.run import Run
from countersign.model.signing_event import Signer
from countersign.model.stored_file import StoredFile
from countersign.model.task import Task
from countersign.model.transaction import ProcessedEvent
from countersign.ports import Documents, Pipelines
from countersign.use_cases.personal_data.erase import Subject, documents_of, person_in
from countersign.use_cases.store import existing_document

M = TypeVar("M", bound=Model)


class PersonalData(Model):
    """What one document has of a person."""

    document: Document
    """The document as it is, with its other signers."""
    signers: tuple[Signer, ...]
    """The person as a signer."""
    timeline: tuple[LogEntry, ...]
    """The entries that name the person."""
    runs: tuple[Run, ...]
    """Mails and other effects that name the person."""
    tasks: tuple[Task, ...]
    """Tasks whose texts name the person."""
    events: tuple[ProcessedEvent, ...]
    """What the provider and the mail service told that names the person, with the messages as they
    came, which are kept for 30 days."""
    files: tuple[StoredFile, ...]
    """All files of the document: what is in them is not searched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What exporting needs from outside."""

    documents: Documents
    pipelines: Pipelines


def personal_data(archive: Archive, subject: Subject) -> Iterator[PersonalData]:
    """What each document that names the person has of the person. Of documents from which the
    person was erased, what still stands under the pseudonym is left out.

    Looks at every document of every pipeline, eventually consistent.
    """
    for document_id in documents_of(archive.documents, archive.pipelines, subject):
        document = existing_document(archive.documents, document_id)
        person = Eraser([person_in(document, subject)])
        if person.names(document):
            yield _of_document(archive.documents, document, person)


def _of_document(documents: Documents, document: Document, person: Eraser) -> PersonalData:
    return PersonalData(
        document=document,
        signers=_naming(document.signers, person),
        timeline=_naming(documents.timeline(document.id), person),
        runs=_naming(documents.runs(document.id), person),
        tasks=_naming(documents.tasks(document.id), person),
        events=_naming(documents.events(document.id), person),
        files=document.stored_files,
    )


def _naming(values: Sequence[M], person: Eraser) -> tuple[M, ...]:
    return tuple(value for value in values if person.names(value))
