"""Simulations for programs: scripts and captured messages as values, results that JSON can hold."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from countersign.model.pipeline import Pipeline
from countersign.pipeline_files.reader import check_file, read_file
from countersign.simulation.simulate import Simulation, simulate
from countersign.use_cases.pipelines.validate import PlacedProblem
from tests.builders import KLARA, mail, pipeline, stage, trigger

EVENTS = Path(__file__).parents[3] / "events"
SCRIPTS = sorted((EVENTS / "pipelines").glob("*.script.yaml"))
PIPELINE = pipeline(
    stage("draft"),
    stage(
        "sent",
        mail("hello"),
        mail("remind", time={"after": {"days": 3}}),
        triggers=[trigger("sent")],
    ),
    senders=["contracts@acme.example"],
)
SCRIPT: dict[str, Any] = {
    "start": "2026-03-02 09:00",
    "envelope": {"title": "Lease", "sender": "anna@acme.example", "signers": [KLARA]},
    "steps": [{"event": "sent"}, {"wait": {"days": 1}}, {"expect": {"mails": 2}}],
}


def test_a_script_is_played_without_any_file() -> None:
    played = simulate(PIPELINE, SCRIPT)
    assert played.problems == ()
    result = played.result
    assert result is not None
    assert [mail.subject for moment in result.moments if (mail := moment.mail)] == ["hello"]
    assert [miss.text for miss in result.misses] == [
        "number of mails: expected 2, found 1: “hello”"
    ]
    assert result.document is not None
    (entry,) = result.document.entries
    assert [(run.rule, run.state) for run in entry.runs] == [("hello", "done"), ("remind", "ready")]


def test_a_simulation_is_json_and_back() -> None:
    played = simulate(PIPELINE, SCRIPT)
    text = played.model_dump_json()
    assert Simulation.model_validate_json(text).model_dump_json() == text
    told = json.loads(text)
    assert told["result"]["misses"][0]["place"] == ["steps", 2, "expect", "mails"]
    (sent,) = [one["mail"] for one in told["result"]["moments"] if one["mail"]]
    assert (sent["to"], sent["subject"]) == ([KLARA], "hello")


@pytest.mark.parametrize("path", SCRIPTS, ids=[path.stem for path in SCRIPTS])
def test_every_example_script_comes_out_as_it_expects(path: Path) -> None:
    wanted = check_file(
        path.with_name(f"{path.name.partition('.')[0]}.yaml"), today=date(2026, 3, 2)
    ).pipeline
    assert isinstance(wanted, Pipeline)
    value, _, _ = read_file(path)
    names = [step["message"] for step in value["steps"] if "message" in step]
    captures = {name: (path.parent / name).read_bytes() for name in names}
    played = simulate(wanted, value, captures)
    assert played.problems == ()
    assert played.result is not None
    assert (played.result.misses, played.result.expectations > 0) == ((), True)
    assert Simulation.model_validate_json(played.model_dump_json()).problems == ()


def test_a_captured_message_is_a_step() -> None:
    content = (EVENTS / "docusign" / "envelope-sent.json").read_bytes()
    script = {"start": "2026-03-02 09:00", "steps": [{"message": "first"}]}
    played = simulate(PIPELINE, script, {"first": content})
    assert played.result is not None
    assert played.result.document is not None
    assert played.result.document.document.stage == "sent"


@pytest.mark.parametrize(
    ("script", "captures", "pointer", "text"),
    [
        ("x", {}, "", "this is not a valid script; expected a mapping with start, envelope and"),
        ({**SCRIPT, "start": "soon"}, {}, "/start", "soon"),
        (
            {**SCRIPT, "steps": [{"event": "sent"}, {"move": "nowhere"}]},
            {},
            "/steps/1/move",
            'the pipeline has no stage "nowhere"',
        ),
        ({**SCRIPT, "steps": [{"event": "sent"}] * 501}, {}, "/steps", "has 501 steps; expected"),
        (
            {"start": "2026-03-02", "steps": [{"message": "../../etc/passwd"}]},
            {"first": b"{}"},
            "/steps/0/message",
            "../../etc/passwd: there is no captured message of this name; given are first",
        ),
        (
            {"start": "2026-03-02", "steps": [{"message": "first"}]},
            {"first": b"nonsense"},
            "/steps/0/message",
            "first: ",
        ),
    ],
    ids=["no script", "no time", "no stage", "too long", "no capture", "unreadable"],
)
def test_what_cannot_be_played_is_told_with_its_place(
    script: object, captures: dict[str, bytes], pointer: str, text: str
) -> None:
    played = simulate(PIPELINE, script, captures)
    assert played.result is None
    (problem,) = played.problems
    assert isinstance(problem, PlacedProblem)
    assert (problem.pointer, problem.severity) == (pointer, "error")
    assert text in problem.text
