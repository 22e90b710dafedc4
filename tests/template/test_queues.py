"""No message is lost in silence."""

from __future__ import annotations

from typing import Any

Resources = dict[str, dict[str, Any]]

_FORTNIGHT = 14 * 24 * 3600
_ALARMS = [{"Ref": "Alarms"}]


def test_every_queue_has_dead_letters_of_its_own(queues: Resources) -> None:
    own = {
        name: {"Fn::GetAtt": [f"{name}DeadLetters", "Arn"]}
        for name in queues
        if not name.endswith("DeadLetters")
    }
    assert own
    assert {name: queues[name]["RedrivePolicy"]["deadLetterTargetArn"] for name in own} == own
    assert {f"{name}DeadLetters" for name in own} <= set(queues)


def test_dead_letters_are_kept_as_long_as_sqs_can(queues: Resources) -> None:
    """A message keeps the age it had: shorter than its queue's time, and it is gone on arrival."""
    kept = {
        name: queue["MessageRetentionPeriod"]
        for name, queue in queues.items()
        if name.endswith("DeadLetters")
    }
    assert kept == dict.fromkeys(kept, _FORTNIGHT)
    assert all(queue["MessageRetentionPeriod"] <= _FORTNIGHT for queue in queues.values())


def test_queues_are_encrypted(queues: Resources) -> None:
    assert [name for name, queue in queues.items() if not queue["SqsManagedSseEnabled"]] == []


def test_every_dead_letter_rings(resources: Resources, queues: Resources) -> None:
    ringing = _alarms(resources, "ApproximateNumberOfMessagesVisible")
    assert set(ringing) == {name for name in queues if name.endswith("DeadLetters")}
    for alarm in ringing.values():
        assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")
        assert alarm["AlarmActions"] == _ALARMS


def test_every_queue_rings_when_its_oldest_message_waits_too_long(
    resources: Resources, queues: Resources
) -> None:
    ringing = _alarms(resources, "ApproximateAgeOfOldestMessage")
    assert set(ringing) == {name for name in queues if not name.endswith("DeadLetters")}
    for alarm in ringing.values():
        assert alarm["Threshold"] == {
            "Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "OldestMessageSeconds"]
        }
        assert alarm["AlarmActions"] == _ALARMS


def _alarms(resources: Resources, metric: str) -> Resources:
    """The alarms on a metric of SQS, by the queue that they watch."""
    return {
        alarm["Dimensions"][0]["Value"]["Fn::GetAtt"][0]: alarm
        for alarm in resources.values()
        if alarm["Type"] == "AWS::CloudWatch::Alarm" and alarm["MetricName"] == metric
    }


def test_a_webhook_that_cannot_be_committed_says_why_before_its_queue_gives_it_up(
    queues: Resources,
) -> None:
    """The queue itself gives no reason; ``test_receive_outcomes`` proves what the tenth does."""
    assert queues["Parked"]["RedrivePolicy"]["maxReceiveCount"] == 10
