"""Remind the signer: the signing provider writes once more to those whose turn it is."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.signing_event import Signer
from countersign.rules._shared.signers import SIDES, SignerChoice, in_turn
from countersign.rules.base import ReminderRule, RuleGroup

CHOICES = (*SIDES, "unsigned", "signers_turn")


def _signers(text: str) -> str:
    """Signers as they are written in a rule; ValueError, with what may be written, if not."""
    choice = SignerChoice.read(text)
    if choice is not None and choice.progress != "signed":
        return text
    if choice is not None:
        msg = f'"{text[:80]}" have nothing to sign; expected for example unsigned or client'
        raise ValueError(msg)
    close = get_close_matches(text, CHOICES, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    msg = (
        f'"{text[:80]}" does not name signers; {hint}expected client, company, role:<name> or '
        "signer:<order>; to write to anybody else, use send_email"
    )
    raise ValueError(msg)


class RemindSigner(ReminderRule):
    """Has the provider remind the signers whose signature is waited for now.

    Whoever has signed meanwhile is left out; where nobody is left, the run is skipped and says why.
    Each signer is reminded once in a run. Of a provider that cannot be asked, the run fails.
    """

    kind: Literal["remind_signer"] = "remind_signer"
    group: ClassVar[RuleGroup] = "customer_communication"
    titles: ClassVar = {"en": "Remind the signer", "de": "Unterzeichner erinnern"}
    descriptions: ClassVar = {
        "en": "Has the signing provider remind those whose turn it is and who have not signed.",
        "de": "Lässt den Signaturanbieter alle erinnern, die an der Reihe sind und noch nicht "
        "unterzeichnet haben.",
    }
    to: tuple[Annotated[str, AfterValidator(_signers)], ...] = ()
    """``client``, ``company``, ``role:<name>`` or ``signer:<order>``; left out, everybody whose
    turn it is. ``unsigned`` and ``signers_turn`` may be written as in ``send_email``; only those
    whose turn it is are reminded in any case."""

    @property
    def some(self) -> bool:
        """Whether it reminds some of the signers only."""
        return bool(self.to)

    def whom(self, document: Document) -> tuple[Signer, ...]:
        """Those whose turn it is, among the signers that it means; none where nobody is left.

        Raises PermanentError where it names somebody whom the envelope does not have.
        """
        chosen = []
        for part in self.to:
            choice = SignerChoice.read(part)
            if choice is None:
                raise PermanentError(f'to "{part}" does not name signers')
            if not any(signer.must_act and choice.means(signer) for signer in document.signers):
                raise PermanentError(f'to "{part}": {choice.missing(document)}')
            chosen.append(choice)
        return tuple(
            signer
            for signer in in_turn(document)
            if not chosen or any(choice.means(signer) for choice in chosen)
        )

    def nobody(self, document: Document) -> str:
        """Why nobody is reminded, as a sentence."""
        choices = [SignerChoice("signers_turn", _scope(part)) for part in self.to]
        reasons = [
            choice.nobody(document) for choice in choices or [SignerChoice("signers_turn", "")]
        ]
        return f"nobody was reminded: {'; '.join(dict.fromkeys(reasons))}"


def _scope(part: str) -> str:
    choice = SignerChoice.read(part)
    return choice.scope if choice else ""
