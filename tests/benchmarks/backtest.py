"""A back-test of 10,000 documents in memory, with a draft that does otherwise for all of them.

A hundred were made by signed webhooks, and each is read and played a hundred times: the store in
memory looks at all that it has for each document, which a table does not.
"""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path

from countersign.model.pipeline import Pipeline
from countersign.simulation.backtest.slices import (
    BacktestServices,
    backtest_slice,
    candidates,
    prepare,
)
from countersign.simulation.backtest.summary import BacktestSummary
from countersign.simulation.world import World
from countersign.use_cases.messages.receive import receive
from tests.benchmarks.figures import Figure, write_figures
from tests.benchmarks.scene import (
    ADDRESS,
    CONNECTION,
    SECRETS,
    envelope_of,
    message,
    three_rules,
)

MADE, TIMES = 100, 100
"""Documents, and how often each is played."""
DAYS = 30
EACH = 1_000
"""After so many documents it is said how many there were."""
MESSAGES = ("envelope-sent", "recipient-completed-director")
BYTES = 6_000
"""Of a message."""


def main(output: Path) -> None:
    """Measure, and keep the figures."""
    world = lived(MADE)
    started = time.process_time()
    summary = back_test_of(world, TIMES)
    took = time.process_time() - started
    played = MADE * TIMES
    assert (summary.documents, summary.different) == (played, played), summary
    figures = [
        Figure(
            name=f"back-testing {played:,} documents of {len(MESSAGES)} messages, CPU",
            value=took,
            unit="s",
            target=600,
        ),
        Figure(name="documents a second", value=played / took, target=20, least=True),
    ]
    write_figures(output, figures)


def lived(count: int) -> World:
    """A world in which so many envelopes were sent and signed by one side, and reminded of."""
    world = World()
    world.publish(three_rules())
    world.connect(CONNECTION, SECRETS)
    for name in MESSAGES:
        for number in range(count):
            envelope = envelope_of(f"C-{number:06}")
            request = message(name, envelope, world.now, size=BYTES, number=f"C-{number:06}")
            assert receive(world.receiver, ADDRESS, request).answer.status == 200
        world.advance(timedelta(hours=1))
    world.advance(timedelta(days=7))
    return world


def back_test_of(world: World, times: int) -> BacktestSummary:
    """What a draft does otherwise with the documents of the last days, each so many times."""
    services = BacktestServices(
        documents=world.documents,
        pipelines=world.pipelines,
        connections=world.connections,
        credentials=world.secrets,
    )
    test = prepare(services, draft(), days=DAYS, now=world.now)
    summary = BacktestSummary()
    for result in backtest_slice(test, [*candidates(test)] * times):
        summary = summary.with_results([result])
        if summary.documents % EACH == 0:
            print(f"{summary.documents:,} documents so far", flush=True)
    return summary


def draft() -> Pipeline:
    """The pipeline, with another subject of its reminder."""
    pipeline = three_rules()
    stages = []
    for stage in pipeline.stages:
        rules = [
            rule.model_copy(update={"settings": {**rule.settings, "subject": "Please sign"}})
            if rule.id == "remind"
            else rule
            for rule in stage.rules
        ]
        stages.append(stage.model_copy(update={"rules": tuple(rules)}))
    return pipeline.model_copy(update={"stages": tuple(stages)})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
