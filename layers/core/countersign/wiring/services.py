"""What the command line and the API do their work with: a stack's adapters, the time, new ids.

Nothing of it is imported before it is needed: ``countersign --help`` needs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countersign.use_cases.documents.file_transfers import FileService
    from countersign.use_cases.messages.receive import Receiver
    from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
    from countersign.use_cases.pipelines.remove import Remover
    from countersign.use_cases.store import Store
    from countersign.wiring.cloud import Cloud

MAX_BODY = 6 * 1024 * 1024
"""Bytes of a webhook: what Lambda takes, so whatever was kept fits."""


@dataclass(frozen=True, kw_only=True)
class Services:
    """What a command or a request may need. The stack is looked for when it is first needed."""

    open_cloud: Callable[[], Cloud]
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    token: Callable[[], str] = field(default=lambda: new_token())
    salt: Callable[[], str] = field(default=lambda: new_salt())
    backoff: Callable[[int], None] = field(default=lambda attempt: None)
    """Waits a little, with jitter, after a conflict, the first having the number 0."""

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

        return Store(
            documents=self.cloud.documents,
            programs=self.programs,
            clock=self.now,
            salt=self.salt,
            backoff=self.backoff,
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


def new_salt() -> str:
    """128 bits nobody can guess, in hexadecimal."""
    import secrets

    return secrets.token_hex(16)


def new_token() -> str:
    """128 bits nobody can guess, as 26 characters that survive in any address."""
    import base64
    import secrets

    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()
