"""Inspecting a message: what it is read as, who signs and why, and what it would do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from countersign.model.pipeline import Pipeline
from countersign.providers.base import MalformedError, Request
from countersign.simulation.inspection import Inspection, Inspector, connection_for
from countersign.simulation.world import START
from tests.builders import pipeline, stage, trigger

PIPELINE = pipeline(
    stage("draft"),
    stage("ours", triggers=[trigger("signed_by_company")]),
    stage("theirs", triggers=[trigger("signed_by_client")]),
)


def inspected(
    message: Any, name: str = "docuseal", at: Pipeline | None = None, **more: Any
) -> Inspection:
    request = Request(
        headers={"content-type": "application/json"},
        body=json.dumps(message).encode(),
        received_at=START,
    )
    return Inspector(connection_for(name, at, **more), at).inspect(request)


def completed(**more: Any) -> dict[str, Any]:
    person = {"id": 5, "submission_id": 7, "name": "Rosa Blum", "email": "rosa@blumen.example"}
    data = {**person, "completed_at": "2026-03-02T08:00:00Z", "slug": "opens-the-form", **more}
    return {"event_type": "form.completed", "timestamp": "2026-03-02T08:00:01Z", "data": data}


def test_it_tells_events_state_signers_and_what_is_cut_out() -> None:
    found = inspected(completed(sent_at="yesterday"))
    assert [(event.kind, event.envelope) for event in found.events] == [("signer.signed", "7")]
    assert [(one.signer.name, one.party) for one in found.signers] == [("Rosa Blum", "unknown")]
    assert "map a company domain" in found.signers[0].reason
    assert found.cut_out == ("data.slug",)
    assert "opens-the-form" not in found.kept
    assert [text.partition(" ")[0] for text in found.warnings] == ["sent_at"]
    assert found.effects == ()


@pytest.mark.parametrize(
    ("parties", "party", "to"),
    [
        ({"company_domains": ["gaertner.example"]}, "client", "theirs"),
        ({"company_domains": ["blumen.example"]}, "company", "ours"),
        ({}, "unknown", "draft"),
    ],
)
def test_with_a_pipeline_it_tells_which_trigger_fires_and_why_the_others_do_not(
    parties: dict[str, Any], party: str, to: str
) -> None:
    found = inspected(completed(), at=PIPELINE, parties=parties)
    assert [one.party for one in found.signers] == [party]
    (effect,) = found.effects
    assert effect.document is not None
    assert (effect.outcome, effect.document.stage) == ("applied", to)
    signed = next(line for line in effect.timeline if line.event == "signer.signed")
    fired = signed.fired.trigger if signed.fired else None
    passed = [one.trigger for one in signed.passed]
    assert sorted([*passed, *([fired] if fired else [])]) == [
        "signed-by-client",
        "signed-by-company",
    ]


def test_messages_are_inspected_one_after_the_other() -> None:
    here = Inspector(connection_for("docuseal", PIPELINE), PIPELINE)
    body = json.dumps(completed()).encode()
    request = Request(headers={"content-type": "application/json"}, body=body, received_at=START)
    outcomes = [here.inspect(request).effects[0].outcome for _ in range(2)]
    assert outcomes == ["applied", "duplicate"]


def test_a_message_whose_kind_cannot_be_read_is_malformed() -> None:
    with pytest.raises(MalformedError):
        inspected({"data": {}})
