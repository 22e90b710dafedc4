"""Every function ends by itself before Lambda ends it, and before anybody else takes its work.

No call begins that would not end in time (``adapters.deadline``). Until when each may begin, and
when its function ends at the latest, is computed here from the template and the clients' limits.
The table in docs/design.md is what comes out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from countersign.adapters.aws import client_config
from countersign.adapters.aws.deadline import AT_THE_END
from countersign.adapters.http.client import SHORTEST
from countersign.errors import UnavailableError
from countersign.providers._toolkit.api import FILE_WITHIN
from countersign.rules.call_web_address import CallWebAddress
from countersign.use_cases.effects import mail_series, reminders
from countersign.wiring import stack

Resources = dict[str, dict[str, Any]]

BEGINS, ENDS = "<!-- bounded work -->\n", "<!-- end of bounded work -->\n"
GATEWAY = 30
"""Seconds that an HTTP API waits for its function:
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""
WEB = "web"
CLIENTS = {"ses": "sesv2"}
"""What boto3 calls a service whose rights are called otherwise."""
BY_LAMBDA = re.compile(
    r"logs:(CreateLogStream|PutLogEvents)|sqs:(ReceiveMessage|DeleteMessage|GetQueueAttributes)"
    r"|dynamodb:(DescribeStream|GetRecords|GetShardIterator|ListStreams)|iam:PassRole"
)
"""Rights for which the function itself makes no call: most are Lambda's."""
HANDED_OVER = "HandOverWhatFailed"
"""The right that Lambda alone uses, for what a stream's function could not take."""
A_ROUND = 2 * client_config.longest_try(client_config.STATE)
"""Seconds that reading what a run is about and claiming it may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A service that a function calls; all in seconds, from the start of the invocation."""

    service: str
    longest: float
    """How long one try may take, with the wait before the next."""
    begins_by: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """What bounds one function."""

    function: str
    batch: int
    """Records of one invocation at most."""
    calls: tuple[Call, ...]
    ends_by: float
    timeout: int
    lease: float | None
    """How long it holds the run that it works on."""
    taken_again: int
    """When the same work begins anew at the earliest: its message is shown again, or the next one
    is started; when nobody waits any more, of what answers."""

    def begins_by(self, service: str) -> float:
        [found] = [call.begins_by for call in self.calls if call.service == service]
        return found

    def row(self) -> str:
        calls = ", ".join(f"{call.service} {call.begins_by:g}" for call in self.calls)
        cells = (
            *(self.function, self.batch, calls, f"{self.ends_by:g}", self.timeout),
            *("" if self.lease is None else f"{self.lease:g}", self.taken_again),
        )
        return "| " + " | ".join(map(str, cells)).replace("|  |", "| |") + " |"


@pytest.fixture(scope="session")
def bounds(functions: Resources, queues: Resources, resources: Resources) -> dict[str, Bound]:
    found = {}
    for name, function in functions.items():
        for source in _sources(name, function, queues, resources):
            title = f"{name}, {source.title}" if source.title else name
            calls = tuple(_calls(name, function, resources, source.kept))
            found[title] = Bound(
                function=title,
                batch=source.batch,
                calls=calls,
                ends_by=max(call.begins_by + call.longest for call in calls) + AT_THE_END,
                timeout=function["Timeout"],
                lease=stack.LEASE.total_seconds() if name.startswith("Run") else None,
                taken_again=source.taken_again,
            )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    taken_again: int
    batch: int = 1
    kept: Mapping[str, float] = field(default_factory=dict)
    """What must be left behind calls for what their failure needs."""
    title: str = ""


