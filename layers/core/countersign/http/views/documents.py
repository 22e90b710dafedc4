"""Documents, as the API has them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import Field, computed_field

from countersign.engine.decisions.decision import Decision
from countersign.engine.explain import Explanation
from countersign.http.views.base import Body, Comment, Id, View
from countersign.http.views.message import Message
from countersign.http.views.timeline import TimelineEntry
from countersign.model.condition import Verdict
from countersign.model.document import Document, FieldValue
from countersign.model.run import Run, RunState
from countersign.model.signing_event import EnvelopeStatus, Party, SignerAction, SignerStatus
from countersign.model.stored_file import FileKind
from countersign.model.values import plain
from countersign.rules._shared.signers import in_turn
from countersign.use_cases.queries.pages.documents import DocumentRow as Row
from countersign.use_cases.transact import CommitResult


class SignerView(View):
    """A recipient of the envelope."""

    id: str
    name: str | None
    email: str | None
    phone: str | None
    role: str | None
    """The role's name at the provider."""
    order: int | None
    """Place in the signing order."""
    action: SignerAction
    party: Party
    status: SignerStatus
    notified_at: datetime | None
    viewed_at: datetime | None
    signed_at: datetime | None
    declined_at: datetime | None
    reason: str | None
    """Why this signer declined."""


class SenderView(View):
    """Who sent the envelope."""

    name: str | None
    email: str | None


class EnvelopeView(View):
    """The envelope at the signing provider."""

    connection: str | None
    provider: str | None
    id: str | None
    status: EnvelopeStatus | None
    status_at: datetime | None
    reason: str | None
    """Why it was declined or voided."""
    sender: SenderView | None
    sent_at: datetime | None
    completed_at: datetime | None
    expires_at: datetime | None


class FileView(View):
    """A file of a document."""

    id: str
    name: str
    kind: FileKind
    size: int
    """Bytes."""
    sha256: str
    media_type: str
    added_at: datetime
    added_by: str


class DocumentBase(View):
    """What lists have of a document as well."""

    id: str
    pipeline: str
    stage: str
    since: datetime
    """When it arrived in its stage."""
    title: str | None
    number: str | None
    responsible: str | None
    amount: Decimal | None
    currency: str | None
    status: EnvelopeStatus | None
    """How far its envelope is."""


class InTurnView(View):
    """A signer who must act now."""

    id: str
    name: str | None
    email: str | None
    party: Party


class DocumentRow(DocumentBase):
    """A document of a list."""

    stage_name: str
    """What people call its stage."""
    envelope: str | None
    """The provider's id of its envelope."""
    observers: tuple[str, ...]
    signers_in_turn: tuple[InTurnView, ...]
    """Whose turn it is: the signers who must act now."""
    version: int
    """It grows with each change: clients that follow documents read again what has another one."""


class DocumentView(DocumentBase):
    """One document."""

    version: int
    entry: int
    """The number of its stage entry, from 1."""
    created_at: datetime
    previous_stage: str | None
    moved_by: str | None
    observers: tuple[str, ...]
    fields: dict[str, FieldValue]
    """The pipeline's own fields."""
    edited: tuple[str, ...]
    """Fields whose value a person gave: messages leave them alone."""
    envelope: EnvelopeView | None
    """None where none is attached."""
    signers: tuple[SignerView, ...]
    in_turn: tuple[str, ...]
    """Ids of the signers who must act now."""
    files: tuple[FileView, ...]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def field_texts(self) -> dict[str, str | None]:
        """The pipeline's own fields, as people read them."""
        return {name: plain(value) for name, value in self.fields.items()}


class NewDocumentBody(Body):
    """A document that is to be made."""

    pipeline: Id
    stage: Id | None = None
    """The first stage unless given."""
    fields: dict[str, Any] = {}
    """Fields by name: title, number, responsible, amount, currency, and the pipeline's own."""


class ChangesBody(Body):
    """Changes of a document's fields; they are one save."""

    fields: dict[str, Any] = Field(min_length=1)
    """Each takes the place of the one before; null empties a field."""
    comment: Comment | None = None


class MoveBody(Body):
    """A move to a stage."""

    stage: Id
    comment: Comment | None = None


class CommentBody(Body):
    """A comment for the timeline."""

    text: Comment


class CodeBody(Body):
    """A call by a code, for which a trigger may wait."""

    code: Id


class EnvelopeBody(Body):
    """An envelope that exists at a provider."""

    connection: Id
    envelope: str = Field(min_length=1, max_length=500)
    """The provider's id of it."""


class PlannedRun(View):
    """A run that a change planned, moved or cancelled."""

    run: str
    rule: str
    state: RunState
    due: datetime | None


class CreatedDocumentView(DocumentView):
    """A document that was made; where a request is sent again, without what followed."""

    timeline: tuple[TimelineEntry, ...]
    planned: tuple[PlannedRun, ...]


class ChangeView(View):
    """What a change brought about."""

    document: DocumentView
    moved: bool
    """Whether the document came to a stage by it, so that rules were planned."""
    timeline: tuple[TimelineEntry, ...]
    planned: tuple[PlannedRun, ...]
    updated: tuple[PlannedRun, ...]
    """Earlier runs that it moved or ended."""
    time_zone: str
    """Of the pipeline."""


class ExplainedRunView(View):
    """A rule, or a timer of a trigger, for one stage entry."""

    rule: str
    repeat: int
    name: str
    kind: str
    state: RunState
    words: Message
    """The state as a sentence, with times in the pipeline's zone."""
    due: datetime | None
    concluded_at: datetime | None
    """When it ended; null for one that ends with the stage that its document left."""
    date_field: str | None
    reason: Message | None
    verdict: Verdict | None
    """How its condition was judged, clause by clause, with the values found."""
    result: dict[str, str]


