"""What needs somebody, as the API has it."""

from __future__ import annotations

from countersign.http.views.base import CountView, View


class TroublesView(View):
    """How many things need somebody, each counted up to 99."""

    failed: CountView
    """Runs that failed; 99 of these and of those in doubt are counted together."""
    in_doubt: CountView
    """Runs of which it is not known whether they took effect."""
    dead_letters: CountView | None
    """Messages that were given up; null for those who may not see them."""
    rejected_requests: CountView | None
    """Genuine webhooks that could not be read; null for those who may not see them."""
