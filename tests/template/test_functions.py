"""Every function is deployed whole: code, settings, log, rights, and a queue for what fails."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from countersign.model.run import WITHDRAWN
from tests.function_settings import SETTINGS

Resources = dict[str, dict[str, Any]]


def test_every_folder_of_functions_is_deployed_and_nothing_else(
    project_root: Path, functions: Resources
) -> None:
    folders = {
        f"functions/{path.parent.name}" for path in project_root.glob("functions/*/handler.py")
    }
    assert {function["CodeUri"] for function in functions.values()} == folders


def test_every_folder_has_the_entry_that_the_template_names(
    project_root: Path, functions: Resources
) -> None:
    for function in functions.values():
        module, _, entry = function["Handler"].partition(".")
        source = (project_root / function["CodeUri"] / f"{module}.py").read_text()
        defined = {
            node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)
        }
        assert entry in defined, function["CodeUri"]


def settings_of(folder: str) -> type[BaseModel]:
    """The settings of the function in this folder: ``run_email`` has ``RunEmailSettings``."""
    name = folder.rpartition("/")[2].title().replace("_", "")
    return SETTINGS[f"{name}Settings"]


def test_a_function_gets_the_variables_that_its_settings_read_and_no_other(
    functions: Resources,
) -> None:
    expected = {
        name: {field.upper() for field in settings_of(function["CodeUri"]).model_fields}
        for name, function in functions.items()
        if name != "ServeConsole"
    }
    expected["ServeConsole"] = {"SIGN_IN_URL", "FILES_URL"}  # it reads it without anything of ours
    given = {
        name: set(function["Environment"]["Variables"]) for name, function in functions.items()
    }
    assert given == expected


def test_every_function_logs_to_a_group_of_its_own_that_forgets(
    functions: Resources, resources: Resources
) -> None:
    groups = {
        name: function["LoggingConfig"]["LogGroup"]["Ref"] for name, function in functions.items()
    }
    assert groups == {name: f"{name}Logs" for name in functions}
    for group in groups.values():
        assert resources[group]["RetentionInDays"] == _of_stage("LogRetentionDays")


def test_every_log_group_forgets(resources: Resources) -> None:
    groups = [it for it in resources.values() if it["Type"] == "AWS::Logs::LogGroup"]
    assert [group for group in groups if not group.get("RetentionInDays")] == []


def test_every_function_has_a_role_of_its_own(functions: Resources) -> None:
    roles = {name: function["Role"] for name, function in functions.items()}
    assert roles == {name: {"Fn::GetAtt": [f"{name}Role", "Arn"]} for name in functions}


def test_every_resource_that_a_variable_names_is_in_the_role(
    functions: Resources, roles: Resources, resources: Resources
) -> None:
    """Apart from what is only passed on: the schedules' dead letters, the webhooks' own name, by
    which clients the API may be called, and where the console's page sends files."""
    programs = {"ViewerProgram", "OperatorProgram", "AdministratorProgram"}
    passed_on = {"ScheduleDeadLetters", "WebhookApi", "ConsoleClient", *programs}
    for name, function in functions.items():
        named = {
            resource
            for value in function["Environment"]["Variables"].values()
            for resource in _references(value)
            if resource in resources
        }
        if name == "ServeConsole":
            named -= {"Files"}
        allowed = set(_references(roles[f"{name}Role"]["Policies"]))
        assert named - allowed - passed_on == set(), name


def test_a_source_is_tried_again_in_parts(functions: Resources) -> None:
    for name, function in functions.items():
        for event in function.get("Events", {}).values():
            assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"], name


def test_a_message_stays_hidden_six_times_as_long_as_its_function_may_run(
    functions: Resources, queues: Resources
) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
    for name, function in functions.items():
        for event in function.get("Events", {}).values():
            if event["Type"] == "SQS":
                queue, _ = event["Properties"]["Queue"]["Fn::GetAtt"]
                assert queues[queue]["VisibilityTimeout"] >= 6 * function["Timeout"], name


def test_only_runs_that_are_ready_or_wait_no_longer_and_open_jobs_are_dispatched(
    functions: Resources,
) -> None:
    stream = functions["DispatchRuns"]["Events"]["RunBecameReady"]["Properties"]
    assert [json.loads(one["Pattern"]) for one in stream["FilterCriteria"]["Filters"]] == [
        {
            "eventName": ["INSERT", "MODIFY"],
            "dynamodb": {"NewImage": {"type": {"S": ["run"]}, "state": {"S": ["ready"]}}},
        },
        {
            "eventName": ["INSERT", "MODIFY"],
            "dynamodb": {
                "NewImage": {"type": {"S": ["job"]}, "state": {"S": ["waiting", "running"]}}
            },
        },
        {
            "eventName": ["MODIFY"],
            "dynamodb": {
                "OldImage": {"state": {"S": ["ready"]}},
                "NewImage": {"type": {"S": ["run"]}, "state": {"S": sorted(WITHDRAWN)[::-1]}},
            },
        },
    ]


def test_changes_of_documents_and_what_became_of_runs_are_counted(functions: Resources) -> None:
    stream = functions["RecordStatistics"]["Events"]["DocumentOrRunChanged"]["Properties"]
    assert [json.loads(one["Pattern"]) for one in stream["FilterCriteria"]["Filters"]] == [
        {
            "eventName": ["INSERT", "MODIFY"],
            "dynamodb": {"NewImage": {"type": {"S": ["document"]}}},
        },
        {"eventName": ["REMOVE"], "dynamodb": {"OldImage": {"type": {"S": ["document"]}}}},
        {
            "eventName": ["INSERT", "MODIFY"],
            "dynamodb": {
                "NewImage": {
                    "type": {"S": ["run"]},
                    "state": {"S": ["done", "skipped", "failed", "in_doubt"]},
                }
            },
        },
        {
            "eventName": ["MODIFY"],
            "dynamodb": {
                "NewImage": {"type": {"S": ["run"]}},
                "OldImage": {"state": {"S": ["failed", "in_doubt"]}},
            },
        },
    ]


@pytest.mark.parametrize(
    ("function", "source", "dead_letters", "waits"),
    [
        ("DispatchRuns", "RunBecameReady", "DispatchDeadLetters", 0),
        ("RecordStatistics", "DocumentOrRunChanged", "StatisticsDeadLetters", 5),
    ],
)
def test_the_stream_says_itself_what_happens_to_records_that_fail(
    functions: Resources, function: str, source: str, dead_letters: str, waits: int
) -> None:
    stream = functions[function]["Events"][source]["Properties"]
    said = {name: stream[name] for name in stream if name != "FilterCriteria"}
    assert said == {
        "Stream": {"Fn::GetAtt": ["State", "StreamArn"]},
        "StartingPosition": "TRIM_HORIZON",
        "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": waits,
        "MaximumRecordAgeInSeconds": 86400,
        "MaximumRetryAttempts": 10,
        "BisectBatchOnFunctionError": True,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": [dead_letters, "Arn"]}}},
    }


def _of_stage(setting: str) -> dict[str, Any]:
    return {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, setting]}


def _references(value: Any) -> Iterator[str]:
    """Every resource that a value refers to."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), _]}:
            yield name
        case {"Fn::Sub": str(text)}:
            yield from (part.partition("}")[0].partition(".")[0] for part in text.split("${")[1:])
        case dict():
            yield from (name for inner in value.values() for name in _references(inner))
        case list():
            yield from (name for inner in value for name in _references(inner))
