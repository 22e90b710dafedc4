"""The session, as the API has it."""

from __future__ import annotations

from countersign.http.callers import Role, SignedInBy
from countersign.http.languages import Language
from countersign.http.views.base import View


class SessionView(View):
    """Who calls, and what is allowed."""

    id: str
    name: str
    role: Role
    signed_in_by: SignedInBy
    language: Language
    """Of the texts that the API writes, by Accept-Language."""
    version: str
    """Of this deployment."""
