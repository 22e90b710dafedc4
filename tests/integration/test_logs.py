"""The log tells one fact a line, with keys; never a payload, an address or a secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from countersign.model.pipeline import Pipeline
from tests.builders import mail, pipeline, stage
from tests.integration.account import SECRET, SENDER, TOKEN, Account, client
from tests.integration.conftest import Said
from tests.integration.faults import disturbed, refused, unreachable
from tests.integration.lambda_events import sqs_event
from tests.integration.messages import DOCUSIGN, SENDERS, Sender
from tests.integration.story import Story

WORDS = ("klara", "vogel", "anna", "berger", "jonas", "agreement", "12500", "12,500", "V-2026")
FORBIDDEN = (*WORDS, "@", SECRET, SECRET[::-1], TOKEN, TOKEN[::-1], "ready to sign", "Bcc:")

ALWAYS = {
    *("level", "location", "message", "timestamp", "service", "cold_start", "function_name"),
    *("function_memory_size", "function_arn", "function_request_id"),
}


def facts(lines: list[str]) -> list[dict[str, Any]]:
    """The lines of the log, without what stands on each of them; metrics left out."""
    told = [json.loads(line) for line in lines]
    return [
        {name: value for name, value in line.items() if name not in ALWAYS - {"message"}}
        for line in told
        if "_aws" not in line
    ]


def counted(lines: list[str]) -> dict[str, float]:
    """The metrics, summed up."""
    sums: dict[str, float] = {}
    for line in map(json.loads, lines):
        for metric in line.get("_aws", {}).get("CloudWatchMetrics", [{}])[0].get("Metrics", ()):
            name = metric["Name"]
            sums[name] = sums.get(name, 0) + sum(line[name])
    return sums


def telling(lines: list[str]) -> list[str]:
    """The lines that tell what they must not."""
    words = [word.lower() for word in FORBIDDEN]
    return [line for line in lines if any(word in line.lower() for word in words)]


def arrival(*rules: dict[str, Any], **more: Any) -> Pipeline:
    arrives = stage("sent", *rules, triggers=[{"id": "sent", "kind": "sent"}])
    return pipeline(stage("draft"), arrives, **{"senders": [SENDER], **more})


def test_a_webhook_and_each_of_its_runs_is_one_line(
    account: Account, story: Story, said: Said
) -> None:
    story.tell(DOCUSIGN.director_signs)
    document = account.document().id
    lines = said()
    assert facts(lines) == [
        {
            "message": "webhook applied",
            "connection": "docusign",
            "provider": "docusign",
            "status": 200,
            "events": ["signer.signed"],
            "documents": [document],
        },
        {"message": "run dispatched", "run": f"{document}.3.mail-contract"},
        {"message": "run dispatched", "run": f"{document}.3.remind"},
        {"message": "run done", "run": f"{document}.3.mail-contract", "kind": "send_email"},
    ]
    assert counted(lines) == {"webhook_applied": 1, "run_dispatched": 2, "run_done": 1}


# --- whatever happens


def the_whole_story(account: Account, story: Story) -> None:
    story.tell(DOCUSIGN.sent)
    story.tell(DOCUSIGN.director_signs)
    account.advance(days=4)
    story.tell(DOCUSIGN.client_signs)
    story.tell(DOCUSIGN.completed)
    account.advance(days=14)
    assert account.document().stage == "archived"


def strangers(account: Account, story: Story) -> None:
    message = story.message(DOCUSIGN.sent)
    forged = DOCUSIGN.message(DOCUSIGN.sent, SECRET[::-1], account.clock())
    for request, address in (
        (forged, story.address),
        (message, story.address.replace(TOKEN, TOKEN[::-1])),
        (message, f"nobody.{TOKEN}"),
    ):
        assert account.post(request, address)["statusCode"] == 401


def malformed(account: Account, story: Story) -> None:
    at = '{"event": "envelope-sent", "generatedDateTime": "klara@kunde.example"}'
    to = '{"event": ["klara@kunde.example"], "data": {"envelopeId": {"klara": "vogel"}}}'
    for body in (at, to, '{"klara@kunde.example'):
        assert story.post(story.signed(body.encode()))["statusCode"] == 400


def parked_and_taken_again(account: Account, story: Story) -> None:
    with disturbed(account, "ReceiveWebhook", "dynamodb.BatchGetItem", unreachable):
        story.post(story.message(DOCUSIGN.sent))
    bodies = [*account.queued("Parked"), "klara@kunde.example"]
    account.call("ReceiveWebhook", sqs_event(account.arn("Parked"), bodies))


def a_table_that_holds_nonsense(account: Account, story: Story) -> None:
    nonsense = {"responsible": {"M": {"klara@kunde.example": {"S": SECRET}}}}
    for item in account.items():
        if item["sk"] == {"S": "CONNECTION"}:
            key = {name: item[name] for name in ("pk", "sk")}
            client("dynamodb").put_item(TableName="State", Item=key | nonsense)
    assert story.post(story.message(DOCUSIGN.sent))["statusCode"] == 200
    assert len(account.queued("Parked")) == 1


def a_parameter_that_holds_nonsense(account: Account, story: Story) -> None:
    name = "/countersign/dev/connections/docusign"
    value = json.dumps(
        {"secrets": SECRET, "tokens": [TOKEN], "provider": {"klara@kunde.example": 1}}
    )
    client("ssm").put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
    assert story.post(story.message(DOCUSIGN.sent))["statusCode"] == 503


def poison_in_the_lanes(account: Account, story: Story) -> None:
    poison = json.dumps({"document": {"klara@kunde.example": SECRET}})
    for function, queue in (("RunEmail", "Email"), ("RunDocument", "Document")):
        answer = account.call(function, sqs_event(account.arn(queue), [poison]))
        assert len(answer["batchItemFailures"]) == 1
    story.post(story.message(DOCUSIGN.director_signs))
    event = account.news()
    assert event is not None
    for record in event["Records"]:
        record["dynamodb"]["NewImage"]["kind"] = {"M": {"klara@kunde.example": {"S": SECRET}}}
    assert len(account.call("DispatchRuns", event)["batchItemFailures"]) == 2


@pytest.mark.parametrize(
    "happening",
    [
        the_whole_story,
        strangers,
        malformed,
        parked_and_taken_again,
        a_table_that_holds_nonsense,
        a_parameter_that_holds_nonsense,
        poison_in_the_lanes,
    ],
)
def test_no_line_tells_what_a_message_or_a_secret_holds(
    account: Account, story: Story, said: Said, happening: Callable[[Account, Story], None]
) -> None:
    happening(account, story)
    lines = said()
    assert lines
    assert telling(lines) == []


@pytest.mark.parametrize(
    ("settings", "more", "result"),
    [
        pytest.param({}, {}, "done", id="done"),
        pytest.param({"to": ["role:Vogel"]}, {}, "failed", id="no recipient"),
        pytest.param({"subject": "{{ signer.email }}\u2028x"}, {}, "failed", id="line break"),
        pytest.param({"from": "klara@kunde.example"}, {}, "failed", id="no sender"),
        pytest.param(
            {"from": "anna@acme.example"},
            {"senders": ["anna@acme.example"]},
            "failed",
            id="refused by SES",
        ),
    ],
)
def test_no_line_tells_whom_a_mail_was_for_or_why_it_was_not_sent(
    account: Account, said: Said, settings: dict[str, Any], more: dict[str, Any], result: str
) -> None:
    rule = mail("first")
    rule["settings"] |= settings
    Story(account, arrival(rule, **more)).tell(DOCUSIGN.sent)
    lines = said()
    run = account.run("first")
    assert facts(lines)[-1] == {
        "message": f"run {result}",
        "run": str(run.key),
        "kind": "send_email",
    }
    assert telling(lines) == []


@pytest.mark.parametrize(
    ("condition", "result"),
    [
        pytest.param({"field": "amount", "op": "greater", "value": 99999}, "skipped", id="skipped"),
        pytest.param({"field": "title", "op": "contains", "value": "agreement"}, "done", id="done"),
    ],
)
def test_no_line_tells_the_values_that_a_condition_was_judged_on(
    account: Account, said: Said, condition: dict[str, Any], result: str
) -> None:
    Story(account, arrival(mail("first", condition=condition))).tell(DOCUSIGN.sent)
    lines = said()
    assert facts(lines)[-1]["message"] == f"run {result}"
    assert telling(lines) == []


# --- what fails is told


def test_a_request_that_had_to_be_parked_says_why_and_is_counted(
    account: Account, story: Story, said: Said
) -> None:
    with disturbed(
        account, "ReceiveWebhook", "dynamodb.BatchGetItem", refused("ThrottlingException")
    ):
        story.post(story.message(DOCUSIGN.sent))
    lines = said()
    assert [line["reason"] for line in facts(lines)] == [
        "UnavailableError: DynamoDB cannot answer now: ThrottlingException: not now"
    ]
    assert counted(lines) == {"webhook_parked": 1}


def test_a_record_that_fails_is_one_warning_and_is_counted(
    account: Account, story: Story, said: Said
) -> None:
    poison = sqs_event(account.arn("Email"), ["unreadable"])
    account.call("RunEmail", poison)
    lines = said()
    (line,) = facts(lines)
    assert (line["message"], line["record"]) == ("record failed", "message-1")
    assert line["reason"].startswith("ValidationError at ")
    assert counted(lines) == {"record_failed": 1}


@pytest.mark.parametrize("sender", SENDERS, ids=lambda one: one.provider)
def test_no_provider_leaves_a_trace_of_its_message_in_the_log(
    account: Account, contracts: Pipeline, said: Said, sender: Sender
) -> None:
    story = Story(account, contracts, sender)
    for name in (sender.sent, sender.director_signs, sender.client_signs):
        story.tell(name)
    lines = said()
    assert len(facts(lines)) > 3
    assert telling(lines) == []
