"""``countersign documents call``: what fired, and why nothing did."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from countersign.cli.commands import countersign
from countersign.cli.context import CliContext
from countersign.model.actor import user
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from tests.builders import mail, pipeline, stage, trigger, world
from tests.unit.cli.desk import cloud_of

BEN = "ben@acme.example"
WAITING = trigger("called_by_code", "approve", settings={"code": "yes-7f3k"})


def call(here: World, *arguments: str) -> Result:
    """Ben calls a document in this world."""
    context = CliContext(
        user=BEN,
        open_cloud=lambda: cloud_of(here),
        now=lambda: here.now,
    )
    runner = CliRunner(mix_stderr=False)
    return runner.invoke(countersign, ["documents", "call", *arguments], obj=context)


def with_lease(*triggers: object) -> World:
    """A world with a document, and these triggers in its second stage."""
    last = stage("approved", mail("told"), triggers=triggers)
    here = world(pipeline(stage("draft"), last, senders=["contracts@acme.example"]))
    make(here.store, NewDocument(id="lease", pipeline="contracts", values={}), user(BEN))
    return here


@pytest.mark.parametrize(
    ("triggers", "code", "output"),
    [
        (
            (WAITING,),
            "yes-7f3k",
            f"{BEN} called the document by a code\n"
            f"moved from draft to approved as {BEN}\n"
            "  told: ready\n",
        ),
        (
            (WAITING,),
            "yes",
            f"{BEN} called the document by a code\n"
            "  approve in approved did not fire: "
            "the call carried another code than the trigger's\n",
        ),
        (
            (),
            "yes",
            f"{BEN} called the document by a code\n"
            "  no trigger of the pipeline waits for a call by code\n",
        ),
    ],
    ids=["fires", "another code", "nobody waits"],
)
def test_a_call_tells_what_came_of_it(triggers: tuple[object, ...], code: str, output: str) -> None:
    result = call(with_lease(*triggers), "lease", code)
    assert (result.exit_code, result.output) == (0, output)


def test_a_call_for_a_document_that_is_not_there_ends_with_4() -> None:
    result = call(with_lease(WAITING), "nowhere", "yes-7f3k")
    assert (result.exit_code, result.stderr) == (4, "Error: there is no document nowhere\n")
