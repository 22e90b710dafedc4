"""The main job over HTTP on the real template: webhooks in, the document moves, mail goes out."""

from __future__ import annotations

from decimal import Decimal

import pytest
import yaml

from countersign.model.pipeline import Pipeline
from tests.end_to_end.conftest import Running
from tests.end_to_end.process import Mail, Process, until
from tests.integration.messages import EVENTS, SENDERS, Sender

ANSWERS = {"dropbox_sign": "Hello API Event Received"}
"""What a provider looks for in the answer, where it is more than the status."""


@pytest.fixture(scope="module")
def contracts() -> Pipeline:
    """The pipeline of the example."""
    text = (EVENTS / "pipelines" / "contracts.yaml").read_text()
    return Pipeline.model_validate(yaml.safe_load(text))


@pytest.mark.parametrize("sender", SENDERS, ids=lambda one: one.provider)
def test_the_client_is_asked_to_sign_after_the_director_and_not_reminded_once_she_has(
    running: Running, contracts: Pipeline, sender: Sender
) -> None:
    process = Process(running, f"main-{sender.provider}", contracts, sender)
    success = ANSWERS.get(sender.provider, "")
    assert process.tell(sender.sent) == success
    assert (process.document().stage, process.document().title) == ("sent", sender.title)

    process.edit(values={"amount": Decimal(9800), "currency": "EUR", "number": "V-7"})
    assert process.tell(sender.director_signs) == success
    assert process.document().stage == "partially-signed"
    asked = Mail(
        sender="contracts@acme.example",
        to=(process.client_address,),
        subject="Your contract V-7 is ready to sign",
        text=f'Dear Klara Vogel,\n\nwe have signed "{sender.title}". '
        "Now it waits for your signature.\n",
    )
    assert until(process.mails) == [asked]

    (schedule,) = until(process.schedules)
    reminder = process.run("remind")
    assert reminder.due is not None
    assert (schedule["Name"], schedule["ScheduleExpression"]) == (
        f"{reminder.key}.1",
        f"at({reminder.due:%Y-%m-%dT%H:%M:%S})",
    )

    assert process.tell(sender.client_signs) == success
    assert process.tell(sender.completed) == success
    document = process.document()
    assert (document.stage, document.status) == ("signed", "completed")
    shown = {run.rule: run.state for entry in process.explained().entries for run in entry.runs}
    assert shown == {"mail-contract": "done", "remind": "cancelled", "archive": "ready"}

    process.make_due("remind")
    assert process.deliver("RunEmail", schedule["Target"]["Input"]) == {"batchItemFailures": []}
    assert process.states()["3.remind"] == "cancelled"
    assert process.mails() == [asked]


def test_whatever_a_provider_sends_twice_counts_once(running: Running, contracts: Pipeline) -> None:
    process = Process(running, "twice", contracts)
    for _ in range(3):
        process.tell("recipient-completed-director")
    number = "Your contract V-2026-0042 is ready to sign"
    assert process.until_mailed(number) == [number]
    assert process.document().version == 1
    body = process.message("mail-contract")
    assert process.deliver("RunEmail", body) == {"batchItemFailures": []}
    assert process.subjects() == [number]
