"""Problem details for HTTP APIs (RFC 9457), in the caller's language.

The ``type`` of a problem is stable and what programs decide by; ``title`` says the same to people,
``detail`` what was found and expected this time, and ``errors`` where in the request.
https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from countersign.errors import (
    ConflictError,
    CountersignError,
    InvalidCursorError,
    NotAllowedError,
    NotFoundError,
    NotSignedInError,
    PermanentError,
    TooLargeError,
    TransientError,
)
from countersign.model.person import Language

MEDIA_TYPE = "application/problem+json"
PREFIX = "urn:countersign:problem:"
RETRY_AFTER = 5
"""Seconds after which an unavailable part of the stack is worth another try."""


class ProblemType(NamedTuple):
    """A kind of problem: the status it is answered with, and its title."""

    status: int
    en: str
    de: str


PROBLEM_TYPES: Mapping[str, ProblemType] = {
    "malformed": ProblemType(
        400, "The request cannot be read", "Die Anfrage kann nicht gelesen werden"
    ),
    "invalid-cursor": ProblemType(
        400,
        "The cursor does not belong to this query",
        "Der Cursor gehört nicht zu dieser Abfrage",
    ),
    "not-signed-in": ProblemType(401, "You are not signed in", "Sie sind nicht angemeldet"),
    "not-allowed": ProblemType(403, "You are not allowed to do this", "Sie dürfen das nicht"),
    "not-found": ProblemType(404, "There is no such thing", "Das gibt es nicht"),
    "method-not-allowed": ProblemType(
        405, "The address does not have this method", "Die Adresse kennt diese Methode nicht"
    ),
    "conflict": ProblemType(
        409,
        "It was changed at the same time by somebody else",
        "Es wurde gleichzeitig von jemand anderem geändert",
    ),
    "done-before": ProblemType(
        409,
        "The same request was carried out before",
        "Dieselbe Anfrage wurde schon ausgeführt",
    ),
    "stale-version": ProblemType(
        412,
        "It was changed since you read it",
        "Es wurde geändert, seit Sie es gelesen haben",
    ),
    "too-large": ProblemType(413, "The request is too large", "Die Anfrage ist zu groß"),
    "unsupported-media-type": ProblemType(
        415,
        "The content type is not supported",
        "Der Inhaltstyp wird nicht unterstützt",
    ),
    "invalid": ProblemType(422, "The request is not valid", "Die Anfrage ist ungültig"),
    "key-reused": ProblemType(
        422,
        "The idempotency key was used for another request",
        "Der Idempotency-Key wurde für eine andere Anfrage benutzt",
    ),
    "not-possible": ProblemType(
        422, "The request cannot be carried out", "Die Anfrage kann nicht ausgeführt werden"
    ),
    "version-required": ProblemType(
        428,
        "The change needs the version that it is made to",
        "Die Änderung braucht die Version, auf die sie sich bezieht",
    ),
    "internal": ProblemType(
        500,
        "The request failed; the error is logged",
        "Die Anfrage ist fehlgeschlagen; der Fehler steht im Protokoll",
    ),
    "unavailable": ProblemType(
        503,
        "A part of the stack does not answer; try again",
        "Ein Teil des Systems antwortet nicht; versuchen Sie es noch einmal",
    ),
}
"""By the last part of their type."""


@dataclass(eq=False, kw_only=True)
class Problem(Exception):
    """A problem that ends a request."""

    name: str
    """One of ``PROBLEM_TYPES``."""
    detail: str | None = None
    errors: tuple[Mapping[str, Any], ...] = ()
    """Each with ``detail``, and ``pointer`` into the body or ``parameter``."""
    members: Mapping[str, Any] = field(default_factory=dict)
    """Further members of the problem, such as the present version."""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return PROBLEM_TYPES[self.name].status

    def document(self, language: Language, request_id: str) -> dict[str, Any]:
        """The problem as JSON has it."""
        type_ = PROBLEM_TYPES[self.name]
        content: dict[str, Any] = {
            "type": f"{PREFIX}{self.name}",
            "title": type_.de if language == "de" else type_.en,
            "status": type_.status,
            "request_id": request_id,
        }
        if self.detail:
            content["detail"] = in_language(self.detail, language)
        if self.errors:
            content["errors"] = [
                {**error, "detail": in_language(error["detail"], language)} for error in self.errors
            ]
        return {**content, **self.members}


def in_language(text: str, language: Language) -> str:
    """A message of ours as the caller reads it; the catalogue is loaded for German alone."""
    if language != "de":
        return text
    from countersign.http.german import german

    return german(text)


def problem_of(error: CountersignError) -> Problem:
    """The problem that an error of ours is to the caller."""
    text = str(error)
    match error:
        case InvalidCursorError():
            return Problem(name="invalid-cursor", detail=text)
        case NotFoundError():
            return Problem(name="not-found", detail=text)
        case NotSignedInError():
            return Problem(name="not-signed-in", detail=text)
        case NotAllowedError():
            return Problem(name="not-allowed", detail=text)
        case TooLargeError():
            return Problem(name="too-large", detail=text)
        case ConflictError():
            return Problem(name="conflict", detail=text)
        case TransientError():
            retry = {"retry-after": str(RETRY_AFTER)}
            return Problem(name="unavailable", detail=text, headers=retry)
        case PermanentError():
            return Problem(name="not-possible", detail=text)
        case _:
            return Problem(name="conflict", detail=text)
