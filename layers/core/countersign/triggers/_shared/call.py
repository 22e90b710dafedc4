"""What the triggers that wait for a call with a code have in common."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent
from countersign.triggers.base import TriggerGroup, TriggerKind


class CallTrigger(TriggerKind):
    """Fires for calls that carry its own code."""

    group: ClassVar[TriggerGroup] = "other"
    code: Annotated[str, Field(pattern=r"^[!-~]{1,100}$")]
    """The code that a call must carry: 1 to 100 letters, digits and signs of ASCII, no blanks."""

    def misses(self, happening: DocumentEvent, document: Document) -> str | None:
        # Neither code is shown: the timeline is read by more people than the pipeline.
        if happening.detail.get("code") != self.code:
            return "the call carried another code than the trigger's"
        return None
