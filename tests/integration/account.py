"""An AWS account in this process with the template's parts, whose functions are called in turn."""

from __future__ import annotations

import importlib
import json
import math
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_string, policy
from functools import cache
from typing import Any

import boto3
import pytest
from moto.ses.models import ses_backends

from countersign.adapters.dynamodb.stores.configuration.connections import DynamoConnections
from countersign.adapters.dynamodb.stores.configuration.pipelines import DynamoPipelines
from countersign.adapters.dynamodb.stores.operations.held_messages import DynamoHeldMessages
from countersign.adapters.dynamodb.stores.process.documents import DynamoDocuments
from countersign.adapters.dynamodb.stores.process.statistics import DynamoStatistics
from countersign.adapters.ssm.addresses import SsmAddresses
from countersign.adapters.ssm.api_tokens import SsmApiTokens
from countersign.adapters.ssm.credentials import SsmCredentialStore
from countersign.adapters.ssm.deployment_key import DeploymentKey
from countersign.adapters.ssm.rule_secrets import SsmRuleSecrets
from countersign.model.actor import user
from countersign.model.connection import Connection
from countersign.model.document import Document
from countersign.model.pipeline import Pipeline
from countersign.model.run import Run
from countersign.providers.base import Request
from countersign.rules.base import Edit
from countersign.use_cases.connections.connect import Connector, NewCredentials, connect
from countersign.use_cases.documents.edit import save
from countersign.use_cases.messages.apply_message import MessageApplier
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.store import Store
from countersign.wiring import functions, stack
from countersign.wiring.secret_text import new_salt
from tests.integration.lambda_events import (
    REGION,
    Answer,
    Context,
    Event,
    http_event,
    lets_through,
    sqs_event,
    stream_event,
)
from tests.integration.rights import SERVICES, Rights

ACCOUNT = "123456789012"
"""The account that moto plays."""
TOKEN = "m4xk2qv7c5t3nzp6a8w9bd2y4e"
"""What the addresses of the connections begin with; their proof follows."""
ADDRESS_KEY = "5f1c8a522d0b4b6c9a530e1f7c3b9d24" * 2
"""Signs the addresses, in hexadecimal; always the same, as events/lambda has them."""
SECRET = "the key that signs the examples"
SENDER = "contracts@acme.example"
LANES = {"Email": "RunEmail", "Web": "RunWeb", "Document": "RunDocument"}
"""Each lane's queue and function."""
STREAM_READERS = {
    "DispatchRuns": "RunBecameReady",
    "RecordStatistics": "DocumentOrRunChanged",
}
"""The functions that read the state's stream, each with the name of its source."""
NONE_FAILED: Answer = {"batchItemFailures": []}
MAX_STEPS = 200
ROLES = ("Viewer", "Operator", "Administrator")
BUCKET = "webhooks"
FILES = "files"


class Clock:
    """The time that the functions read; it stands still until somebody turns it."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail as SES took it."""

    sender: str
    to: tuple[str, ...]
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message that a function sent to a queue, with the delay it asked for in seconds."""

    queue: str
    body: str
    delay: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that its lane's function is handed when its time has come."""

    due: datetime
    queue: str
    body: str
    received: int = 1


@cache
def client(service: str) -> Any:
    """The tests' own client: calls of the functions are counted on theirs."""
    return boto3.client(service, region_name=REGION)  # type: ignore[call-overload]


