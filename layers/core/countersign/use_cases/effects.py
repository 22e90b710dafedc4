"""The effects of the lanes that reach the outside."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from countersign.errors import PermanentError
from countersign.model.message import Email
from countersign.ports import Mailbox
from countersign.rules.base import RuleContext, RuleKind


@runtime_checkable
class WritesEmail(Protocol):
    """A rule kind whose effect is a mail."""

    def email(self, context: RuleContext) -> Email:
        """The mail, ready to send; PermanentError where it can never be sent."""
        ...


class EmailEffect:
    """Sends the mail that a rule has written."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def prepare(self, kind: RuleKind, context: RuleContext) -> Email:
        """The mail with everything filled in."""
        if not isinstance(kind, WritesEmail):
            msg = f"the rule {context.run.rule} writes no mail and cannot run in the email lane"
            raise PermanentError(msg)
        return kind.email(context)

    def carry_out(self, prepared: Email) -> dict[str, str]:
        """Hand the mail over; leaves the mail service's id of it and whom it went to."""
        message_id = self._mailbox.send(prepared)
        return {"message_id": message_id, "to": ", ".join(prepared.to)}
