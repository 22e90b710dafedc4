"""Reports on mails, and the sweep, on the real template."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from countersign.adapters.ses.mail_events import KINDS
from countersign.adapters.ses.mailer import tags
from countersign.local.deploy import EXAMPLE_SENDER
from countersign.local.mail_reports import playing_reports, report
from countersign.local.playing import local_stack
from countersign.model.connection import Connection, ConnectionCredentials
from countersign.model.document import Document
from countersign.model.message import RunMessage
from countersign.model.run import Run, RunKey
from countersign.model.transaction import RunUpdate, Transaction
from countersign.use_cases.messages.apply_message import apply_to_envelope
from countersign.use_cases.messages.dead_letters import examine, redrive
from countersign.use_cases.messages.receive import Receiver
from countersign.use_cases.pipelines.compiled_pipelines import CompiledPipelines
from countersign.use_cases.services import Cloud
from countersign.use_cases.store import Store
from countersign.wiring.secret_text import new_salt
from countersign.wiring.stack import now
from tests.builders import KLARA, envelope, event, incoming, mail, pipeline, stage, trigger
from tests.end_to_end.conftest import Running

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds: the first call of each function starts a process."""


def until(look: Callable[[], T | None]) -> T:
    """What it finds, once it finds something."""
    end = time.monotonic() + PATIENCE
    while (found := look()) is None:
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.2)
    return found


def begun(running: Running, name: str, *rules: dict[str, Any]) -> tuple[Cloud, Document]:
    """A document of a pipeline of its own has arrived in a stage with these rules."""
    cloud = local_stack(running.cloud, running.stack)
    stages = (stage("sent", *rules), stage("heard", triggers=[trigger("mail_opened")]))
    wanted = pipeline(*stages, senders=[EXAMPLE_SENDER]).model_copy(update={"pipeline": name})
    cloud.pipelines.publish(wanted, at=now(), by="test")
    cloud.connections.put(Connection(id=name, provider="docusign", pipeline=name))
    applier = Receiver(
        store=Store(
            documents=cloud.documents,
            programs=CompiledPipelines(cloud.pipelines),
            clock=now,
            salt=new_salt,
        ),
        addresses=cloud.addresses,
        secrets=cloud.secrets,
        parked=cloud.parked,
        rejected=cloud.rejected,
        held=cloud.held,
        max_body=1,
    )
    secrets = ConnectionCredentials(
        connection=name, provider="docusign", pipeline=name, tokens=("t",)
    )
    sent = event("document.sent", state=envelope())
    document, _ = apply_to_envelope(applier, incoming(secrets, sent))
    return cloud, the(cloud, document)


def the(cloud: Cloud, document: str) -> Document:
    found = cloud.documents.get(document)
    assert found is not None
    return found


def in_state(cloud: Cloud, document: Document, state: str) -> Run | None:
    """The document's only run, once it is in that state."""
    (run,) = cloud.documents.runs(document.id)
    return run if run.state == state else None


def heard(cloud: Cloud, document: Document, kind: str) -> str | None:
    """What its timeline says of such a report."""
    lines = cloud.documents.timeline(document.id)
    return next((line.text for line in lines if line.event == kind), None)


def a_mail(message_id: str) -> dict[str, Any]:
    """As the local cloud's mailbox shows it."""
    return {
        "MessageId": message_id,
        "Timestamp": now().timestamp(),
        "Source": EXAMPLE_SENDER,
        "To": [KLARA],
        "CC": [],
        "BCC": [],
    }


def tell(running: Running, detail_type: str, run: Run, message_id: str) -> None:
    """SES reports on a mail of the run."""
    taken = a_mail(message_id)
    told = report(detail_type, taken, tags(run.key), running.stack.outputs["ConfigurationSet"])
    queue = running.cloud.session().client("sqs", endpoint_url=running.cloud.endpoint)
    url = running.stack.outputs["FeedbackQueueUrl"]
    queue.send_message(QueueUrl=url, MessageBody=json.dumps(told))


def sweep(running: Running) -> None:
    functions = running.cloud.session().client("lambda", endpoint_url=running.cloud.endpoint)
    answer = functions.invoke(FunctionName=running.physical("Sweep"), Payload=b"{}")
    assert "FunctionError" not in answer, answer["Payload"].read()


