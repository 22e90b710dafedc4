"""Every right is for something named."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Resources = dict[str, dict[str, Any]]
Statement = dict[str, Any]


def test_no_right_is_for_everything(roles: Resources) -> None:
    wide = [
        (role, statement["Sid"])
        for role, statement in _statements(roles)
        for resource in _listed(statement.get("Resource", []))
        if resource == "*" or (isinstance(resource, str) and resource.endswith(":*"))
    ]
    # https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html
    assert wide == [
        ("ServeApiRole", "SeeWhetherMailsGoToAnybody"),
        ("RunEmailRole", "ReadSendQuota"),
    ]


def test_only_phone_numbers_are_reached_by_leaving_out_everything_that_has_a_name(
    roles: Resources,
) -> None:
    """A phone number has no ARN; topics and devices, which have one, are left out."""
    others = [
        (role, statement) for role, statement in _statements(roles) if "Resource" not in statement
    ]
    assert others == [
        (
            "RunWebRole",
            {
                "Sid": "SendSms",
                "Effect": "Allow",
                "Action": "sns:Publish",
                "NotResource": {"Fn::Sub": "arn:${AWS::Partition}:sns:*:*:*"},
            },
        )
    ]


def test_every_right_names_its_action(roles: Resources) -> None:
    wide = [
        (role, action)
        for role, statement in _statements(roles)
        for action in _listed(statement["Action"])
        if "*" in action
    ]
    assert wide == []


def test_every_right_is_an_allowance_in_the_role_itself(roles: Resources) -> None:
    """AWS's managed policies are for every resource."""
    assert [role for role in roles if "ManagedPolicyArns" in roles[role]] == []
    assert {statement["Effect"] for _, statement in _statements(roles)} == {"Allow"}


def test_only_the_scheduler_may_be_lent_the_schedules_role(roles: Resources) -> None:
    lent = [
        statement for _, statement in _statements(roles) if statement["Action"] == "iam:PassRole"
    ]
    assert lent == [
        {
            "Sid": "LendScheduleRole",
            "Effect": "Allow",
            "Action": "iam:PassRole",
            "Resource": {"Fn::GetAtt": ["ScheduleRole", "Arn"]},
            "Condition": {"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}},
        }
    ]


def test_the_schedules_role_serves_only_this_stack_s_schedules(roles: Resources) -> None:
    [trust] = roles["ScheduleRole"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Condition"] == {
        "StringEquals": {
            "aws:SourceAccount": {"Ref": "AWS::AccountId"},
            "aws:SourceArn": {"Fn::GetAtt": ["Schedules", "Arn"]},
        }
    }


def test_no_function_may_change_or_remove_what_the_audit_trail_holds(roles: Resources) -> None:
    """Whoever records a change puts an entry that is not there yet, and reads."""
    allowed = {
        action
        for _, statement in _statements(roles)
        if "Audit" in str(statement.get("Resource", ""))
        for action in _listed(statement["Action"])
    }
    assert allowed <= {"dynamodb:PutItem", "dynamodb:Query"}


def _statements(roles: Resources) -> Iterator[tuple[str, Statement]]:
    for name, role in roles.items():
        for policy in role["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                yield name, statement


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
