"""Reports on mails as EventBridge hands them over, read into our words.

https://docs.aws.amazon.com/ses/latest/dg/monitoring-eventbridge.html
https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html

Since August 2026 the objects ``open`` and ``click`` say in ``isBotEvent`` whether a machine made
them (a security scanner, a mail program that fetches pictures ahead): ``Likely`` or ``Unlikely``.
https://aws.amazon.com/about-aws/whats-new/2026/08/amazon-ses-automated-email-interactions/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from countersign.errors import PermanentError
from countersign.model.base import Instant, Model
from countersign.model.mail_event import INTERACTIONS, FeedbackKind, MailEvent
from countersign.model.run import RunKey
from countersign.text.folding import same

SOURCE = "aws.ses"
KINDS: Mapping[str, tuple[FeedbackKind, str]] = {
    "Email Sent": ("sent", "send"),
    "Email Delivered": ("delivered", "delivery"),
    "Email Delivery Delayed": ("delayed", "deliveryDelay"),
    "Email Bounced": ("bounced", "bounce"),
    "Email Complaint Received": ("complained", "complaint"),
    "Email Opened": ("opened", "open"),
    "Email Clicked": ("clicked", "click"),
    "Email Rejected": ("rejected", "reject"),
    "Email Rendering Failed": ("rendering_failed", "failure"),
}
"""By the event's detail type: our word, and where the event keeps what is special to it."""


class _Outside(Model):
    """A part of the event; what we do not know of it is passed over."""

    model_config = ConfigDict(extra="ignore")


class _Recipient(_Outside):
    address: str = Field(alias="emailAddress")
    diagnosis: str | None = Field(None, alias="diagnosticCode")


class _Special(_Outside):
    """What one sort of event says beyond the mail itself."""

    timestamp: Instant | None = None
    recipients: tuple[str, ...] = ()
    bounced: tuple[_Recipient, ...] = Field((), alias="bouncedRecipients")
    complained: tuple[_Recipient, ...] = Field((), alias="complainedRecipients")
    delayed: tuple[_Recipient, ...] = Field((), alias="delayedRecipients")
    bounce_type: str | None = Field(None, alias="bounceType")
    bounce_sub_type: str | None = Field(None, alias="bounceSubType")
    complaint_type: str | None = Field(None, alias="complaintFeedbackType")
    delay_type: str | None = Field(None, alias="delayType")
    reason: str | None = None
    error: str | None = Field(None, alias="errorMessage")
    link: str | None = None
    is_bot_event: Any = Field(None, alias="isBotEvent")

    @property
    def automated(self) -> bool:
        """Whether SES says so; what is missing, or not a text of SES's, counts as a person's."""
        return isinstance(self.is_bot_event, str) and same(self.is_bot_event, "Likely")

    @property
    def people(self) -> tuple[_Recipient, ...]:
        return (*self.bounced, *self.complained, *self.delayed)

    @property
    def detail(self) -> str | None:
        words = [
            *(self.bounce_type, self.bounce_sub_type, self.complaint_type, self.delay_type),
            *(self.reason, self.error),
            *(recipient.diagnosis for recipient in self.people),
        ]
        return ", ".join(dict.fromkeys(word for word in words if word)) or None


class _Mail(_Outside):
    timestamp: Instant
    message_id: str = Field(alias="messageId")
    destination: tuple[str, ...] = ()
    tags: dict[str, tuple[str, ...]] = Field(default_factory=dict)


class _Event(_Outside):
    detail_type: str = Field(alias="detail-type")
    time: Instant
    detail: dict[str, Any]


_MAIL, _SPECIAL = TypeAdapter(_Mail), TypeAdapter(_Special)


def mail_event_of(body: str) -> MailEvent | None:
    """The report in an event; None where the event is of a sort that says nothing of a run.

    PermanentError for anything that is not such an event, or of a mail without a run in its tags.
    """
    try:
        event = _Event.model_validate_json(body)
        if event.detail_type not in KINDS:
            return None
        kind, section = KINDS[event.detail_type]
        mail = _MAIL.validate_python(event.detail.get("mail"))
        special = _SPECIAL.validate_python(event.detail.get(section) or {})
        run = _run_of(mail.tags)
        named = tuple(recipient.address for recipient in special.people) or special.recipients
        at = special.timestamp or (mail.timestamp if kind == "sent" else event.time)
        return MailEvent(
            kind=kind,
            at=at,
            message_id=mail.message_id,
            run=run,
            mail=_mail_of(mail.tags),
            pipeline=(mail.tags.get("pipeline") or ("",))[0] or None,
            recipients=named or mail.destination,
            detail=special.detail,
            link=special.link,
            automated=kind in INTERACTIONS and special.automated,
        )
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise PermanentError(
            f"this is not a report of SES on a mail: {place}: {first['msg']}"
        ) from None


def mail_events_of(bodies: Iterable[str]) -> Iterator[MailEvent]:
    """The reports in these events; others are skipped."""
    for body in bodies:
        try:
            report = mail_event_of(body)
        except PermanentError:
            continue
        if report is not None:
            yield report


def _run_of(tags: Mapping[str, tuple[str, ...]]) -> RunKey:
    """The run that ``ses.tags`` wrote into the mail."""
    values = {name: (tags.get(name) or ("",))[0] for name in ("document", "entry", "rule")}
    if not (values["document"] and values["rule"] and values["entry"].isdecimal()):
        there = ", ".join(sorted(tags)) or "none"
        msg = f"the mail names no run; its tags are {there}, expected document, entry and rule"
        raise PermanentError(msg)
    later = (tags.get("repeat") or ("0",))[0]
    return RunKey(
        document=values["document"],
        entry=int(values["entry"]),
        rule=values["rule"],
        repeat=int(later) if later.isdecimal() else 0,
    )


def _mail_of(tags: Mapping[str, tuple[str, ...]]) -> int | None:
    """Which of the run's several mails it is; None where it is the only one."""
    text = (tags.get("mail") or ("",))[0]
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else None