def test_a_mail_of_the_local_stack_is_reported_as_delivered_and_opening_it_moves_its_document(
    running: Running,
) -> None:
    with playing_reports(running.cloud, running.stack):
        cloud, document = begun(running, "heard", mail("hello"))
        text = until(lambda: heard(cloud, document, "mail.delivered"))
    assert text == f"the mail of hello was delivered to {KLARA}"
    (run,) = cloud.documents.runs(document.id)
    tell(running, "Email Opened", run, run.result["message_id"])
    until(lambda: the(cloud, document.id).stage == "heard" or None)


def test_a_run_in_doubt_is_found_by_the_sweep_and_resolved_by_the_report(running: Running) -> None:
    cloud, document = begun(running, "doubt", mail("hello", time={"after": {"days": 1}}))
    (run,) = cloud.documents.runs(document.id)
    past = now() - timedelta(minutes=1)
    died = run.model_copy(
        update={"state": "running", "started_at": past, "lease_until": past, "attempts": 1}
    )
    cloud.documents.commit(
        Transaction(updates=(RunUpdate(run=died, was="ready", was_generation=1),))
    )
    sweep(running)
    unknown = until(lambda: in_state(cloud, document, "in_doubt"))
    assert list(cloud.documents.troubled("doubt")) == [unknown]
    tell(running, "Email Sent", run, "m1")
    done = until(lambda: in_state(cloud, document, "done"))
    assert done.result == {"message_id": "m1", "to": KLARA}
    assert list(cloud.documents.troubled("doubt")) == []


def test_a_run_whose_schedule_was_lost_is_sent_to_its_lane_by_the_sweep(running: Running) -> None:
    cloud, document = begun(running, "lost", mail("hello", time={"after": {"days": 1}}))
    (run,) = cloud.documents.runs(document.id)
    # Of the same generation, so that nothing is dispatched: as if its schedule had not fired.
    late = run.model_copy(update={"due": now() - timedelta(minutes=3)})
    cloud.documents.commit(
        Transaction(updates=(RunUpdate(run=late, was="ready", was_generation=1),))
    )
    sweep(running)
    assert until(lambda: in_state(cloud, document, "done")).generation == 2


def test_a_dead_letter_is_explained_and_goes_when_nothing_is_left_to_do_for_it(
    running: Running,
) -> None:
    cloud, document = begun(running, "dead", mail("hello"))
    run = until(lambda: in_state(cloud, document, "done"))
    queue = running.cloud.session().client("sqs", endpoint_url=running.cloud.endpoint)
    url = running.stack.outputs["EmailDeadLettersUrl"]
    body = RunMessage.of(run).model_dump_json(exclude_none=True)
    queue.send_message(QueueUrl=url, MessageBody=body)
    for look in (examine, examine, redrive):
        (found,) = look(cloud.documents, cloud.dead_letters, ("email",))
        assert (found.about, found.text) == (f"run {run.key}", "the run is done")
    assert list(examine(cloud.documents, cloud.dead_letters, ("email",))) == []


@pytest.mark.parametrize("detail_type", [*KINDS, "Sending Status Enabled"])
@pytest.mark.parametrize("own", [True, False])
def test_the_rule_of_the_bus_takes_the_reports_on_our_own_mails(
    running: Running, detail_type: str, own: bool
) -> None:
    bus = running.cloud.session().client("events", endpoint_url=running.cloud.endpoint)
    (rule,) = [one for one in bus.list_rules()["Rules"] if "MailReports" in one["Name"]]
    kind = detail_type if detail_type in KINDS else "Email Sent"
    mails = running.stack.outputs["ConfigurationSet"] if own else "other-mails"
    run = RunKey(document="d1", entry=1, rule="hello")
    told = report(kind, a_mail("m1"), tags(run), mails) | {"detail-type": detail_type}
    taken_up = bus.test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(told))
    assert taken_up["Result"] == (own and detail_type in KINDS)


def test_the_rule_leads_to_the_queue_and_the_sweep_is_on_its_schedule(running: Running) -> None:
    session, endpoint = running.cloud.session(), running.cloud.endpoint
    bus = session.client("events", endpoint_url=endpoint)
    (rule,) = [one for one in bus.list_rules()["Rules"] if "MailReports" in one["Name"]]
    (target,) = bus.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert target["Arn"].rpartition(":")[2] == running.physical("Feedback").rpartition("/")[2]
    scheduler = session.client("scheduler", endpoint_url=endpoint)
    found = scheduler.get_schedule(Name=running.physical("SweepSchedule"))
    assert found["State"] == "ENABLED"
    assert found["ScheduleExpression"] == "rate(5 minutes)"
    assert running.physical("Sweep") in found["Target"]["Arn"]
