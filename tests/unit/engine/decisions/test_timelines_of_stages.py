"""Whole timelines of stages that are left at once, and of times that run out."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from countersign.rules.base import Edit
from countersign.simulation.world import START
from tests.builders import (
    ANNA,
    event,
    pipeline,
    run_of,
    stage,
    timeline,
    to_stage,
    trigger,
    world,
)


def test_a_stage_that_is_left_at_once_names_the_rules_that_did_not_begin() -> None:
    comment = {"kind": "add_comment", "settings": {"text": "Here."}}
    wanted = pipeline(
        stage("draft", {"id": "a", **comment}, {"id": "b", **comment, "on_leave": "keep"}),
        stage("sent", to_stage("on", "end"), triggers=[trigger("sent")]),
        stage("end", kind="success"),
    )
    here = world(wanted)
    document = here.tell("docusign", [event("document.sent")])
    document = here.document(document.id)
    assert timeline(here, document) == [
        {
            "kind": "created",
            "text": "docusign reported the envelope env-1",
            "by": "provider:docusign",
            "entry": 1,
            "to_stage": "draft",
            "pipeline_version": 1,
            "cause": "provider:docusign document.sent",
        },
        {
            "kind": "event",
            "text": "document.sent",
            "by": "provider:docusign",
            "entry": 1,
            "event": "document.sent",
            "key": "document.sent:None:0",
            "occurred_at": 0,
            "applied": "new",
            "fired": {"trigger": "sent", "stage": "sent", "kind": "sent"},
            "cause": "provider:docusign document.sent",
        },
        {
            "kind": "moved",
            "text": "moved from draft to sent as system; it left at once, so these did not begin: "
            "a",
            "by": "trigger:sent",
            "entry": 2,
            "from_stage": "draft",
            "to_stage": "sent",
            "pipeline_version": 1,
            "cause": "provider:docusign document.sent > trigger:sent",
        },
        {
            "kind": "commented",
            "text": "Here.",
            "by": "rule:b",
            "entry": 2,
            "cause": "provider:docusign document.sent > b",
        },
        {
            "kind": "moved",
            "text": "moved from sent to end as rule:on",
            "by": "rule:on",
            "entry": 3,
            "from_stage": "sent",
            "to_stage": "end",
            "pipeline_version": 1,
            "cause": "provider:docusign document.sent > trigger:sent > on",
        },
    ]


def test_a_time_that_runs_out_at_the_limit_of_automatic_moves_says_why_it_moves_nothing() -> None:
    late = trigger("no_reaction", "late", settings={"stage": "draft", "after": {"days": 1}})
    here = world(pipeline(stage("draft"), stage("asleep", triggers=[late])))
    document = here.tell("docusign", [event("document.sent")])
    here.state.documents[document.id] = document.model_copy(update={"automatic_moves": 20})
    here.advance(timedelta(days=1))
    text = (
        "trigger:late did not move the document: it made 20 automatic moves without anything new "
        "from a person or a provider. The chain of causes: provider:docusign document.sent > "
        "trigger.late"
    )
    run = run_of(here, document, "trigger.late")
    assert (run.state, run.reason) == ("failed", text)
    assert [(one.kind, one.text) for one in here.documents.timeline(document.id)][-2:] == [
        ("event", "timer.due"),
        ("stopped", text),
    ]


def test_a_time_that_runs_out_is_told_whether_it_fires_or_not() -> None:
    asleep = {"stage": "draft", "after": {"days": 1}}
    big = {"field": "amount", "op": "greater", "value": 100}
    late = [
        trigger("no_reaction", "big", settings=asleep, condition=big),
        trigger("no_reaction", "late", settings={**asleep, "after": {"days": 2}}),
    ]
    here = world(pipeline(stage("draft"), stage("asleep", triggers=late)))
    document = here.tell("docusign", [event("document.sent")])
    here.edit(document.id, Edit(values={"amount": 5}), by=ANNA)
    here.now = START
    here.advance(timedelta(days=3))
    document = here.document(document.id)
    runs = {run.rule: (run.state, run.reason) for run in here.documents.runs(document.id)}
    assert runs == {
        "trigger.big": (
            "skipped",
            "the time of trigger big came, but amount 5 is not greater than 100",
        ),
        "trigger.late": ("done", None),
    }
    assert timeline(here, document) == [
        {
            "kind": "created",
            "text": "docusign reported the envelope env-1",
            "by": "provider:docusign",
            "entry": 1,
            "to_stage": "draft",
            "pipeline_version": 1,
            "cause": "provider:docusign document.sent",
        },
        {
            "kind": "event",
            "text": "document.sent",
            "by": "provider:docusign",
            "entry": 1,
            "event": "document.sent",
            "key": "document.sent:None:0",
            "occurred_at": 0,
            "applied": "new",
            "cause": "provider:docusign document.sent",
        },
        {
            "kind": "edited",
            "text": "anna@acme.example changed amount",
            "by": "anna@acme.example",
            "entry": 1,
            "changes": ({"field": "amount", "new": Decimal("5")},),
            "cause": "anna@acme.example",
        },
        {
            "at": 1440,
            "kind": "event",
            "text": "the time of trigger big came, but amount 5 is not greater than 100",
            "by": "timer",
            "entry": 1,
            "event": "timer.due",
            "passed": (
                {
                    "trigger": "big",
                    "stage": "asleep",
                    "reason": "amount 5 is not greater than 100",
                    "verdict": {
                        "outcome": "false",
                        "clauses": (
                            {
                                "field": "amount",
                                "op": "greater",
                                "found": "5",
                                "wanted": "100",
                                "outcome": "false",
                            },
                        ),
                        "reason": "amount 5 is not greater than 100",
                    },
                },
            ),
            "cause": "provider:docusign document.sent > trigger.big",
        },
        {
            "at": 2880,
            "kind": "event",
            "text": "timer.due",
            "by": "timer",
            "entry": 1,
            "event": "timer.due",
            "fired": {"trigger": "late", "stage": "asleep", "kind": "no_reaction"},
            "cause": "provider:docusign document.sent > trigger.late",
        },
        {
            "at": 2880,
            "kind": "moved",
            "text": "moved from draft to asleep as system",
            "by": "trigger:late",
            "entry": 2,
            "from_stage": "draft",
            "to_stage": "asleep",
            "pipeline_version": 1,
            "cause": "provider:docusign document.sent > trigger.late > trigger:late",
        },
    ]
