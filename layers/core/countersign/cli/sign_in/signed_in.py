"""Being signed in: a session of the API from what is kept, its tokens refreshed in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import sleep

from countersign.cli.remote.session import ApiSession
from countersign.cli.remote.web import Web, call_web, checked_address
from countersign.cli.sign_in.kept import SignIn, SignIns
from countersign.cli.sign_in.pool import Pool, Tokens
from countersign.errors import NotSignedInError

LEFT = 60
"""Seconds before its end at which an access token is refreshed."""
BASE = "/api/v1"


def _folder() -> Path:
    import click

    return Path(click.get_app_dir("countersign"))


def _browse(address: str) -> bool:
    import webbrowser

    return webbrowser.open(address)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInTools:
    """What signing in works with on this machine."""

    folder: Callable[[], Path] = _folder
    """The user's configuration of this program: by XDG on Linux, as usual elsewhere."""
    web: Web = call_web
    browse: Callable[[str], bool] = _browse
    """Opens an address in a browser; False where there is none."""
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    wait: Callable[[float], None] = sleep
    """Waits for so many seconds."""
    local_api: Callable[[], str | None] = field(default=lambda: None)
    """The API of the local stack, where it runs."""

    @property
    def kept(self) -> SignIns:
        """The sign-ins that are kept."""
        return SignIns(self.folder())

    def session(self, api: str) -> ApiSession:
        """The API as the user signed in there; NotSignedInError, once it is called, if nobody."""
        return ApiSession(api, self.web, lambda: self.access_token(api), wait=self.wait)

    def access_token(self, api: str) -> str:
        """A token that lives for another minute at least; NotSignedInError."""
        signed_in = self.kept.get(api)
        if signed_in is None:
            raise NotSignedInError(f"nobody is signed in at {api}; sign in: countersign login")
        if signed_in.expires_at - self.now().timestamp() >= LEFT:
            return signed_in.access_token
        pool = Pool(self.web, signed_in.sign_in_url, signed_in.client_id)
        fresh = self.renewed(signed_in, pool.refresh(signed_in.refresh_token))
        self.kept.put(fresh)
        return fresh.access_token

    def renewed(self, signed_in: SignIn, tokens: Tokens) -> SignIn:
        """The sign-in with these tokens, which were made now."""
        return replace(
            signed_in,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token or signed_in.refresh_token,
            expires_at=self.now().timestamp() + tokens.seconds,
        )


def api_address(text: str) -> str:
    """The address of an API: the output ApiUrl, or its origin. PermanentError for others."""
    address = checked_address(text, "--api")
    return address if address.endswith(BASE) else f"{address}{BASE}"
