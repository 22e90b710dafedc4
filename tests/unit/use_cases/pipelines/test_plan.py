"""The plan of a publication: the difference, whom it touches, and what stands against it."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.adapters.memory.services.senders import MemorySenders
from countersign.engine.validation.diff import Difference, ValueChange
from countersign.engine.validation.pipeline import Problem
from countersign.model.actor import user
from countersign.model.pipeline import Pipeline
from countersign.simulation.world import World
from countersign.use_cases.documents.edit import NewDocument, make
from countersign.use_cases.pipelines.plan import Plan, Planner, StageDocuments, plan
from countersign.use_cases.pipelines.publish import Publisher
from countersign.use_cases.pipelines.publish_warnings import Stack
from tests.builders import mail, pipeline, stage, to_stage, trigger

BEN = "ben@acme.example"
OWN: dict[str, Any] = {
    "senders": ["contracts@acme.example"],
    "mail_templates": {"hello": {"subject": "Hello", "text": "Hello"}},
}
TEMPLATED = {
    "id": "write",
    "kind": "send_email",
    "settings": {"from": "contracts@acme.example", "to": ["client"], "template": "hello"},
}


def written(
    *,
    remind: str = "remind",
    sent: dict[str, Any] | None = None,
    done: dict[str, Any] | None = None,
    **more: Any,
) -> Pipeline:
    """Four stages: draft, sent (a trigger and a rule), signed (a trigger and a mail), archive."""
    return pipeline(
        stage("draft"),
        stage("sent", mail(remind), triggers=[trigger("sent", **(sent or {}))]),
        stage(
            "signed",
            TEMPLATED,
            kind="success",
            triggers=[trigger("signed_by_all", **(done or {}))],
        ),
        stage("archive", triggers=[trigger("called_by_code", settings={"code": "x"})]),
        **{**OWN, **more},
    )


def populated(published: Pipeline | None, **numbers: int) -> World:
    """A world with so many documents in each stage of the published pipeline."""
    world = World()
    if published is not None:
        world.publish(published)
    for name, number in numbers.items():
        for n in range(number):
            new = NewDocument(id=f"{name}-{n}", pipeline="contracts", stage=name)
            make(world.store, new, user(BEN))
    return world


def planned(world: World, new: Pipeline, **more: Any) -> Plan:
    publisher = Publisher(
        pipelines=world.pipelines,
        documents=world.documents,
        secrets=world.named_secrets,
        **more,
    )
    senders = MemorySenders([])
    stack = Stack(connections=world.connections, secrets=world.secrets, senders=senders)
    return plan(Planner(publisher=publisher, stack=stack), new)


def touched(new: Pipeline) -> dict[str, int]:
    """The documents that the new pipeline touches in a world with some in every stage."""
    world = populated(written(), draft=1, sent=2, signed=3, archive=4)
    return {one.stage: one.documents for one in planned(world, new).stages}


ALL = {"draft": 1, "sent": 2, "signed": 3, "archive": 4}
TOUCHED: dict[str, tuple[Pipeline, dict[str, int]]] = {
    "nothing": (written(), {}),
    "the name alone": (written(name="Contracts"), {}),
    "who manages it": (written(managed_by="git", name="x"), {}),
    "the time zone": (written(time_zone="UTC"), ALL),
    "the name and the language": (written(name="x", language="de"), ALL),
    "another rule in place of one": (written(remind="ask"), {"sent": 2}),
    "a trigger, where it may move documents from": (written(sent={"name": "x"}), {"draft": 1}),
    "a trigger that now allows a return": (
        written(sent={"allow_return": True}),
        {"draft": 1, "signed": 3, "archive": 4},
    ),
    "a trigger of a final stage": (written(done={"name": "x"}), {"draft": 1, "sent": 2}),
    "a mail template": (
        written(mail_templates={"hello": {"subject": "Hello", "text": "Dear client"}}),
        {"signed": 3},
    ),
}


@pytest.mark.parametrize(("new", "expected"), TOUCHED.values(), ids=TOUCHED)
def test_a_plan_says_whose_documents_it_touches(new: Pipeline, expected: dict[str, int]) -> None:
    assert touched(new) == expected


def test_a_new_pipeline_touches_nobody() -> None:
    first = planned(populated(None), pipeline(stage("draft")))
    assert (first.version, first.stages, first.left_behind, first.refusals) == (None, (), (), ())
    assert [(one.change, one.part, one.id) for one in first.diff] == [
        ("added", "pipeline", "contracts"),
        ("added", "stage", "draft"),
    ]


def test_a_whole_plan() -> None:
    before = pipeline(
        stage("draft", to_stage("on", "aside", time={"after": {"days": 3}})),
        stage("aside"),
        stage("sent"),
    )
    calls = {"id": "tell", "kind": "call_web_address", "settings": {"url": "secret:crm"}}
    after = pipeline(stage("draft", calls), stage("sent"), senders=["contracts@acme.example"])
    world = populated(before, draft=2, aside=1)
    refusal = "a stage that holds documents cannot be removed: "
    assert planned(world, after.model_copy(update={"managed_by": "git"})) == Plan(
        pipeline="contracts",
        version=1,
        diff=(
            Difference(
                change="changed",
                part="pipeline",
                id="contracts",
                details=(
                    "managed_by: console -> git",
                    'senders: [] -> ["contracts@acme.example"]',
                ),
                values=(
                    ValueChange(pointer="/managed_by", before="console", after="git"),
                    ValueChange(pointer="/senders", before=[], after=["contracts@acme.example"]),
                ),
            ),
            Difference(change="added", part="rule", id="tell", stage="draft"),
            Difference(change="removed", part="rule", id="on", stage="draft"),
            Difference(change="removed", part="stage", id="aside"),
        ),
        stages=(
            StageDocuments(stage="draft", documents=2),
            StageDocuments(stage="aside", documents=1),
        ),
        left_behind=planned(world, after).left_behind,
        refusals=(
            "the pipeline contracts is managed by git; commit it to its file and publish that "
            "with `countersign pipelines publish`, or publish it once with managed_by: console",
            'the secret "crm" of tell is not kept; keep it first: countersign secrets set crm',
            f'{refusal}"aside" holds 1 document; move them first',
        ),
        warnings=(
            Problem(
                ("senders", 0),
                "Amazon SES has not verified contracts@acme.example, and refuses e-mails from it; "
                "verify the address or its domain: aws sesv2 create-email-identity "
                "--email-identity contracts@acme.example",
                "warning",
            ),
        ),
    )
    (lost,) = planned(world, after).left_behind
    assert (lost.number, lost.at_least) == (2, False)


def test_the_command_line_may_plan_what_git_manages() -> None:
    world = populated(written(managed_by="git"))
    assert planned(world, written(managed_by="git"), from_command_line=True).refusals == ()
    (refusal,) = planned(world, written()).refusals
    assert refusal.startswith("the pipeline contracts is managed by git")
