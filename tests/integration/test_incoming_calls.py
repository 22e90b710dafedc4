"""Calls of a trigger's own address, through the functions: from a link to the mail it leads to."""

from __future__ import annotations

from datetime import timedelta

import pytest

from countersign.providers.base import Request
from tests.builders import pipeline, stage, trigger
from tests.integration.account import SENDER, Account, Mail
from tests.integration.story import Story

ANNA = "anna@acme.example"
APPROVED = pipeline(
    stage("draft"),
    stage(
        "approved",
        {
            "id": "until",
            "kind": "compute_field",
            "settings": {"field": "answer_by", "value": "{{ document.since | plus_days: 14 }}"},
        },
        {
            "id": "boss",
            "kind": "notify_supervisor",
            "settings": {
                "from": SENDER,
                "subject": "Approved",
                "text": "Amount: {{ document.amount }}",
            },
        },
        triggers=[trigger("incoming_call", settings={"code": "yes-7f3k"})],
    ),
    senders=[SENDER],
    supervisors={ANNA: "dora@acme.example"},
    fields={"answer_by": {"type": "date"}},
)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_call_fires_its_trigger_once_and_the_rules_run(account: Account, method: str) -> None:
    story = Story(account, APPROVED)
    story.tell("envelope-sent")
    document = account.document()
    account.edit(document, values={"responsible": ANNA, "amount": "9800"})
    address = account.connect("incoming_call", secret="s3cret")
    query = {"document": document.id, "code": "yes-7f3k", "id": "1"}
    headers = {"authorization": "Bearer s3cret"}
    call = Request(method=method, query=query, headers=headers, received_at=account.clock())
    answers = []
    for _ in range(2):
        answers.append(account.post(call, address)["statusCode"])
        account.settle()
    after = account.document()
    assert (answers, after.stage, after.entry) == ([200, 200], "approved", 2)
    assert after.fields["answer_by"] == (after.since.date() + timedelta(days=14)).isoformat()
    mail = Mail(sender=SENDER, to=("dora@acme.example",), subject="Approved", text="Amount: 9800")
    assert account.mails() == [mail]


@pytest.mark.parametrize(
    ("secret", "answer"),
    [("s3cret", (404, "there is no such document")), ("wrong", (401, "unauthorized"))],
)
def test_only_a_caller_who_proves_himself_hears_that_there_is_no_such_document(
    account: Account, secret: str, answer: tuple[int, str]
) -> None:
    account.publish(APPROVED)
    address = account.connect("incoming_call", secret="s3cret")
    call = Request(
        method="GET",
        query={"document": "nowhere", "code": "yes-7f3k"},
        headers={"authorization": f"Bearer {secret}"},
        received_at=account.clock(),
    )
    answered = account.post(call, address)
    assert (answered["statusCode"], answered["body"]) == answer
