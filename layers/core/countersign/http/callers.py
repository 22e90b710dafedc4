"""Who calls the API."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["viewer", "operator", "administrator"]
ROLES: tuple[Role, ...] = ("viewer", "operator", "administrator")
"""Each may do what those before it may."""
SignedInBy = Literal["cognito", "program"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A person or a program that has signed in."""

    id: str
    name: str
    roles: tuple[Role, ...]
    signed_in_by: SignedInBy

    @property
    def role(self) -> Role | None:
        """The highest of the roles, or None."""
        return max(self.roles, key=ROLES.index, default=None)

    def may(self, role: Role) -> bool:
        """Whether the caller's role includes the given one."""
        return self.role is not None and ROLES.index(self.role) >= ROLES.index(role)
