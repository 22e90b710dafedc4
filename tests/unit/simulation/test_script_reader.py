"""Bad scripts: every problem at once, with its line and column and what would be right."""

from __future__ import annotations

from pathlib import Path

import pytest

from countersign.cli.pipelines.simulate import check_script
from countersign.model.pipeline import Pipeline
from tests.builders import mail, pipeline, stage

HEAD = """\
start: 2026-03-02 09:00
envelope: {sender: anna@acme.example, signers: [klara@kunde.example]}
steps:
"""
"""Three lines, so that the first step stands in line 4."""


@pytest.fixture
def contracts() -> Pipeline:
    return pipeline(
        stage("draft", mail("remind")), stage("sent"), fields={"contract_end": {"type": "date"}}
    )


def report(tmp_path: Path, contracts: Pipeline, text: str) -> list[str]:
    """The lines of the report, without the file's name."""
    path = tmp_path / "some.script.yaml"
    path.write_text(text)
    checked = check_script(path, contracts)
    assert (checked.script is None) == bool(checked.report)
    return [line.shown("") for line in checked.report]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("evnt: sent", ':4:3: a step cannot be "evnt"; did you mean event?'),
        (
            "colour: red",
            ':4:3: a step cannot be "colour"; expected one of event, message, wait, until, edit, '
            "move, comment, stop_rules, add_file, complete_task, call, report, expect, pause, "
            "resume",
        ),
        ("paus", ':4:3: a step cannot be "paus"; did you mean pause?'),
        (
            "{event: sent, wait: {days: 2}}",
            ":4:3: a step does one thing; found event and wait: write two steps",
        ),
        ("event: sgned", ':4:10: event is "sgned"; did you mean signed?'),
        ("event: signed", ":4:3: the event signed needs by: the signer's e-mail address"),
        ("{event: sent, by: klara@kunde.example}", ":4:3: the event sent takes no by"),
        (
            "{event: sent, to: ben@acme.example}",
            ":4:3: reassigned, and no other event, has to: who signs instead",
        ),
        (
            "{event: viewed, by: clara@kunde.example}",
            ":4:23: clara@kunde.example is none of the signers; did you mean klara@kunde.example?",
        ),
        (
            "{event: sent, lst: true}",
            ':4:17: "lst" is unknown in an event; did you mean lost?',
        ),
        (
            "{event: signed, by: [klara]}",
            ":4:23: by is a list; expected text",
        ),
        ("wait: {days: 0}", ":4:16: days is 0; expected at least 1"),
        (
            "wait: {years: 1}",
            ':4:10: "years" is unknown in a waiting time; '
            "expected seconds, minutes, hours, days, weeks, months, working_hours, working_days",
        ),
        (
            "wait: {days: 1, hours: 2}",
            ":4:9: a length of time has exactly one of seconds, minutes, hours, days, "
            "weeks, months, working_hours, working_days; found hours and days",
        ),
        (
            "until: 2026-03-01",
            ":4:3: until is 2026-03-01, but it is 2026-03-02 09:00 by then; expected a later time",
        ),
        ("{move: draft}", ":4:3: there is no document yet; begin with an event, such as sent"),
        (
            "{expect: {mails: 0}}",
            ":4:3: there is no document yet; begin with an event, such as sent",
        ),
    ],
)
def test_a_bad_first_step_is_refused_with_its_place(
    tmp_path: Path, contracts: Pipeline, step: str, expected: str
) -> None:
    assert report(tmp_path, contracts, f"{HEAD}- {step}\n") == [expected]


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (
            "edit: {amunt: 5}",
            ':5:10: the field "amunt" does not exist or is not for editing; there are title, '
            "number, responsible, observers, amount, currency, contract_end",
        ),
        (
            "edit: {contract_end: soon}",
            (
                ':5:24: contract_end: "soon" is not a valid date; expected YYYY-MM-DD, such '
                "as 2026-05-31"
            ),
        ),
        ("move: snt", ':5:9: the pipeline has no stage "snt"; did you mean sent?'),
        (
            "complete_task: remind",
            ':5:18: the pipeline has no rule "remind" that creates a task; it has none',
        ),
        (
            "{complete_task: remind, bye: x}",
            ':5:27: "bye" is unknown in a completed task; did you mean by?',
        ),
        (
            "{report: opened, rule: remnd}",
            ':5:26: the pipeline has no rule "remnd" that sends mail; did you mean remind?',
        ),
        (
            "{report: clicked, rule: remind}",
            ":5:12: clicked, and no other report, has link: the address that was followed",
        ),
        (
            "{report: bounced, rule: remind, automated: true}",
            ":5:46: a machine opens or clicks; no other report can be automated",
        ),
        (
            "{call: go, code: x}",
            ':5:14: "code" is unknown in a call; expected call, by, from_outside, envelope',
        ),
        ("{comment: null}", ":5:3: this step changes nothing; give a change, or leave it out"),
        ("expect: {mail: 1}", ':5:12: "mail" is unknown in an expectation; did you mean mails?'),
        ("expect: {stage: snt}", ':5:19: the pipeline has no stage "snt"; did you mean sent?'),
        (
            "expect: {rules: {remnd: done}}",
            ':5:20: the pipeline has no rule "remnd"; did you mean remind?',
        ),
        (
            "expect: {rules: {remind: finished}}",
            ':5:28: remind is "finished"; expected waiting, no_date, ready, running, '
            "awaiting, done, skipped, failed, in_doubt, cancelled",
        ),
        (
            "expect: {fields: {contract_ende: 2026-05-31}}",
            ':5:21: documents have no field "contract_ende"; did you mean contract_end?',
        ),
    ],
)
def test_a_bad_later_step_is_refused_with_its_place(
    tmp_path: Path, contracts: Pipeline, step: str, expected: str
) -> None:
    assert report(tmp_path, contracts, f"{HEAD}- event: sent\n- {step}\n") == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "- start",
            [":1:1: this is not a valid script; expected a mapping with start, envelope and steps"],
        ),
        (
            "start: tomorrow\nenvelope: {sender: anna, signers: []}\nsteps: [event: sent]\n",
            [
                (
                    ':2:20: "anna" is not a valid e-mail address; expected one such as '
                    "anna@acme.example"
                ),
                ":2:35: signers is empty; expected at least 1",
            ],
        ),
        (
            "start: tomorrow\nenvelope: {sender: a@b.example, signers: [b@b.example]}\n"
            "steps: [event: sent]\n",
            [':1:8: "tomorrow" is not a valid date; expected YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ'],
        ),
        (
            "start: 2026-03-02 09:00\nconnection: {provider: oneflo}\n"
            "envelope: {sender: a@b.example, signers: [b@b.example, B@b.example]}\n"
            "steps:\n- pause\n- event: sent\n- move: sent\n",
            [
                ':2:24: there is no provider "oneflo"; did you mean oneflow?',
                ":3:56: B@b.example is there twice; give each signer a name or an address of "
                "their own",
                ":7:3: there is no document yet; begin with an event, such as sent",
            ],
        ),
        (
            "start: 2026-03-02 09:00\nanswers: {remind: {status: 200}}\n"
            "envelope: {sender: a@b.example, signers: [b@b.example]}\nsteps: [event: sent]\n",
            [':2:11: the pipeline has no rule "remind" that calls the web; it has none'],
        ),
        ("steps: [event: sent]\nsteps: []", None),
    ],
    ids=["no-mapping", "envelope", "start", "several", "answers", "key-twice"],
)
def test_all_that_is_wrong_is_told_at_once(
    tmp_path: Path, contracts: Pipeline, text: str, expected: list[str] | None
) -> None:
    found = report(tmp_path, contracts, text)
    if expected is None:
        assert ':2:1: "steps" stands in line 1 already; keep one of them' in found
    else:
        assert found == expected
