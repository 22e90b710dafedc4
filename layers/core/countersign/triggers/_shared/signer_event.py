"""Shared by the kinds that wait for something one recipient did or that befell one."""

from __future__ import annotations

from typing import ClassVar

from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent, HappeningKind
from countersign.model.signing_event import Party, Signer
from countersign.text.folding import same
from countersign.triggers.base import TriggerKind


class SignerTrigger(TriggerKind):
    """Fires for any recipient, or only for those that its settings name."""

    on: ClassVar[frozenset[HappeningKind]]
    party: Party | None = None
    """Only recipients of this side."""
    role: str | None = None
    """Only recipients of this role, ignoring case."""
    order: int | None = None
    """Only recipients at this place in the signing order."""

    def misses(self, happening: DocumentEvent, document: Document) -> str | None:
        signer = happening.signer
        if signer is not None and happening.kind == "signer.signed" and not signer.has_signed:
            return f"{signer.label} is an approver or the like ({signer.action}), not a signer"
        if self.party is None and self.role is None and self.order is None:
            return None
        if signer is None:
            return "the provider did not say which recipient it was"
        return self._not_this(signer)

    def _not_this(self, signer: Signer) -> str | None:
        who = signer.label
        if self.party is not None and signer.party != self.party:
            if signer.party == "unknown":
                return (
                    f"nothing tells which party {who} belongs to; map a company domain, an "
                    "address, a role or a place in the signing order on the connection"
                )
            return f"{who} is on the side of the {signer.party}, not of the {self.party}"
        if self.role is not None and not same(signer.role, self.role):
            actual = f'has the role "{signer.role}"' if signer.role else "has no role"
            return f'{who} {actual}, not "{self.role}"'
        if self.order is not None and signer.order != self.order:
            actual = f"is number {signer.order}" if signer.order is not None else "has no number"
            return f"{who} {actual} in the signing order, not {self.order}"
        return None
