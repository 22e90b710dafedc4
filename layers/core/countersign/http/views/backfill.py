"""What planning a rule for documents already here would do, as the API has it."""

from __future__ import annotations

from countersign.http.views.base import View
from countersign.http.views.message import Message
from countersign.use_cases.runs.backfill import BackfillPage


class BackfillRefusalView(View):
    """A document that cannot get the rule, and why."""

    document: str
    reason: Message


class BackfillPreviewView(View):
    """For which documents a rule would be planned; the numbers of its pages add up."""

    documents: int
    """How many would get it."""
    have_it: int
    """How many are in the stage and have it in this stage entry, planned or done."""
    refusals: tuple[BackfillRefusalView, ...]
    """Those that have too many runs ahead."""
    paused: bool
    """Whether it runs only when the pipeline is resumed."""
    next: str | None
    """The ``cursor`` of the next page; null on the last one."""


def backfill_preview_view(
    page: BackfillPage, *, paused: bool, following: str | None
) -> BackfillPreviewView:
    """A page of what a backfill would do, as the API has it."""
    refusals = (
        BackfillRefusalView(document=document, reason=reason)
        for document, reason in page.full.items()
    )
    return BackfillPreviewView(
        documents=len(page.found),
        have_it=page.have_it,
        refusals=tuple(refusals),
        paused=paused,
        next=following,
    )