class ExplainedEntryView(View):
    """One stay in one stage."""

    entry: int
    stage: str
    name: str
    current: bool
    runs: tuple[ExplainedRunView, ...]


class AddedLaterView(View):
    """What a later version of the pipeline brought, and this arrival did not plan."""

    rule: str
    name: str
    words: Message


class WhyView(View):
    """Why a document is where it is, and what ran, waits and did not run."""

    document: str
    pipeline: str
    stage: str
    time_zone: str
    paused: bool
    automation: bool
    """Whether triggers fire and rules are planned: what the deployment's plan includes."""
    entries: tuple[ExplainedEntryView, ...]
    """Stage entries that planned anything, oldest first."""
    added_later: tuple[AddedLaterView, ...]
    decisions: tuple[TimelineEntry, ...]
    """The last events, newest first: which trigger fired, and why the others did not."""


class NewFileBody(Body):
    """A file that is to be added."""

    name: str = Field(max_length=1000)
    kind: FileKind
    size: int = Field(ge=0)
    """Bytes."""
    sha256: str = Field(max_length=64)
    """Of its bytes, in lower-case hexadecimal."""
    replace: bool = False
    """Whether it may take the place of a file of the same name."""


class UploadView(View):
    """Where the bytes of a file are to be sent to, with PUT, within 15 minutes."""

    upload: str
    """Completes the upload."""
    url: str
    headers: dict[str, str]
    """What the call has to carry besides."""


class DownloadView(View):
    """Where a file can be had without any other right."""

    url: str
    seconds: int
    """How long the address is good."""


class PreviewedMailView(View):
    """A mail that would be sent."""

    sender: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    bcc: tuple[str, ...]
    reply_to: tuple[str, ...]
    subject: str
    text: str | None
    html: str | None
    reason: str | None
    """Why it would not be sent."""


class MailPreviewView(View):
    """What a rule would send."""

    document: str
    pipeline: str
    pipeline_version: int
    stage: str
    rule: str
    attachments: tuple[str, ...]
    mails: tuple[PreviewedMailView, ...]


MAX_DECISIONS = 20
"""Decisions that an explanation names."""


def document_view(document: Document) -> DocumentView:
    """The document as the API has it."""
    plain = {
        name: getattr(document, name)
        for name in DocumentView.model_fields
        if name not in ("envelope", "in_turn", "files")
    }
    return DocumentView.model_validate(
        {
            **plain,
            "envelope": _envelope(document),
            "in_turn": tuple(signer.id for signer in in_turn(document)),
            "files": document.stored_files,
        }
    )


def row_view(row: Row) -> DocumentRow:
    """A document of a list as the API has it."""
    document = row.document
    plain = {name: getattr(document, name) for name in DocumentBase.model_fields}
    return DocumentRow.model_validate(
        {
            **plain,
            "stage_name": row.stage_name,
            "envelope": document.envelope,
            "observers": document.observers,
            "signers_in_turn": in_turn(document),
            "version": document.version,
        }
    )


def _envelope(document: Document) -> dict[str, Any] | None:
    if document.envelope is None:
        return None
    plain = {name: getattr(document, name) for name in EnvelopeView.model_fields if name != "id"}
    return {**plain, "id": document.envelope}


def why_view(explanation: Explanation) -> WhyView:
    """The explanation as the API has it."""
    decisions = [entry for entry in explanation.timeline if entry.fired or entry.passed]
    return WhyView.model_validate(
        {
            "document": explanation.document.id,
            "pipeline": explanation.pipeline,
            "stage": explanation.stage,
            "time_zone": explanation.time_zone,
            "paused": explanation.paused,
            "automation": explanation.automation,
            "entries": explanation.entries,
            "added_later": explanation.added_later,
            "decisions": tuple(reversed(decisions[-MAX_DECISIONS:])),
        }
    )


def created_view(made: Decision) -> CreatedDocumentView:
    """A document that was made, with what followed."""
    shown = document_view(made.document)
    plain = {name: getattr(shown, name) for name in DocumentView.model_fields}
    return CreatedDocumentView(
        **plain,
        timeline=tuple(map(TimelineEntry.model_validate, made.log)),
        planned=tuple(map(_planned, made.planned)),
    )


def recreated_view(document: Document) -> CreatedDocumentView:
    """A document that an earlier request made, as it is now."""
    shown = document_view(document)
    plain = {name: getattr(shown, name) for name in DocumentView.model_fields}
    return CreatedDocumentView(**plain, timeline=(), planned=())


def change_view(saved: CommitResult[Decision], time_zone: str) -> ChangeView:
    """What was saved, with the earlier runs that it moved or ended."""
    decision = saved.outcome
    updates = saved.change.updates if saved.change else ()
    return ChangeView(
        document=document_view(decision.document),
        moved=decision.moved,
        timeline=tuple(map(TimelineEntry.model_validate, decision.log)),
        planned=tuple(map(_planned, decision.planned)),
        updated=tuple(_planned(update.run) for update in updates),
        time_zone=time_zone,
    )


def unchanged_view(document: Document, time_zone: str) -> ChangeView:
    """The document as it is, where nothing was changed."""
    return ChangeView(
        document=document_view(document),
        moved=False,
        timeline=(),
        planned=(),
        updated=(),
        time_zone=time_zone,
    )


def _planned(run: Run) -> PlannedRun:
    return PlannedRun(run=str(run.key), rule=run.rule, state=run.state, due=run.due)
