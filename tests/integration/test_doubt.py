"""Runs in doubt through the functions: resolved by SES's report, or swept; lost ones set going."""

from __future__ import annotations

import json
from typing import Any

import pytest

from countersign.adapters.ses.mailer import tags
from countersign.model.run import Run
from countersign.use_cases.pipelines.pause import pause, resume
from tests.builders import KLARA, mail, pipeline, stage, trigger
from tests.integration.account import NONE_FAILED, SENDER, Account
from tests.integration.conftest import Said
from tests.integration.faults import disturbed, silent, unreachable
from tests.integration.lambda_events import Answer, sqs_event
from tests.integration.messages import DOCUSIGN
from tests.integration.story import Story

SEND = "sesv2.SendEmail"
SIGNERS = ("anna.berger@acme.example", "klara.vogel@kunde.example")
"""Of the example message."""
RULES = (mail("first"), mail("second"))


def begun(account: Account, *rules: dict[str, Any]) -> Story:
    """The envelope is sent, and its document in a stage with these rules."""
    stages = (
        stage("draft"),
        stage("sent", *rules, triggers=[trigger("sent")]),
        stage("opened", triggers=[trigger("mail_opened", settings={"rule": "first"})]),
    )
    story = Story(account, pipeline(*stages, senders=[SENDER]))
    story.post(story.message(DOCUSIGN.sent))
    return story


def report(
    account: Account,
    run: Run,
    detail_type: str,
    message_id: str = "m1",
    number: int | None = None,
) -> Answer:
    """SES reports on the mail of the run, or on one of several, through EventBridge and the
    queue."""
    at = account.clock().isoformat()
    body = {
        "version": "0",
        "id": "e1",
        "detail-type": detail_type,
        "source": "aws.ses",
        "time": at,
        "detail": {
            "mail": {
                "timestamp": at,
                "messageId": message_id,
                "destination": [KLARA],
                "tags": {tag["Name"]: [tag["Value"]] for tag in tags(run.key, number)},
            },
        },
    }
    event = sqs_event(account.arn("Feedback"), [json.dumps(body)])
    answer = account.call("RecordFeedback", event)
    account.settle()
    return answer


def sweep(account: Account) -> None:
    account.call("Sweep", {})
    account.settle()


def subjects(account: Account) -> list[str]:
    return [mail.subject for mail in account.mails()]


def test_a_mail_in_doubt_is_done_once_ses_reports_it_sent(account: Account) -> None:
    begun(account, *RULES)
    with disturbed(account, "RunEmail", SEND, silent):
        account.settle()
    assert account.run("first").state == "in_doubt"
    assert report(account, account.run("first"), "Email Sent") == NONE_FAILED
    assert account.runs() == {
        "2.first": ("done", "the mail service reported the mail as sent"),
        "2.second": ("done", None),
    }
    assert account.run("first").result == {"message_id": "m1", "to": KLARA}
    assert subjects(account) == ["second"]


def test_a_mail_that_nobody_reports_on_waits_for_a_person(account: Account) -> None:
    begun(account, *RULES)
    with disturbed(account, "RunEmail", SEND, silent):
        account.settle()
    for _ in range(3):
        account.advance(minutes=24 * 60)
        sweep(account)
    assert subjects(account) == []
    assert account.run("first").state == "in_doubt"


@pytest.mark.parametrize("reports_come", [True, False])
def test_a_rule_may_have_it_sent_again_where_others_are_reported_on(
    account: Account, reports_come: bool
) -> None:
    other = mail("other", execution="independent")
    begun(account, other, mail("first", on_doubt="send_again", execution="independent"))
    with disturbed(account, "RunEmail", SEND, silent, after=1, times=1):
        account.settle()
    assert subjects(account) == ["other"]
    account.advance(minutes=59)
    sweep(account)
    if reports_come:
        report(account, account.run("other"), "Email Delivered")
    assert subjects(account) == ["other"]
    account.advance(minutes=1)
    sweep(account)
    assert subjects(account) == (["other", "first"] if reports_come else ["other"])


def to_both(rule_id: str) -> dict[str, Any]:
    """A rule that mails the two signers."""
    made = mail(rule_id)
    return {**made, "settings": {**made["settings"], "to": ["company", "client"]}}


