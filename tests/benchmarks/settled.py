"""AWS calls of all functions from a webhook to its settled mail, counted on the wire at moto.

A mail is settled when its run is concluded and the mail service's reports *sent* and *delivered*
are recorded. Every function is warm: another webhook went the same way before.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from moto import mock_aws

from countersign.wiring import stack
from tests.benchmarks.figures import Figure, write_figures
from tests.benchmarks.reports import reports
from tests.benchmarks.scene import (
    CONNECTION,
    ROOT,
    SECRETS,
    SENDER,
    document_of,
    envelope_of,
    message,
    one_mail,
)
from tests.integration.account import LANES, NONE_FAILED, Account, Clock, forget
from tests.integration.lambda_events import Event, sqs_event
from tests.integration.rights import SERVICES, Rights
from tests.template_file import Template, read_template

NOW = datetime(2026, 3, 2, 9, 0, 2, tzinfo=UTC)
TARGET = 8
TOGETHER = 10
"""Webhooks whose messages Lambda can hand over in common batches."""
DEFAULT_BATCHES = {"SQS": 10, "DynamoDB": 100}
"""https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-sqs.html"""
TABLE = (
    "AttributeDefinitions",
    "BillingMode",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "StreamSpecification",
)


class Call(NamedTuple):
    """One AWS call that a function made."""

    function: str
    service: str
    operation: str

    def __str__(self) -> str:
        return f"{self.function} {self.service} {self.operation}"


def main(output: Path) -> None:
    """Measure, and keep the figures."""
    with deployed_functions(read_template(ROOT / "template.yaml")) as functions:
        functions.settle(1)
        alone = functions.settle(1)
        together = functions.settle(TOGETHER)
    write_figures(output, figures(alone, together, TOGETHER))


def figures(alone: Sequence[Call], together: Sequence[Call], webhooks: int) -> list[Figure]:
    """The sums, each with the calls that it is made of; ``together`` is of so many ``webhooks``."""
    name = "calls a webhook, from POST to settled mail"
    return [
        Figure(name=f"{name}, alone", value=len(alone), target=TARGET, details=in_order(alone)),
        Figure(
            name=f"... {webhooks} together",
            value=len(together) / webhooks,
            target=TARGET,
            details=shares(together, webhooks),
        ),
    ]


def in_order(calls: Sequence[Call]) -> list[str]:
    """Each call with its number."""
    return [f"{number} {call}" for number, call in enumerate(calls, start=1)]


def shares(calls: Sequence[Call], webhooks: int) -> list[str]:
    """How many calls of each sort a webhook needs, in the order in which they first came."""
    return [f"{made / webhooks:.1f} {call}" for call, made in Counter(calls).items()]


def batch_size(template: Template, function: str) -> int:
    """The most records that Lambda hands the function at once, from its only queue or stream."""
    sources = template["Resources"][function]["Properties"]["Events"].values()
    (source,) = (one for one in sources if one["Type"] in DEFAULT_BATCHES)
    size: int = source["Properties"].get("BatchSize", DEFAULT_BATCHES[source["Type"]])
    return size


def batches(records: Sequence[Any], size: int) -> Iterator[list[Any]]:
    """The records in their order, as many at once as may be."""
    return (list(records[at : at + size]) for at in range(0, len(records), size))


@contextmanager
def deployed_functions(template: Template) -> Iterator[DeployedFunctions]:
    """The template's functions, whose clock stands still but for what is done here."""
    clock = Clock(NOW)
    with mock_aws(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(stack, "now", clock)
        forget()
        functions = DeployedFunctions(template, clock)
        yield functions
        functions.close()
        forget()


def _defined(template: Template, table: str, names: Iterable[str]) -> dict[str, Any]:
    """What the template says of a table, for ``create_table``."""
    properties = template["Resources"][table]["Properties"]
    return {name: properties[name] for name in names}


class DeployedFunctions:
    """The template's functions on moto; each webhook is of an envelope of its own."""

    def __init__(self, template: Template, clock: Clock) -> None:
        self._template, self._clock = template, clock
        state = _defined(template, "State", TABLE)
        state["StreamSpecification"] = {**state["StreamSpecification"], "StreamEnabled": True}
        audit = _defined(template, "Audit", (one for one in TABLE if one != "StreamSpecification"))
        plain = [
            one for one in TABLE if one not in ("StreamSpecification", "GlobalSecondaryIndexes")
        ]
        statistics = _defined(template, "Statistics", plain)
        tables = {"State": state, "Audit": audit, "Statistics": statistics}
        names = {"Webhooks": "webhooks", "Files": "files", "Schedules": "runs"}
        names |= {"Mails": "mails", "TrackedMails": "tracked-mails", "EventBus": "countersign"}
        self._rights = Rights(template, names)
        self._account = Account(template, tables, clock, [SENDER], self._rights)
        self._account.publish(one_mail())
        fields = [field.model_dump() for field in CONNECTION.fields]
        self._address = self._account.connect("docusign", secret=SECRETS.secrets[0], fields=fields)
        self._numbers = count(1)
        self._calls: list[Call] = []
        self._function = ""
        self._clients = [self._account.client_of("ReceiveWebhook", name) for name in SERVICES]
        for client in self._clients:
            client.meta.events.register("before-send", self._note)

    def close(self) -> None:
        """Listen no more; nothing may have been asked that a role does not allow."""
        for client in self._clients:
            client.meta.events.unregister("before-send", self._note)
        assert self._rights.denied == []

    def settle(self, webhooks: int) -> list[Call]:
        """Move so many documents at once; the calls until all their mails are settled."""
        numbers = [f"C-{next(self._numbers):05}" for _ in range(webhooks)]
        for number in numbers:
            self._post("envelope-created", number)
        assert self._account.news() is None
        self._calls.clear()
        for number in numbers:
            self._post("envelope-sent", number)
        while event := self._account.news():
            self._hand_over("DispatchRuns", event["Records"])
            for queue, function in LANES.items():
                bodies = self._account.queued(queue)
                self._hand_over(function, self._messages(queue, bodies))
        told = [body for number in numbers for body in self._reports(number)]
        self._hand_over("RecordFeedback", self._messages("Feedback", told))
        assert self._account.news() is None
        calls = list(self._calls)
        self._check(numbers)
        return calls

    def _post(self, name: str, number: str) -> None:
        self._clock.now += timedelta(milliseconds=100)
        request = message(name, envelope_of(number), self._clock.now, size=6_000, number=number)
        self._function = self._named("ReceiveWebhook")
        answer = self._account.post(request, self._address)
        assert answer["statusCode"] == 200, answer

    def _hand_over(self, function: str, records: Sequence[Event]) -> None:
        """In batches as large as the template lets them be."""
        self._function = self._named(function)
        for batch in batches(records, batch_size(self._template, function)):
            assert self._account.call(function, {"Records": batch}) == NONE_FAILED

    def _messages(self, queue: str, bodies: Sequence[str]) -> list[Event]:
        records: list[Event] = sqs_event(self._account.arn(queue), bodies)["Records"]
        return records

    def _reports(self, number: str) -> Iterator[str]:
        """What the mail service reports of the contract's mail."""
        (run,) = self._account.documents.runs(document_of(number))
        return reports(run, "mails")

    def _check(self, numbers: Sequence[str]) -> None:
        """Every run is done, and its document knows that the mail was delivered."""
        for number in numbers:
            document = document_of(number)
            states = [run.state for run in self._account.documents.runs(document)]
            told = [event.provider_event for event in self._account.documents.events(document)]
            assert states == ["done"], (number, states)
            assert told.count("delivered") == 1, (number, told)

    def _named(self, function: str) -> str:
        """The function as its folder is named."""
        folder: str = self._template["Resources"][function]["Properties"]["CodeUri"]
        return folder.rpartition("/")[2]

    def _note(self, event_name: str, **_more: object) -> None:
        _, service, operation = event_name.split(".")
        self._calls.append(Call(self._function, service, operation))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
