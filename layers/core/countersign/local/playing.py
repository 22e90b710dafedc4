"""What the parts of the story have in common: connecting, posting examples, waiting for effects."""

from __future__ import annotations

import secrets as randomness
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from countersign.cli.context import post
from countersign.cli.stack import tell_unreadable
from countersign.engine.explain import ExplainedRun, Explanation
from countersign.errors import PermanentError
from countersign.examples import read_example
from countersign.local.cloud import LocalCloud
from countersign.local.deploy import Stack
from countersign.model.actor import Actor, done_by, local_user
from countersign.model.audit import AuditSource
from countersign.model.connection import Connection, FieldMapping, PartyMapping
from countersign.model.document import Document
from countersign.model.provider_api import Access
from countersign.model.run import CONCLUDED
from countersign.model.run_purpose import KeptKind
from countersign.model.stored_file import FileKind, StoredFile, announced
from countersign.pipeline_files.reader import check_file
from countersign.providers import provider
from countersign.providers.base import Request
from countersign.use_cases.auditor import Auditor, audit_actor
from countersign.use_cases.connections.connect import (
    Connector,
    NewConnection,
    NewCredentials,
    connect,
)
from countersign.use_cases.documents.file_transfers import FileService, send_file
from countersign.use_cases.documents.files import FileUpload
from countersign.use_cases.messages.apply_message import document_id
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.pipelines.publish import Publisher, publish
from countersign.use_cases.queries.show import show
from countersign.use_cases.services import Cloud
from countersign.use_cases.store import Store
from countersign.wiring.cloud import adapters
from countersign.wiring.secret_text import new_salt, new_token

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds that a step may take: the first call of each function starts a process."""
COMPANY = "acme.example"
WHO = Actor(kind="system", name="make run")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """A provider whose messages are played, and how its envelopes are read."""

    provider: str
    pipeline: str
    fields: dict[str, str]
    """The envelope's custom fields and the document's fields they are written into."""
    options: dict[str, str] = field(default_factory=dict)
    """The connection's."""
    keep_files: tuple[KeptKind, ...] = ()


def local_stack(local: LocalCloud, stack: Stack) -> Cloud:
    """The adapters for a stack that was deployed to the local cloud."""
    return adapters(
        local.session(),
        local.endpoint,
        stack.outputs,
        webhooks=stack.webhooks,
        unreadable=tell_unreadable,
    )