def test_two_signers_get_a_mail_each_by_one_write_more(account: Account) -> None:
    begun(account, to_both("first"))
    written: list[str] = []
    client = account.client_of("RunEmail", "dynamodb")
    client.meta.events.register(
        "before-call.dynamodb.TransactWriteItems", lambda **_: written.append("write")
    )
    account.settle()
    assert [one.to for one in account.mails()] == [(email,) for email in SIGNERS]
    assert len(written) == 3  # the claim with the first, the second's claim, the conclusion
    run = account.run("first")
    assert (run.state, run.result) == ("done", {"mails": "2", "to": ", ".join(SIGNERS)})


def test_the_second_of_two_mails_in_doubt_is_resolved_by_its_own_report(account: Account) -> None:
    begun(account, to_both("first"), mail("second"))
    with disturbed(account, "RunEmail", SEND, silent, after=1, times=1):
        account.settle()
    run = account.run("first")
    assert (run.state, [one.state for one in run.mails]) == ("in_doubt", ["sent", "sending"])
    report(account, run, "Email Delivered", run.mails[0].message_id or "", number=0)
    assert account.run("first").state == "in_doubt"
    assert report(account, run, "Email Sent", "m2", number=1) == NONE_FAILED
    assert account.run("first").state == "done"
    assert subjects(account) == ["first", "second"]


def test_a_run_whose_message_was_lost_is_found_by_the_sweep(account: Account) -> None:
    begun(account, *RULES)
    account.dispatch()
    account.waiting.clear()
    account.advance(minutes=3)
    assert subjects(account) == []
    sweep(account)
    assert subjects(account) == ["first", "second"]


def test_a_function_that_died_over_a_mail_is_found_by_the_sweep(account: Account) -> None:
    begun(account, *RULES)
    account.dispatch()
    (waiting,) = account.waiting
    account.waiting.clear()
    with disturbed(account, "RunEmail", "dynamodb.TransactWriteItems", unreachable, after=1):
        account.perform(waiting)
    assert account.run("first").state == "running"
    account.advance(minutes=3)
    sweep(account)
    assert account.run("first").state == "in_doubt"
    report(account, account.run("first"), "Email Delivered")
    assert account.run("first").state == "done"
    assert subjects(account) == ["first", "second"]


def test_a_mail_that_was_opened_moves_its_document_once(account: Account, said: Said) -> None:
    begun(account, *RULES)
    account.settle()
    run = account.run("first")
    for _ in range(2):
        assert report(account, run, "Email Opened") == NONE_FAILED
    assert account.document().stage == "opened"
    timeline = account.documents.timeline(account.document().id)
    assert [line.event for line in timeline].count("mail.opened") == 1
    lines = "\n".join(said())
    assert "report recorded" in lines
    assert "report duplicate" in lines
    assert KLARA not in lines


def test_what_is_reported_while_the_pipeline_is_paused_is_applied_when_it_goes_on(
    account: Account,
) -> None:
    begun(account, *RULES)
    account.settle()
    pause(account.pipelines, "contracts")
    report(account, account.run("first"), "Email Opened")
    assert account.document().stage == "sent"
    assert resume(account.applier, account.pipelines, "contracts").messages == 1
    assert account.document().stage == "opened"


@pytest.mark.parametrize("body", ["nonsense", "{}"])
def test_a_report_that_cannot_be_read_is_told_back_alone(account: Account, body: str) -> None:
    other = {"detail-type": "Email Subscribed", "time": "2026-03-02T12:00:00Z", "detail": {}}
    event = sqs_event(account.arn("Feedback"), [json.dumps(other), body])
    told = account.call("RecordFeedback", event)
    assert told == {"batchItemFailures": [{"itemIdentifier": "message-2"}]}


def test_a_silent_connection_is_told_with_the_stage(account: Account, said: Said) -> None:
    begun(account)
    connection = account.connections.get("docusign")
    assert connection is not None
    account.connections.put(connection.model_copy(update={"silent_after": 7}))
    account.advance(days=7)
    sweep(account)
    quiet = [json.loads(line) for line in said()]
    assert [one["connection_silent"] for one in quiet if "connection_silent" in one] == [[0.0]]
    account.advance(minutes=1)
    sweep(account)
    lines = [json.loads(line) for line in said()]
    (metric,) = [one for one in lines if "connection_silent" in one]
    assert (metric["connection_silent"], metric["stage"]) == ([1.0], "dev")
    (told,) = [one for one in lines if one.get("message") == "connection silent"]
    assert told["connection"] == "docusign"
