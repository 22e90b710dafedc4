"""A rule's effect happens once, or its run says why not; the rules below go on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.builders import mail, pipeline, stage, to_stage
from tests.integration.account import NONE_FAILED, SENDER, Account
from tests.integration.conftest import Said
from tests.integration.faults import Fault, disturbed, quota, refused, silent, unreachable
from tests.integration.lambda_events import Answer, sqs_event, stream_event
from tests.integration.messages import DOCUSIGN
from tests.integration.story import Story

SEND = "sesv2.SendEmail"
WRITE = "dynamodb.TransactWriteItems"
TRIGGERED = [{"id": "sent", "kind": "sent"}]


def with_rules(account: Account, *rules: dict[str, Any], **more: Any) -> Story:
    """A document arrives in a stage with these rules as soon as its envelope is sent."""
    stages = (
        stage("draft"),
        stage("sent", *rules, triggers=TRIGGERED),
        stage("signed", triggers=[{"id": "all", "kind": "signed_by_all"}]),
    )
    return Story(account, pipeline(*stages, **{"senders": [SENDER], **more}))


def subjects(account: Account) -> list[str]:
    return [mail.subject for mail in account.mails()]


# --- SES refuses, for now or for good


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(refused("TooManyRequestsException", 429), id="more than SES takes a second"),
        pytest.param(refused("LimitExceededException"), id="more than SES takes a day"),
        pytest.param(refused("InternalFailure", 500), id="a fault of SES"),
        pytest.param(unreachable, id="unreachable"),
    ],
)
def test_a_mail_that_ses_cannot_take_now_goes_out_later_and_once(
    account: Account, fault: Fault
) -> None:
    story = with_rules(account, mail("first"), mail("second"))
    with (
        disturbed(account, "RunEmail", SEND, fault, times=2),
        disturbed(account, "RunEmail", "sesv2.GetAccount", quota(14)),
    ):
        story.tell(DOCUSIGN.sent)
        assert account.runs()["2.second"] == ("waiting", "waits for first")
        account.advance(minutes=2)
    assert subjects(account) == ["first", "second"]
    assert account.run("first").attempts == 1


def test_a_mail_service_that_takes_nothing_for_a_weekend_fails_no_run(account: Account) -> None:
    story = with_rules(account, mail("first"), mail("second"))
    with disturbed(account, "RunEmail", SEND, refused("SendingPausedException")):
        story.tell(DOCUSIGN.sent)
        account.advance(hours=72)
        run = account.run("first")
        assert (run.state, run.attempts, subjects(account)) == ("ready", 0, [])
        assert run.reason is not None
        assert run.reason.startswith("waits, without using up a try: SES does not take mails now")
    account.advance(hours=1)
    assert subjects(account) == ["first", "second"]
    assert account.run("first").attempts == 1


def test_a_used_up_daily_quota_is_told_on_the_timeline_and_counted(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    """An alarm listens to the count."""
    story = with_rules(account, mail("first"))
    used_up = refused("ThrottlingException", message="Daily message quota exceeded.")
    with disturbed(account, "RunEmail", SEND, used_up, times=3):
        story.tell(DOCUSIGN.sent)
        lines = account.documents.timeline(account.document().id)
        assert [line.text for line in lines if "daily quota" in line.text] == [
            f"first: {account.run('first').reason}"
        ]
        account.advance(hours=3)
    assert subjects(account) == ["first"]
    assert account.run("first").attempts == 1
    counts = [line for line in capsys.readouterr().out.splitlines() if "mail_quota_reached" in line]
    assert len(counts) == 3
    assert all('"stage":"dev"' in line for line in counts)


def test_a_mail_from_a_sender_that_is_not_verified_fails_for_good_and_the_next_rule_goes_on(
    account: Account,
) -> None:
    foreign = mail("first")
    foreign["settings"] |= {"from": "sales@acme.example"}
    story = with_rules(account, foreign, mail("second"), senders=[SENDER, "sales@acme.example"])
    story.tell(DOCUSIGN.sent)
    state, reason = account.runs()["2.first"]
    assert (state, account.run("first").attempts, subjects(account)) == ("failed", 1, ["second"])
    assert reason is not None
    assert "sales@acme.example" in reason
    assert reason.endswith(
        "the administrator of the SES account must verify the address or domain named here, "
        "or to move the account out of the sandbox; or the text must be corrected"
    )


def test_a_mail_that_ses_gave_no_answer_to_is_in_doubt_and_not_sent_again(
    account: Account,
) -> None:
    story = with_rules(account, mail("first"), mail("second"))
    with disturbed(account, "RunEmail", SEND, silent):
        story.tell(DOCUSIGN.sent)
    account.advance(hours=12)
    state, reason = account.runs()["2.first"]
    assert (state, subjects(account)) == ("in_doubt", [])
    assert reason is not None
    assert reason.startswith("SES gave no answer; the mail may be sent: ")
    assert account.runs()["2.second"] == ("waiting", "waits for first")


# --- the function or the database fails around the effect


def told_back(*numbers: int) -> Answer:
    return {"batchItemFailures": [{"itemIdentifier": f"message-{one}"} for one in numbers]}


def the_message(account: Account, story: Story) -> Any:
    """The first mail's message, as it is about to be delivered."""
    story.post(story.message(DOCUSIGN.sent))
    account.dispatch()
    (waiting,) = account.waiting
    account.waiting.clear()
    return waiting


