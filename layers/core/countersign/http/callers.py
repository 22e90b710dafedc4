"""Who calls the API: what API Gateway's authorizer verified, judged once.

The authorizer has verified the token's signature, issuer, end and client. It lets ID tokens pass,
which say who somebody is and permit nothing
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from countersign.errors import NotAllowedError, NotSignedInError
from countersign.model.person import Language, Role, includes, ranked

SignedInBy = Literal["cognito", "program"]
SCOPES = "countersign/"
"""What the scopes of the pool's resource server begin with."""
_GROUPS = re.compile(r"\[([^\[\]]*)\]")

NO_ROLE: Mapping[Language, str] = {
    "en": (
        "You are signed in as {name}, and have no role in this deployment yet. Ask one of its "
        "administrators for the role viewer, operator or administrator."
    ),
    "de": (
        "Sie sind als {name} angemeldet und haben hier noch keine Rolle. Bitten Sie einen "
        "Administrator dieser Installation um die Rolle viewer, operator oder administrator."
    ),
}
LESSER_ROLE: Mapping[Language, str] = {
    "en": (
        "This needs the role {needed}; {name} has the role {role}. Ask an administrator of this "
        "deployment."
    ),
    "de": (
        "Dafür ist die Rolle {needed} nötig; {name} hat die Rolle {role}. Bitten Sie einen "
        "Administrator dieser Installation."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """The clients of the pool that may call, by their ids."""

    console: str
    """What people sign in with."""
    programs: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A person or a program that calls."""

    id: str
    """By which the pool knows the person (``ports.People``), or the program's client."""
    name: str
    """``program:<role>`` of a program. Of a person the same as ``id`` until it is looked up
    (``http.identify``): access tokens have no address."""
    roles: tuple[Role, ...]
    """From the most to the least."""
    signed_in_by: SignedInBy
    signed_in_at: int | None = None
    """When, in seconds since 1970; None where the token does not say it."""

    @property
    def role(self) -> Role | None:
        """The role that counts, which is the highest; None without any."""
        return self.roles[0] if self.roles else None

    def named(self, user: str | None) -> str | None:
        """The user that is meant: ``me`` is the caller."""
        return self.name if user == "me" else user


def caller_of(event: Mapping[str, Any], clients: Clients) -> Caller:
    """Who calls, by the claims in an event of payload 2.0; NotSignedInError where they are no
    permission to call this API."""
    claims = _claims(event)
    if claims.get("token_use") != "access":
        use = claims.get("token_use")
        msg = (
            "an ID token says who somebody is and does not allow calls; send the access token"
            if use == "id"
            else "the call has no access token of this deployment; sign in"
        )
        raise NotSignedInError(msg)
    client = _text(claims, "client_id")
    if client == clients.console:
        return _person(claims)
    if client in clients.programs:
        return _program(claims, client)
    raise NotSignedInError("the token is for a client that this deployment does not know; sign in")


def require(caller: Caller, needed: Role, language: Language = "en") -> None:
    """NotAllowedError, which says whom to ask, unless the caller's role includes this one."""
    if includes(caller.role, needed):
        return
    texts = LESSER_ROLE if caller.role else NO_ROLE
    raise NotAllowedError(texts[language].format(needed=needed, name=caller.name, role=caller.role))


def _person(claims: Mapping[str, Any]) -> Caller:
    person = _text(claims, "username") or _text(claims, "sub")
    if not person:
        raise NotSignedInError("the token names nobody; sign in again")
    return Caller(
        id=person,
        name=person,
        roles=ranked(_groups(claims.get("cognito:groups"))),
        signed_in_by="cognito",
        signed_in_at=_seconds(claims.get("auth_time")),
    )


def _program(claims: Mapping[str, Any], client: str) -> Caller:
    scopes = _text(claims, "scope").split()
    roles = ranked(scope.removeprefix(SCOPES) for scope in scopes if scope.startswith(SCOPES))
    return Caller(
        id=client,
        name=f"program:{roles[0]}" if roles else f"program:{client}",
        roles=roles,
        signed_in_by="program",
        signed_in_at=_seconds(claims.get("iat")),
    )


def _claims(event: Mapping[str, Any]) -> Mapping[str, Any]:
    claims: Any = event
    for name in ("requestContext", "authorizer", "jwt", "claims"):
        claims = claims.get(name) if isinstance(claims, Mapping) else None
    return claims if isinstance(claims, Mapping) else {}


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) else ""


def _groups(value: Any) -> list[str]:
    """The groups: API Gateway writes lists of texts as ``[administrator operator]``."""
    if isinstance(value, list):
        return [group for group in value if isinstance(group, str)]
    listed = _GROUPS.fullmatch(value) if isinstance(value, str) else None
    return listed[1].split(" ") if listed else []


def _seconds(value: Any) -> int | None:
    """A moment, which API Gateway hands over as text."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
