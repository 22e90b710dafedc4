"""A webhook call that was refused, as the function's log tells of it."""

from countersign.model.base import Instant, Model


class RefusedCall(Model):
    """One refused call. Refusals cost no write; the log is all that remembers them."""

    at: Instant
    connection: str
    """As the caller named it."""
    status: int
    reason: str
