"""Persons' requests about their data, and the proof of timelines, as the API has them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, model_validator

from countersign.http.views.base import Body, Id, View
from countersign.http.views.documents import DocumentView, FileView, SignerView, document_view
from countersign.http.views.runs import RunView, run_view
from countersign.http.views.tasks import TaskView, task_view
from countersign.http.views.timeline import TimelineEntry
from countersign.model.log_hashes import Verification
from countersign.model.stored_file import FileKind
from countersign.use_cases.personal_data.export import PersonalData

Address = Annotated[str, Field(max_length=320, pattern=r"^[^\s@]+@[^\s@]+$")]
Names = Annotated[
    tuple[Annotated[str, Field(min_length=2, max_length=200)], ...], Field(max_length=20)
]


class EntryProblemView(View):
    """An entry that does not follow from what is before it."""

    number: int
    """Its place on the timeline, from 1; one more than there are entries where the end is
    missing."""
    text: str


class VerificationView(View):
    """What recomputing a timeline's hashes found."""

    document: str
    holds: bool
    """Whether every entry that has a hash is as it was written."""
    entries: int
    before: int
    """How many entries at the beginning are from before there were hashes: nothing proves them."""
    erased: int
    """How many entries had personal data that was erased."""
    hash: str | None
    """The hash over all of it, as the document has it."""
    problems: tuple[EntryProblemView, ...]


class PersonBody(Body):
    """How else a person is named, and what is not removed with the person's data."""

    names: Names = ()
    """Further names, addresses and phone numbers of the same person."""
    keep_files: Annotated[tuple[FileKind, ...], Field(max_length=10)] = ()
    """Kinds of files that stay; all others of the documents are removed."""


class DocumentErasureBody(PersonBody):
    """Who is to be erased from a document: by address, or by the id of a signer."""

    address: Address | None = None
    signer: Id | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> DocumentErasureBody:
        if (self.address is None) == (self.signer is None):
            raise ValueError("needs an address or a signer, one of both")
        return self


class ErasureBody(PersonBody):
    """Who is to be erased from all documents."""

    address: Address


class ErasureView(View):
    """What was erased from one document."""

    document: str
    pseudonym: str
    """What stands for the person from now on."""
    files: int
    """How many files were removed."""
    entries: int
    """How many entries of the timeline have pseudonyms now that had not before."""
    running: tuple[str, ...]
    """Runs that were being performed: ask again once they have ended, within two minutes."""


class NamedDocumentsBody(Body):
    """Whose documents are looked for."""

    address: Address
    names: Names = ()
    """Further names, addresses and phone numbers of the same person."""
    cursor: str | None = Field(default=None, max_length=4000)
    """Where to go on: `next` of the page before."""
    limit: int = Field(default=50, ge=1, le=100)
    """How many documents a page has at most."""


class NamedDocumentView(View):
    """A document that names the person, or did before the person was erased from it."""

    document: str


class ExportBody(Body):
    """Whose data is to be given out."""

    address: Address
    names: Names = ()
    """Further names, addresses and phone numbers of the same person."""
    document: Id | None = None
    """Only of this document."""
    cursor: str | None = Field(default=None, max_length=4000)
    """Where to go on: `next` of the page before."""
    limit: int = Field(default=10, ge=1, le=20)
    """How many documents a page has at most."""


class ExportedEventView(View):
    """What a provider or the mail service reported."""

    key: str
    connection: str
    at: datetime
    provider_event: str
    kind: str
    authenticity: str
    message: str | None
    """As it came, without secrets; kept for 30 days."""


class PersonalDataView(View):
    """What one document has of a person."""

    document: DocumentView
    """As it is, with its other signers."""
    signers: tuple[SignerView, ...]
    """The person as a signer."""
    timeline: tuple[TimelineEntry, ...]
    """The entries that name the person."""
    runs: tuple[RunView, ...]
    """Mails and other effects that name the person."""
    tasks: tuple[TaskView, ...]
    """Tasks whose texts name the person."""
    events: tuple[ExportedEventView, ...]
    """Reports that name the person."""
    files: tuple[FileView, ...]
    """All files of the document: what is in them is not searched."""
    messages_left_out: bool
    """Whether the events are without their messages, which are too much for one answer:
    `countersign --no-api documents export-person` has them, with AWS credentials."""


def verification_view(verification: Verification) -> VerificationView:
    """The verification as the API has it."""
    return VerificationView.model_validate(verification)


def personal_data_view(data: PersonalData) -> PersonalDataView:
    """What a document has of a person as the API has it."""
    events: list[dict[str, Any]] = [
        {**event.model_dump(exclude={"raw"}), "message": event.raw} for event in data.events
    ]
    return PersonalDataView.model_validate(
        {
            "document": document_view(data.document),
            "signers": data.signers,
            "timeline": data.timeline,
            "runs": tuple(map(run_view, data.runs)),
            "tasks": tuple(map(task_view, data.tasks)),
            "events": events,
            "files": data.files,
            "messages_left_out": data.messages_left_out,
        }
    )
