"""An idempotency key: that a caller asked for something, and what came of it."""

from datetime import datetime, timedelta

from countersign.model.base import Instant, Model

KEPT_FOR = timedelta(days=1)
LONGEST_KEY = 255
"""Characters of a key."""


class RequestKey(Model):
    """The mark of a request that made something; the same key makes nothing else for a day."""

    caller: str
    """The id of the caller: the keys of two callers have nothing to do with each other."""
    key: str
    """As the caller chose it."""
    digest: str
    """SHA-256 of what was asked for, in hexadecimal: another request must not have the key."""
    made: str
    """The path of what was made."""
    at: Instant

    def is_over(self, now: datetime) -> bool:
        """Whether the key may be used again."""
        return self.at + KEPT_FOR <= now
