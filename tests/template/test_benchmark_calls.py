"""The benchmark counts every call of every function, in batches as large as the template says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.benchmarks.figures import Figure, read_figures, table, write_figures
from tests.benchmarks.settled import Call, batch_size, batches, figures, in_order, shares

READ = Call("run_email", "dynamodb", "BatchGetItem")
SEND = Call("run_email", "sesv2", "SendEmail")
QUEUE = Call("dispatch_runs", "sqs", "SendMessage")


def test_calls_are_told_in_their_order_with_the_function_that_makes_them() -> None:
    assert in_order([QUEUE, READ, SEND, READ]) == [
        "1 dispatch_runs sqs SendMessage",
        "2 run_email dynamodb BatchGetItem",
        "3 run_email sesv2 SendEmail",
        "4 run_email dynamodb BatchGetItem",
    ]


def test_calls_of_several_webhooks_are_shared_out_among_them() -> None:
    assert shares([QUEUE, READ, SEND, READ, SEND, READ], 2) == [
        "0.5 dispatch_runs sqs SendMessage",
        "1.5 run_email dynamodb BatchGetItem",
        "1.0 run_email sesv2 SendEmail",
    ]


def test_a_sum_is_a_figure_and_the_calls_stand_below_it(tmp_path: Any) -> None:
    alone, together = figures([QUEUE, READ, SEND], [QUEUE, READ, READ, SEND, SEND], 2)
    assert (alone.value, together.value) == (3, 2.5)
    write_figures(tmp_path / "figures.json", [alone])
    lines = table("Calls", read_figures(tmp_path / "figures.json")).splitlines()
    assert len(lines) == 5
    assert lines[2].strip() == "1 dispatch_runs sqs SendMessage"


def test_a_figure_without_details_is_one_line() -> None:
    assert len(table("CPU", [Figure(name="CPU", value=1)]).splitlines()) == 2


@pytest.mark.parametrize(
    ("source", "size"),
    [
        ({"Type": "SQS", "Properties": {"BatchSize": 1}}, 1),
        ({"Type": "SQS", "Properties": {"BatchSize": 40}}, 40),
        ({"Type": "SQS", "Properties": {}}, 10),
        ({"Type": "DynamoDB", "Properties": {}}, 100),
    ],
)
def test_batches_are_as_large_as_the_template_lets_them_be(
    source: dict[str, Any], size: int
) -> None:
    events = {"Calls": {"Type": "HttpApi", "Properties": {}}, "Lane": source}
    template = {"Resources": {"RunEmail": {"Properties": {"Events": events}}}}
    assert batch_size(template, "RunEmail") == size


def test_nothing_is_left_out_of_the_batches() -> None:
    assert list(batches("abcde", 2)) == [["a", "b"], ["c", "d"], ["e"]]
    assert list(batches("ab", 10)) == [["a", "b"]]
    assert list(batches("", 10)) == []


def test_each_lane_of_the_template_has_a_batch_size(template: dict[str, Any]) -> None:
    for function in ("DispatchRuns", "RunEmail", "RunWeb", "RunDocument", "RecordFeedback"):
        assert batch_size(template, function) >= 1
