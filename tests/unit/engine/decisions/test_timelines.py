"""Whole timelines: what a message, a person and a rule do, line by line as people read it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from countersign.rules.base import Edit
from tests.builders import (
    ANNA,
    KLARA,
    envelope,
    event,
    pipeline,
    stage,
    timeline,
    trigger,
    world,
)


def test_what_a_message_a_person_and_a_rule_do_is_told_line_by_line() -> None:
    wanted = pipeline(
        stage("draft"),
        stage(
            "sent",
            {"id": "note", "kind": "add_comment", "settings": {"text": "Sent."}},
            triggers=[
                trigger("sent", "go", condition={"field": "title", "op": "is_set"}),
                trigger("viewed", "look"),
            ],
        ),
        stage(
            "big",
            triggers=[
                trigger(
                    "field_changed",
                    "grown",
                    settings={"fields": ["amount"]},
                    condition={"field": "amount", "op": "greater", "value": 100},
                )
            ],
        ),
        stage("done", kind="success", triggers=[trigger("signed_by_all")]),
        fields={"region": {"type": "text"}},
    )
    here = world(wanted, fields=[{"source": "Region", "field": "region"}])
    state = envelope(custom_fields={"Region": "North"})
    document = here.tell("docusign", [event("document.sent", state=state)])
    values: dict[str, Any] = {"amount": 50, "title": "Mine"}
    here.edit(document.id, Edit(values=values, comment="Look at this"), by=ANNA)
    here.edit(document.id, Edit(values={"amount": 500}), by=ANNA)
    here.edit(document.id, Edit(stage="sent"), by=ANNA)
    here.edit(document.id, Edit(stop_rules=True), by=ANNA)
    state = envelope(title="Theirs")
    here.tell("docusign", [event("document.viewed", KLARA, minute=3, state=state)])
    here.tell("docusign", [event("signer.declined", KLARA, minute=5, reason="too dear")])
    here.tell("docusign", [event("document.voided", minute=4, reason="wrong annex")])
    here.tell("docusign", [event("other", minute=6)])
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
            "kind": "edited",
            "text": "provider:docusign changed region",
            "by": "provider:docusign",
            "entry": 1,
            "key": "document.sent:None:0",
            "changes": ({"field": "region", "new": "North"},),
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
            "fired": {
                "trigger": "go",
                "stage": "sent",
                "kind": "sent",
                "verdict": {
                    "outcome": "true",
                    "clauses": (
                        {
                            "field": "title",
                            "op": "is_set",
                            "found": "Service agreement",
                            "wanted": None,
                            "outcome": "true",
                        },
                    ),
                    "reason": "title is set",
                },
            },
            "cause": "provider:docusign document.sent",
        },
        {
            "kind": "moved",
            "text": "moved from draft to sent as anna@acme.example",
            "by": "trigger:go",
            "entry": 2,
            "from_stage": "draft",
            "to_stage": "sent",
            "pipeline_version": 1,
            "cause": "provider:docusign document.sent > trigger:go",
        },
        {
            "kind": "event",
            "text": "field.changed region fired nothing",
            "by": "provider:docusign",
            "entry": 2,
            "event": "field.changed",
            "passed": (
                {
                    "trigger": "grown",
                    "stage": "big",
                    "reason": "the field region changed, not amount",
                },
            ),
            "cause": "provider:docusign document.sent > trigger:go",
        },
        {
            "kind": "commented",
            "text": "Sent.",
            "by": "rule:note",
            "entry": 2,
            "cause": "provider:docusign document.sent > trigger:go > note",
        },
        {
            "kind": "edited",
            "text": "anna@acme.example changed amount, title",
            "by": "anna@acme.example",
            "entry": 2,
            "changes": (
                {"field": "amount", "new": Decimal("50")},
                {"field": "title", "old": "Service agreement", "new": "Mine"},
            ),
            "cause": "anna@acme.example",
        },
        {
            "kind": "commented",
            "text": "Look at this",
            "by": "anna@acme.example",
            "entry": 2,
            "cause": "anna@acme.example",
        },
        {
            "kind": "event",
            "text": "field.changed amount fired nothing",
            "by": "anna@acme.example",
            "entry": 2,
            "event": "field.changed",
            "passed": (
                {
                    "trigger": "grown",
                    "stage": "big",
                    "reason": "amount 50 is not greater than 100",
                    "verdict": {
                        "outcome": "false",
                        "clauses": (
                            {
                                "field": "amount",
                                "op": "greater",
                                "found": "50",
                                "wanted": "100",
                                "outcome": "false",
                            },
                        ),
                        "reason": "amount 50 is not greater than 100",
                    },
                },
            ),
            "cause": "anna@acme.example",
        },
        {
            "kind": "event",
            "text": "field.changed title fired nothing",
            "by": "anna@acme.example",
            "entry": 2,
            "event": "field.changed",
            "passed": (
                {
                    "trigger": "grown",
                    "stage": "big",
                    "reason": "the field title changed, not amount",
                },
            ),
            "cause": "anna@acme.example",
        },
        {
            "kind": "edited",
            "text": "anna@acme.example changed amount",
            "by": "anna@acme.example",
            "entry": 2,
            "changes": ({"field": "amount", "old": Decimal("50"), "new": Decimal("500")},),
            "cause": "anna@acme.example",
        },
        {
            "kind": "event",
            "text": "field.changed amount",
            "by": "anna@acme.example",
            "entry": 2,
            "event": "field.changed",
            "fired": {
                "trigger": "grown",
                "stage": "big",
                "kind": "field_changed",
                "verdict": {
                    "outcome": "true",
                    "clauses": (
                        {
                            "field": "amount",
                            "op": "greater",
                            "found": "500",
                            "wanted": "100",
                            "outcome": "true",
                        },
                    ),
                    "reason": "amount 500 is greater than 100",
                },
            },
            "cause": "anna@acme.example",
        },
        {
            "kind": "moved",
            "text": "moved from sent to big as anna@acme.example",
            "by": "trigger:grown",
            "entry": 3,
            "from_stage": "sent",
            "to_stage": "big",
            "pipeline_version": 1,
            "cause": "anna@acme.example > trigger:grown",
        },
        {
            "kind": "moved",
            "text": "moved from big to sent as anna@acme.example",
            "by": "anna@acme.example",
            "entry": 4,
            "from_stage": "big",
            "to_stage": "sent",
            "pipeline_version": 1,
            "cause": "anna@acme.example",
        },
        {
            "kind": "commented",
            "text": "Sent.",
            "by": "rule:note",
            "entry": 4,
            "cause": "anna@acme.example > note",
        },
        {
            "kind": "rules_stopped",
            "text": "anna@acme.example stopped the rules of the stage sent",
            "by": "anna@acme.example",
            "entry": 4,
            "cause": "anna@acme.example",
        },
        {
            "kind": "warning",
            "text": 'the envelope says "Theirs", but title stays as a person set it; empty the '
            "field to take the next value from the envelope",
            "by": "provider:docusign",
            "entry": 4,
            "key": "document.viewed:klara@kunde.example:3",
        },
        {
            "kind": "event",
            "text": "document.viewed (klara@kunde.example)",
            "by": "provider:docusign",
            "entry": 4,
            "event": "document.viewed",
            "key": "document.viewed:klara@kunde.example:3",
            "occurred_at": 3,
            "applied": "new",
            "signer": "klara@kunde.example",
            "passed": (
                {
                    "trigger": "look",
                    "stage": "sent",
                    "reason": "the document is in the trigger's own stage",
                },
            ),
            "cause": "provider:docusign document.viewed",
        },
        {
            "kind": "event",
            "text": "signer.declined (klara@kunde.example)",
            "by": "provider:docusign",
            "entry": 4,
            "event": "signer.declined",
            "key": "signer.declined:klara@kunde.example:5",
            "occurred_at": 5,
            "applied": "new",
            "signer": "klara@kunde.example",
            "reason": "too dear",
            "cause": "provider:docusign signer.declined",
        },
        {
            "kind": "event",
            "text": "document.voided",
            "by": "provider:docusign",
            "entry": 4,
            "event": "document.voided",
            "key": "document.voided:None:4",
            "occurred_at": 4,
            "applied": "new",
            "reason": "wrong annex",
            "cause": "provider:docusign document.voided",
        },
        {
            "kind": "event",
            "text": "other: other has no effect on the document",
            "by": "provider:docusign",
            "entry": 4,
            "event": "other",
            "key": "other:None:6",
            "occurred_at": 6,
            "applied": "no_effect",
            "cause": "provider:docusign other",
        },
    ]
