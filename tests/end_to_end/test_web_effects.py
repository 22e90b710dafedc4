"""Events and SMS of rules, on the real template."""

from __future__ import annotations

import json
from typing import Any

from tests.builders import pipeline, stage
from tests.end_to_end.conftest import Running
from tests.end_to_end.process import Process, until


def arrived(running: Running, pipeline_id: str, kind: str, /, **settings: Any) -> Process:
    """A document has just arrived in a stage with one such rule."""
    rule = {"id": "it", "kind": kind, "settings": settings}
    stages = (stage("draft"), stage("sent", rule, triggers=[{"id": "sent", "kind": "sent"}]))
    process = Process(running, pipeline_id, pipeline(*stages))
    process.tell("envelope-sent")
    return process


def test_an_event_reaches_a_queue_that_is_attached_to_the_deployment_s_bus(
    running: Running,
) -> None:
    bus = running.physical("EventBus")
    assert running.stack.outputs["EventBus"] == bus
    session, endpoint = running.cloud.session(), running.cloud.endpoint
    sqs = session.client("sqs", endpoint_url=endpoint)
    events = session.client("events", endpoint_url=endpoint)
    url = sqs.create_queue(QueueName="consumer")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    pattern = {"source": ["countersign"], "detail-type": ["ContractSent"]}
    events.put_rule(Name="sent", EventBusName=bus, EventPattern=json.dumps(pattern))
    events.put_targets(
        Rule="sent", EventBusName=bus, Targets=[{"Id": "consumer", "Arn": arn["QueueArn"]}]
    )
    detail = {"number": "{{ document.number }}"}
    process = arrived(running, "event", "publish_event", name="ContractSent", detail=detail)

    def received() -> list[Any]:
        told = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages", [])
        return [json.loads(one["Body"])["detail"] for one in told]

    (told,) = until(received)
    assert told["idempotency_key"] == str(process.run("it").key)
    assert process.until_states({"2.it": "done"}) == {"2.it": "done"}


def test_an_sms_is_handed_over(running: Running) -> None:
    process = arrived(running, "sms", "send_sms", to="+4915112345678", text="Please sign")
    assert process.until_states({"2.it": "done"}) == {"2.it": "done"}
    assert process.run("it").result["to"] == "+4915112345678"
