"""A pipeline and a connection of a test's own, on the running stack."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from countersign.adapters.instants import iso
from countersign.cli.context import post
from countersign.engine.explain import Explanation
from countersign.local.playing import add_file, local_stack
from countersign.model.actor import done_by, user
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.message import RunMessage
from countersign.model.pipeline import Pipeline
from countersign.model.provider_api import Access
from countersign.model.run import Run
from countersign.model.run_purpose import KEPT_KINDS
from countersign.model.stored_file import FileKind, StoredFile
from countersign.providers import provider
from countersign.providers.base import Request
from countersign.rules.base import Edit
from countersign.use_cases.connections.connect import Connector, NewCredentials, connect
from countersign.use_cases.documents.edit import save
from countersign.use_cases.messages.apply_message import MessageApplier, document_id
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.pipelines.pause import ResumeResult, pause, resume
from countersign.use_cases.pipelines.publish import Publisher, publish
from countersign.use_cases.queries.show import show
from countersign.use_cases.store import Store
from countersign.wiring.secret_text import new_salt
from tests.end_to_end.conftest import Running
from tests.integration.messages import DOCUSIGN, Sender

T = TypeVar("T")
ANNA = "anna@acme.example"
SECRET = "the key that signs the examples"
PATIENCE = 40.0
"""Seconds that something may take: the first call of each function starts a process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail as the local cloud's mailbox holds it."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str


def until(look: Callable[[], T], wanted: Callable[[T], bool] = bool) -> T:
    """What ``look`` sees as soon as it is what is wanted; the last look if it never is."""
    deadline = time.monotonic() + PATIENCE
    while True:
        seen = look()
        if wanted(seen) or time.monotonic() > deadline:
            return seen
        time.sleep(0.1)


