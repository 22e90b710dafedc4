"""Send e-mail: a mail to signers, colleagues or fixed addresses, its texts filled in on the run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from countersign.model.message import Email
from countersign.model.pipeline import Pipeline
from countersign.rules._letter import Letter, addressed, somebody
from countersign.rules._mail import problem, recipient
from countersign.rules.base import RuleContext, RuleGroup

Recipient = Annotated[str, AfterValidator(recipient)]


class SendEmail(Letter):
    """Sends one mail to whoever is listed."""

    kind: Literal["send_email"] = "send_email"
    group: ClassVar[RuleGroup] = "customer_communication"
    titles: ClassVar = {"en": "Send e-mail", "de": "E-Mail senden"}
    descriptions: ClassVar = {
        "en": "Sends a mail to signers, the responsible person or fixed addresses.",
        "de": "Sendet eine E-Mail an Unterzeichner, Verantwortliche oder feste Adressen.",
    }
    to: Annotated[tuple[Recipient, ...], AfterValidator(somebody)]
    """``client``, ``company`` (all of that side who must act), ``responsible``, ``role:<name>``,
    ``signer:<order>``, ``field:<id>`` or an address. One that is missing fails the run."""
    cc: tuple[Recipient, ...] = ()
    bcc: tuple[Recipient, ...] = ()
    reply_to: tuple[Recipient, ...] = ()
    attachments: tuple[Literal["signed_pdf"], ...] = ()
    """``signed_pdf``: the signed document as PDF, fetched from the signing provider by the API
    token of the connection; up to 7 MB. One that cannot be had fails the run."""

    track: bool = False
    """Whether opens and clicks are reported, which triggers may wait for: of HTML mails only, by a
    picture and by links that lead through the mail service."""

    def problems(self, pipeline: Pipeline) -> tuple[tuple[str, str], ...]:
        found = super().problems(pipeline)
        if self.track and not self.html:
            text = "only an HTML mail can be tracked; give it html, or leave track out"
            found = (*found, ("track", text))
        return found

    def email(self, context: RuleContext) -> Email:
        return super().email(context).model_copy(update={"track": self.track})

    def recipients(self, context: RuleContext) -> Mapping[str, tuple[str, ...]]:
        document, pipeline = context.document, context.pipeline
        return {
            setting: tuple(
                one for part in parts for one in addressed(setting, part, document, pipeline)
            )
            for setting, parts in self._parts().items()
        }

    def recipient_problems(self, pipeline: Pipeline) -> Iterator[tuple[str, str]]:
        for setting, parts in self._parts().items():
            told = (problem(part, pipeline) for part in parts)
            yield from ((setting, text) for text in told if text)

    def _parts(self) -> dict[str, tuple[str, ...]]:
        return {"to": self.to, "cc": self.cc, "bcc": self.bcc, "reply_to": self.reply_to}
