"""CPU of receive_webhook for a warm webhook, against a floor: its two AWS calls and one HMAC.

Needs the function's environment, and AWS_ENDPOINT_URL unset: it brings its own AWS.
"""

from __future__ import annotations

import base64
import cProfile
import hashlib
import hmac
import json
import os
import pstats
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import boto3

from countersign.adapters.dynamodb import items
from countersign.model.document import Document
from countersign.model.pipeline import Head, Version
from countersign.simulation.world import World
from countersign.use_cases.messages.receive import receive
from tests.benchmarks.canned import canned_aws
from tests.benchmarks.figures import Figure, ratio, write_figures
from tests.benchmarks.scene import (
    ADDRESS,
    ADDRESS_KEY,
    CONNECTION,
    SECRETS,
    Context,
    copy_of,
    gateway_event,
    message,
    three_rules,
)

ENVELOPE = "9f6b2a90-8c1d-4e57-b2a4-91d0c7e5f8a6"
NOW = datetime(2026, 3, 2, 9, 0, 2, tzinfo=UTC)
SIZE = 6_000
"""Bytes of a message."""
BATCHES = 40
CALLS = 15
"""In each batch; batches of either side take turns, so that the machine's moods cancel out."""


def main(output: Path, profile: Path | None) -> None:
    """Measure, and keep the figures."""
    with canned_aws(answers()) as address:
        os.environ["AWS_ENDPOINT_URL"] = address
        figures = _measure(profile)
    write_figures(output, figures)


def _measure(profile: Path | None) -> list[Figure]:
    from countersign.wiring import stack
    from functions.receive_webhook.handler import handler

    request = message("envelope-sent", ENVELOPE, NOW, size=SIZE)
    event, context = gateway_event(request), Context()
    client = stack.client("dynamodb")
    asked = _calls_of(client, lambda: handler(event, context))
    key = SECRETS.secrets[0].encode()

    def webhook() -> None:
        answer = handler(event, context)
        assert answer["statusCode"] == 200, answer

    def floor_of(made: Any) -> Callable[[], None]:
        def floor() -> None:
            made.batch_get_item(**asked["BatchGetItem"])
            made.transact_write_items(**asked["TransactWriteItems"])
            hmac.new(key, request.body, hashlib.sha256).digest()

        return floor

    sides = (webhook, floor_of(client), floor_of(boto3.client("dynamodb")))
    for side in sides:
        _seconds(side)
    if profile is not None:
        _profile(webhook, profile)
    taken = [[_seconds(side) for side in sides] for _ in range(BATCHES)]
    ours, floor, plain = ([row[place] * 1e6 for row in taken] for place in range(3))
    return [
        Figure(name="CPU of a webhook", value=median(ours), unit="µs"),
        Figure(name="CPU of the floor, by the same client", value=median(floor), unit="µs"),
        Figure(name="CPU of the floor, by a plain client of boto3", value=median(plain), unit="µs"),
        Figure(name="a webhook against the floor", value=ratio(ours, floor), target=1.5),
        Figure(name="... by a plain client of boto3", value=ratio(ours, plain), target=1.5),
    ]


def _seconds(side: Callable[[], None]) -> float:
    """CPU seconds of one call, in a batch."""
    started = time.process_time()
    for _ in range(CALLS):
        side()
    return (time.process_time() - started) / CALLS


def _calls_of(client: Any, call: Callable[[], object]) -> dict[str, dict[str, Any]]:
    """What a warm call asks DynamoDB, by operation."""
    call()
    asked: dict[str, dict[str, Any]] = {}

    def note(params: dict[str, Any], model: Any, **_: Any) -> None:
        assert model.name not in asked, f"{model.name} is called twice"
        asked[model.name] = dict(params)

    client.meta.events.register("provide-client-params.dynamodb.*", note)
    call()
    client.meta.events.unregister("provide-client-params.dynamodb.*", note)
    assert sorted(asked) == ["BatchGetItem", "TransactWriteItems"], asked
    return asked


def answers() -> dict[str, str]:
    """What AWS answers when a message moves a document, as the adapters have written it."""
    program, document = three_rules(), _document()
    head = items.dump_head(Head(pipeline=program.pipeline, name=program.name, version=1))
    copies = [copy_of(item, document.id) for item in (items.dump_connection(CONNECTION), head)]
    found = {os.environ["TABLE_NAME"]: [*copies, items.dump_document(document)]}
    version = Version(number=1, pipeline=program, published_at="2026-03-01T09:00:00Z")
    secrets = {"Parameter": {"Name": "docusign", "Value": SECRETS.model_dump_json()}}
    key = {"Parameter": {"Name": "address_key_path", "Value": ADDRESS_KEY}}
    return {
        "DynamoDB_20120810.BatchGetItem": _wire({"Responses": found, "UnprocessedKeys": {}}),
        "DynamoDB_20120810.GetItem": _wire({"Item": items.dump_version(version)}),
        "DynamoDB_20120810.TransactWriteItems": _wire({}),
        "AmazonSSM.GetParameter": _wire(secrets),
        "AmazonSSM.GetParameter address_key_path": _wire(key),
    }


def _document() -> Document:
    """The document after the message that the envelope was created."""
    world = World(NOW)
    world.publish(three_rules())
    world.connect(CONNECTION, SECRETS)
    created = message("envelope-created", ENVELOPE, NOW, size=SIZE)
    received = receive(world.receiver, ADDRESS, created)
    document = world.documents.get(received.documents[0])
    assert document is not None, received
    return document


def _wire(answer: dict[str, Any]) -> str:
    return json.dumps(answer, default=lambda value: base64.b64encode(value).decode())


def _profile(webhook: Callable[[], None], path: Path) -> None:
    """Where a webhook's time goes, by function."""
    profiler = cProfile.Profile()
    profiler.enable()
    for _ in range(300):
        webhook()
    profiler.disable()
    with path.open("w") as file:
        pstats.Stats(profiler, stream=file).sort_stats("cumulative").print_stats(120)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
