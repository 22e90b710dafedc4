"""People and programs that use a deployment, and the roles that they have."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

Role = Literal["viewer", "operator", "administrator"]
ROLES: tuple[Role, ...] = get_args(Role)
"""From the least to the most: each may do what those before it may."""
Language = Literal["en", "de"]
PersonStatus = Literal["invited", "active", "reset_required", "disabled"]
"""``invited``: has not signed in yet, or not since the password was given; ``reset_required``: has
to choose a new password first; ``disabled``: cannot sign in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who may sign in."""

    id: str
    """By which the pool knows the person; it never changes."""
    email: str
    roles: tuple[Role, ...]
    """From the most to the least; empty for somebody who may do nothing yet."""
    status: PersonStatus
    language: Language | None = None
    created_at: datetime
    """In UTC."""
    last_sign_in: datetime | None = None
    """In UTC; None where that is not known."""
    company: bool = False
    """Whether the person signs in at the company's own provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """Some of the people."""

    items: tuple[Person, ...]
    next: str | None
    """With which the page after this one is asked for; None behind the last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A client by which programs act in one role, without a person."""

    role: Role
    client_id: str


def ranked(roles: Iterable[str]) -> tuple[Role, ...]:
    """Those of the texts that are roles, each once, from the most to the least."""
    given = frozenset(roles)
    return tuple(role for role in reversed(ROLES) if role in given)


def includes(role: Role | None, needed: Role) -> bool:
    """Whether somebody with the role may do what the other one may."""
    return role is not None and ROLES.index(role) >= ROLES.index(needed)
