"""What the command line works with: the stack it speaks to, who speaks, and the time.

Nothing of it is imported before a command needs it: ``countersign --help`` needs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from time import sleep
from typing import TYPE_CHECKING

from countersign.errors import PermanentError, UnavailableError

if TYPE_CHECKING:
    from countersign.model.actor import Actor
    from countersign.providers.base import Request
    from countersign.use_cases.auditor import Auditor
    from countersign.use_cases.connections.connect import Connector
    from countersign.use_cases.documents.file_transfers import FileService
    from countersign.use_cases.messages.receive import Receiver
    from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
    from countersign.use_cases.pipelines.remove import Remover
    from countersign.use_cases.store import Store
    from countersign.wiring.cli import Cloud

MAX_BODY = 6 * 1024 * 1024
"""Bytes of a webhook: what Lambda takes, so whatever was kept fits."""
ANSWER_WITHIN = 30
"""Seconds that a webhook's answer is waited for."""


@dataclass(frozen=True, kw_only=True)
class CliContext:
    """Everything a command may need. The stack is looked for when it is first needed."""

    user: str
    """Who acts on a stack that believes whoever it is told."""
    open_cloud: Callable[[], Cloud]
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    token: Callable[[], str] = field(default=lambda: new_token())
    new_id: Callable[[], str] = field(default=lambda: new_token())
    """Makes the ids of audit entries."""
    post: Callable[[str, Request], tuple[int, str]] = field(
        default=lambda url, request: post(url, request)
    )
    """Sends a webhook to an address; the answer's status and text."""
    wait: Callable[[float], None] = field(default=sleep)
    """Waits for so many seconds."""

    @cached_property
    def cloud(self) -> Cloud:
        """The stack's adapters."""
        return self.open_cloud()

    @cached_property
    def programs(self) -> CompiledPipelines:
        """The published pipelines, ready to run."""
        from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines

        return CompiledPipelines(self.cloud.pipelines)

    @property
    def store(self) -> Store:
        """What deciding on documents needs."""
        from countersign.use_cases.store import Store

        return Store(documents=self.cloud.documents, programs=self.programs, clock=self.now)

    @cached_property
    def actor(self) -> Actor:
        """Whoever uses the command: on AWS who the credentials belong to."""
        from countersign.model.actor import iam_identity, local_user

        identity = self.cloud.identity
        return local_user(self.user) if identity is None else iam_identity(identity())

    @cached_property
    def auditor(self) -> Auditor:
        """Records what the command changes of the configuration."""
        from countersign.model.audit import AuditSource
        from countersign.use_cases.auditor import Auditor, audit_actor

        return Auditor(
            log=self.cloud.audit,
            actor=audit_actor(self.actor),
            source=AuditSource(channel="command line"),
            clock=self.now,
            new_id=self.new_id,
        )

    @property
    def connector(self) -> Connector:
        """What connecting providers needs."""
        from countersign.use_cases.connections.connect import Connector

        return Connector(
            connections=self.cloud.connections,
            credentials=self.cloud.secrets,
            pipelines=self.cloud.pipelines,
            auditor=self.auditor,
        )

    def address_token(self, connection: str) -> str:
        """The token of a new address of the connection, which proves that we made it."""
        return self.cloud.addresses.make(connection, self.token())

    @property
    def file_service(self) -> FileService:
        """What transferring files needs."""
        from countersign.use_cases.documents.file_transfers import FileService

        cloud = self.cloud
        return FileService(
            store=self.store, files=cloud.files, transfers=cloud.transfers, new_id=self.token
        )

    @property
    def remover(self) -> Remover:
        """What removing connections and pipelines needs."""
        from countersign.use_cases.pipelines.remove import Remover

        cloud = self.cloud
        return Remover(
            documents=cloud.documents,
            pipelines=cloud.pipelines,
            connections=cloud.connections,
            secrets=cloud.secrets,
            held=cloud.held,
            files=cloud.files,
            auditor=self.auditor,
        )

    @property
    def receiver(self) -> Receiver:
        """What applying kept messages needs."""
        from countersign.use_cases.messages.receive import Receiver

        cloud = self.cloud
        return Receiver(
            store=self.store,
            secrets=cloud.secrets,
            addresses=cloud.addresses,
            parked=cloud.parked,
            rejected=cloud.rejected,
            held=cloud.held,
            max_body=MAX_BODY,
        )


def new_token() -> str:
    """128 bits nobody can guess, as 26 characters that survive in any address."""
    import base64
    import secrets

    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


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
