"""What every trigger kind answers: does this happening match, and if not, why not."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from countersign.model.base import Model
from countersign.model.document import Document
from countersign.model.document_event import DocumentEvent, HappeningKind
from countersign.model.pipeline import Pipeline
from countersign.model.timing import When

if TYPE_CHECKING:
    from countersign.model.references import NamedRule, SettingPlace

TriggerGroup = Literal[
    "paperwork", "customer_communication", "payment", "element_management", "time", "other"
]


class TriggerKind(Model):
    """One kind of trigger; its attributes are the kind's own settings.

    A kind is a file of this package with one class; the file's name is the kind.
    """

    group: ClassVar[TriggerGroup] = "paperwork"
    titles: ClassVar[dict[str, str]]
    """The kind's title in ``en`` and ``de``."""
    descriptions: ClassVar[dict[str, str]]
    """What it waits for, in ``en`` and ``de``."""
    on: ClassVar[frozenset[HappeningKind]]
    """The kinds of happening it looks at; it is not asked about others."""
    all_have_signed: ClassVar[bool] = False
    """Whether it fires only when everyone has signed, so that there is a signed PDF."""

    def misses(self, happening: DocumentEvent, document: Document) -> str | None:
        """None when the happening matches; otherwise why it does not, as a sentence.

        ``document`` is the document with the happening already applied to it.
        """
        return None

    def timer(self, stage: str) -> When | None:
        """When it fires by itself after an arrival in ``stage``; None for no timer there."""
        return None

    def problems(self, pipeline: Pipeline) -> tuple[tuple[SettingPlace, str], ...]:
        """What publishing must refuse beyond the settings' types: (place, sentence) each."""
        return ()

    @property
    def named_rules(self) -> tuple[NamedRule, ...]:
        """The rules that its settings name; publishing looks for them."""
        return ()
