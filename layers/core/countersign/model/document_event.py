"""A happening: one new fact about a document that triggers may wait for."""

from typing import Literal

from countersign.model.base import Instant, Model
from countersign.model.document import FieldValue
from countersign.model.pipeline import FieldType
from countersign.model.signing_event import Authenticity, EventKind, Signer

HappeningKind = (
    EventKind
    | Literal[
        "field.changed",
        "responsible.changed",
        "timer.due",
        "api.called",
        "mail.delivered",
        "mail.delayed",
        "mail.bounced",
        "mail.complained",
        "mail.rejected",
        "mail.opened",
        "mail.clicked",
        "task.completed",
    ]
)


class DocumentEvent(Model):
    """One new fact about one document, in the order in which it came about."""

    kind: HappeningKind
    at: Instant
    authenticity: Authenticity = "signed"
    """Happenings of our own house count as proven."""
    signer: Signer | None = None
    """The acting signer as the document now knows him."""
    reason: str | None = None
    field: str | None = None
    field_type: FieldType | None = None
    """The type of the field that changed, by which its values are compared."""
    old: FieldValue = None
    new: FieldValue = None
    timer: str | None = None
    """The trigger whose timer ran out, for ``timer.due``."""
    detail: dict[str, str] = {}
    key: str | None = None
    """The idempotency key of the event that reported it."""
    automated: bool = False
    """Whether a machine did it in a recipient's place: opened a mail, or clicked a link in it."""
    derived: bool = False
    """Whether it was read off the state a later message carried."""
