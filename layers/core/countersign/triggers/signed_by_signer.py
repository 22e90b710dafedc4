"""Signed by a role or the n-th signer."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers._shared.signer_event import SignerTrigger


class SignedBySigner(SignerTrigger):
    """Fires when one signer, of the role, place or side that is set, has signed."""

    kind: Literal["signed_by_signer"] = "signed_by_signer"
    titles: ClassVar = {
        "en": "Signed by a role or the n-th signer",
        "de": "Von bestimmtem Unterzeichner unterzeichnet",
    }
    descriptions: ClassVar = {
        "en": "The signer of a role, a place in the order or a side has signed.",
        "de": "Der Unterzeichner einer Rolle, eines Platzes oder einer Seite hat unterzeichnet.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"signer.signed"})