def _sources(
    name: str, function: dict[str, Any], queues: Resources, resources: Resources
) -> Iterator[_Source]:
    if name == "ServeApi":
        yield _Source(taken_again=GATEWAY)
    if name == "ReceiveWebhook":
        yield _Source(taken_again=GATEWAY, kept=client_config.PARKING, title="webhooks")
    for source in function.get("Events", {}).values():
        given = source["Properties"]
        if source["Type"] == "SQS":
            queue = queues[given["Queue"]["Fn::GetAtt"][0]]
            title = "parked" if name == "ReceiveWebhook" else ""
            puts_back = name in ("ReceiveWebhook", "RecordFeedback")
            yield _Source(
                taken_again=queue["VisibilityTimeout"],
                batch=given["BatchSize"],
                kept=client_config.PUTTING_BACK if puts_back else {},
                title=title,
            )
        else:  # the stream's next batch waits for this one
            yield _Source(taken_again=function["Timeout"], batch=given["BatchSize"])
    schedules = (one for one in resources.values() if one["Type"] == "AWS::Scheduler::Schedule")
    for one in schedules:
        if one["Target"]["Arn"]["Fn::GetAtt"][0] == name:
            minutes = re.fullmatch(r"rate\((\d+) minutes\)", one["ScheduleExpression"])
            assert minutes is not None
            yield _Source(taken_again=60 * int(minutes[1]))


def _calls(
    name: str, function: dict[str, Any], resources: Resources, behind: Mapping[str, float]
) -> Iterator[Call]:
    ends = function["Timeout"] - AT_THE_END
    for service in sorted(_services(resources[f"{name}Role"])):
        config, kept = client_config.OF[service], client_config.KEPT.get(service, 0)
        if service == "sesv2" and not _sends_mail(resources[f"{name}Role"]):
            config, kept = client_config.MAIL_READS, 0
        longest = client_config.longest_try(config)
        kept += behind.get(service, 0)
        yield Call(service=service, longest=longest, begins_by=ends - kept - longest)
    if "PRIVATE_ADDRESSES" in function["Environment"]["Variables"]:
        longest = max(_longest_web_call(), FILE_WITHIN)
        ends -= client_config.WRITTEN_WITHIN
        yield Call(service=WEB, longest=longest, begins_by=ends - longest)


def _services(role: dict[str, Any]) -> set[str]:
    """What a function may call, by its rights."""
    rights = (right for right in _rights(role) if not BY_LAMBDA.fullmatch(right))
    prefixes = {right.partition(":")[0] for right in rights}
    return {CLIENTS.get(prefix, prefix) for prefix in prefixes}


def _sends_mail(role: dict[str, Any]) -> bool:
    return "ses:SendEmail" in _rights(role)


def _rights(role: dict[str, Any]) -> list[str]:
    return [
        right
        for policy in role["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Sid"] != HANDED_OVER
        for right in _listed(statement["Action"])
    ]


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _longest_web_call() -> int:
    """The longest time that a rule may give a call."""
    given = {"url": "https://crm.acme.example", "method": "POST"}
    for seconds in range(60, 0, -1):
        try:
            CallWebAddress.model_validate({**given, "timeout": seconds})
        except ValidationError:
            continue
        return seconds
    raise AssertionError("no call may take any time")