class Account:
    """Made inside ``mock_aws``; nothing happens unless somebody does it here."""

    def __init__(
        self,
        template: dict[str, Any],
        tables: dict[str, dict[str, Any]],
        clock: Clock,
        senders: list[str],
        rights: Rights,
    ) -> None:
        self.clock = clock
        self._loopback = False
        self.rights = rights
        self.cold = False
        """Whether each call finds nothing that one before has read."""
        self.sent: list[Sent] = []
        """Every message a function sent, in order."""
        self.waiting: list[Waiting] = []
        self._template = template
        self._names: dict[str, str] = {
            "Stage": "dev",
            **{name: name for name in tables},
            "Schedules": "runs",
            "Mails": "mails",
            "TrackedMails": "tracked-mails",
            "EventBus": "countersign",
            "Webhooks": BUCKET,
            "Files": FILES,
            "Api": "people",
            "WebhookApi": "api",
            "Alarms": f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms",
            "AWS::AccountId": ACCOUNT,
            "ReceiveWebhookLogs": "/countersign/dev/receive_webhook",
            "People": made_pool(template),
            "ConsoleClient": "console",
            **{f"{role}Program": f"{role.lower()}-program" for role in ROLES},
            "AWS::Region": REGION,
            "AWS::URLSuffix": "amazonaws.example",
            "PrivateAddresses": template["Parameters"]["PrivateAddresses"]["Default"],
        }
        for name, table in tables.items():
            client("dynamodb").create_table(TableName=name, **table)
        stream = client("dynamodb").describe_table(TableName="State")["Table"]
        self.stream_arn: str = stream["LatestStreamArn"]
        for name, resource in template["Resources"].items():
            if resource["Type"] == "AWS::SQS::Queue":
                self._names[name] = client("sqs").create_queue(QueueName=name)["QueueUrl"]
        for bucket in (BUCKET, FILES):
            client("s3").create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
            )
        client("scheduler").create_schedule_group(Name="runs")
        client("events").create_event_bus(Name="countersign")
        for name in ("Mails", "TrackedMails"):
            client("sesv2").create_configuration_set(ConfigurationSetName=self._names[name])
        for sender in senders:
            # moto verifies an identity for sending only through the older service.
            client("ses").verify_email_identity(EmailAddress=sender)
        client("ssm").put_parameter(
            Name="/countersign/dev/address-key", Value=ADDRESS_KEY, Type="SecureString"
        )
        self._iterators = dict.fromkeys(STREAM_READERS, self._at_the_beginning())
        found = client("dynamodb"), "State"
        self.documents = DynamoDocuments(*found)
        self.statistics = DynamoStatistics(client("dynamodb"), "Statistics")
        self.pipelines = DynamoPipelines(*found)
        self.connections = DynamoConnections(*found)
        self.addresses = SsmAddresses(
            DeploymentKey(lambda: client("ssm"), "/countersign/dev/address-key", now=clock)
        )
        self.secrets = SsmCredentialStore(
            lambda: client("ssm"),
            "/countersign/dev/connections",
            now=clock,
            api_tokens=SsmApiTokens(
                lambda: client("ssm"), "/countersign/dev/api-tokens", now=clock
            ),
        )
        self.programs = CompiledPipelines(self.pipelines)
        for name, resource in template["Resources"].items():
            if resource["Type"] == "AWS::Serverless::Function":
                with _variables(self.environment(name)):
                    self._handler(name)

    # --- set up

    @property
    def tables(self) -> Any:
        """The tests' own client of the table."""
        return client("dynamodb")

    def publish(self, pipeline: Pipeline) -> None:
        """Publish a pipeline as it is, without the publishing checks."""
        self.pipelines.publish(pipeline, at=self.clock(), by="anna@acme.example")

    def connect(self, provider: str, *, secret: str = SECRET, **more: Any) -> str:
        """Make a connection; its address."""
        given = {"id": provider.replace("_", "-"), "pipeline": "contracts", **more}
        connected = connect(
            self.connector,
            Connection.model_validate({"provider": provider, **given}),
            NewCredentials(token=self.addresses.make(given["id"], TOKEN), secrets=(secret,)),
        )
        return connected.address

    @property
    def connector(self) -> Connector:
        """What connecting a provider needs, as the command line has it."""
        return Connector(
            connections=self.connections, credentials=self.secrets, pipelines=self.pipelines
        )

    @property
    def applier(self) -> MessageApplier:
        """What resuming a pipeline needs, as the command line has it."""
        return MessageApplier(
            store=self.store, held=DynamoHeldMessages(client("dynamodb"), "State")
        )

    @property
    def store(self) -> Store:
        """What people decide on, as the command line has it."""
        return Store(
            documents=self.documents, programs=self.programs, clock=self.clock, salt=new_salt
        )

    def allow_private_addresses(self) -> None:
        """Deploy with the parameter that lets rules call private networks; and let them call this
        machine, which no parameter does."""
        self._names["PrivateAddresses"] = "allowed"
        self._loopback = True
        forget()

    def keep_secret(self, name: str, value: str) -> None:
        """Keep a secret that rules use by name."""
        SsmRuleSecrets(lambda: client("ssm"), "/countersign/dev/secrets", now=self.clock).put(
            name, value
        )

    def hide(self, partition: str) -> None:
        """Take everything of a partition, and its copies, out of the table, until
        ``show_again``."""
        named = [(item["pk"]["S"], item) for item in self.items()]
        self._hidden = [item for name, item in named if f"{name}#".startswith(f"{partition}#")]
        for item in self._hidden:
            key = {name: item[name] for name in ("pk", "sk")}
            client("dynamodb").delete_item(TableName="State", Key=key)

    def show_again(self) -> None:
        """Put back what was hidden."""
        for item in self._hidden:
            client("dynamodb").put_item(TableName="State", Item=item)

    # --- the functions

    def environment(self, function: str) -> dict[str, str]:
        """The function's environment as the template deploys it."""
        template = self._template
        declared = {
            **template["Globals"]["Function"]["Environment"]["Variables"],
            **template["Resources"][function]["Properties"]["Environment"]["Variables"],
        }
        return {name: self._resolved(value) for name, value in declared.items()}

    def call(self, function: str, event: Event) -> Answer:
        """Hand the function an event, in nothing but its own environment."""
        if self.cold:
            forget()
        with _variables(self.environment(function)), pytest.MonkeyPatch.context() as patch:
            if self._loopback:
                patch.setattr(stack, "cloud_is_here", lambda: True)
            clients = {service: self.client_of(function, service) for service in SERVICES}
            with self.rights.judging(function, clients):
                answer: Answer = self._handler(function)(event, Context(function_name=function))
        stack.deadline().begin(math.inf)  # tests ask with the same clients, whenever they like
        return answer

    @contextmanager
    def acting_as(self, function: str) -> Iterator[Callable[[str], Any]]:
        """Clients by their service, as the function has them and judged by its role."""
        with _variables(self.environment(function)):
            clients = {service: self.client_of(function, service) for service in SERVICES}
            with self.rights.judging(function, clients):
                yield clients.__getitem__

    def outputs(self) -> dict[str, str]:
        """What the stack tells of itself."""
        given = self._template["Outputs"].items()
        return {name: self._resolved(one["Value"]) for name, one in given}

    def client_of(self, function: str, service: str) -> Any:
        """The client that the functions share, to listen to or to disturb."""
        with _variables(self.environment(function)):
            asks = (function, service) == ("ServeApi", "sesv2")
            return stack.mail_reader() if asks else stack.client(service)

    def arn(self, queue: str) -> str:
        """The queue's ARN."""
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue}"

    # --- what happens

    def post(self, request: Request, address: str, *, encoded: bool | None = None) -> Answer:
        """A webhook call; the answer that API Gateway passes on."""
        return self.call("ReceiveWebhook", http_event(request, address, encoded=encoded))

    def edit(self, document: Document, **wanted: Any) -> None:
        """Anna saves changes of the document."""
        save(self.store, document.id, Edit(**wanted), user("anna@acme.example"))

    def news(self, function: str = "DispatchRuns") -> Event | None:
        """What the stream holds for the function since it was last asked, if anything."""
        told = client("dynamodbstreams").get_records(ShardIterator=self._iterators[function])
        self._iterators[function] = told["NextShardIterator"]
        source = self._template["Resources"][function]["Properties"]["Events"]
        filters = source[STREAM_READERS[function]]["Properties"]["FilterCriteria"]["Filters"]
        patterns = [json.loads(one["Pattern"]) for one in filters]
        records = [
            record
            for record in told["Records"]
            if any(lets_through(pattern, record) for pattern in patterns)
        ]
        return stream_event(self.stream_arn, records) if records else None

    def dispatch(self) -> bool:
        """Play the stream to dispatch_runs, and take what it sent; whether there was anything."""
        event = self.news()
        if event is None:
            return False
        assert self.call("DispatchRuns", event) == NONE_FAILED
        return True

    def count(self) -> Answer | None:
        """Play the stream to record_statistics; its answer, if there was anything."""
        event = self.news("RecordStatistics")
        return None if event is None else self.call("RecordStatistics", event)

    def perform(self, waiting: Waiting) -> Answer:
        """Hand one message to its lane's function."""
        event = sqs_event(self.arn(waiting.queue), [waiting.body], received=waiting.received)
        return self.call(LANES[waiting.queue], event)

    def settle(self) -> None:
        """Let everything happen that is due now."""
        for _ in range(MAX_STEPS):
            dispatched = self.dispatch()
            due = [one for one in self.waiting if one.due <= self.clock.now]
            if due:
                first = min(due, key=lambda one: one.due)
                self.waiting.remove(first)
                assert self.perform(first) == NONE_FAILED
            elif not dispatched:
                return
        msg = f"still not at rest after {MAX_STEPS} steps"
        raise AssertionError(msg)

    def advance(self, **span: float) -> None:
        """Let time pass: everything that falls due on the way happens at its own moment."""
        until = self.clock.now + timedelta(**span)
        self.settle()
        while moments := [moment for moment in self._moments() if moment <= until]:
            self.clock.now = max(self.clock.now, min(moments))
            self._fire_schedules()
            self.settle()
        self.clock.now = until

    def note(self, params: dict[str, Any], **_: object) -> dict[str, Any]:
        """Hook of what sends one or several messages: what waits in a lane waits for the tests'
        clock, not for moto's."""
        queue = params["QueueUrl"].rpartition("/")[2]
        for message in params.get("Entries", [params]):
            delay, body = message.get("DelaySeconds", 0), message["MessageBody"]
            self.sent.append(Sent(queue=queue, body=body, delay=delay))
            if queue in LANES:
                due = self.clock.now + timedelta(seconds=delay)
                self.waiting.append(Waiting(due=due, queue=queue, body=body))
        return params

    def _moments(self) -> Iterator[datetime]:
        yield from (one.due for one in self.waiting)
        yield from (_time_of(one) for one in self.schedules())

    def _fire_schedules(self) -> None:
        for schedule in self.schedules():
            if _time_of(schedule) <= self.clock.now:
                queue = schedule["Target"]["Arn"].rpartition(":")[2]
                body = schedule["Target"]["Input"]
                self.waiting.append(Waiting(due=self.clock.now, queue=queue, body=body))
                client("scheduler").delete_schedule(GroupName="runs", Name=schedule["Name"])

    # --- what came of it

    def document(self) -> Document:
        """The only document."""
        (document,) = self.documents.in_stage("contracts")
        return document

    def runs(self) -> dict[str, tuple[str, str | None]]:
        """State and reason of each run of the only document, by entry and rule."""
        return {
            f"{run.entry}.{run.rule}": (run.state, run.reason)
            for run in self.documents.runs(self.document().id)
        }

    def run(self, rule: str) -> Run:
        """The newest run of a rule of the only document."""
        return [one for one in self.documents.runs(self.document().id) if one.rule == rule][-1]

    def mails(self) -> list[Mail]:
        """Every mail that SES took, in order."""
        backend = ses_backends[ACCOUNT][REGION]
        return [_mail(one) for one in backend.sent_messages]

    def schedules(self) -> list[dict[str, Any]]:
        """Every schedule there is, whole."""
        listed = client("scheduler").list_schedules(GroupName="runs")["Schedules"]
        return [
            client("scheduler").get_schedule(GroupName="runs", Name=one["Name"]) for one in listed
        ]

    def queued(self, queue: str) -> list[str]:
        """The bodies that lie in a queue; they are taken out of it."""
        url, bodies = self._names[queue], []
        while got := client("sqs").receive_message(QueueUrl=url).get("Messages"):
            for one in got:
                bodies.append(one["Body"])
                client("sqs").delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
        return bodies

    def items(self) -> list[dict[str, Any]]:
        """Everything that the table holds."""
        found: list[dict[str, Any]] = client("dynamodb").scan(TableName="State")["Items"]
        return found

    def _at_the_beginning(self) -> str:
        streams = client("dynamodbstreams")
        told = streams.describe_stream(StreamArn=self.stream_arn)["StreamDescription"]
        iterator: str = streams.get_shard_iterator(
            StreamArn=self.stream_arn,
            ShardId=told["Shards"][0]["ShardId"],
            ShardIteratorType="TRIM_HORIZON",
        )["ShardIterator"]
        return iterator

    def _handler(self, function: str) -> Callable[[Event, Context], Answer]:
        folder = self._template["Resources"][function]["Properties"]["CodeUri"]
        module = importlib.import_module(f"{folder.replace('/', '.')}.handler")
        handler: Callable[[Event, Context], Answer] = module.handler
        return handler

    def _resolved(self, value: Any) -> str:
        match value:
            case str():
                return value
            case {"Ref": name}:
                return self._names[name]
            case {"Fn::GetAtt": [name, "Arn"]} if name in self._names:
                return self.arn(name)
            case {"Fn::GetAtt": [name, "Arn"]}:
                return f"arn:aws:iam::{ACCOUNT}:role/{name}"
            case {"Fn::Sub": text}:
                return re.sub(r"\$\{([\w:]+)\}", lambda found: self._names[found[1]], text)
            case {"Fn::FindInMap": [mapping, key, name]}:
                return str(self._template["Mappings"][mapping][self._resolved(key)][name])
        msg = f"the template has {value!r}, which these tests do not resolve yet"
        raise AssertionError(msg)


