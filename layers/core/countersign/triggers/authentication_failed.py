"""A recipient failed the identity check."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers._shared.signer_event import SignerTrigger


class AuthenticationFailed(SignerTrigger):
    """Fires when a recipient failed the identity check."""

    kind: Literal["authentication_failed"] = "authentication_failed"
    titles: ClassVar = {"en": "Authentication failed", "de": "Identitätsprüfung fehlgeschlagen"}
    descriptions: ClassVar = {
        "en": "A recipient did not pass the identity check.",
        "de": "Ein Empfänger hat die Identitätsprüfung nicht bestanden.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"signer.authentication_failed"})
