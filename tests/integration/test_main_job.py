"""From a provider's webhook to the client's mail, through every function."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from countersign.model.pipeline import Pipeline
from tests.integration.account import SENDER, Account, Mail
from tests.integration.lambda_events import sqs_event
from tests.integration.messages import DOCUSIGN, SENDERS, Sender
from tests.integration.story import Story

ASKED = Mail(
    sender=SENDER,
    to=("klara.vogel@kunde.example",),
    subject="Your contract V-7 is ready to sign",
    text='Dear Klara Vogel,\n\nwe have signed "{title}". Now it waits for your signature.\n',
)
REMINDED = Mail(
    sender=SENDER,
    to=("klara.vogel@kunde.example",),
    subject="Reminder: {title}",
    text='Dear Klara Vogel,\n\n"{title}" still waits for your signature.\n',
)


def about(title: str, mail: Mail) -> Mail:
    """The mail with the envelope's title."""
    subject, text = (one.format(title=title) for one in (mail.subject, mail.text))
    return replace(mail, subject=subject, text=text)


@pytest.mark.parametrize("sender", SENDERS, ids=lambda one: one.provider)
def test_the_client_is_asked_to_sign_after_the_director_and_reminded_until_she_signs(
    account: Account, contracts: Pipeline, sender: Sender
) -> None:
    story = Story(account, contracts, sender)
    story.tell(sender.sent)
    document = account.document()
    assert (document.stage, document.title, account.mails()) == ("sent", sender.title, [])

    account.edit(document, values={"amount": Decimal(9800), "currency": "EUR", "number": "V-7"})
    story.tell(sender.director_signs)
    assert account.document().stage == "partially-signed"
    assert account.mails() == [about(sender.title, ASKED)]

    account.advance(days=4)
    assert account.mails() == [about(sender.title, ASKED), about(sender.title, REMINDED)]

    story.tell(sender.client_signs)
    story.tell(sender.completed)
    account.advance(days=13)
    assert (account.document().stage, account.document().status) == ("signed", "completed")
    account.advance(days=1)
    assert account.document().stage == "archived"
    assert account.runs() == {
        "3.mail-contract": ("done", None),
        "3.remind": ("done", None),
        "4.archive": ("done", None),
    }
    assert len(account.mails()) == 2


def test_a_reminder_becomes_a_schedule_that_hands_the_run_to_its_lane_and_deletes_itself(
    account: Account, story: Story
) -> None:
    story.tell(DOCUSIGN.director_signs)
    (schedule,) = account.schedules()
    document = account.document()
    wanted = ("Name", "GroupName", "ScheduleExpression", "ScheduleExpressionTimezone")
    assert {name: schedule[name] for name in wanted} == {
        "Name": f"{document.id}.3.remind.1",
        "GroupName": "runs",
        # The third day is a Thursday, and nine o'clock in Berlin is eight in UTC.
        "ScheduleExpression": "at(2026-03-05T08:00:00)",
        "ScheduleExpressionTimezone": "UTC",
    }
    assert schedule["ActionAfterCompletion"] == "DELETE"
    assert schedule["FlexibleTimeWindow"] == {"Mode": "OFF"}
    assert schedule["Target"] == {
        "Arn": account.arn("Email"),
        "RoleArn": "arn:aws:iam::123456789012:role/ScheduleRole",
        "DeadLetterConfig": {"Arn": account.arn("ScheduleDeadLetters")},
        "RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
        "Input": json.dumps(
            {
                "document": document.id,
                "entry": 3,
                "rule": "remind",
                "generation": 1,
                "pipeline": "contracts",
            },
            separators=(",", ":"),
        ),
    }


def test_a_reminder_does_not_go_out_when_the_client_has_signed_before(
    account: Account, story: Story
) -> None:
    story.tell(DOCUSIGN.director_signs)
    asked = account.mails()
    story.tell(DOCUSIGN.client_signs)
    story.tell(DOCUSIGN.completed)
    account.advance(days=4)
    assert account.mails() == asked
    assert account.runs() == {
        "3.mail-contract": ("done", None),
        "3.remind": ("cancelled", "the document left the stage partially-signed before it began"),
        "4.archive": ("ready", "14 days after its turn: Mon 2026-03-16 13:00 Europe/Berlin"),
    }


def test_whatever_is_delivered_twice_has_its_effect_once(account: Account, story: Story) -> None:
    for _ in range(2):
        story.post(story.message(DOCUSIGN.director_signs))
    batch = account.news()
    assert batch is not None
    for _ in range(2):
        account.call("DispatchRuns", batch)
    assert [one.queue for one in account.waiting] == ["Email", "Email"]
    assert len(account.schedules()) == 1
    bodies = [one.body for one in account.waiting]
    account.call("RunEmail", sqs_event(account.arn("Email"), bodies))
    account.settle()
    subjects = [mail.subject for mail in account.mails()]
    assert subjects == ["Your contract V-2026-0042 is ready to sign"]
    document = account.document()
    assert (document.version, document.stage) == (1, "partially-signed")
    events = [event.provider_event for event in account.documents.events(document.id)]
    assert events == ["recipient-completed"]


@contextmanager
def counted(account: Account, function: str, *services: str) -> Iterator[list[str]]:
    """The calls that the function makes meanwhile."""
    calls: list[str] = []

    def note(model: Any, **_: object) -> None:
        calls.append(model.name)

    for service in services:
        account.client_of(function, service).meta.events.register("before-call", note, "count")
    yield calls
    for service in services:
        account.client_of(function, service).meta.events.unregister("before-call", note, "count")


COUNTED = ("dynamodb", "ssm", "sqs")
TWO = ["BatchGetItem", "TransactWriteItems"]


COLD = ["GetParameter", "GetParameter"]
"""The deployment's key, and the connection's secrets."""


@pytest.mark.parametrize(
    ("before", "name", "calls"),
    [
        pytest.param([], DOCUSIGN.sent, [*COLD, TWO[0], "GetItem", TWO[1]], id="cold"),
        pytest.param([DOCUSIGN.sent], DOCUSIGN.director_signs, TWO, id="moves a document"),
        pytest.param([DOCUSIGN.sent], DOCUSIGN.sent, TWO, id="comes a second time"),
        pytest.param([DOCUSIGN.sent], "envelope-unheard-of", TWO, id="has no effect"),
    ],
)
def test_a_webhook_costs_two_calls_of_aws_once_the_function_is_warm(
    account: Account, story: Story, before: list[str], name: str, calls: list[str]
) -> None:
    for earlier in before:
        story.post(story.message(earlier))
    with counted(account, "ReceiveWebhook", *COUNTED) as made:
        story.post(story.message(name))
    assert made == calls


def test_a_request_that_proves_nothing_costs_no_call_that_a_stranger_could_repeat(
    account: Account, story: Story
) -> None:
    forged = DOCUSIGN.message(DOCUSIGN.sent, "another key", account.clock())
    with counted(account, "ReceiveWebhook", *COUNTED) as made:
        for address in (story.address, story.address, "nobody.token", "nobody.token"):
            assert account.post(forged, address)["statusCode"] == 401
    assert made == ["GetParameter", "GetParameter"]