def _table(bounds: dict[str, Bound]) -> str:
    head = (
        "| function | at once | a call begins until | ends by | time-out | lease | taken again |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    )
    return "\n".join((*head, *(bounds[name].row() for name in sorted(bounds)))) + "\n"


def test_each_ends_by_itself_before_it_is_ended(bounds: dict[str, Bound]) -> None:
    assert {name for name, one in bounds.items() if one.ends_by > one.timeout} == set()


def test_each_can_call_whatever_it_needs(bounds: dict[str, Bound]) -> None:
    late = {name: one.calls for name, one in bounds.items() if min(_begin(one)) < 2}
    assert late == {}


def _begin(bound: Bound) -> list[float]:
    return [call.begins_by for call in bound.calls]


def test_a_lease_outlasts_its_function_and_ends_before_the_message_comes_again(
    bounds: dict[str, Bound],
) -> None:
    leased = [one for one in bounds.values() if one.lease is not None]
    assert len(leased) == 3
    for one in leased:
        assert one.lease is not None
        assert one.timeout < one.lease < one.taken_again


def test_nothing_is_taken_again_while_it_is_under_way(bounds: dict[str, Bound]) -> None:
    assert {name for name, one in bounds.items() if one.timeout > one.taken_again} == set()


def test_what_precedes_a_mail_leaves_the_time_to_hand_it_over(bounds: dict[str, Bound]) -> None:
    """A slow provider is asked for the signed PDF twice; a series of mails begins them for so
    long."""
    fetched = A_ROUND / 2 + 2 * FILE_WITHIN
    assert bounds["RunEmail"].begins_by("sesv2") >= fetched
    assert bounds["RunEmail"].begins_by("sesv2") >= A_ROUND + mail_series.WITHIN.total_seconds()


def test_what_precedes_a_call_of_the_web_leaves_its_whole_time(bounds: dict[str, Bound]) -> None:
    assert bounds["RunWeb"].begins_by(WEB) >= A_ROUND
    assert _longest_web_call() >= reminders.WITHIN
    assert reminders.WITHIN // reminders.AT_ONCE >= SHORTEST


def test_the_c_library_looks_up_a_host_no_longer_than_is_reckoned_with(
    template: dict[str, Any],
) -> None:
    given = template["Globals"]["Function"]["Environment"]["Variables"]["RES_OPTIONS"]
    found = re.fullmatch(r"timeout:(\d) attempts:(\d)", given)
    assert found is not None
    assert int(found[1]) * int(found[2]) == client_config.LOOKED_UP_WITHIN < SHORTEST


def test_every_function_begins_with_its_deadline(project_root: Path, functions: Resources) -> None:
    for name, function in functions.items():
        if name == "ServeConsole":  # it calls nobody
            continue
        source = (project_root / function["CodeUri"] / "handler.py").read_text()
        [handler] = [
            one
            for one in ast.parse(source).body
            if isinstance(one, ast.FunctionDef) and one.name == "handler"
        ]
        first = ast.unparse(handler.body[1])
        assert first.startswith("stack.begin(context"), function["CodeUri"]


@dataclass
class _Context:
    left: int

    def get_remaining_time_in_millis(self) -> int:
        return self.left


@pytest.mark.parametrize("service", sorted(client_config.OF))
def test_no_client_begins_a_call_that_might_not_end_in_time(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each a plain call, with a little less time left than it may take."""
    calls: dict[str, tuple[str, dict[str, Any]]] = {
        "dynamodb": ("get_item", {"TableName": "a", "Key": {}}),
        "ssm": ("get_parameter", {"Name": "a"}),
        "s3": ("get_object", {"Bucket": "a-bucket", "Key": "a"}),
        "sqs": ("receive_message", {"QueueUrl": "https://sqs.eu-central-1.amazonaws.com/1/a"}),
        "scheduler": ("delete_schedule", {"Name": "a"}),
        "cognito-idp": ("admin_get_user", {"UserPoolId": "eu-central-1_a", "Username": "b"}),
        "logs": ("filter_log_events", {"logGroupName": "a"}),
        "sesv2": ("get_account", {}),
        "events": ("put_events", {"Entries": [{"Source": "a"}]}),
        "sns": ("publish", {"Message": "a", "PhoneNumber": "+491701234567"}),
    }
    for name, value in (
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
    ):
        monkeypatch.setenv(name, value)
    stack.client.cache_clear()
    stack.deadline.cache_clear()
    name, arguments = calls[service]
    client = stack.client(service)
    longest = client_config.longest_try(client_config.OF[service])
    sent: list[str] = []

    def nothing_leaves(request: Any, **_: Any) -> None:
        sent.append(request.url)
        raise ConnectionAbortedError

    client.meta.events.register_last("before-send", nothing_leaves)
    kept = client_config.KEPT.get(service, 0)
    enough = 1000 * (longest + kept + AT_THE_END)
    stack.begin(_Context(int(enough) - 1))
    with pytest.raises(UnavailableError, match="nothing was sent"):
        getattr(client, name)(**arguments)
    assert sent == []
    stack.begin(_Context(int(enough) + 500))
    with pytest.raises(ConnectionAbortedError):
        getattr(client, name)(**arguments)
    assert len(sent) == 1
    stack.client.cache_clear()
    stack.deadline.cache_clear()


def test_the_table_in_the_design_is_the_computed_one(
    project_root: Path, bounds: dict[str, Bound]
) -> None:
    design = (project_root / "docs/design.md").read_text()
    written = design.partition(BEGINS)[2].partition(ENDS)[0]
    assert written == _table(bounds)
