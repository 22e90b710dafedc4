"""What people call what a row of a list is about, as the API has it."""

from __future__ import annotations

from countersign.http.views.base import View


class NamedRow(View):
    """A row that says what it is about."""

    document_title: str | None
    document_number: str | None
    document_entry: int | None
    """The number of its document's present stage entry; null where the document is gone."""
    pipeline_name: str
    stage_name: str
    rule_name: str | None
    """Of the rule, or of the trigger whose timer a run is; null for a run of neither."""
