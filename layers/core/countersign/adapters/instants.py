"""Points in time as text that sorts as they follow each other."""

from __future__ import annotations

from datetime import UTC, datetime


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC with microseconds, always 27 characters: ``2026-03-01T09:30:00.000000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
