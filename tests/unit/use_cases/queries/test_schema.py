"""The schema of the pipeline file: which settings there are is decided by the kind."""

from __future__ import annotations

from countersign.use_cases.queries.catalogue.schema import pipeline_schema


def test_the_top_of_the_schema_says_what_it_is_and_lets_own_members_be() -> None:
    schema = pipeline_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "Countersign pipeline"
    assert schema["patternProperties"] == {"^x-": {}}
    assert schema["required"] == ["pipeline", "stages"]
    assert "Pipeline" not in schema["$defs"]


def test_a_kind_decides_which_settings_there_are_and_whether_some_must_be_there() -> None:
    schema = pipeline_schema()
    rule = schema["$defs"]["Rule"]
    chosen = {choice["if"]["properties"]["kind"]["const"]: choice for choice in rule["allOf"]}
    assert chosen["send_email"] == {
        "if": {"properties": {"kind": {"const": "send_email"}}, "required": ["kind"]},
        "then": {
            "properties": {"settings": {"$ref": "#/$defs/SendEmail"}},
            "required": ["settings"],
        },
    }
    assert chosen["stop_rules"]["then"] == {
        "properties": {"settings": {"$ref": "#/$defs/StopRules"}}
    }
    trigger = schema["$defs"]["Trigger"]
    named = [choice["const"] for choice in trigger["properties"]["kind"]["oneOf"]]
    assert named == [choice["if"]["properties"]["kind"]["const"] for choice in trigger["allOf"]]
    assert named == sorted(named)


def test_kinds_and_settings_are_described_and_the_kind_itself_is_no_setting() -> None:
    schema = pipeline_schema()
    kinds = schema["$defs"]["Rule"]["properties"]["kind"]
    assert kinds["description"] == "What it is; `countersign kinds` lists them."
    by_kind = {choice["const"]: choice["description"] for choice in kinds["oneOf"]}
    assert by_kind["stop_rules"] == (
        "Cancels the rules of this stage that have not begun for this document."
    )
    settings = schema["$defs"]["SendEmail"]["properties"]
    assert "kind" not in settings
    assert settings["subject"]["description"]
