"""A webhook call as the gateway received it, what it is answered, and how it is refused."""

from __future__ import annotations

from collections.abc import Mapping

from countersign.errors import PermanentError
from countersign.model.base import Instant, Model


class UnauthorizedError(PermanentError):
    """The message does not prove that it comes from the provider. The text goes to the log only."""


class Request(Model):
    """One webhook call, as the gateway received it, its body as raw bytes."""

    method: str = "POST"
    headers: dict[str, str] = {}
    """Names in lower case; a header sent twice is joined with commas, as the gateway does."""
    query: dict[str, str] = {}
    body: bytes = b""
    slot: str | None = None
    """Last part of the address, for providers that call one address for each sort of news."""
    received_at: Instant

    @property
    def content_type(self) -> str:
        """The media type in lower case, without parameters; empty where none was sent."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def header(self, name: str) -> str | None:
        """A header's value, or None."""
        return self.headers.get(name.lower())

    def with_headers(self, headers: Mapping[str, str]) -> Request:
        """The request with these headers, their names in lower case, beside its own."""
        return self.model_copy(update={"headers": {**self.headers, **headers}})


class Answer(Model):
    """What the provider is answered."""

    status: int = 200
    body: str = ""
    headers: dict[str, str] = {"content-type": "text/plain"}
