"""Kinds of rules at work: each on a document that arrives, with all that follows from it."""

from __future__ import annotations

from typing import Any

import pytest

from countersign.model.document import Document
from countersign.rules import RULES
from countersign.rules.base import Edit
from countersign.simulation.world import World
from tests.builders import (
    ANNA,
    envelope,
    event,
    pipeline,
    run_of,
    stage,
    states,
    subjects,
    trigger,
    world,
)

BEN, CARLA = "ben@acme.example", "carla@acme.example"
LETTER = {"from": "contracts@acme.example", "subject": "{{ document.title }}", "text": "Look"}
PEOPLE: dict[str, Any] = {
    "senders": ["contracts@acme.example"],
    "groups": {"sales": [BEN, CARLA]},
    "supervisors": {ANNA: CARLA},
}


def start(*stages: dict[str, Any], **more: Any) -> tuple[World, Document]:
    """A world whose document is in the first stage, its envelope sent by Anna."""
    here = world(pipeline(*stages, **PEOPLE, **more))
    return here, here.tell("docusign", [event("document.sent", state=envelope())])


def rule(kind: str, **settings: Any) -> dict[str, Any]:
    """A rule of that kind, called after it."""
    return {"id": kind.replace("_", "-"), "kind": kind, "settings": settings}


@pytest.mark.parametrize(
    ("made", "to"),
    [
        (rule("notify_employees", to=["responsible", "group:sales"], **LETTER), (ANNA, BEN, CARLA)),
        (rule("notify_supervisor", **LETTER), (CARLA,)),
    ],
    ids=["employees", "supervisor"],
)
def test_a_notification_goes_out_by_mail(made: dict[str, Any], to: tuple[str, ...]) -> None:
    here, _ = start(stage("draft", made))
    assert [(mail.to, mail.subject) for mail in here.mailbox.sent] == [(to, "Service agreement")]


def test_a_notification_without_a_supervisor_fails_with_the_reason_and_the_chain_goes_on() -> None:
    supervised = rule("notify_supervisor", **LETTER)
    told = rule("notify_employees", to=["responsible"], **LETTER)
    here, document = start(stage("draft"), stage("sent", supervised, told))
    here.edit(document.id, Edit(values={"responsible": BEN}, stage="sent"), by=BEN)
    after = here.document(document.id)
    assert states(here, after) == {"notify-supervisor": "failed", "notify-employees": "done"}
    assert run_of(here, after, "notify-supervisor").reason == (
        "ben@acme.example has no supervisor; name one under the pipeline's supervisors"
    )
    assert subjects(here) == ["Service agreement"]


def test_a_computed_field_fires_the_trigger_that_watches_it() -> None:
    value = "{{ document.amount | times: 1.19 | round: 2 }}"
    watching = trigger("field_changed", settings={"fields": ["gross"]})
    here, document = start(
        stage("draft"),
        stage("priced", rule("compute_field", field="gross", value=value)),
        stage("checked", triggers=[watching]),
        fields={"gross": {"type": "money"}},
    )
    here.edit(document.id, Edit(values={"amount": "1000"}, stage="priced"), by=BEN)
    after = here.document(document.id)
    assert (after.stage, str(after.fields["gross"])) == ("checked", "1190")


def test_a_computed_value_that_does_not_fit_fails_the_run_and_changes_nothing() -> None:
    compute = rule("compute_field", field="amount", value="{{ document.title }}")
    here, document = start(stage("draft", compute))
    assert here.document(document.id).amount is None
    run = run_of(here, document, "compute-field")
    assert (run.state, run.reason) == (
        "failed",
        'amount: "Service agreement" is not a valid number; expected digits with a point '
        "for the decimals "
        "and no separators, such as 5000 or 5000.50",
    )


def test_a_comment_quotes_the_document_on_its_timeline() -> None:
    text = "{{ sender.name }} sent {{ document.title }} to {{ client.name }}"
    here, document = start(stage("draft"), stage("sent", rule("add_comment", text=text)))
    here.edit(document.id, Edit(stage="sent"), by=BEN)
    lines = [one.text for one in here.documents.timeline(document.id) if one.kind == "commented"]
    assert lines == ["Anna sent Service agreement to Klara"]


def test_a_group_hands_the_document_to_one_of_its_users() -> None:
    here, document = start(stage("draft", rule("change_responsible", users=["group:sales"])))
    assert here.document(document.id).responsible in (BEN, CARLA)


def test_a_kind_says_itself_that_it_means_nothing_after_its_stage() -> None:
    assert [kind for kind in RULES.kinds if RULES.get(kind).only_in_its_stage] == ["stop_rules"]