@pytest.mark.parametrize("call", ["dynamodb.BatchGetItem", WRITE])
def test_a_run_that_cannot_be_claimed_is_told_back_and_sends_nothing(
    account: Account, call: str
) -> None:
    waiting = the_message(account, with_rules(account, mail("first")))
    with disturbed(account, "RunEmail", call, unreachable):
        assert account.perform(waiting) == told_back(1)
    assert subjects(account) == []
    assert account.perform(waiting) == NONE_FAILED
    assert subjects(account) == ["first"]


def test_a_mail_whose_outcome_could_not_be_written_is_in_doubt_after_its_lease_and_sent_once(
    account: Account,
) -> None:
    waiting = the_message(account, with_rules(account, mail("first")))
    with disturbed(account, "RunEmail", WRITE, unreachable, after=1):
        assert account.perform(waiting) == told_back(1)
    assert account.runs()["2.first"] == ("running", None)
    assert account.perform(waiting) == NONE_FAILED
    assert account.runs()["2.first"] == ("running", None)
    account.advance(minutes=3)
    assert account.perform(waiting) == NONE_FAILED
    assert account.runs()["2.first"] == (
        "in_doubt",
        "the function that performed it ended without a report; it may have taken effect",
    )
    assert subjects(account) == ["first"]


def test_a_document_that_leaves_while_its_mail_is_claimed_gets_no_mail(account: Account) -> None:
    story = with_rules(account, mail("first"))
    waiting = the_message(account, story)
    events = account.client_of("RunEmail", "dynamodb").meta.events
    moves = [lambda: account.edit(account.document(), stage="signed")]

    def leave(**_: object) -> None:
        if moves:
            moves.pop()()

    events.register_first(f"before-call.{WRITE}", leave, unique_id="leave")
    try:
        assert account.perform(waiting) == NONE_FAILED
    finally:
        events.unregister(f"before-call.{WRITE}", unique_id="leave")
    assert subjects(account) == []
    assert account.runs()["2.first"] == (
        "cancelled",
        "the document left the stage sent before it began",
    )


def test_a_change_of_the_document_is_made_once_whatever_is_delivered_again(
    account: Account,
) -> None:
    story = with_rules(account, to_stage("on", "signed"))
    waiting = the_message(account, story)
    with disturbed(account, "RunDocument", WRITE, refused("InternalServerError", 500)):
        assert account.perform(waiting) == told_back(1)
    assert account.document().stage == "sent"
    for _ in range(2):
        assert account.perform(waiting) == NONE_FAILED
    assert (account.document().stage, account.document().version) == ("signed", 2)


# --- dispatching


@pytest.mark.parametrize(
    ("rule", "call"),
    [
        pytest.param(mail("first"), "sqs.SendMessageBatch", id="at once"),
        pytest.param(
            mail("first", time={"after": {"hours": 1}}), "scheduler.CreateSchedule", id="later"
        ),
    ],
)
def test_a_run_that_cannot_be_dispatched_is_told_back_to_the_stream_and_comes_again(
    account: Account, rule: dict[str, Any], call: str
) -> None:
    story = with_rules(account, rule)
    story.post(story.message(DOCUSIGN.sent))
    event = account.news()
    assert event is not None
    (record,) = event["Records"]
    with disturbed(account, "DispatchRuns", call, unreachable):
        assert account.call("DispatchRuns", event) == {
            "batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]}]
        }
    assert account.call("DispatchRuns", event) == NONE_FAILED
    account.advance(hours=1)
    assert subjects(account) == ["first"]


# --- poison


@pytest.mark.parametrize("function", ["RunEmail", "RunDocument"])
@pytest.mark.parametrize(
    "poison",
    ["", "unreadable", "[]", "{}", '{"document": 1}', '{"document": "d", "entry": 1}', "\x00"],
)
def test_a_message_that_cannot_be_read_is_told_back_alone(
    account: Account, function: str, poison: str
) -> None:
    rule = mail("first") if function == "RunEmail" else to_stage("first", "signed")
    good = the_message(account, with_rules(account, rule))
    event = sqs_event(account.arn(good.queue), [poison, good.body])
    assert account.call(function, event) == told_back(1)
    assert account.runs()["2.first"] == ("done", None)


def test_a_record_of_the_stream_that_cannot_be_read_is_told_back_alone(account: Account) -> None:
    story = with_rules(account, mail("first"))
    story.post(story.message(DOCUSIGN.sent))
    event = account.news()
    assert event is not None
    (good,) = event["Records"]
    image = {"type": {"S": "run"}, "state": {"S": "ready"}}
    poison = {
        **good,
        "dynamodb": {**good["dynamodb"], "NewImage": image, "SequenceNumber": "7"},
    }
    answer = account.call("DispatchRuns", stream_event(account.stream_arn, [poison, good]))
    assert answer == {"batchItemFailures": [{"itemIdentifier": "7"}]}
    assert [one.queue for one in account.sent] == ["Email"]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        pytest.param({"rule": "another"}, "there is no such run", id="no such run"),
        pytest.param({"document": "d-another"}, "there is no such run", id="no such document"),
        pytest.param({"generation": 2}, "generation 2 was replaced by 1", id="generation"),
    ],
)
def test_a_message_that_fits_no_run_is_harmless(
    account: Account,
    changed: dict[str, Any],
    reason: str,
    said: Said,
) -> None:
    waiting = the_message(account, with_rules(account, mail("first")))
    body = json.dumps({**json.loads(waiting.body), **changed})
    assert account.call("RunEmail", sqs_event(account.arn("Email"), [body])) == NONE_FAILED
    assert (subjects(account), account.runs()["2.first"]) == ([], ("ready", None))
    lines = [json.loads(line) for line in said()]
    assert [line["reason"] for line in lines if line.get("message") == "run void"] == [reason]
