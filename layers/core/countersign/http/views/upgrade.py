"""How far a table has come whose data are of an earlier version, as the API has it."""

from __future__ import annotations

from countersign.http.views.base import View


class UpgradeView(View):
    """What is filled in a table that had data before."""

    word_index: int
    """The version of the word index that is filled; 0 before."""
    pipeline: str | None
    """The pipeline whose documents are looked at; null before the first."""
    place: str | None
    """Where in its list of documents it goes on; null for its beginning."""
    documents: int
    """Documents that were looked at."""
    indexed: int
    """Documents among them whose words were written."""
    tasks: int
    """Open tasks that were listed by deadline."""
    due: bool
    """Whether there is something to fill: an upgrade was interrupted, or documents are of an
    earlier version. Some of them are looked at."""
