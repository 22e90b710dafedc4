"""YAML as people write it: merged mappings, holders at the top, and slips told with the remedy."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from countersign.pipeline_files.reader import UnreadableError, check_file, read

QUOTES = (
    "YAML reads a text that begins with an insert as a mapping; put the whole text in quotes: "
    '"{{ … }} …"'
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x-a: &a {p: 1}\nm: {<<: *a, q: 2}", {"m": {"p": 1, "q": 2}}),
        ("x-a: &a {p: 1, q: 1}\nm: {q: 2, <<: *a}", {"m": {"p": 1, "q": 2}}),
        (
            "x-a: &a {p: 1}\nx-b: &b {p: 2, q: 2}\nm:\n  <<: [*a, *b]\n  r: 3",
            {"m": {"p": 1, "q": 2, "r": 3}},
        ),
        ("m:\n  <<: {p: 1}\n  <<inner: 2", {"m": {"p": 1, "<<inner": 2}}),
        (
            "x-a: &a {p: {q: 1}}\nm: &m {<<: *a}\nn: {<<: *m}",
            {"m": {"p": {"q": 1}}, "n": {"p": {"q": 1}}},
        ),
        ("x-1: 1\nm: {x-2: 2}", {"m": {"x-2": 2}}),
    ],
)
def test_mappings_are_merged_and_holders_left_out(text: str, value: Any) -> None:
    found, _, repeated = read(text)
    assert (found, repeated) == (value, ())


def test_json_has_no_merge_key() -> None:
    assert read('{"<<": {"a": 1}}', json=True)[0] == {"<<": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "mark", "told"),
    [
        ("text: {{ stage.name }} is reached", "1:7", QUOTES),
        ("text: {{stage.name}}", "1:7", QUOTES),
        ("list:\n  - {{ stage.name }}\n", "2:5", QUOTES),
        ("text: {% if client %}Hello{% endif %}", "1:8", QUOTES),
        ('text: "Hello" {{ client.name }}', "1:15", "after its closing quote; put the whole text"),
        ("text: [Reminder] please sign", "1:18", "after its closing bracket; put the whole text"),
        ("text: *important* please sign", "1:17", "a text cannot begin with * in YAML"),
        ("text: > 5 days", "1:9", "a text cannot begin with > or | in YAML"),
        ("text: & more", "1:8", "a text cannot begin with & in YAML"),
        (
            "text: !now",
            "1:7",
            "the tag !now has no meaning here; remove it, or put the text in quotes",
        ),
        ("m: {<<: 5}", "1:5", "<< takes a mapping or a list of mappings, such as *base"),
        ("? [a]\n: b", "1:3", "a key must be a text"),
    ],
)
def test_a_slip_is_told_with_its_remedy(text: str, mark: str, told: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read(text)
    shown = refused.value.line.shown("f")
    assert shown.startswith(f"f:{mark.split(':')[0]}:")
    assert told in shown


def test_what_is_wrong_in_what_was_merged_is_told_where_it_was_merged(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(
        "x-rule: &rule\n  kind: add_coment\n  settings: {text: Hello}\n"
        "pipeline: p\nstages:\n  - id: a\n    rules:\n      - <<: *rule\n        id: r\n"
    )
    [line] = check_file(file, today=date(2026, 1, 5)).report
    assert line.shown("p.yaml").startswith("p.yaml:8:9: rule kind ")
    assert line.text.endswith("did you mean add_comment?")


def test_a_pipeline_with_merged_rules_is_published_as_if_they_were_written_out(
    tmp_path: Path,
) -> None:
    base = "{kind: add_comment, settings: {text: Hello}}"
    merged = (
        f"x-base: &base {base}\npipeline: p\nstages: [{{id: a, rules: [{{<<: *base, id: r}}]}}]"
    )
    written = f"pipeline: p\nstages: [{{id: a, rules: [{{id: r, {base[1:]}]}}]"
    found = []
    for name, text in (("m.yaml", merged), ("w.yaml", written)):
        (tmp_path / name).write_text(text)
        found.append(check_file(tmp_path / name, today=date(2026, 1, 5)))
    assert found[0].report == ()
    assert found[0].pipeline == found[1].pipeline is not None


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (
            "amount > 900",
            'condition is "amount > 900"; expected a mapping with field, op and value, or one with '
            "all, any, none",
        ),
        (
            "{field: amount, op: greater, value: 7,500}",
            '"500" stands behind a comma, which begins the next entry here; write numbers without '
            "separators, such as 5000",
        ),
    ],
)
def test_a_condition_that_is_written_otherwise_is_led_right(
    tmp_path: Path, condition: str, told: str
) -> None:
    file = tmp_path / "p.yaml"
    rule = f"{{id: r, kind: stop_rules, condition: {condition}}}"
    file.write_text(f"pipeline: p\nstages: [{{id: a, rules: [{rule}]}}]\n")
    [line] = check_file(file, today=date(2026, 1, 5)).report
    assert line.text == told
