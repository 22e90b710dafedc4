"""What the functions ask of AWS, held against their roles in template.yaml.

As IAM judges it: a transaction needs the right of each of its writes, a schedule the right to lend
its role (https://docs.aws.amazon.com/service-authorization/latest/reference/).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from tests.integration.lambda_events import REGION

ACCOUNT = "123456789012"
SERVICES = (
    *("dynamodb", "sqs", "ssm", "s3", "scheduler", "sesv2", "events", "sns"),
    *("logs", "cognito-idp"),
)
"""Whose clients the functions have."""
NUMBER = "a phone number"
"""It has no ARN."""
WRITES = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}


@dataclass(frozen=True, slots=True)
class Need:
    """One action on one resource."""

    action: str
    resource: str


@dataclass(frozen=True, slots=True)
class Right:
    """One action on one resource (or all that fit the pattern) that a role allows."""

    role: str
    sid: str
    action: str
    pattern: str
    inverted: bool = False
    """Everything but what fits the pattern."""

    def allows(self, need: Need) -> bool:
        """Whether it covers the need."""
        fits = fnmatchcase(need.resource, self.pattern)
        return self.action == need.action and fits is not self.inverted


def _arn(service: str, rest: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def needs(service: str, operation: str, params: Mapping[str, Any]) -> Iterator[Need]:
    """What IAM asks for when a client makes this call."""
    match service, operation:
        case "dynamodb", "TransactWriteItems":
            for item in params["TransactItems"]:
                ((sort, write),) = item.items()
                yield Need(WRITES[sort], _arn("dynamodb", f"table/{write['TableName']}"))
        case "dynamodb", "BatchGetItem" | "BatchWriteItem":
            for table in params["RequestItems"]:
                yield Need(f"dynamodb:{operation}", _arn("dynamodb", f"table/{table}"))
        case "dynamodb", _:
            index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
            resource = _arn("dynamodb", f"table/{params['TableName']}{index}")
            yield Need(f"dynamodb:{operation}", resource)
        case "sqs", "SendMessageBatch":  # has no right of its own
            yield Need("sqs:SendMessage", _arn("sqs", params["QueueUrl"].rpartition("/")[2]))
        case "sqs", _:
            yield Need(f"sqs:{operation}", _arn("sqs", params["QueueUrl"].rpartition("/")[2]))
        case "ssm", "GetParametersByPath":
            yield Need("ssm:GetParametersByPath", _arn("ssm", f"parameter{params['Path']}"))
        case "ssm", _:
            yield Need(f"ssm:{operation}", _arn("ssm", f"parameter{params['Name']}"))
        case "s3", "GetObject":
            # Without the second, an object that is not there is answered 403 instead of 404:
            # https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
            bucket = f"arn:aws:s3:::{params['Bucket']}"
            yield Need("s3:GetObject", f"{bucket}/{params['Key']}")
            yield Need("s3:ListBucket", bucket)
        case "s3", "ListObjectsV2":
            yield Need("s3:ListBucket", f"arn:aws:s3:::{params['Bucket']}")
        case "s3", "CopyObject":
            source = params["CopySource"]
            yield Need("s3:GetObject", f"arn:aws:s3:::{source['Bucket']}/{source['Key']}")
            yield Need("s3:PutObject", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}")
        case "s3", _:
            yield Need(f"s3:{operation}", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}")
        case "scheduler", _:
            schedule = _arn("scheduler", f"schedule/{params['GroupName']}/{params['Name']}")
            yield Need(f"scheduler:{operation}", schedule)
            if "Target" in params:
                yield Need("iam:PassRole", params["Target"]["RoleArn"])
        case "sesv2", "SendEmail":
            address = params["FromEmailAddress"].rpartition("<")[2].rstrip(">")
            sort = ["ses:SendEmail"] + ["ses:SendRawEmail"] * ("Raw" in params["Content"])
            for action in sort:
                yield Need(action, _arn("ses", f"identity/{address}"))
                if known := params.get("ConfigurationSetName"):
                    yield Need(action, _arn("ses", f"configuration-set/{known}"))
        case "sesv2", "GetEmailIdentity":
            identity = _arn("ses", f"identity/{params['EmailIdentity']}")
            yield Need("ses:GetEmailIdentity", identity)
        case "cognito-idp", _:
            # There is one pool, and moto gives it another id each time.
            yield Need(f"cognito-idp:{operation}", _arn("cognito-idp", "userpool/People"))
        case "logs", _:
            yield Need(f"logs:{operation}", _arn("logs", f"log-group:{params['logGroupName']}:*"))
        case "sesv2", "GetAccount":
            yield Need("ses:GetAccount", "*")
        case "events", "PutEvents":
            for entry in params["Entries"]:
                yield Need("events:PutEvents", _arn("events", f"event-bus/{entry['EventBusName']}"))
        case "sns", "Publish":
            yield Need("sns:Publish", NUMBER)
        case _:
            raise AssertionError(f"these tests do not know which right {service} {operation} asks")


@dataclass
class Rights:
    """The roles of a template's functions, and what was asked of them."""

    template: dict[str, Any]
    names: Mapping[str, str]
    """What ``Ref`` gives for the resources that have names of their own here."""
    used: set[Right] = field(default_factory=set)
    denied: list[tuple[str, Need]] = field(default_factory=list)

    def of(self, role: str) -> Iterator[Right]:
        """What the role allows, each action on each resource."""
        for policy in self.template["Resources"][role]["Properties"]["Policies"]:
            for one in policy["PolicyDocument"]["Statement"]:
                inverted = "NotResource" in one
                resources = _listed(one["NotResource"] if inverted else one["Resource"])
                for action in _listed(one["Action"]):
                    for resource in resources:
                        pattern = self._resolved(resource)
                        yield Right(role, one["Sid"], action, pattern, inverted)

    def may(self, function: str, action: str, resource: str) -> bool:
        """Whether the function may do this; what allows it counts as used."""
        allowing = [
            right for right in self.of(f"{function}Role") if right.allows(Need(action, resource))
        ]
        self.used.update(allowing)
        return bool(allowing)

    @contextmanager
    def judging(self, function: str, clients: Mapping[str, Any]) -> Iterator[None]:
        """Judge every call of these clients by the function's role."""

        def judge(params: dict[str, Any], model: Any, event_name: str, **_: object) -> None:
            service = next(one for one in SERVICES if model.service_model.service_name == one)
            for need in needs(service, model.name, params):
                if not self.may(function, need.action, need.resource):
                    self.denied.append((function, need))

        for client in clients.values():
            client.meta.events.register("provide-client-params", judge, unique_id="rights")
        try:
            yield
        finally:
            for client in clients.values():
                client.meta.events.unregister("provide-client-params", unique_id="rights")

    def _resolved(self, value: Any) -> str:
        resources = self.template["Resources"]
        match value:
            case str():
                return value
            case {"Ref": name}:
                return self.names.get(name, name)
            case {"Fn::GetAtt": [name, attribute]}:
                return self._attribute(name, resources[name]["Type"], attribute)
            case {"Fn::Sub": text}:
                return re.sub(r"\$\{([\w:.]+)\}", lambda part: self._part(part[1]), text)
        raise AssertionError(f"the template has {value!r}, which these tests do not resolve yet")

    def _part(self, name: str) -> str:
        given = {
            "AWS::Partition": "aws",
            "AWS::Region": REGION,
            "AWS::AccountId": ACCOUNT,
            "Stage": "dev",
        }
        if "." in name:
            return self._resolved({"Fn::GetAtt": name.split(".")})
        return given.get(name) or self._resolved({"Ref": name})

    def _attribute(self, name: str, kind: str, attribute: str) -> str:
        arns = {
            "AWS::DynamoDB::Table": _arn("dynamodb", f"table/{name}"),
            "AWS::SQS::Queue": _arn("sqs", name),
            "AWS::S3::Bucket": f"arn:aws:s3:::{self.names.get(name, name)}",
            "AWS::Cognito::UserPool": _arn("cognito-idp", f"userpool/{name}"),
            "AWS::Events::EventBus": _arn("events", f"event-bus/{self.names.get(name, name)}"),
            "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{name}",
            "AWS::Logs::LogGroup": _arn("logs", f"log-group:{self.names.get(name, name)}:*"),
        }
        stream = "/stream/2026-03-02" if attribute == "StreamArn" else ""
        return arns[kind] + stream


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
