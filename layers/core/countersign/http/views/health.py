"""What the checks of a deployment found, as the API has it."""

from __future__ import annotations

from typing import Literal

from countersign.http.views.base import View
from countersign.http.views.message import Message


class FindingView(View):
    """What one check found."""

    check: str
    status: Literal["ok", "attention", "failed", "unknown"]
    """``failed``: the check got no answer; ``unknown``: it cannot be made."""
    text: Message
    action: Message | None
    """What to do about it: a command, or an address to read."""


class HealthView(View):
    """Every check, in the order in which they are made."""

    items: tuple[FindingView, ...]
