"""The main job as a short story: signed webhooks in, a document moves, mail goes out."""

from __future__ import annotations

import secrets as randomness
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from countersign.cli.context import new_token, post
from countersign.cli.files.pipeline_file import check_file
from countersign.cli.stack import tell_unreadable
from countersign.engine.explain import ExplainedRun, Explanation
from countersign.errors import PermanentError
from countersign.examples import read_example
from countersign.local.cloud import LocalCloud
from countersign.local.deploy import Stack
from countersign.model.actor import Actor, done_by
from countersign.model.connection import Connection, FieldMapping, PartyMapping
from countersign.model.document import Document
from countersign.model.run import CONCLUDED
from countersign.providers import provider
from countersign.use_cases.connections.connect import NewConnection, NewCredentials, connect
from countersign.use_cases.messages.apply_message import document_id
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.pipelines.publish import Publisher, publish
from countersign.use_cases.queries.show import show
from countersign.wiring.cli import Cloud, adapters

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds that a step may take: the first call of each function starts a process."""
COMPANY = "acme.example"
PIPELINE = "director-first"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPart:
    """One provider's part: its connection, and the examples that are posted, in order."""

    provider: str
    fields: dict[str, str]
    """The envelope's custom fields and the document's fields they are written into."""
    appears: str
    """The example with which the document appears."""
    director: str
    """The director signs."""
    client: tuple[str, ...]
    """The client signs, and the envelope is complete."""


PARTS = (
    StoryPart(
        provider="docusign",
        fields={"contract_number": "number", "amount": "amount", "currency": "currency"},
        appears="envelope-sent",
        director="recipient-completed-director",
        client=("recipient-completed-client", "envelope-completed"),
    ),
    StoryPart(
        provider="dropbox_sign",
        fields={"contract_number": "number", "amount": "amount", "currency": "currency"},
        appears="signature_request_sent",
        director="signature_request_signed_director",
        client=("signature_request_signed_client", "signature_request_all_signed"),
    ),
    StoryPart(
        provider="documenso",
        fields={"externalId": "number"},
        appears="DOCUMENT_SENT",
        director="DOCUMENT_SIGNED_director",
        client=("DOCUMENT_SIGNED_client", "DOCUMENT_COMPLETED"),
    ),
)


def local_stack(local: LocalCloud, stack: Stack) -> Cloud:
    """The adapters for a stack that was deployed to the local cloud."""
    return adapters(
        local.session(),
        local.endpoint,
        stack.outputs,
        webhooks=stack.webhooks,
        unreadable=tell_unreadable,
    )


