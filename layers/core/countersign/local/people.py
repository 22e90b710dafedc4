"""Somebody of each role to sign in as on the local stack, and how: hosted pages, with PKCE."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets as chance
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from countersign.adapters.cognito.people import CognitoPeople
from countersign.adapters.cognito.programs import CognitoPrograms
from countersign.errors import PermanentError
from countersign.local.cloud import LocalCloud
from countersign.local.deploy import Stack
from countersign.model.person import ROLES, Role
from countersign.wiring.cloud import PROGRAMS

LOOPBACK = "http://localhost:53682/callback"
"""Where the template lets the command line hear of a sign-in."""
_WITHIN = 60
"""Seconds that a call may take: the first one starts a process."""


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """What the pages lead to is read, not called."""

    def redirect_request(self, *_: Any) -> None:
        return None


# A proxy of the user's is none of the loopback's business.
_WEB = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """An address and a password that sign in."""

    email: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The client of a program."""

    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalPeople:
    """Who may sign in on the local stack, and where."""

    people: Mapping[Role, SignIn]
    programs: Mapping[Role, Credentials]
    console: str
    """The origin of the API with a slash, as browsers find it; others may not know the host."""
    sign_in: str
    """The hosted pages."""
    token_endpoint: str
    client_id: str
    """What people sign in with."""


def make_people(cloud: LocalCloud, stack: Stack) -> LocalPeople:
    """Make an administrator, an operator and a viewer, each with a password of its own."""
    client = cloud.session().client("cognito-idp", endpoint_url=cloud.endpoint)
    pool, console = stack.outputs["UserPoolId"], stack.outputs["ConsoleClientId"]
    api = urlsplit(stack.outputs["ApiUrl"]).netloc.partition(".")[0]
    address = f"http://{api}.execute-api.localhost:{urlsplit(cloud.endpoint).port}/"
    people = CognitoPeople(lambda: client, pool)
    signs_in = {role: SignIn(email=f"{role}@acme.example", password=_password()) for role in ROLES}
    for role, sign_in in signs_in.items():
        client.admin_create_user(
            UserPoolId=pool,
            Username=sign_in.email,
            UserAttributes=[
                {"Name": "email", "Value": sign_in.email},
                {"Name": "email_verified", "Value": "true"},
            ],
            MessageAction="SUPPRESS",
        )
        client.admin_set_user_password(
            UserPoolId=pool, Username=sign_in.email, Password=sign_in.password, Permanent=True
        )
        people.set_roles(sign_in.email, [role])
    callbacks = client.describe_user_pool_client(UserPoolId=pool, ClientId=console)
    settings = callbacks["UserPoolClient"]
    # The template knows the addresses of AWS alone.
    client.update_user_pool_client(
        UserPoolId=pool,
        ClientId=console,
        CallbackURLs=[*settings.get("CallbackURLs", ()), address],
        LogoutURLs=[*settings.get("LogoutURLs", ()), address],
    )
    clients = {role: stack.outputs[PROGRAMS[role]] for role in ROLES}
    programs = CognitoPrograms(lambda: client, pool, clients)
    return LocalPeople(
        people=signs_in,
        programs={
            role: Credentials(client_id=clients[role], client_secret=programs.secret(role))
            for role in ROLES
        },
        console=address,
        sign_in=f"{cloud.endpoint}/oauth2/authorize",
        token_endpoint=f"{cloud.endpoint}/oauth2/token",
        client_id=console,
    )


def ended_at(address: str, who: SignIn) -> str:
    """Where a browser ends in which somebody signs in that begins at an address of the pages."""
    page, _ = _call(address)
    if page != 200:
        raise PermanentError(f"the sign-in page answered {page}; expected 200")
    asked = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}
    given = {**asked, "username": who.email, "password": who.password}
    status, location = _call(f"{address.rpartition('/oauth2/')[0]}/login", given)
    if status != 302:
        raise PermanentError(f"signing in as {who.email} was answered {status}; expected a code")
    return location


def signed_in(local: LocalPeople, who: SignIn, redirect: str = LOOPBACK) -> dict[str, str]:
    """The tokens of somebody who signs in on the hosted pages, by code and PKCE (RFC 7636)."""
    verifier, state = chance.token_urlsafe(48), chance.token_urlsafe(16)
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "client_id": local.client_id,
        "redirect_uri": redirect,
        "response_type": "code",
        "scope": "openid email profile",
        "state": state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    answer = parse_qs(urlsplit(ended_at(f"{local.sign_in}?{urlencode(asked)}", who)).query)
    if answer.get("state") != [state] or "code" not in answer:
        raise PermanentError(f"signing in as {who.email} ended without a code")
    return _tokens(
        local,
        {
            "grant_type": "authorization_code",
            "client_id": local.client_id,
            "code": answer["code"][0],
            "redirect_uri": redirect,
            "code_verifier": verifier,
        },
    )


def program_token(local: LocalPeople, role: Role) -> str:
    """An access token of the role's program."""
    program = local.programs[role]
    given = {
        "grant_type": "client_credentials",
        "client_id": program.client_id,
        "client_secret": program.client_secret,
        "scope": f"countersign/{role}",
    }
    return _tokens(local, given)["access_token"]


def session_of(api: str, token: str) -> dict[str, Any]:
    """What the API says of the token's user; PermanentError where it refuses it."""
    status, body = _call(f"{api}/session", token=token)
    if status != 200:
        raise PermanentError(f"the API answered {status} to who is signed in: {body[:200]}")
    session: dict[str, Any] = json.loads(body)
    return session


def _tokens(local: LocalPeople, given: Mapping[str, str]) -> dict[str, str]:
    status, body = _call(local.token_endpoint, given)
    if status != 200:
        raise PermanentError(f"{local.token_endpoint} answered {status}: {body[:200]}")
    tokens: dict[str, str] = json.loads(body)
    return tokens


def _call(
    url: str, form: Mapping[str, str] | None = None, token: str | None = None
) -> tuple[int, str]:
    """The answer's status, and its text or, of a redirect, where it leads."""
    request = urllib.request.Request(  # noqa: S310 - the local cloud's own address
        url,
        data=None if form is None else urlencode(form).encode(),
        headers={} if token is None else {"authorization": f"Bearer {token}"},
    )
    try:
        with _WEB.open(request, timeout=_WITHIN) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get("location") or error.read().decode()


def _password() -> str:
    """128 bits in what the pool's policy wants: small and capital letters, and digits."""
    return f"{chance.token_urlsafe(16)}-Aa1"
