"""The mail lane's effect without inserts: a template costs as much as all the rest of a run."""

from __future__ import annotations

from countersign.errors import PermanentError
from countersign.model.message import Email
from countersign.ports import Mailbox
from countersign.rules.base import RuleContext, RuleKind
from countersign.use_cases.effects import Had, Prepared
from tests.builders import KLARA


class LightMail:
    """``Effect`` that sends the same mail for every rule; a rule for a role has nobody to mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def prepare(self, kind: RuleKind, context: RuleContext) -> Prepared:
        """The mail, which leaves its id and whom it went to."""
        to = getattr(kind, "to", ())
        if not to or to[0].startswith("role:"):
            raise PermanentError(f"nobody has the role {to}")
        email = Email(
            sender="contracts@acme.example",
            to=(KLARA,),
            subject=context.run.rule,
            text="Hello",
            run=context.run.key,
        )
        return Prepared(
            act=lambda: Had(result={"message_id": self._mailbox.send(email), "to": email.to[0]})
        )
