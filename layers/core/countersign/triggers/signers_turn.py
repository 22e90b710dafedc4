"""A signer's turn has begun."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers._shared.signer_event import SignerTrigger


class SignersTurn(SignerTrigger):
    """Fires when a recipient's turn has begun."""

    kind: Literal["signers_turn"] = "signers_turn"
    titles: ClassVar = {"en": "Signer's turn", "de": "Unterzeichner an der Reihe"}
    descriptions: ClassVar = {
        "en": "It is a recipient's turn: the invitation went out.",
        "de": "Ein Empfänger ist an der Reihe: die Einladung ging hinaus.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"signer.notified"})
