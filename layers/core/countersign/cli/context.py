"""What the command line works with: the stack or the API it speaks to, who speaks, and the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from time import sleep
from typing import TYPE_CHECKING

from countersign.errors import PermanentError, UnavailableError
from countersign.use_cases.services import Services
from countersign.wiring.secret_text import new_salt, new_token

if TYPE_CHECKING:
    from countersign.cli.remote.session import ApiSession
    from countersign.cli.sign_in.signed_in import SignInTools
    from countersign.model.actor import Actor
    from countersign.ports import FileTransfers
    from countersign.providers.base import Request
    from countersign.use_cases.auditor import Auditor

ANSWER_WITHIN = 30
"""Seconds that a webhook's answer is waited for."""


@dataclass(frozen=True, kw_only=True)
class CliContext(Services):
    """Everything a command may need."""

    user: str
    """Who acts on a stack that believes whom it is given."""
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    token: Callable[[], str] = field(default=lambda: new_token())
    salt: Callable[[], str] = field(default=lambda: new_salt())
    new_id: Callable[[], str] = field(default=lambda: new_token())
    post: Callable[[str, Request], tuple[int, str]] = field(
        default=lambda url, request: post(url, request)
    )
    """Sends a webhook to an address; the answer's status and text."""
    wait: Callable[[float], None] = field(default=sleep)
    """Waits for so many seconds."""
    open_api: Callable[[], ApiSession | None] = field(default=lambda: None)
    """The API, where commands go over it; None where they have AWS credentials."""
    open_transfers: Callable[[], FileTransfers] = field(default=lambda: file_transfers())
    """Sends and fetches files' bytes, where commands go over the API."""
    open_sign_in: Callable[[], SignInTools] = field(default=lambda: sign_in_tools())

    @cached_property
    def api(self) -> ApiSession | None:
        """The API as the signed-in user; None where AWS credentials are used."""
        return self.open_api()

    @cached_property
    def sign_in(self) -> SignInTools:
        """What signing in and out works with."""
        return self.open_sign_in()

    @cached_property
    def actor(self) -> Actor:
        """The user of the command; on AWS, the owner of the credentials."""
        from countersign.model.actor import iam_identity, local_user

        identity = self.cloud.identity
        return local_user(self.user) if identity is None else iam_identity(identity())

    @cached_property
    def auditor(self) -> Auditor:
        """Records what the command changes of the configuration."""
        from countersign.model.audit import AuditSource

        return self.auditor_of(self.actor, AuditSource(channel="command line"))


def file_transfers() -> FileTransfers:
    """Those over the web."""
    from countersign.adapters.http.file_transfers import UrllibFileTransfers

    return UrllibFileTransfers()


def sign_in_tools() -> SignInTools:
    """Those of this machine."""
    from countersign.cli.sign_in.signed_in import SignInTools

    return SignInTools()


def post(url: str, request: Request) -> tuple[int, str]:
    """Send a webhook; the status and text of the answer. UnavailableError where none came."""
    import urllib.error
    import urllib.request

    if not url.startswith(("https://", "http://")):
        raise PermanentError(f'"{url}" is not a valid web address')
    message = urllib.request.Request(  # noqa: S310 - checked above
        url, data=request.body, headers=request.headers, method=request.method
    )
    try:
        with urllib.request.urlopen(message, timeout=ANSWER_WITHIN) as answer:  # noqa: S310
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError as error:
        raise UnavailableError(f"{url.rpartition('/')[0]} gave no answer: {error}") from error
