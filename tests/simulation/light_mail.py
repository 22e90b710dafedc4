"""The mail lane's effect without inserts: a template costs as much as all the rest of a run."""

from __future__ import annotations

from typing import Any

from countersign.errors import PermanentError
from countersign.model.message import Email
from countersign.ports import Mailbox
from countersign.rules.base import RuleContext, RuleKind
from tests.builders import KLARA


class LightMail:
    """``Effect`` that sends the same mail for every rule; a rule for a role has nobody to mail."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox

    def prepare(self, kind: RuleKind, context: RuleContext) -> Email:
        """The mail."""
        to = getattr(kind, "to", ())
        if not to or to[0].startswith("role:"):
            raise PermanentError(f"nobody has the role {to}")
        return Email(
            sender="contracts@acme.example",
            to=(KLARA,),
            subject=context.run.rule,
            text="Hello",
            run=context.run.key,
        )

    def carry_out(self, prepared: Any) -> dict[str, str]:
        """Hand it over."""
        return {"message_id": self._mailbox.send(prepared), "to": prepared.to[0]}
