"""Where people sign in: the one thing that a program must know before it has a token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from countersign.http.requests import BASE
from countersign.http.views.base import View

PATH = f"{BASE}/sign-in"
SCOPES = ("openid", "email", "profile")
"""What the template's console client may ask for."""
REDIRECT_PORTS = (53682, 53683, 53684)
"""The loopback ports of the template's console client: Cognito compares addresses exactly."""


class SignInView(View):
    """How a program that people use signs them in: by authorization code and PKCE (RFC 7636)."""

    sign_in_url: str
    """The hosted pages: below it are ``/oauth2/authorize``, ``/oauth2/token`` and
    ``/oauth2/revoke``."""
    client_id: str
    """A client without a secret."""
    scopes: tuple[str, ...] = SCOPES
    redirect_ports: tuple[int, ...] = REDIRECT_PORTS
    """Ports of ``http://localhost:<port>/callback``, where a sign-in may end."""


OPERATION: Mapping[str, Any] = {
    "tags": ["session"],
    "summary": "Say where people sign in; open to everybody.",
    "operationId": "get_sign_in",
    "security": [],
    "responses": {
        "200": {
            "description": "Successful Response",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SignIn"}}},
        },
        "429": {"$ref": "#/components/responses/Problem"},
        "500": {"$ref": "#/components/responses/Problem"},
    },
}
"""The route in the description of the API."""
