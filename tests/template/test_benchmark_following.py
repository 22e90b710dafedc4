"""A webhook is finished when its run is concluded and the reports on its mail are taken."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from countersign.adapters.dynamodb import items
from countersign.local.cloud import LocalCloud
from countersign.local.deploy import Stack
from countersign.model.run import Run
from tests.benchmarks.capacity import CountedWorld
from tests.benchmarks.following import Following
from tests.benchmarks.local_scene import Target
from tests.benchmarks.scene import document_of

EVERY = 0.01
PATIENCE = 30.0


class Account(Target):
    """An account of moto's in place of the local cloud."""

    def client(self, service: str) -> Any:
        made: Any = boto3.client(service, "eu-central-1")  # type: ignore[call-overload]
        return made

    def put(self, run: Run) -> None:
        self.client("dynamodb").put_item(TableName="State", Item=items.dump_run(run))

    def take_reports(self) -> list[dict[str, Any]]:
        """What lies in the queue, which is recorded by that."""
        queue, taken = self.stack.outputs["FeedbackQueueUrl"], []
        client = self.client("sqs")
        asked = {"QueueUrl": queue, "MaxNumberOfMessages": 10}
        while found := client.receive_message(**asked).get("Messages"):
            for message in found:
                taken.append(json.loads(message["Body"]))
                client.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        return taken


@pytest.fixture
def account(tmp_path: Path, table_definition: dict[str, Any]) -> Iterator[Account]:
    with mock_aws():
        boto3.client("dynamodb", "eu-central-1").create_table(TableName="State", **table_definition)
        queue = boto3.client("sqs", "eu-central-1").create_queue(QueueName="Feedback")
        outputs = {"TableName": "State", "ConfigurationSet": "mails"}
        outputs["FeedbackQueueUrl"] = queue["QueueUrl"]
        yield Account(LocalCloud("http://127.0.0.1:1", tmp_path), Stack(outputs, "", ""))


@pytest.fixture(scope="module")
def done() -> Run:
    """A run that sent a mail."""
    counted = CountedWorld()
    counted.settle("first")
    (run,) = counted.world.state.runs.values()
    return run


def of(number: str, run: Run, **other: Any) -> Run:
    """The run of another webhook."""
    return run.model_copy(update={"document": document_of(number), **other})


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(EVERY)


def test_reports_are_sent_once_a_run_is_concluded_and_finished_is_what_is_recorded(
    account: Account, done: Run
) -> None:
    with Following(account, EVERY) as following:
        following.add("a")
        account.put(of("a", done, state="running", result={}))
        account.put(of("a", done))
        until(lambda: following.concluded == {"a"})
        assert following.under_way == 1
        reports: list[dict[str, Any]] = []

        def recorded() -> bool:
            reports.extend(account.take_reports())
            return following.finished == 1

        until(recorded)
        assert following.wait()
    assert [one["detail-type"] for one in reports] == ["Email Sent", "Email Delivered"]
    mail = reports[0]["detail"]["mail"]
    assert mail["messageId"] == done.result["message_id"]
    assert mail["tags"]["document"] == [document_of("a")]


def test_a_run_that_ended_without_a_mail_is_told_and_not_reported_on(
    account: Account, done: Run
) -> None:
    account.put(of("a", done, state="skipped", result={}))
    with Following(account, EVERY) as following:
        following.add("a")
        assert following.wait()
    assert (following.without_mail, following.concluded) == (["a"], set())
    assert account.take_reports() == []


def test_runs_that_do_not_end_hold_up_no_others(account: Account, done: Run) -> None:
    stuck, others = [f"stuck-{n}" for n in range(10)], [f"other-{n}" for n in range(15)]
    for number in stuck:
        account.put(of(number, done, state="running", result={}))
    for number in others:
        account.put(of(number, done))
    with Following(account, EVERY) as following:
        for number in (*stuck, *others):
            following.add(number)
        until(lambda: following.concluded == set(others))
    assert following.followed == {*stuck, *others}


def test_what_never_ends_is_given_up(account: Account, done: Run) -> None:
    account.put(of("a", done, state="running", result={}))
    with Following(account, EVERY) as following:
        following.add("a")
        assert not following.wait(patience=0.2)
    assert (following.accepted, following.finished) == (1, 0)
