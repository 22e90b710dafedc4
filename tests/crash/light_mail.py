"""The mail lane's effect without inserts: a template costs as much as all the rest of a run."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.errors import PermanentError
from countersign.model.message import Email
from countersign.model.signing_event import Signer
from countersign.ports import Mailer
from countersign.rules._shared.task_mail import TaskMail
from countersign.rules.base import RuleContext, RuleKind
from countersign.rules.send_email import SendEmail
from countersign.text.folding import unique
from countersign.use_cases.effects.attachments import Attachments
from countersign.use_cases.effects.base import EffectResult, PreparedEffect, SeveralMails
from countersign.use_cases.effects.email import EmailEffect
from countersign.use_cases.effects.mail_pace import MailPace
from tests.builders import KLARA


class LightEmail(SendEmail):
    """Its mails say no more than which rule they are of."""

    def written(
        self,
        context: RuleContext,
        recipients: Mapping[str, tuple[str, ...]],
        signer: Signer | None,
        elsewhere: tuple[str, ...] = (),
    ) -> Email:
        return Email(
            sender="contracts@acme.example",
            to=unique(recipients["to"]),
            subject=context.run.rule,
            text="Hello",
            run=context.run.key,
            pipeline=context.run.pipeline,
        )


def has_files(kind: RuleKind) -> bool:
    """Whether its mails are to have attachments."""
    return isinstance(kind, SendEmail) and bool(kind.attachments)


class LightMail:
    """``Effect`` that sends the same mail for every rule; a rule for a role has nobody to mail."""

    def __init__(
        self, mailbox: Mailer, attachments: Attachments, pace: MailPace | None = None
    ) -> None:
        self._effect = EmailEffect(mailbox, attachments, pace)

    def prepare(self, kind: RuleKind, context: RuleContext) -> PreparedEffect | SeveralMails:
        """The mail, which leaves its id and whom it went to; or a mail to each of several."""
        to = getattr(kind, "to", ())
        if isinstance(kind, TaskMail):
            return self._effect.prepare(kind, context)
        if to and (to[0] not in ("client", "role:nobody") or has_files(kind)):
            light = LightEmail.model_validate(kind.model_dump(by_alias=True))
            return self._effect.prepare(light, context)
        if not to or to[0].startswith("role:"):
            raise PermanentError(f"nobody has the role {to}")
        email = Email(
            sender="contracts@acme.example",
            to=(KLARA,),
            subject=context.run.rule,
            text="Hello",
            run=context.run.key,
            pipeline=context.run.pipeline,
        )
        self._effect._admit(context.run.slot)
        return PreparedEffect(
            execute=lambda: EffectResult(
                result={"message_id": self._effect._send(email), "to": email.to[0]}
            )
        )
