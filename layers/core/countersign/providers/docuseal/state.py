"""Reads a DocuSeal submission, whole or as one submitter's form tells of it, into our words.

Shapes: docusealco/docuseal, lib/submitters/serialize_for_webhook.rb and
lib/submissions/serialize_for_api.rb; checked 2026-11, as of August 2026.
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
from countersign.providers._toolkit.json_access import custom_fields
from countersign.providers._toolkit.payload import (
    MaybeEmail,
    MaybeId,
    MaybeIsoTime,
    MaybeText,
    Payload,
    ProviderId,
)
from countersign.providers._toolkit.people import full_name

ENDED: dict[str, EnvelopeStatus] = {
    "completed": "completed",
    "declined": "declined",
    "expired": "expired",
}
SIGNER_STATUSES: dict[str, SignerStatus] = {
    "sent": "notified",
    "opened": "viewed",
    "completed": "signed",
    "declined": "declined",
}


class FieldValue(Payload):
    """What a submitter has filled in, or the sender has filled in for him."""

    field: MaybeText = None
    value: Any = None


class Submitter(Payload):
    """One signer of a submission."""

    id: MaybeId = None
    name: MaybeText = None
    email: MaybeEmail = None
    phone: MaybeText = None
    role: MaybeText = None
    status: MaybeText = None
    external_id: MaybeText = None
    sent_at: MaybeIsoTime = None
    opened_at: MaybeIsoTime = None
    completed_at: MaybeIsoTime = None
    declined_at: MaybeIsoTime = None
    decline_reason: MaybeText = None
    metadata: Any = None
    values: Annotated[tuple[FieldValue, ...], Field(max_length=2_000)] | None = None

    @property
    def is_somebody(self) -> bool:
        """Whether anything is said by which the submitter is known."""
        return any((self.id, self.name, self.email, self.phone, self.role))

    def read(self, order: int | None = None) -> Signer:
        """The submitter in our words."""
        return Signer(
            id=self.id or "",
            name=self.name,
            email=self.email,
            phone=self.phone,
            role=self.role,
            order=order,
            status=self.progress,
            notified_at=self.sent_at,
            viewed_at=self.opened_at,
            signed_at=self.completed_at,
            declined_at=self.declined_at,
            reason=self.decline_reason,
        )

    @property
    def progress(self) -> SignerStatus:
        """How far the submitter got: by the times, by the status where they tell nothing."""
        if self.declined_at:
            return "declined"
        if self.completed_at:
            return "signed"
        if self.opened_at:
            return "viewed"
        if self.sent_at:
            return "notified"
        return SIGNER_STATUSES.get(self.status or "", "waiting")


class Template(Payload):
    """What the submission was made of."""

    id: MaybeId = None
    name: MaybeText = None


class FormSubmission(Payload):
    """As much of its submission as a form carries."""

    id: MaybeId = None
    status: MaybeText = None
    created_at: MaybeIsoTime = None
    variables: Any = None


class Form(Submitter):
    """One submitter's form, with a little of its submission."""

    submission_id: MaybeId = None
    submission: FormSubmission | None = None
    template: Template | None = None

    @property
    def part(self) -> FormSubmission:
        """What it carries of its submission, which some deliveries leave out."""
        return self.submission or FormSubmission()

    @property
    def envelope(self) -> str | None:
        """The submission's id, which stands in two places."""
        return self.submission_id or self.part.id

    @property
    def signer(self) -> Signer | None:
        """Whose form it is; None where nothing is said that tells one submitter from another."""
        known_by = (self.id, self.name, self.email, self.phone)
        return self.read() if any(known_by) else None

    @property
    def ended_by_refusal(self) -> bool:
        """Whether a refusal ended the submission: always, unless its status says otherwise."""
        return self.part.status not in ("pending", "completed", "expired")


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


def read_form(envelope: str, form: Form) -> Envelope:
    """The submission as far as one submitter's form tells of it."""
    return Envelope(
        id=envelope,
        title=form.template.name if form.template else None,
        title_of_template=form.template is not None and form.template.name is not None,
        status=_status(form.part.status, (form,)),
        signers=(form.signer,) if form.signer else (),
        all_signers=False,
        created_at=form.part.created_at,
        reason=form.decline_reason if form.progress == "declined" else None,
        custom_fields=_fields((form,), form.part.variables),
    )


def read_submission(submission: Submission) -> Envelope:
    """The whole submission in our words."""
    submitters = submission.submitters or ()
    in_order = submission.submitters_order == "preserved"
    author = submission.created_by_user
    reasons = (submitter.decline_reason for submitter in submitters if submitter.decline_reason)
    return Envelope(
        id=submission.id,
        title=submission.name or (submission.template.name if submission.template else None),
        status=_status(submission.status, submitters),
        signers=tuple(
            submitter.read(place if in_order else None)
            for place, submitter in enumerate(submitters, 1)
            if submitter.is_somebody
        ),
        all_signers=submission.submitters is not None
        and all(submitter.is_somebody for submitter in submitters),
        sender=Sender(name=full_name(author.first_name, author.last_name), email=author.email)
        if author
        else None,
        created_at=submission.created_at,
        sent_at=first_sent(submitters),
        completed_at=submission.completed_at,
        expires_at=submission.expire_at,
        reason=next(reasons, None),
        custom_fields=_fields(submitters, submission.variables),
    )


def first_sent(submitters: Iterable[Submitter]) -> datetime | None:
    """When the first invitation went out; None while none has."""
    return min((submitter.sent_at for submitter in submitters if submitter.sent_at), default=None)


def _status(word: str | None, submitters: Iterable[Submitter]) -> EnvelopeStatus | None:
    if word != "pending":
        return ENDED.get(word or "")
    # DocuSeal has one word for drafts and for what is out.
    out = any(submitter.progress != "waiting" for submitter in submitters)
    return "sent" if out else "created"


def _fields(submitters: tuple[Submitter, ...], variables: object) -> dict[str, str]:
    """Values of the form, the submission's variables and the metadata; the latter win."""
    values: dict[str, Any] = dict(pair for submitter in submitters for pair in _values(submitter))
    external = next(
        (submitter.external_id for submitter in submitters if submitter.external_id), None
    )
    return custom_fields(
        values,
        variables,
        *(submitter.metadata for submitter in submitters),
        {"external_id": external} if external else None,
    )


def _values(submitter: Submitter) -> Iterator[tuple[str, Any]]:
    for field_value in submitter.values or ():
        # Signatures and files are sent as links that anybody may open.
        link = isinstance(field_value.value, str) and field_value.value.startswith(
            ("https://", "http://")
        )
        if field_value.field and not link:
            yield field_value.field, field_value.value