class Player:
    """Plays on a running stack; PermanentError where something is not seen to happen."""

    def __init__(self, examples: Path, stack: Cloud) -> None:
        self.stack = stack
        self._examples = examples
        self._programs = CompiledPipelines(stack.pipelines)
        self._auditor = Auditor(
            log=stack.audit,
            actor=audit_actor(local_user("make run")),
            source=AuditSource(channel="command line"),
            clock=lambda: datetime.now(UTC),
            new_id=new_token,
        )
        self.connections: dict[str, NewConnection] = {}
        """By the provider's name."""

    def publish(self, name: str) -> str:
        """Publish an example pipeline; the names of its stages."""
        file = self._examples / "pipelines" / f"{name}.yaml"
        now = datetime.now(UTC)
        pipeline = check_file(file, today=now.date()).pipeline
        if pipeline is None:
            msg = f"{file} has errors; `countersign pipelines validate {file}` lists them"
            raise PermanentError(msg)
        publisher = Publisher(
            pipelines=self.stack.pipelines,
            documents=self.stack.documents,
            auditor=self._auditor,
        )
        publish(publisher, pipeline, done_by(WHO, now))
        return ", ".join(stage.name or stage.id for stage in pipeline.stages)

    def connect(self, sending: Sending, api: Access | None = None) -> None:
        """Connect the provider; ``api`` is how its API is asked, where it is."""
        connection = Connection(
            id=sending.provider.replace("_", "-"),
            provider=sending.provider,
            pipeline=sending.pipeline,
            created_at=datetime.now(UTC),
            parties=PartyMapping(company_domains=(COMPANY,)),
            fields=tuple(FieldMapping(source=s, field=f) for s, f in sending.fields.items()),
            keep_files=sending.keep_files,
        )
        self.connections[sending.provider] = connect(
            Connector(
                connections=self.stack.connections,
                credentials=self.stack.secrets,
                pipelines=self.stack.pipelines,
                auditor=self._auditor,
            ),
            connection,
            NewCredentials(
                token=self.stack.addresses.make(connection.id, new_token()),
                secrets=(randomness.token_hex(32),),
                options=sending.options,
                api_token=api.token if api else None,
                api_url=api.url if api else None,
            ),
        )

    def message(self, name: str, example: str) -> Request:
        """A provider's example with a genuine proof."""
        connected, now = self.connections[name], datetime.now(UTC)
        file = self._examples / name / f"{example}.json"
        request = read_example(file.read_bytes(), now)
        return provider(name).sign(request, connected.secrets.secrets[0], now)

    def post(self, name: str, message: Request) -> str:
        """Post a provider's message; the id of the document that it is about."""
        connected = self.connections[name]
        status, text = post(f"{self.stack.webhooks}/{connected.address}", message)
        if status != 200:
            msg = f"a message to {connected.connection.id} was answered {status} {text[:200]}"
            raise PermanentError(msg)
        return document_id(connected.connection.id, provider(name).parse(message)[0].envelope)

    def send(self, name: str, example: str) -> str:
        """Post a provider's example; the id of the document that it is about."""
        return self.post(name, self.message(name, example))

    def find(self, document: str) -> Document | None:
        """The document, once it is there."""
        return self.stack.documents.get(document)

    def document(self, document: str) -> Document:
        """The document that is there."""
        there = self.find(document)
        if there is None:
            msg = f"the document {document} is gone"
            raise PermanentError(msg)
        return there

    def until_in(self, document: str, stage: str) -> None:
        """Wait until the document is in the stage."""
        until(
            f"the document {document} moves to {stage}",
            lambda: self.document(document).stage == stage or None,
        )

    def explained(self, document: str) -> Explanation:
        """The document as the command line shows it."""
        return show(self.stack.documents, self.stack.pipelines, self._programs, document)

    def run(self, document: str, rule: str) -> ExplainedRun | None:
        """The rule's run, once it is planned."""
        return next((run for run in self._runs(document) if run.rule == rule), None)

    def ended(self, document: str, rule: str) -> ExplainedRun | None:
        """The rule's run, once it is concluded."""
        run = self.run(document, rule)
        return run if run is not None and run.state in CONCLUDED else None

    def _runs(self, document: str) -> Iterator[ExplainedRun]:
        return (run for entry in self.explained(document).entries for run in entry.runs)


def add_file(stack: Cloud, document: str, name: str, kind: FileKind, content: bytes) -> StoredFile:
    """Add a file to a document as people do: announced, sent to the bucket by the address that is
    answered, and added."""
    programs = CompiledPipelines(stack.pipelines)
    service = FileService(
        store=Store(
            documents=stack.documents,
            programs=programs,
            clock=lambda: datetime.now(UTC),
            salt=new_salt,
        ),
        files=stack.files,
        transfers=stack.transfers,
        new_id=new_token,
    )
    upload = FileUpload(document=document, file=announced(name, kind, content), id=new_token())
    return send_file(service, upload, content, WHO)


def until(what: str, look: Callable[[], T | None]) -> T:
    """What is seen, once it is; PermanentError says for what it was waited in vain."""
    end = time.monotonic() + PATIENCE
    while True:
        seen = look()
        if seen is not None:
            return seen
        if time.monotonic() > end:
            msg = f"waited {PATIENCE:.0f} s, but not yet: {what}"
            raise PermanentError(msg)
        time.sleep(0.1)
