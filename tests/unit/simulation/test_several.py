"""Scripts of people who share an address, of several envelopes, and of captured messages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from countersign.model.pipeline import Pipeline
from countersign.simulation.play import ScriptResult, play
from countersign.simulation.script import Script
from countersign.simulation.script_reader import check
from tests.builders import ANNA, pipeline, stage, trigger
from tests.unit.simulation.test_simulate import simulate

HOUSE = "haus@wohnen.example"
EVA = {"name": "Eva Roth", "email": HOUSE, "order": 1}
ULF = {"name": "Ulf Roth", "email": HOUSE, "order": 2}
PIPELINE = pipeline(
    stage("draft"),
    stage("sent", triggers=[trigger("sent")]),
    stage("half", triggers=[trigger("signed_by_client")]),
    stage("signed", triggers=[trigger("signed_by_all")]),
)
YAML = """\
pipeline: contracts
stages:
  - {id: draft}
  - {id: sent, triggers: [{id: s, kind: sent}]}
  - {id: theirs, triggers: [{id: c, kind: signed_by_client}]}
"""


def script(*steps: Any, signers: Any = (EVA, ULF), **more: Any) -> Script:
    envelope = {"title": "Lease", "sender": ANNA, "signers": signers, **more}
    return Script.model_validate(
        {"start": "2026-03-02 09:00", "envelope": envelope, "steps": [{"event": "sent"}, *steps]}
    )


def problems(raw: Any, at: Pipeline = PIPELINE) -> list[str]:
    return [problem.text for problem in check(raw, at)[1]]


def end(played: ScriptResult) -> tuple[str, list[str]]:
    assert played.document is not None
    document = played.document.document
    return document.stage, [signer.status for signer in document.signers]


@pytest.mark.parametrize("signer_ids", [True, False])
@pytest.mark.parametrize("by", ["Ulf Roth", "ulf roth", f"Ulf Roth <{HOUSE}>"])
def test_of_two_with_one_address_the_one_who_is_named_signs(by: str, signer_ids: bool) -> None:
    played = play(PIPELINE, script({"event": "signed", "by": by}, signer_ids=signer_ids))
    stage_, statuses = end(played)
    assert stage_ == "half"
    assert statuses[1] == "signed"
    assert statuses[0] != "signed"


@pytest.mark.parametrize("signer_ids", [True, False])
def test_both_sign_each_for_themselves(signer_ids: bool) -> None:
    signed = [{"event": "signed", "by": who["name"]} for who in (EVA, ULF)]
    assert end(play(PIPELINE, script(*signed, signer_ids=signer_ids))) == (
        "signed",
        ["signed", "signed"],
    )


def test_a_step_that_may_mean_two_is_refused_with_what_to_write() -> None:
    raw = script({"event": "signed", "by": "Ulf Roth"}).model_dump()
    raw["steps"][1]["by"] = HOUSE
    assert problems({**raw, "steps": [{"event": "sent"}, {"event": "signed", "by": HOUSE}]}) == [
        f"{HOUSE} may be 2 of the signers; write Eva Roth <{HOUSE}> or Ulf Roth <{HOUSE}>"
    ]


@pytest.mark.parametrize(
    "signer", [{"name": "Jo"}, {"phone": "+49 151 5550199"}, {"name": "Jo", "email": HOUSE}]
)
def test_a_signer_may_have_a_name_or_a_phone_alone(signer: dict[str, str]) -> None:
    by = signer.get("name") or signer["phone"]
    played = play(PIPELINE, script({"event": "signed", "by": by}, signers=[EVA, signer]))
    assert end(played)[1][1] == "signed"


def test_the_party_of_one_who_shares_the_address_is_told_by_role_or_order() -> None:
    people = [{**EVA, "party": "company"}, {**ULF, "party": "client"}]
    played = play(PIPELINE, script(signers=people))
    assert played.document is not None
    assert [one.party for one in played.document.document.signers] == ["company", "client"]
    same = [{**EVA, "party": "company", "order": 1}, {**ULF, "party": "client", "order": 1}]
    envelope = {"sender": ANNA, "signers": same}
    raw = {"start": "2026-03-02 09:00", "envelope": envelope, "steps": [{"event": "sent"}]}
    texts = problems(raw)
    assert "from a signer of another party; give an address, a role or a place" in texts[0]


def test_several_envelopes_are_documents_of_their_own() -> None:
    lease = {"title": "Lease", "sender": ANNA, "signers": ["kim@kunde.example"]}
    offer = {
        "title": "Offer",
        "sender": ANNA,
        "signers": ["pia@firma.example"],
        "expires": "2026-03-20",
    }
    raw = {
        "start": "2026-03-02 09:00",
        "envelopes": {"lease": lease, "offer": offer},
        "steps": [
            {"event": "sent"},
            {"event": "sent", "envelope": "offer"},
            {"event": "signed", "by": "kim@kunde.example", "envelope": "lease"},
            {"edit": {"number": "7"}, "envelope": "offer"},
            {"expect": {"stage": "signed"}, "envelope": "lease"},
            {"expect": {"stage": "sent", "fields": {"number": "7"}}, "envelope": "offer"},
            {"expect": {"stage": "draft"}, "envelope": "offer"},
            {"until": "2026-03-21 10:00"},
        ],
    }
    read, found = check(raw, PIPELINE)
    assert found == ()
    assert read is not None
    played = play(PIPELINE, read)
    assert [miss.text for miss in played.misses] == ["stage: expected draft, found sent"]
    assert played.document is not None
    assert [one.document.status for one in (played.document, *played.others)] == [
        "completed",
        "expired",
    ]
    assert sorted(played.names.values()) == ["lease", "offer"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"steps": [{"event": "sent", "envelope": "ofer"}]},
            'the script has no envelope "ofer"; did',
        ),
        ({"envelope": {"sender": ANNA, "signers": [ANNA]}}, "has envelope or envelopes, not both"),
        (
            {"envelopes": {}, "steps": [{"event": "sent"}]},
            "events need the envelope they happen to",
        ),
    ],
)
def test_what_names_no_envelope_is_refused(change: dict[str, Any], text: str) -> None:
    raw = {
        "start": "2026-03-02 09:00",
        "envelopes": {"offer": {"sender": ANNA, "signers": ["pia@firma.example"]}},
        "steps": [{"event": "sent"}],
        **change,
    }
    assert text in " ".join(problems(raw))


def test_captured_messages_are_steps(tmp_path: Path) -> None:
    message = {
        "event_type": "form.completed",
        "data": {"id": 3, "submission_id": 9, "email": "kim@kunde.example", "completed_at": "odd"},
    }
    (tmp_path / "signed.json").write_text(json.dumps(message))
    (tmp_path / "p.yaml").write_text(YAML)
    (tmp_path / "s.yaml").write_text(
        "start: 2026-03-02 09:00\n"
        "connection: {provider: docuseal, parties: {company_domains: [acme.example]}}\n"
        "steps:\n"
        "  - message: signed.json\n"
        "  - expect: {stage: theirs}\n"
        "  - message: signed.json\n"
    )
    played = simulate(tmp_path / "p.yaml", tmp_path / "s.yaml")
    assert (played.exit_code, played.stderr) == (0, "")
    assert "completed_at of the message was not read" in played.stdout
    assert "signer.signed (kim@kunde.example): known already" in played.stdout


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (None, "signed.json: No such file or directory"),
        ("{}", "signed.json: event_type: Field required"),
    ],
)
def test_a_message_that_cannot_be_read_is_told_with_its_place(
    tmp_path: Path, content: str | None, text: str
) -> None:
    if content is not None:
        (tmp_path / "signed.json").write_text(content)
    (tmp_path / "p.yaml").write_text(YAML)
    (tmp_path / "s.yaml").write_text(
        "start: 2026-03-02 09:00\nconnection: {provider: docuseal}\nsteps:\n"
        "  - message: signed.json\n"
    )
    played = simulate(tmp_path / "p.yaml", tmp_path / "s.yaml")
    assert played.exit_code == 1
    assert f"s.yaml:4:14: {text}" in played.stderr
