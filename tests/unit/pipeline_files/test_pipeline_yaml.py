"""A pipeline that is shown as YAML reads back as the same pipeline, whatever it holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from countersign.model.pipeline import Pipeline
from countersign.pipeline_files.reader import check_file, read
from countersign.pipeline_files.writer import pipeline_yaml
from tests.builders import pipeline, stage
from tests.strategies import pipelines

CONTRACTS = Path(__file__).parents[3] / "events" / "pipelines" / "contracts.yaml"
ODD = [
    "yes", "no", "on", "off", "null", "~", "", "true", "1", "1.50", "1e3", ".5", "-7", "007",
    "2026-03-02", "09:00", "0x1f", "a: b", "- a", "# a", "'", '"', "{{ x }}", "*a", "&a", "!a",
    "two\nlines", "two\nlines\n", "\nbefore", "trailing \nblank", "tab\there", "Müller & Söhne",
    "| pipe", "a\u2029b", "a\x85b", "two\nlines\u2028", "> fold",
    "%a", "@a", "`a", "a #b", "\u2028", "x" * 300 + " " + "y" * 300,
]  # fmt: skip


def again(wanted: Pipeline) -> Pipeline:
    """The pipeline, written and read."""
    value, _, repeated = read(pipeline_yaml(wanted))
    assert repeated == ()
    return Pipeline.model_validate(value)


def commented(text: str) -> Pipeline:
    """A pipeline with this text in a name, a setting and a condition."""
    rule = {
        "id": "note",
        "kind": "add_comment",
        "name": text,
        "settings": {"text": text},
        "condition": {"field": "title", "op": "equals", "value": text},
    }
    return pipeline(stage("draft"), stage("sent", rule))


@given(pipelines())
@settings(deadline=None, max_examples=60)
def test_every_pipeline_reads_back_as_it_was(wanted: Pipeline) -> None:
    assert again(wanted) == wanted


@pytest.mark.parametrize("text", ODD)
def test_a_text_stays_that_text(text: str) -> None:
    assert again(commented(text)) == commented(text)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40))
@settings(deadline=None)
def test_any_text_stays_that_text(text: str) -> None:
    assert again(commented(text)) == commented(text)


@pytest.mark.parametrize(
    "number", ["5000", "5000.5", "0.1", "0", "-3", "12345678901234", "0.00001"]
)
def test_a_number_stays_that_number(number: str) -> None:
    value = yaml.safe_load(number)
    rule = {
        "id": "set",
        "kind": "change_fields",
        "settings": {"values": {"amount": value}},
        "condition": {"field": "amount", "op": "greater", "value": value},
    }
    wanted = pipeline(stage("draft"), stage("sent", rule))
    assert again(wanted) == wanted
    assert f"amount: {number}\n" in pipeline_yaml(wanted)


def test_the_shipped_pipeline_can_be_shown_and_published_again(tmp_path: Path) -> None:
    today = date(2026, 3, 2)
    wanted = check_file(CONTRACTS, today=today).pipeline
    assert wanted is not None
    text = pipeline_yaml(wanted)
    file = tmp_path / "shown.yaml"
    file.write_text(text)
    assert check_file(file, today=today).pipeline == wanted
    assert text.startswith("pipeline: contracts\nname: Contracts\ntime_zone: Europe/Berlin\n")
    assert "on_leave" not in text.replace("on_leave: keep", "")
    assert "!!" not in text


def test_a_text_of_several_lines_is_written_as_people_write_it() -> None:
    assert "text: |-\n            Dear Klara,\n\n            please sign.\n" in pipeline_yaml(
        commented("Dear Klara,\n\nplease sign.")
    )