class Story:
    """Plays the parts on a running stack and tells each step when it has been seen to happen."""

    def __init__(self, examples: Path, stack: Cloud, local: LocalCloud) -> None:
        self._examples = examples
        self._stack = stack
        self._local = local
        self._programs = CompiledPipelines(stack.pipelines)
        self.connections: dict[str, NewConnection] = {}

    def tell(self) -> Iterator[str]:
        """The whole story, line by line."""
        yield from self.set_up()
        for part in PARTS:
            yield ""
            yield from self.play(part)

    def endpoints(self, webhooks: str) -> dict[str, dict[str, str]]:
        """Each connection with its address and secret, for scripts and curl."""
        return {
            connected.connection.id: {
                "provider": name,
                "address": f"{webhooks}/{connected.address}",
                "secret": connected.secrets.secrets[0],
            }
            for name, connected in self.connections.items()
        }

    def set_up(self) -> Iterator[str]:
        """Publish the example pipeline and connect the providers."""
        file = self._examples / "pipelines" / f"{PIPELINE}.yaml"
        now = datetime.now(UTC)
        pipeline = check_file(file, today=now.date()).pipeline
        if pipeline is None:
            msg = f"{file} has errors; `countersign pipelines validate {file}` tells which"
            raise PermanentError(msg)
        stack = self._stack
        publisher = Publisher(pipelines=stack.pipelines, documents=stack.documents)
        publish(publisher, pipeline, done_by(Actor(kind="system", name="make run"), now))
        yield f"published the pipeline {PIPELINE}: {', '.join(one.name for one in pipeline.stages)}"
        for part in PARTS:
            self.connections[part.provider] = self._connect(part)
        titles = ", ".join(provider(part.provider).title for part in PARTS)
        yield f"connected {titles}"

    def _connect(self, part: StoryPart) -> NewConnection:
        connection = Connection(
            id=part.provider.replace("_", "-"),
            provider=part.provider,
            pipeline=PIPELINE,
            created_at=datetime.now(UTC),
            parties=PartyMapping(company_domains=(COMPANY,)),
            fields=tuple(FieldMapping(source=s, field=f) for s, f in part.fields.items()),
        )
        return connect(
            self._stack.connections,
            self._stack.secrets,
            self._stack.pipelines,
            connection,
            NewCredentials(
                token=self._stack.addresses.make(connection.id, new_token()),
                secrets=(randomness.token_hex(32),),
                options={"max_age_hours": "0"} if part.provider == "dropbox_sign" else {},
            ),
        )

    def play(self, part: StoryPart) -> Iterator[str]:
        """One provider's part; PermanentError where a step is not seen to happen."""
        title = provider(part.provider).title
        document = self._send(part, part.appears)
        first = self._until(f"the document {document} appears", lambda: self._find(document))
        yield f'{title}: a document appears, "{first.title}", in stage {first.stage}'
        self._send(part, part.director)
        self._until_in(document, "sent")
        yield "  the director signs: it moves to Sent"
        asked = self._until("the mail's rule ends", lambda: self._ended(document, "ask-to-sign"))
        yield from self._tell_mail(document, asked)
        reminder = self._until("the reminder is on the schedule", lambda: self._timed(document))
        yield f"  a reminder is on the schedule: {reminder}"
        for example in part.client:
            self._send(part, example)
        self._until_in(document, "signed")
        cancelled = self._until(
            "the reminder is cancelled", lambda: self._ended(document, "remind")
        )
        yield "  the client signs: it moves on to Signed"
        yield f"  the reminder never comes: {cancelled.reason}"

    def _tell_mail(self, document: str, asked: ExplainedRun) -> Iterator[str]:
        if asked.state != "done":
            yield f"  no mail to the client: {asked.reason}"
            return
        subject = f"Your contract {self._found(document).number} is ready to sign"
        mail = self._until(
            "the mail lies in the mailbox",
            lambda: next((one for one in self._local.mails() if one["Subject"] == subject), None),
        )
        yield f'  mail to {mail["To"][0]}: "{mail["Subject"]}"'

    def _send(self, part: StoryPart, example: str) -> str:
        """Post an example with a genuine proof; the id of the document it is about."""
        connected = self.connections[part.provider]
        sender, now = provider(part.provider), datetime.now(UTC)
        file = self._examples / part.provider / f"{example}.json"
        request = sender.sign(
            read_example(file.read_bytes(), now), connected.secrets.secrets[0], now
        )
        status, text = post(f"{self._stack.webhooks}/{connected.address}", request)
        if status != 200:
            msg = f"{example} to {connected.connection.id} was answered {status} {text[:200]}"
            raise PermanentError(msg)
        return document_id(connected.connection.id, sender.parse(request)[0].envelope)

    def _find(self, document: str) -> Document | None:
        return self._stack.documents.get(document)

    def _found(self, document: str) -> Document:
        found = self._find(document)
        if found is None:
            msg = f"the document {document} is gone"
            raise PermanentError(msg)
        return found

    def _until_in(self, document: str, stage: str) -> None:
        self._until(
            f"the document {document} moves to {stage}",
            lambda: self._found(document).stage == stage or None,
        )

    def _explained(self, document: str) -> Explanation:
        return show(self._stack.documents, self._stack.pipelines, self._programs, document)

    def _run(self, document: str, rule: str) -> ExplainedRun | None:
        runs = (run for entry in self._explained(document).entries for run in entry.runs)
        return next((run for run in runs if run.rule == rule), None)

    def _ended(self, document: str, rule: str) -> ExplainedRun | None:
        run = self._run(document, rule)
        return run if run is not None and run.state in CONCLUDED else None

    def _timed(self, document: str) -> str | None:
        """When the reminder's schedule fires, once the schedule is there."""
        run = self._run(document, "remind")
        if run is None or run.due is None:
            return None
        client = self._local.session().client("scheduler", endpoint_url=self._local.endpoint)
        names = [
            one["Name"]
            for page in client.get_paginator("list_schedules").paginate()
            for one in page["Schedules"]
        ]
        if not any(name.startswith(document) for name in names):
            return None
        zone = ZoneInfo(self._explained(document).time_zone)
        return f"{run.due.astimezone(zone):%A %Y-%m-%d %H:%M} {zone.key}"

    @staticmethod
    def _until(what: str, look: Callable[[], T | None]) -> T:
        end = time.monotonic() + PATIENCE
        while True:
            found = look()
            if found is not None:
                return found
            if time.monotonic() > end:
                msg = f"waited {PATIENCE:.0f} s, but not yet: {what}"
                raise PermanentError(msg)
            time.sleep(0.1)
