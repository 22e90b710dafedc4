"""The signed PDF is ready."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers.base import TriggerKind


class SignedPdfReady(TriggerKind):
    """Fires when the sealed PDF is ready at the provider."""

    kind: Literal["signed_pdf_ready"] = "signed_pdf_ready"
    titles: ClassVar = {"en": "Signed PDF ready", "de": "Unterzeichnetes PDF bereit"}
    descriptions: ClassVar = {
        "en": "The sealed document can be fetched.",
        "de": "Das besiegelte Dokument kann abgerufen werden.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"document.artifact_ready"})
    all_have_signed: ClassVar[bool] = True
