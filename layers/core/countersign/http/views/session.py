"""The session, as the API has it."""

from __future__ import annotations

from countersign.http.callers import SignedInBy
from countersign.http.views.base import View
from countersign.http.views.entitlements import EntitlementsView
from countersign.model.person import Language, Role


class SessionView(View):
    """Who calls, and what is allowed."""

    id: str
    name: str
    role: Role
    """The highest of the roles: it includes those below."""
    roles: tuple[Role, ...]
    signed_in_by: SignedInBy
    language: Language
    """Of the texts that the API writes, by Accept-Language."""
    version: str
    """Of this deployment."""
    entitlements: EntitlementsView
    """What the deployment's plan includes, for every caller."""
