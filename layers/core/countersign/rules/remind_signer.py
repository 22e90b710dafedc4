"""Remind the signer: the signing provider writes once more to those whose turn it is."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from countersign.errors import PermanentError
from countersign.model.document import Document
from countersign.model.run import Lane
from countersign.model.signing_event import Party, Signer
from countersign.rules.base import RuleGroup, RuleKind

PARTIES: tuple[Party, ...] = ("client", "company")
OVER = frozenset({"completed", "declined", "voided", "expired", "deleted"})
"""States of an envelope in which nobody can sign."""
ASKED = frozenset({"notified", "viewed", "started"})
"""What a signer is whose invitation is known to have gone out."""


def _signers(text: str) -> str:
    """Signers as they are written in a rule; ValueError, with what may be written, if not."""
    kind, colon, rest = text.partition(":")
    known = text in PARTIES or (kind == "role" and colon and rest.strip())
    if known or re.fullmatch(r"signer:\d{1,4}", text, re.ASCII):
        return text
    close = get_close_matches(text, PARTIES, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    msg = (
        f'"{text[:80]}" are no signers; {hint}expected client, company, role:<name> or '
        "signer:<order>; to write to anybody else, use send_email"
    )
    raise ValueError(msg)


class RemindSigner(RuleKind):
    """Has the provider remind the signers whose signature is waited for now.

    Whoever has signed meanwhile is left out; where nobody is left, the run is done and says so.
    Each signer is reminded once in a run. Of a provider that cannot be asked, the run fails.
    """

    kind: Literal["remind_signer"] = "remind_signer"
    group: ClassVar[RuleGroup] = "customer_communication"
    lane: ClassVar[Lane] = "web"
    titles: ClassVar = {"en": "Remind the signer", "de": "Unterzeichner erinnern"}
    descriptions: ClassVar = {
        "en": "Has the signing provider remind those whose turn it is and who have not signed.",
        "de": "Lässt den Signaturanbieter alle erinnern, die an der Reihe sind und noch nicht "
        "unterzeichnet haben.",
    }
    to: tuple[Annotated[str, AfterValidator(_signers)], ...] = ()
    """``client``, ``company``, ``role:<name>`` or ``signer:<order>``; left out, everybody whose
    turn it is."""

    @property
    def some(self) -> bool:
        """Whether it reminds some of the signers only."""
        return bool(self.to)

    def whom(self, document: Document) -> tuple[Signer, ...]:
        """Those whose turn it is, among the signers that it means; none where nobody is left.

        Raises PermanentError where it names somebody whom the envelope does not have.
        """
        for part in self.to:
            if not any(_means(part, one) for one in document.signers):
                msg = f'to "{part}": the envelope has no such signer; correct it at the provider'
                raise PermanentError(msg)
        if document.status in OVER:
            return ()
        return tuple(
            one
            for one in _in_turn(document)
            if not self.to or any(_means(part, one) for part in self.to)
        )


def _in_turn(document: Document) -> tuple[Signer, ...]:
    """Who must act now: the lowest of the signing order, and whoever was invited already.

    Signers may sign side by side though each has a place in the order; then the provider has
    invited them all.
    """
    left = [one for one in document.signers if one.must_act and one.status in ("waiting", *ASKED)]
    lowest = min((one.order for one in left if one.order is not None), default=None)
    return tuple(one for one in left if one.order in (None, lowest) or one.status in ASKED)


def _means(part: str, signer: Signer) -> bool:
    kind, _, name = part.partition(":")
    if not signer.must_act:
        return False
    if kind == "role":
        return (signer.role or "").strip().casefold() == name.strip().casefold()
    if kind == "signer":
        return signer.order == int(name)
    return signer.party == part
