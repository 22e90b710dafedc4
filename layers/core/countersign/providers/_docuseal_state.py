"""Reads a DocuSeal submission, whole or as one submitter's form tells of it, into our words.

Shapes: docusealco/docuseal, lib/submitters/serialize_for_webhook.rb and
lib/submissions/serialize_for_api.rb.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from countersign.model.signing_event import (
    Envelope,
    EnvelopeStatus,
    Sender,
    Signer,
    SignerStatus,
)
from countersign.providers._loose import custom_fields
from countersign.providers.base import (
    MaybeEmail,
    MaybeId,
    MaybeIsoTime,
    MaybeText,
    Payload,
    ProviderId,
)

ENDED: dict[str, EnvelopeStatus] = {
    "completed": "completed",
    "declined": "declined",
    "expired": "expired",
}


class FieldValue(Payload):
    """What a submitter has filled in, or the sender has filled in for him."""

    field: MaybeText = None
    value: Any = None


class Submitter(Payload):
    """One signer of a submission."""

    id: ProviderId
    name: MaybeText = None
    email: MaybeEmail = None
    role: MaybeText = None
    external_id: MaybeText = None
    sent_at: MaybeIsoTime = None
    opened_at: MaybeIsoTime = None
    completed_at: MaybeIsoTime = None
    declined_at: MaybeIsoTime = None
    decline_reason: MaybeText = None
    metadata: Any = None
    values: Annotated[tuple[FieldValue, ...], Field(max_length=2_000)] | None = None

    def read(self, order: int | None = None) -> Signer:
        """The submitter in our words."""
        return Signer(
            id=self.id,
            name=self.name,
            email=self.email,
            role=self.role,
            order=order,
            status=self._status(),
            notified_at=self.sent_at,
            viewed_at=self.opened_at,
            signed_at=self.completed_at,
            declined_at=self.declined_at,
            reason=self.decline_reason,
        )

    def _status(self) -> SignerStatus:
        if self.declined_at:
            return "declined"
        if self.completed_at:
            return "signed"
        if self.opened_at:
            return "viewed"
        return "notified" if self.sent_at else "waiting"


class Template(Payload):
    """What the submission was made of."""

    id: MaybeId = None
    name: MaybeText = None


class Part(Payload):
    """As much of its submission as a form carries."""

    status: MaybeText = None
    created_at: MaybeIsoTime = None
    variables: Any = None


class Form(Submitter):
    """One submitter's form, with a little of its submission."""

    submission_id: ProviderId
    submission: Part = Part()
    template: Template | None = None


class Author(Payload):
    """The user who made the submission."""

    email: MaybeEmail = None
    first_name: MaybeText = None
    last_name: MaybeText = None


class Submission(Payload):
    """A whole submission."""

    id: ProviderId
    name: MaybeText = None
    status: MaybeText = None
    submitters_order: MaybeText = None
    created_at: MaybeIsoTime = None
    completed_at: MaybeIsoTime = None
    archived_at: MaybeIsoTime = None
    expire_at: MaybeIsoTime = None
    variables: Any = None
    template: Template | None = None
    created_by_user: Author | None = None
    submitters: Annotated[tuple[Submitter, ...], Field(max_length=500)] | None = None


def read_form(form: Form) -> Envelope:
    """The submission as far as one submitter's form tells of it."""
    return Envelope(
        id=form.submission_id,
        title=form.template.name if form.template else None,
        status=_status(form.submission.status, (form,)),
        signers=(form.read(),),
        all_signers=False,
        created_at=form.submission.created_at,
        reason=form.decline_reason if form.declined_at else None,
        custom_fields=_fields((form,), form.submission.variables),
    )


def read_submission(submission: Submission) -> Envelope:
    """The whole submission in our words."""
    submitters = submission.submitters or ()
    in_order = submission.submitters_order == "preserved"
    author = submission.created_by_user
    names = " ".join(filter(None, (author.first_name, author.last_name))) if author else ""
    return Envelope(
        id=submission.id,
        title=submission.name or (submission.template.name if submission.template else None),
        status=_status(submission.status, submitters),
        signers=tuple(
            one.read(place if in_order else None) for place, one in enumerate(submitters, 1)
        ),
        all_signers=submission.submitters is not None,
        sender=Sender(name=names or None, email=author.email) if author else None,
        created_at=submission.created_at,
        sent_at=first_sent(submitters),
        completed_at=submission.completed_at,
        expires_at=submission.expire_at,
        reason=next((one.decline_reason for one in submitters if one.declined_at), None),
        custom_fields=_fields(submitters, submission.variables),
    )


def first_sent(submitters: Iterable[Submitter]) -> datetime | None:
    """When the first invitation went out; None while none has."""
    return min((one.sent_at for one in submitters if one.sent_at), default=None)


def _status(word: str | None, submitters: Iterable[Submitter]) -> EnvelopeStatus | None:
    if word != "pending":
        return ENDED.get(word or "")
    # DocuSeal has one word for drafts and for what is out.
    out = any(one.sent_at or one.opened_at or one.completed_at for one in submitters)
    return "sent" if out else "created"


def _fields(submitters: tuple[Submitter, ...], variables: object) -> dict[str, str]:
    """Values of the form, the submission's variables and the metadata; the latter win."""
    found: dict[str, Any] = dict(pair for one in submitters for pair in _values(one))
    external = next((one.external_id for one in submitters if one.external_id), None)
    return custom_fields(
        found,
        variables,
        *(one.metadata for one in submitters),
        {"external_id": external} if external else None,
    )


def _values(submitter: Submitter) -> Iterator[tuple[str, Any]]:
    for one in submitter.values or ():
        # Signatures and files are told as links that anybody may open.
        link = isinstance(one.value, str) and one.value.startswith(("https://", "http://"))
        if one.field and not link:
            yield one.field, one.value
