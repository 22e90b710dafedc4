"""What the mail service reports of a mail after it was handed over."""

from typing import Literal

from countersign.model.base import Instant, Model
from countersign.model.run import RunKey

FeedbackKind = Literal[
    "sent",
    "delivered",
    "delayed",
    "bounced",
    "complained",
    "opened",
    "clicked",
    "rejected",
    "rendering_failed",
]
"""``sent``: the service took it and will deliver it; ``delayed``: it goes on trying;
``rejected``: it took it and then refused to send it."""

INTERACTIONS: frozenset[FeedbackKind] = frozenset({"opened", "clicked"})
"""What a recipient does with a mail, or a machine in the recipient's place."""

MAIL_SERVICE = "@mail"
"""Stands where an event names its connection; no connection can have this id."""


class MailEvent(Model):
    """One report on one mail."""

    kind: FeedbackKind
    at: Instant
    """When it came about, by the mail service's clock."""
    message_id: str
    """The service's id of the mail, as ``ports.Mailer.send`` returned it."""
    run: RunKey
    """The run that sent the mail, as its tags name it."""
    pipeline: str | None = None
    """The run's pipeline, as its tags name it; None where they do not, as those of
    older mails."""
    mail: int | None = None
    """Which of the run's several mails it was, from 0; None where the run sends one."""
    recipients: tuple[str, ...] = ()
    """The addresses it speaks of; all of the mail's where it names none."""
    detail: str | None = None
    """Why, in the service's words."""
    link: str | None = None
    """The link that was clicked."""
    automated: bool = False
    """Whether a machine opened or clicked, by the mail service's judgement; False where it gives
    none, as in reports of before August 2026."""

    @property
    def key(self) -> str:
        """The same for the same report, however often it is delivered."""
        who = ",".join(self.recipients)
        key = f"{self.message_id}:{self.kind}:{who}:{self.at.isoformat()}"
        # A person may open a mail at the moment at which a machine does.
        return f"{key}:automated" if self.automated else key