class Process:
    """Everything is named after the test, so that no other test meddles with it."""

    def __init__(
        self,
        running: Running,
        name: str,
        pipeline: Pipeline,
        sender: Sender = DOCUSIGN,
        api: Access | None = None,
    ) -> None:
        self.name = name
        self.sender = sender
        self.client_address = f"klara.{name}@kunde.example"
        self._running = running
        self._stack = local_stack(running.cloud, running.stack)
        self._store = Store(
            documents=self._stack.documents,
            programs=CompiledPipelines(self._stack.pipelines),
            clock=_now,
            salt=new_salt,
        )
        own = pipeline.model_copy(update={"pipeline": name})
        stack = self._stack
        publisher = Publisher(pipelines=stack.pipelines, documents=stack.documents)
        publish(publisher, own, done_by(user(ANNA), _now()))
        connected = connect(
            Connector(
                connections=self._stack.connections,
                credentials=self._stack.secrets,
                pipelines=self._stack.pipelines,
            ),
            Connection.model_validate(
                {
                    "id": name,
                    "provider": sender.provider,
                    "pipeline": name,
                    "parties": sender.parties,
                    "fields": [
                        {"source": source, "field": field} for source, field in sender.fields
                    ],
                    "keep_files": KEPT_KINDS if api else (),
                }
            ),
            NewCredentials(
                token=self._stack.addresses.make(name, "t0ken-of-this-test"),
                secrets=(SECRET,),
                api_token=api.token if api else None,
                api_url=api.url if api else None,
            ),
        )
        self._url = f"{running.stack.webhooks}/{connected.address}"
        self._document = document_id(name, sender.envelope)

    # --- what people and providers do

    def tell(self, example: str) -> str:
        """Post an example over HTTP; the answer's text."""
        status, text = post(self._url, self.request(example))
        assert status == 200, (status, text)
        return text

    def post(self, body: bytes) -> int:
        """Post what is genuine, whatever it says; the answer's status."""
        genuine = self.request(self.sender.sent).model_copy(update={"body": body})
        status, _ = post(self._url, provider(self.sender.provider).sign(genuine, SECRET, _now()))
        return status

    def request(self, example: str) -> Request:
        """An example as the provider sends it, now and to this process's client."""
        replacing = {"klara.vogel@kunde.example": self.client_address}
        return self.sender.message(example, SECRET, _now(), replacing)

    def add_file(self, name: str, kind: FileKind, content: bytes) -> StoredFile:
        """Send a file to the bucket and add it to the document."""
        return add_file(self._stack, self._document, name, kind, content)

    def edit(self, **wanted: Any) -> None:
        """Anna saves changes of the document."""
        save(self._store, self._document, Edit(**wanted), user(ANNA))

    def pause(self) -> None:
        pause(self._stack.pipelines, self.name)

    def resume(self) -> ResumeResult:
        return resume(self._applier, self._stack.pipelines, self.name)

    # --- what came of it

    def document(self, document: str | None = None) -> Document:
        """The test's own document, unless another of the pipeline is named."""
        found = self._stack.documents.get(document or self._document)
        assert found is not None
        return found

    def exists(self) -> bool:
        return self._stack.documents.get(self._document) is not None

    def explained(self) -> Explanation:
        """The document as the command line shows it."""
        stack = self._stack
        return show(stack.documents, stack.pipelines, self._store.programs, self._document)

    def run(self, rule: str) -> Run:
        """The newest run of the rule."""
        return [one for one in self._stack.documents.runs(self._document) if one.rule == rule][-1]

    def states(self) -> dict[str, str]:
        """The state of each run, by entry and rule."""
        runs = self._stack.documents.runs(self._document)
        return {f"{run.entry}.{run.rule}": run.state for run in runs}

    def until_states(self, wanted: dict[str, str]) -> dict[str, str]:
        """The states as soon as they are those."""
        return until(self.states, lambda states: states == wanted)

    def mails(self) -> list[Mail]:
        """The mails to this process's client, in order."""
        return [
            Mail(
                sender=mail["Source"],
                to=tuple(mail["To"]),
                subject=mail["Subject"],
                text=mail["BodyText"].replace("\r\n", "\n"),
            )
            for mail in self._running.cloud.mails()
            if self.client_address in mail["To"]
        ]

    def subjects(self) -> list[str]:
        return [mail.subject for mail in self.mails()]

    def until_mailed(self, *subjects: str) -> list[str]:
        """The mails' subjects as soon as there are so many."""
        return until(self.subjects, lambda seen: len(seen) >= len(subjects))

    # --- schedules and messages

    def schedules(self) -> list[dict[str, Any]]:
        """The document's schedules, whole."""
        scheduler, group = self._client("scheduler"), self._output("ScheduleGroup")
        listed = scheduler.list_schedules(GroupName=group, NamePrefix=self._document)["Schedules"]
        return [scheduler.get_schedule(GroupName=group, Name=one["Name"]) for one in listed]

    def make_due(self, rule: str) -> None:
        """As if the run's time had come, of which nobody has heard yet."""
        run = self.run(rule)
        self._client("dynamodb").update_item(
            TableName=self._output("TableName"),
            Key={
                "pk": {"S": f"DOC#{run.document}"},
                "sk": {"S": f"RUN#{run.entry:06}#{run.rule}"},
            },
            UpdateExpression="SET due = :now",
            ExpressionAttributeValues={":now": {"S": iso(_now())}},
        )

    def fire_soon(self, schedule: dict[str, Any]) -> None:
        """Turn the schedule's time to a second from now."""
        moment = _now() + timedelta(seconds=1)
        given = ("Name", "GroupName", "Target", "FlexibleTimeWindow", "ActionAfterCompletion")
        self._client("scheduler").update_schedule(
            **{name: schedule[name] for name in given},
            ScheduleExpression=f"at({moment:%Y-%m-%dT%H:%M:%S})",
            ScheduleExpressionTimezone="UTC",
        )

    def message(self, rule: str) -> str:
        """The message that asks for the newest run of the rule."""
        return RunMessage.of(self.run(rule)).model_dump_json(exclude_none=True)

    def deliver(self, function: str, body: str) -> dict[str, Any]:
        """Hand a lane's function a message, as its queue does; its answer."""
        record = {"messageId": "m1", "eventSource": "aws:sqs", "body": body}
        answer = self._client("lambda").invoke(
            FunctionName=self._running.physical(function),
            Payload=json.dumps({"Records": [record]}),
        )
        told: dict[str, Any] = json.load(answer["Payload"])
        return told

    def _client(self, service: str) -> Any:
        cloud = self._running.cloud
        return cloud.session().client(service, endpoint_url=cloud.endpoint)  # type: ignore[call-overload]

    def _output(self, name: str) -> str:
        return self._running.stack.outputs[name]

    @property
    def _applier(self) -> MessageApplier:
        return MessageApplier(store=self._store, held=self._stack.held)


def _now() -> datetime:
    return datetime.now(UTC)
