"""5.000 is five thousand or five: refused wherever a number is written, quoted or not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from countersign.cli.pipelines.simulate import check_script
from countersign.model.pipeline import Pipeline
from countersign.pipeline_files.reader import check_file
from countersign.pipeline_files.writer import pipeline_yaml

TODAY = date(2026, 3, 2)
STAGES = """\
pipeline: p
fields: {score: {type: number}, price: {type: money}}
stages:
  - id: a
  - id: b
"""


def _report(tmp_path: Path, text: str, name: str = "p.yaml") -> list[str]:
    file = tmp_path / name
    file.write_text(text)
    report = check_file(file, today=TODAY).report
    return [line.shown(name) for line in report if line.severity == "error"]


def _rule(condition: str = "", settings: str = "{stage: a}", kind: str = "change_stage") -> str:
    condition = condition or "{field: amount, op: is_set}"
    inside = f"condition: {condition}, settings: {settings}"
    return f"{STAGES}    rules:\n      - {{id: r, kind: {kind}, {inside}}}\n"


def _trigger(kind: str, settings: str) -> str:
    return f"{STAGES}    triggers:\n      - {{id: t, kind: {kind}, settings: {settings}}}\n"


BOTH = "has two readings; write {0} for the larger, {1}0 for the smaller"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (_rule("{field: amount, op: at_least, value: 7.500}"), "7.500"),
        (_rule("{field: price, op: one_of, value: [3, 2.750]}"), "2.750"),
        (_rule("{field: score, op: between, value: [1.200, 99999]}"), "1.200"),
        (_rule("{none: [{all: [{field: score, op: less, value: 20.000}]}]}"), "20.000"),
        (_rule(kind="change_fields", settings="{values: {amount: 9.900}}"), "9.900"),
        (_rule(kind="change_fields", settings="{values: {score: -4.000}}"), "-4.000"),
        (
            _rule(
                kind="call_web_address", settings="{url: 'https://x.example', body: {a: [6.125]}}"
            ),
            "6.125",
        ),
        (_trigger("payment_received", "{currency: EUR, at_least: 2.500}"), "2.500"),
        (_trigger("field_changed", "{fields: [price], new: 3.250}"), "3.250"),
        (_trigger("no_reaction", "{stage: a, after: {days: 1.000}}"), "1.000"),
        (_trigger("signed_by_count", "{count: 2.000}"), "2.000"),
    ],
)
def test_a_bare_number_with_two_readings_is_refused_with_its_place(
    tmp_path: Path, text: str, written: str
) -> None:
    [line] = _report(tmp_path, text)
    larger = written.replace(".", "")
    before = text[: text.index(written)]
    place = f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"
    assert line == f"p.yaml:{place}: {written} {BOTH.format(larger, written)}"


@pytest.mark.parametrize(
    ("text", "setting"),
    [
        (_trigger("payment_received", '{currency: EUR, at_least: "2.500"}'), "at_least"),
        (_trigger("signed_by_count", '{count: "2.000"}'), "count"),
        (_trigger("no_reaction", '{stage: a, after: {days: "3.000"}}'), "days"),
        (_rule(kind="change_fields", settings='{values: {score: "2.500"}}'), "score"),
        (_rule(kind="compute_field", settings='{field: score, value: "2.500"}'), "score"),
        (_trigger("field_changed", '{fields: [price], new: "2.500"}'), "price"),
    ],
)
def test_so_is_one_in_quotes_where_only_a_number_is_meant(
    tmp_path: Path, text: str, setting: str
) -> None:
    [line] = _report(tmp_path, text)
    assert f'{setting}: "' in line
    assert "has two readings" in line


def test_so_is_the_amount_of_a_payment(tmp_path: Path) -> None:
    settings = '{secret: stripe, field: link, amount: "1.250", currency: EUR}'
    text = _rule(kind="request_payment", settings=settings).replace(
        "score: {type: number}", "link: {type: text}"
    )
    [line] = _report(tmp_path, text)
    assert '"1.250" has two readings; write 1250 for the larger, 1.2500 for the smaller' in line


@pytest.mark.parametrize(
    "written", ["5.00", "5.5", "5000", "5.0000", "0.125", "1234.567", "-0.500", "1.5e3", "12.34"]
)
def test_what_has_one_reading_is_taken(tmp_path: Path, written: str) -> None:
    assert _report(tmp_path, _rule(f"{{field: amount, op: greater, value: {written}}}")) == []


@pytest.mark.parametrize("text", ['name: "1.000"', 'name: "version 1.000"'])
def test_a_text_may_look_like_one(tmp_path: Path, text: str) -> None:
    assert _report(tmp_path, f"{text}\n{STAGES}") == []


def test_json_is_no_different(tmp_path: Path) -> None:
    text = """\
{"pipeline": "p", "stages": [{"id": "a"}, {"id": "b", "rules": [
 {"id": "r", "kind": "change_fields", "settings": {"values": {"amount": 8.750}}}]}]}
"""
    [line] = _report(tmp_path, text, "p.json")
    assert line.startswith("p.json:2:73: 8.750 has two readings")


def test_what_an_alias_repeats_is_told_where_it_stands(tmp_path: Path) -> None:
    text = f"x-limit: &limit 6.000\n{_rule('{field: amount, op: less, value: *limit}')}"
    [line] = _report(tmp_path, text)
    assert line.startswith("p.yaml:8:")
    assert "6.000 has two readings" in line


ENVELOPE = "start: 2026-03-02 09:00\nenvelope: {sender: a@acme.example, signers: [b@x.example]}\n"


@pytest.mark.parametrize(
    ("steps", "written"),
    [
        ("steps: [{event: sent}, {edit: {amount: 1.750}}]", "1.750"),
        ("steps: [{event: sent}, {expect: {fields: {score: 7.000}}}]", "7.000"),
        ("steps: [{event: sent}, {wait: {days: 2.000}}]", "2.000"),
        ("answers: {r: {body: {total: 4.250}}}\nsteps: [{event: sent}]", "4.250"),
        ('steps: [{event: sent}, {wait: {days: "2.000"}}]', '"2.000"'),
        ('steps: [{event: sent}, {edit: {score: "2.000"}}]', '"2.000"'),
    ],
)
def test_scripts_are_no_different(tmp_path: Path, steps: str, written: str) -> None:
    settings = "{url: 'https://x.example'}"
    pipeline = tmp_path / "p.yaml"
    pipeline.write_text(_rule(kind="call_web_address", settings=settings))
    script = tmp_path / "s.yaml"
    script.write_text(f"{ENVELOPE}{steps}\n")
    checked = check_file(pipeline, today=TODAY).pipeline
    assert isinstance(checked, Pipeline)
    [line] = check_script(script, checked).report
    assert f"{written} has two readings" in line.text


@pytest.mark.parametrize("written", ["3.2500", "3.1250", "-7.1250", "0.125", "1500.125"])
def test_what_is_shown_of_a_pipeline_is_taken_again(tmp_path: Path, written: str) -> None:
    text = _rule(f"{{field: amount, op: greater, value: {written}}}")
    file = tmp_path / "p.yaml"
    file.write_text(text)
    first = check_file(file, today=TODAY).pipeline
    assert isinstance(first, Pipeline)
    file.write_text(pipeline_yaml(first))
    assert check_file(file, today=TODAY).pipeline == first
