"""k of n have signed."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent, HappeningKind
from countersign.model.signing_event import Party
from countersign.triggers.base import TriggerKind


class SignedByCount(TriggerKind):
    """Fires when the signature that makes the count has come."""

    kind: Literal["signed_by_count"] = "signed_by_count"
    titles: ClassVar = {"en": "k of n have signed", "de": "k von n haben unterzeichnet"}
    descriptions: ClassVar = {
        "en": "So many of the signers have signed.",
        "de": "So viele der Unterzeichner haben unterzeichnet.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"signer.signed"})
    count: Annotated[int, Field(ge=1)]
    """How many must have signed."""
    party: Party | None = None
    """Only signers of this side are counted."""

    def misses(self, happening: DocumentEvent, document: Document) -> str | None:
        signing = [signer for signer in document.signers if signer.action == "sign"]
        side = [signer for signer in signing if self.party in (None, signer.party)]
        have = sum(signer.has_signed for signer in side)
        counted = happening.signer is None or happening.signer in side
        if have == self.count and counted:
            return None
        of = f" of the {self.party}" if self.party else ""
        return f"{have} of {len(side)} signers{of} have signed, {self.count} are waited for"
