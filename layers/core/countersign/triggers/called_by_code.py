"""Somebody called the document by a code, through the command line or the API."""

from __future__ import annotations

from typing import ClassVar, Literal

from countersign.model.document_event import HappeningKind
from countersign.triggers._shared.call import CallTrigger


class CalledByCode(CallTrigger):
    """Fires when a user calls the document with the code."""

    kind: Literal["called_by_code"] = "called_by_code"
    titles: ClassVar = {"en": "Called by code", "de": "Aufruf per Code"}
    descriptions: ClassVar = {
        "en": "A user called the document with the trigger's code: `countersign documents call`.",
        "de": "Ein Benutzer hat das Dokument mit dem Code des Triggers aufgerufen: "
        "`countersign documents call`.",
    }
    on: ClassVar[frozenset[HappeningKind]] = frozenset({"api.called"})
