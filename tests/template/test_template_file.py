"""The template is read as CloudFormation sees it once its loops are played."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tests.template_file import Template, read_template

Resources = dict[str, dict[str, Any]]


@pytest.fixture
def expanded(tmp_path: Path) -> Template:
    """A template of two pumps that a loop makes, with what the loop may say of them."""
    path = tmp_path / "template.yaml"
    path.write_text(
        dedent("""\
            Mappings:
              Pumps: {North: {Litres: 30, Called: north}, South: {Litres: 45, Called: south}}
              Stages: {dev: {Litres: 5}}
            Resources:
              Fn::ForEach::Pumps:
                - Pump
                - [North, South]
                - ${Pump}Pump:
                    Type: Example::Pump
                    Properties:
                      Litres: !FindInMap [Pumps, !Ref Pump, Litres]
                      Least: !FindInMap [Stages, !Ref Stage, Litres]
                      Name: !Sub ["${Stage}-${Name}", {Name: !FindInMap [Pumps, !Ref Pump, Called]}]
                      Tank: !GetAtt [!Sub "${Pump}Tank", Arn]
                      Pipe: !Ref {"Fn::Sub": "${Pump}Pipe"}
                      Label: !Sub ["${Valve} of ${Pump}", {Valve: !GetAtt Valve.Arn}]
            Outputs:
              Fn::ForEach::Names:
                - Pump
                - [North, South]
                - ${Pump}Name: {Value: !Ref {"Fn::Sub": "${Pump}Pump"}}
            """),
        encoding="utf-8",
    )
    return read_template(path)


def test_a_loop_makes_a_resource_of_each_name(expanded: Template) -> None:
    assert list(expanded["Resources"]) == ["NorthPump", "SouthPump"]
    assert expanded["Outputs"] == {
        "NorthName": {"Value": {"Ref": "NorthPump"}},
        "SouthName": {"Value": {"Ref": "SouthPump"}},
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Litres", 45),
        ("Least", {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "Litres"]}),
        ("Name", {"Fn::Sub": "${Stage}-south"}),
        ("Tank", {"Fn::GetAtt": ["SouthTank", "Arn"]}),
        ("Pipe", {"Ref": "SouthPipe"}),
        ("Label", {"Fn::Sub": ["${Valve} of South", {"Valve": {"Fn::GetAtt": ["Valve", "Arn"]}}]}),
    ],
)
def test_what_the_loop_knows_is_filled_in_and_nothing_else(
    expanded: Template, name: str, value: object
) -> None:
    assert expanded["Resources"]["SouthPump"]["Properties"][name] == value


def test_the_template_has_no_loop_left(template: Template) -> None:
    names = [*template["Resources"], *template["Outputs"]]
    assert [name for name in names if not name.isalnum()] == []


def test_what_holds_data_keeps_its_logical_id(resources: Resources) -> None:
    """Under another one it would be made anew, empty, beside a deployed stack's own."""
    kinds = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue")
    assert {name for name, it in resources.items() if it["Type"] in kinds} == {
        "Audit",
        "DispatchDeadLetters",
        "Document",
        "DocumentDeadLetters",
        "Email",
        "EmailDeadLetters",
        "Feedback",
        "FeedbackDeadLetters",
        "Files",
        "Parked",
        "ParkedDeadLetters",
        "ScheduleDeadLetters",
        "State",
        "Statistics",
        "StatisticsDeadLetters",
        "Web",
        "WebDeadLetters",
        "Webhooks",
    }
