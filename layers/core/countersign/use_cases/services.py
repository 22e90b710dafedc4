"""What the command line and the API do their work with: a stack's adapters, the time, new ids.

Nothing of it is imported before it is needed: ``countersign --help`` needs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from countersign.model.actor import Actor
    from countersign.model.audit import AuditSource
    from countersign.ports import (
        Addresses,
        AuditLog,
        Connections,
        CredentialStore,
        DeadLetters,
        Documents,
        Drafts,
        EntitlementStore,
        FileStore,
        FileTransfers,
        Heartbeats,
        HeldMessages,
        Jobs,
        Pages,
        People,
        Pipelines,
        Programs,
        RefusedCalls,
        RejectedRequests,
        RequestKeys,
        RetryQueue,
        RuleSecrets,
        Senders,
        Statistics,
        Upgrades,
    )
    from countersign.use_cases.auditor import Auditor
    from countersign.use_cases.connections.connect import Connector
    from countersign.use_cases.documents.file_transfers import FileService
    from countersign.use_cases.entitlements import EntitlementStores
    from countersign.use_cases.messages.receive import Receiver
    from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
    from countersign.use_cases.pipelines.publish import Publisher
    from countersign.use_cases.pipelines.publish_warnings import Stack
    from countersign.use_cases.pipelines.remove import Remover
    from countersign.use_cases.queries.pages.documents import DocumentReader
    from countersign.use_cases.rule_secrets import SecretKeeper
    from countersign.use_cases.statistics.rebuild import Rebuilder
    from countersign.use_cases.store import Store
    from countersign.use_cases.upgrade import Upgrader

MAX_BODY = 6 * 1024 * 1024
"""Bytes of a webhook: what Lambda takes, so whatever was kept fits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """The adapters of one stack."""

    documents: Documents
    pages: Pages
    upgrades: Upgrades
    statistics: Statistics
    pipelines: Pipelines
    drafts: Drafts
    connections: Connections
    addresses: Addresses
    secrets: CredentialStore
    named_secrets: RuleSecrets
    parked: RetryQueue
    rejected: RejectedRequests
    requests: RequestKeys
    files: FileStore
    transfers: FileTransfers
    """Sends and fetches files' bytes at the addresses that ``files`` gives."""
    held: HeldMessages
    dead_letters: DeadLetters
    refusals: RefusedCalls
    jobs: Jobs
    audit: AuditLog
    entitlements: EntitlementStore
    webhooks: str
    """Address of the webhooks; a connection's is this, a slash and the connection."""
    heartbeats: Heartbeats
    people: People | None = None
    """None where the stack has no user pool yet."""
    program_clients: Programs | None = None
    """None where the stack has no user pool yet."""
    token_endpoint: str | None = None
    """Where programs get their tokens."""
    senders: Senders | None = None
    """Which senders are verified; None where there is nobody to ask."""
    version: str | None = None
    """The version of the stack; None where it does not say it."""
    identity: Callable[[], str] | None = None
    """Asks AWS for the ARN of who holds the credentials; None for the stack of ``make run``, which
    trusts the name it is given, and for a function, whose callers say who they are."""


@dataclass(frozen=True, kw_only=True)
class Services:
    """What a command or a request may need. The stack is looked for when it is first needed."""

    open_cloud: Callable[[], Cloud]
    now: Callable[[], datetime]
    """The time, in UTC."""
    token: Callable[[], str]
    """Makes text that is new and that nobody can guess."""
    salt: Callable[[], str]
    """Makes salts for the hashes of timelines: 128 bits that nobody can guess, in hexadecimal."""
    new_id: Callable[[], str]
    """Makes the ids of audit entries."""
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
    def document_reader(self) -> DocumentReader:
        """What lists of documents are read from."""
        from countersign.use_cases.queries.pages.documents import DocumentReader

        return DocumentReader(
            pages=self.cloud.pages, pipelines=self.cloud.pipelines, programs=self.programs
        )

    @property
    def upgrader(self) -> Upgrader:
        """What upgrading the table needs."""
        from countersign.use_cases.upgrade import Upgrader

        cloud = self.cloud
        return Upgrader(
            store=self.store, pages=cloud.pages, pipelines=cloud.pipelines, upgrades=cloud.upgrades
        )

    def auditor_of(self, actor: Actor, source: AuditSource) -> Auditor:
        """Records what somebody who signed in changes of the configuration."""
        from countersign.use_cases.auditor import Auditor, audit_actor

        return Auditor(
            log=self.cloud.audit,
            actor=audit_actor(actor),
            source=source,
            clock=self.now,
            new_id=self.new_id,
        )

    def connector(self, auditor: Auditor) -> Connector:
        """What connecting providers needs."""
        from countersign.use_cases.connections.connect import Connector

        cloud = self.cloud
        return Connector(
            connections=cloud.connections,
            credentials=cloud.secrets,
            pipelines=cloud.pipelines,
            auditor=auditor,
        )

    def publisher(self, auditor: Auditor | None, *, from_command_line: bool = False) -> Publisher:
        """What publishing needs; without an auditor, what planning a publication does."""
        from countersign.use_cases.pipelines.publish import Publisher

        cloud = self.cloud
        return Publisher(
            pipelines=cloud.pipelines,
            documents=cloud.documents,
            secrets=cloud.named_secrets,
            entitlements=cloud.entitlements,
            auditor=auditor,
            from_command_line=from_command_line,
        )

    @property
    def stack(self) -> Stack:
        """What is asked of the stack about a pipeline that is published."""
        from countersign.use_cases.pipelines.publish_warnings import Stack

        cloud = self.cloud
        return Stack(
            connections=cloud.connections,
            secrets=cloud.secrets,
            senders=cloud.senders,
            entitlements=cloud.entitlements.get(),
        )

    def secret_keeper(self, auditor: Auditor) -> SecretKeeper:
        """What keeping the secrets of rules needs."""
        from countersign.use_cases.rule_secrets import SecretKeeper

        return SecretKeeper(secrets=self.cloud.named_secrets, auditor=auditor)

    def entitlement_stores(self, auditor: Auditor) -> EntitlementStores:
        """What setting entitlements needs."""
        from countersign.use_cases.entitlements import EntitlementStores

        cloud = self.cloud
        return EntitlementStores(
            entitlements=cloud.entitlements, pipelines=cloud.pipelines, auditor=auditor
        )

    def remover(self, auditor: Auditor) -> Remover:
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
            auditor=auditor,
        )

    @property
    def rebuilder(self) -> Rebuilder:
        """What rebuilding statistics needs."""
        from countersign.use_cases.statistics.rebuild import Rebuilder

        cloud = self.cloud
        return Rebuilder(
            documents=cloud.documents,
            statistics=cloud.statistics,
            clock=self.now,
            backoff=self.backoff,
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
