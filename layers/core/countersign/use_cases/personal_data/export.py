"""Everything that is known of a person, to answer a request for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from countersign.engine.erasure import Eraser
from countersign.errors import InvalidCursorError
from countersign.model.base import Model
from countersign.model.document import Document
from countersign.model.log import LogEntry
from countersign.model.page import Page, PageRequest
from countersign.model.run import Run
from countersign.model.signing_event import Signer
from countersign.model.stored_file import StoredFile
from countersign.model.task import Task
from countersign.model.transaction import ProcessedEvent
from countersign.ports import Documents, Pipelines
from countersign.use_cases.personal_data.erase import Subject, documents_of, person_in
from countersign.use_cases.personal_data.find import PersonFinder, page_of_person
from countersign.use_cases.store import existing_document

M = TypeVar("M", bound=Model)

MAX_PAGE_BYTES = 2_000_000
"""Bytes of the documents of a page, after which it ends."""
MAX_DOCUMENT_BYTES = 3_000_000
"""Bytes of one document on a page; of a larger one the messages are left out."""


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
    """Provider's and mail service's reports that name the person, with the messages as they
    came, which are kept for 30 days."""
    files: tuple[StoredFile, ...]
    """All files of the document: what is in them is not searched."""
    messages_left_out: bool = False
    """Whether the events are without their messages, which are too much for a page."""


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


def personal_data_page(
    documents: Documents, finder: PersonFinder, subject: Subject, request: PageRequest
) -> Page[PersonalData]:
    """A page of the same, which costs the same whatever there is before and behind it, besides
    what belongs to its own documents.

    It ends early where its documents are large. Of a very large one, messages are left out. It may
    be short, or empty, and yet have a next one. InvalidCursorError for a place that no page can
    have given.
    """
    after, last = _place(request.after)
    listed = page_of_person(finder, subject, PageRequest(after, request.limit))
    ids = [document.id for document in listed.items]
    # Where the page before has ended within what is found together, unless that has changed.
    rest = listed.items[ids.index(last) + 1 :] if last in ids else listed.items
    exports, size = list[PersonalData](), 0
    for number, document in enumerate(rest, 1):
        data = _current(documents, document.id, subject)
        if data is None:
            continue
        data, its_size = _bounded(data)
        exports.append(data)
        size += its_size
        if size > MAX_PAGE_BYTES and number < len(rest):
            return Page(tuple(exports), json.dumps([after, document.id]))
    return Page(tuple(exports), None if listed.next is None else json.dumps([listed.next, None]))


def personal_data_in(
    documents: Documents, document_id: str, subject: Subject
) -> tuple[PersonalData, ...]:
    """What one document has of the person, if anything; NotFoundError where there is no such
    document."""
    existing_document(documents, document_id)
    data = _current(documents, document_id, subject)
    return () if data is None else (data,)


def bounded(data: PersonalData) -> PersonalData:
    """The same as a page has it: of a very large document without the messages."""
    return _bounded(data)[0]


def _place(text: str | None) -> tuple[str | None, str | None]:
    if text is None:
        return None, None
    try:
        after, last = json.loads(text)
    except (ValueError, TypeError):
        after = last = 0
    if not all(place is None or isinstance(place, str) for place in (after, last)):
        raise InvalidCursorError("the page begins at a place that this list does not have")
    return after, last


def _current(documents: Documents, document_id: str, subject: Subject) -> PersonalData | None:
    """What the document has of the person as it is now; None where it names the person no more."""
    document = documents.get(document_id)
    if document is None:
        return None
    person = Eraser([person_in(document, subject)])
    return _of_document(documents, document, person) if person.names(document) else None


def _bounded(data: PersonalData) -> tuple[PersonalData, int]:
    size = len(data.model_dump_json().encode())
    if size <= MAX_DOCUMENT_BYTES:
        return data, size
    events = tuple(event.model_copy(update={"raw": None}) for event in data.events)
    without = data.model_copy(update={"events": events, "messages_left_out": True})
    return without, len(without.model_dump_json().encode())


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
