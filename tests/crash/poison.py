"""Poison: items that this version cannot read, and messages that ask for nothing it knows.

Everything else goes on and comes to rest; the poison is counted and left alone. In the end a
version is deployed that can read the items, and what they kept back goes on, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from countersign.adapters.dynamodb import items
from countersign.adapters.ses.mail_events import mail_event_of
from countersign.adapters.sqs.retry_queue import retry_message
from countersign.errors import PermanentError, UnreadableError
from countersign.model.base import Model
from countersign.model.mail_event import MailEvent
from countersign.model.message import RunMessage
from countersign.model.run import Run, RunKey
from countersign.model.task import TaskKey
from tests.crash.kernel import Kernel
from tests.crash.lives import OTHERS
from tests.crash.queues import Letter, QueueName

Item = dict[str, Any]
Damage = Callable[[Item], Item]
SAID = "cannot be read by this version"


def _with(**attributes: Any) -> Damage:
    return lambda item: {**item, **attributes}


def _without(name: str) -> Damage:
    return lambda item: {key: value for key, value in item.items() if key != name}


DAMAGES: Mapping[str, tuple[Damage, ...]] = {
    "run": (
        _with(state={"S": "dreaming"}),
        _with(lane={"S": "pigeon"}),
        _without("pipeline_version"),
        _with(generation={"S": "the third"}),
        _with(planned_at={"BOOL": True}),
        _with(state={"N": "7"}),
    ),
    "document": (
        _without("stage"),
        _with(status={"S": "notarised"}),
        _with(version={"S": "many"}),
        _with(signers={"S": "[7]"}),
        _with(since={"S": "yesterday"}),
    ),
    "connection": (_without("provider"), _with(parties={"S": '{"who": "knows"}'})),
    "pipeline": (_without("version"), _with(paused={"S": "perhaps"})),
    "task": (_with(state={"S": "postponed"}), _without("title")),
}
"""What another version may have written, by the sort of item."""

LANES: tuple[Callable[[RunMessage], Any], ...] = (
    lambda message: "{",
    lambda message: "null",
    lambda message: json.dumps([1, 2]),
    lambda message: message.model_dump_json().replace('"generation":', '"wave":'),
    lambda message: json.dumps({**message.model_dump(mode="json"), "priority": "high"}),
    lambda message: json.dumps({**message.model_dump(mode="json"), "generation": "third"}),
    lambda message: message.model_copy(update={"rule": "that-never-was"}),
    lambda message: message.model_copy(update={"document": "d-that-never-was"}),
    lambda message: message.model_copy(update={"generation": message.generation + 40}),
)
"""Messages that no lane can do anything with, made from one that it could."""
TEXTS = ("", "{", "[]", '"text"', '{"version": "7", "detail": {}}', '{"connection": "gone"}')


class Poison:
    """Puts poison into the tables and the queues, and knows what is allowed to stand still."""

    def __init__(self, kernel: Kernel, send: Callable[[Letter], None]) -> None:
        self._kernel = kernel
        self._send = send
        self._number = 0
        self.ever = False
        """Whether any item was ever spoiled."""

    # --- items

    def spoil(self, sort: str, number: int) -> str:
        """An item is as another version has written it."""
        there = sorted(self._there(sort), key=lambda one: str(one[0]))
        if not there:
            return f"there is no {sort}"
        key, model, item = there[number % len(there)]
        damaged = DAMAGES[sort][number % len(DAMAGES[sort])](item)
        try:
            items.parse(model, damaged)
        except UnreadableError:
            self._kernel.state.spoiled.add(key)
            self.ever = True
            return f"{key} {SAID}"
        except Exception as error:
            self._kernel.state.broken("poison", f"reading {key} raised {type(error).__name__}")
        return f"{key} can be read all the same"

    def _there(self, sort: str) -> Iterator[tuple[Any, type[Model], Item]]:
        state = self._kernel.state
        match sort:
            case "run":
                for run in state.runs.values():
                    yield run.key, type(run), items.dump_run(run)
            case "document":
                for one in state.documents.values():
                    yield ("document", one.id), type(one), items.dump_document(one)
            case "connection":
                for connection in state.connections.values():
                    key = ("connection", connection.id)
                    yield key, type(connection), items.dump_connection(connection)
            case "pipeline":  # the one that has no rules: the other has all of the scenario
                head = state.heads[OTHERS]
                yield ("pipeline", OTHERS), type(head), items.dump_head(head)
            case "task":
                for task in state.tasks.values():
                    yield task.key, type(task), items.dump_task(task)

    def heal(self) -> None:
        """A version is deployed that can read everything."""
        self._kernel.tell("* what could not be read can be now")
        self._kernel.state.spoiled.clear()

    def is_counted(self) -> bool:
        """Whether a sweep comes by something that it cannot read."""
        spoiled = self._kernel.state.spoiled
        return any(
            isinstance(one, RunKey)
            or (isinstance(one, tuple) and one[0] in ("connection", "pipeline"))
            for one in spoiled
        )

    def keeps(self, run: Run) -> bool:
        """Whether a run may wait for what cannot be read: its document, another run of it, or
        the head of its pipeline, which may be paused."""
        spoiled = self._kernel.state.spoiled
        return any(
            key in {("document", run.document), ("pipeline", run.pipeline)}
            or (isinstance(key, (RunKey, TaskKey)) and key.document == run.document)
            for key in spoiled
        )

    def excuses(self, text: str) -> bool:
        """Whether it tells of an item that cannot be read."""
        return self.ever and SAID in text

    # --- messages

    def put(self, queue: QueueName, number: int) -> str:
        """A message comes that nobody can do anything with."""
        body: Any = TEXTS[number % len(TEXTS)]
        if queue in ("email", "web", "document"):
            runs = sorted(self._kernel.state.runs.values(), key=lambda run: str(run.key))
            mine = [run for run in runs if run.lane == queue]
            if not mine:
                return f"no run is of the lane {queue}"
            asked = RunMessage.of(mine[number % len(mine)])
            body = LANES[number % len(LANES)](asked)
        self._number += 1
        name = f"{queue} poison {self._number}"
        self._send(Letter(queue=queue, body=body, name=name, poison=True))
        return f"{name}: {body}"


def read(letter: Letter) -> RunMessage | MailEvent | None:
    """What a function reads in the text of a message."""
    match letter.queue:
        case "feedback":
            return mail_event_of(letter.body)
        case "parked":
            retry_message(letter.body)
            raise AssertionError(letter.body)  # no poison is a parked request
    return RunMessage.model_validate_json(letter.body)


REFUSALS = (ValidationError, PermanentError)
"""What reading poison may raise."""
