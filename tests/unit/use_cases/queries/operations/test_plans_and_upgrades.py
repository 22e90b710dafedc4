"""What a plan includes in few words, whether a table is to be upgraded, and rejected messages."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.errors import NotFoundError
from countersign.model.entitlements import Entitlements
from countersign.model.page import PageRequest
from countersign.model.upgrade import UpgradeProgress
from countersign.simulation.world import World
from countersign.use_cases.queries.operations.entitlements import limits_of, unincluded_parts
from countersign.use_cases.queries.operations.rejected import list_rejected, page_rejected
from countersign.use_cases.queries.operations.upgrade import upgrade_is_due
from tests.builders import connection, mail, pipeline, stage, trigger
from tests.unit.use_cases.queries.scene import put


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, []),
        ({"automation": False}, ["no automation"]),
        ({"trigger_kinds": ["sent"]}, ["1 kind of triggers"]),
        ({"trigger_kinds": []}, ["0 kinds of triggers"]),
        ({"rule_kinds": ["send_email", "create_task"]}, ["2 kinds of rules"]),
        ({"pipelines": 1}, ["1 pipeline"]),
        ({"pipelines": 3}, ["3 pipelines"]),
        ({"rules": 1}, ["1 rule in a pipeline"]),
        ({"rules": 20}, ["20 rules in a pipeline"]),
        (
            {"automation": False, "trigger_kinds": ["sent"], "pipelines": 2, "rules": 2},
            ["no automation", "1 kind of triggers", "2 pipelines", "2 rules in a pipeline"],
        ),
    ],
    ids=str,
)
def test_what_a_plan_includes_is_said_in_few_words(given: dict[str, Any], words: list[str]) -> None:
    assert list(limits_of(Entitlements.model_validate(given))) == words


@pytest.mark.parametrize(
    ("given", "parts"),
    [
        ({}, ()),
        ({"trigger_kinds": ["sent"]}, ("seen", "again")),
        ({"rule_kinds": ["create_task"]}, ("hello",)),
        ({"trigger_kinds": ["sent", "viewed"], "rule_kinds": ["send_email"]}, ()),
    ],
    ids=str,
)
def test_what_was_published_before_and_is_not_included_is_named(
    given: dict[str, Any], parts: tuple[str, ...]
) -> None:
    here = World()
    stages = (
        stage("new", mail("hello")),
        stage("sent", triggers=[trigger("sent", "out"), trigger("viewed", "seen")]),
        stage("later", triggers=[trigger("viewed", "again")]),
    )
    here.publish(pipeline(*stages, senders=["contracts@acme.example"]))
    head = here.state.heads["contracts"]
    found = unincluded_parts(Entitlements.model_validate(given), here.pipelines, head)
    assert (found.pipeline, found.parts) == ("contracts", parts)


# --- upgrades


def documents(here: World, pipeline_id: str, *indexes: int) -> None:
    for number, index in enumerate(indexes):
        name = f"{pipeline_id}-{number:03}"
        put(here, name, number, pipeline=pipeline_id, word_index=index)


def is_due(here: World, **progress: Any) -> bool:
    told = UpgradeProgress.model_validate({"word_index": 0, **progress})
    return upgrade_is_due(here.pages, here.pipelines, told)


@pytest.fixture
def here() -> World:
    made = World()
    for number in range(11):
        made.publish(pipeline(stage("draft"), pipeline=f"p{number:02}"))
    return made


def test_where_nothing_is_of_an_earlier_version_no_upgrade_is_due(here: World) -> None:
    assert not is_due(here)
    documents(here, "p00", 1, 1)
    assert not is_due(here)


def test_one_document_of_an_earlier_version_makes_an_upgrade_due(here: World) -> None:
    documents(here, "p09", 1, 0)
    assert is_due(here)
    assert not is_due(here, word_index=1)


def test_an_upgrade_that_was_interrupted_is_due_whatever_is_there(here: World) -> None:
    assert is_due(here, pipeline="p03")
    assert not is_due(here, pipeline="p03", word_index=1)


def test_ten_pipelines_and_twenty_documents_of_each_are_looked_at(here: World) -> None:
    documents(here, "p10", 0)
    assert not is_due(here)
    documents(here, "p00", *[1] * 20, 0)
    assert not is_due(here)
    documents(here, "p01", *[1] * 19, 0)
    assert is_due(here)


# --- rejected messages


def test_a_connection_that_is_not_there_is_told_where_nothing_of_it_is_kept() -> None:
    here = World()
    here.publish(pipeline(stage("new")))
    here.connect(connection())
    for found in (
        list_rejected(here.rejected, here.connections, "docusign"),
        page_rejected(here.rejected, here.connections, "docusign", PageRequest())[0],
        list_rejected(here.rejected, here.connections),
        page_rejected(here.rejected, here.connections, None, PageRequest())[0],
    ):
        assert (found.requests, found.unreadable) == ((), ())
    with pytest.raises(NotFoundError, match='there is no connection "nobody"'):
        list_rejected(here.rejected, here.connections, "nobody")
    with pytest.raises(NotFoundError, match='there is no connection "nobody"'):
        page_rejected(here.rejected, here.connections, "nobody", PageRequest())
