"""What happened at a signing provider, in one vocabulary for all of them."""

from typing import Annotated, Literal

from pydantic import Field

from countersign.model.base import Instant, Model

EventKind = Literal[
    "document.created",
    "document.sent",
    "document.delivered",
    "document.viewed",
    "document.completed",
    "document.artifact_ready",
    "document.declined",
    "document.voided",
    "document.expired",
    "document.modified",
    "document.deleted",
    "document.failed",
    "signer.notified",
    "signer.started",
    "signer.signed",
    "signer.declined",
    "signer.expired",
    "signer.delivery_failed",
    "signer.authentication_succeeded",
    "signer.authentication_failed",
    "signer.reassigned",
    "signer.updated",
    "reminder.sent",
    "comment.added",
    "template.changed",
    "payment.received",
    "call.received",
    "webhook.test",
    "other",
]
"""``document.*`` speaks of the whole envelope, ``signer.*`` of one recipient of any role.

``payment.received`` and ``call.received`` name a document and know nothing of its envelope.
``webhook.test`` is a handshake or ping and is never stored; ``other`` is known to the provider
but of no signing meaning, or unknown to us: stored, acknowledged, without effect.
"""

EnvelopeStatus = Literal[
    "created", "sent", "delivered", "completed", "declined", "voided", "expired", "deleted"
]
SignerStatus = Literal["waiting", "notified", "viewed", "started", "signed", "declined", "expired"]
SignerAction = Literal["sign", "approve", "acknowledge", "fill", "view", "copy"]
Party = Literal["company", "client", "unknown"]
"""Which side a signer is on; ``unknown`` where nothing tells it. Nobody's side is guessed."""
Authenticity = Literal["signed", "shared_secret", "none"]
"""How well a message proves its sender: ``signed`` the whole body is signed, ``shared_secret`` the
sender knows a secret that does not cover the body, ``none`` only the unguessable address."""

MUST_ACT: frozenset[str] = frozenset({"sign", "approve", "acknowledge", "fill"})


class Signer(Model):
    """One recipient of an envelope, of any role."""

    id: str = ""
    """The provider's id of the recipient. Empty in a message whose provider gives none; a
    document's signers always have one, see ``has_own_id``."""
    has_own_id: bool = True
    """Whether ``id`` is the provider's. False where a document made it of what is known of the
    signer: address, name, order, phone."""
    name: str | None = None
    email: str | None = None
    """The address of the one who signs: of who signs in person, not of the host. An address is not
    an identity: two signers may share one."""
    phone: str | None = None
    """The number as the provider writes it, for those who are invited by SMS or WhatsApp."""
    members: tuple[str, ...] = ()
    """The addresses of a signing group, any one of whom may sign."""
    role: str | None = None
    """The role's name at the provider, as the sender of the envelope wrote it."""
    order: int | None = None
    """Place in the signing order, from 1 (some providers start at 0)."""
    action: SignerAction = "sign"
    party: Party = "unknown"
    """Which side the signer is on; set by the connection's mapping, never by a provider."""
    status: SignerStatus = "waiting"
    notified_at: Instant | None = None
    viewed_at: Instant | None = None
    signed_at: Instant | None = None
    declined_at: Instant | None = None
    reason: str | None = None
    """Why this signer declined, in the signer's own words: data from outside."""

    @property
    def must_act(self) -> bool:
        """Whether the envelope waits for this recipient (not for viewers and copies)."""
        return self.action in MUST_ACT

    @property
    def has_signed(self) -> bool:
        """Whether this is a signature: an approver's approval is none."""
        return self.action == "sign" and self.status == "signed"

    @property
    def label(self) -> str:
        """What a reader knows the signer by: address, name, phone, or id."""
        return self.email or self.name or self.phone or self.id


class Sender(Model):
    """Who sent the envelope."""

    name: str | None = None
    email: str | None = None


class Envelope(Model):
    """The state of an envelope as a message carries it; what the message leaves out is None."""

    id: str
    title: str | None = None
    title_of_template: bool = False
    """Whether the title is no more than the name of the envelope's template, which stands in for
    it until a message tells the envelope's own."""
    status: EnvelopeStatus | None = None
    """The provider's own word for how far the envelope is; None where the message has none."""
    signers: tuple[Signer, ...] = ()
    all_signers: bool = True
    """Whether ``signers`` is the whole list: only then does one who is missing no longer sign, and
    only then may "all have signed" be read off it."""
    sender: Sender | None = None
    created_at: Instant | None = None
    sent_at: Instant | None = None
    completed_at: Instant | None = None
    expires_at: Instant | None = None
    reason: str | None = None
    """Why it was declined or voided."""
    custom_fields: dict[str, str] = {}
    """Custom fields and metadata of the envelope, by name."""


class SignerRef(Model):
    """How a message names a signer: by id, or by as much as it says of one."""

    id: str | None = None
    email: str | None = None
    name: str | None = None
    role: str | None = None
    order: int | None = None
    phone: str | None = None


class SigningEvent(Model):
    """One thing that happened to one envelope at a signing provider."""

    kind: EventKind
    key: Annotated[str, Field(min_length=1, max_length=900)]
    """The idempotency key: made of the event's meaning, the same on every retry of the provider
    and different for every other happening of the same envelope."""
    provider_event: str
    """The provider's own name of the event."""
    occurred_at: Instant
    envelope: str
    """The provider's id of the envelope; where it has several, the one it had first."""
    aliases: tuple[str, ...] = ()
    """Other ids by which the provider names the same envelope, in older or in newer messages."""
    signer: SignerRef | None = None
    """The acting recipient, where the message names one."""
    previous_signer: SignerRef | None = None
    """Who was replaced, for ``signer.reassigned``."""
    reason: str | None = None
    state: Envelope | None = None
    """The envelope's whole state, where the message carries it."""
    detail: dict[str, str] = {}
    """Small facts of this kind of event, for example ``{"change": "approval"}``."""
    warnings: tuple[str, ...] = ()
    """What of the message could not be read, each as a sentence for the document's timeline."""
