"""People and programs, as the API has them."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from countersign.http.views.base import Body, View
from countersign.model.person import Language, PersonStatus, Role


class PersonView(View):
    """Somebody who may sign in."""

    id: str
    email: str
    roles: tuple[Role, ...]
    """From the most to the least; empty for somebody who may do nothing yet."""
    status: PersonStatus
    language: Language | None
    created_at: datetime
    last_sign_in: datetime | None
    """Null where it is not known."""
    company: bool
    """Whether the person signs in at the company's own provider."""


class InvitationBody(Body):
    """Somebody who is to be invited."""

    email: str = Field(max_length=320)
    roles: tuple[Role, ...] = Field(min_length=1, max_length=3)
    language: Language = "en"


class RolesBody(Body):
    """The roles that somebody has from now on."""

    roles: tuple[Role, ...] = Field(max_length=3)


class ProgramView(View):
    """A client by which programs act in one role; its secret is never shown here."""

    role: Role
    client_id: str
    last_used: datetime | None
    """When its last token was made that was used; null where it is not known."""


class ProgramsView(View):
    """The clients of programs."""

    items: tuple[ProgramView, ...]
    token_endpoint: str | None
    """Where they get their tokens."""