def made_pool(template: dict[str, Any]) -> str:
    """A user pool with the groups of the template; its id."""
    made = client("cognito-idp").create_user_pool(PoolName="people", UsernameAttributes=["email"])
    pool: str = made["UserPool"]["Id"]
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Cognito::UserPoolGroup":
            name = resource["Properties"]["GroupName"]
            client("cognito-idp").create_group(UserPoolId=pool, GroupName=name)
    return pool


@contextmanager
def _variables(variables: dict[str, str]) -> Iterator[None]:
    """These variables, and the region, for a while."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"AWS_DEFAULT_REGION": REGION, **variables}.items():
            patch.setenv(name, value)
        yield


def forget() -> None:
    """Let the functions build anew what they work with; only clients are kept, for speed, and what
    they end by."""
    for name, made in (*vars(functions).items(), *vars(stack).items()):
        cleared: Callable[[], None] | None = getattr(made, "cache_clear", None)
        if cleared is not None and name not in ("client", "mail_reader", "deadline"):
            cleared()


def _time_of(schedule: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(schedule["ScheduleExpression"][3:-1] + "Z")


def _mail(raw: Any) -> Mail:
    message = message_from_string(raw.raw_data, policy=policy.default)
    body = message.get_body(("plain", "html"))
    assert body is not None
    return Mail(
        sender=raw.source,
        # moto names whoever also stands in the headers twice.
        to=tuple(dict.fromkeys(raw.destinations)),
        subject=str(message["Subject"]),
        text=body.get_content().replace("\r\n", "\n"),
    )
