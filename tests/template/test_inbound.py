"""Failures on the way in ring; what was accepted is kept, whatever becomes of the stack."""

from __future__ import annotations

from typing import Any

import pytest

Resources = dict[str, dict[str, Any]]

OURS = [{"Name": "service", "Value": "countersign"}, {"Name": "stage", "Value": {"Ref": "Stage"}}]
WEBHOOK = [{"Name": "FunctionName", "Value": {"Ref": "ReceiveWebhook"}}]
WEBHOOK_API = [{"Name": "ApiId", "Value": {"Ref": "WebhookApi"}}]
SERVE_API = [{"Name": "FunctionName", "Value": {"Ref": "ServeApi"}}]
API = [{"Name": "ApiId", "Value": {"Ref": "Api"}}]


@pytest.mark.parametrize(
    ("alarm", "namespace", "metric", "dimensions", "most"),
    [
        ("WebhookErrorsAlarm", "AWS/Lambda", "Errors", WEBHOOK, 0),
        ("WebhookThrottlesAlarm", "AWS/Lambda", "Throttles", WEBHOOK, 0),
        ("WebhookUnavailableAlarm", "AWS/ApiGateway", "5xx", WEBHOOK_API, 0),
        ("ApiErrorsAlarm", "AWS/Lambda", "Errors", SERVE_API, 0),
        ("ApiUnavailableAlarm", "AWS/ApiGateway", "5xx", API, 0),
        ("StaleCredentialsAlarm", "Countersign", "stale_credentials", OURS, 0),
        ("UnverifiedWebhooksAlarm", "Countersign", "webhook_unverified", OURS, 3),
        ("RejectedWebhooksAlarm", "Countersign", "webhook_rejected", OURS, 0),
        ("FailedRunsAlarm", "Countersign", "run_failed", OURS, 0),
        ("BouncedMailsAlarm", "Countersign", "mail_bounced", OURS, 0),
        ("ComplainedMailsAlarm", "Countersign", "mail_complained", OURS, 0),
    ],
)
def test_what_goes_wrong_rings(
    resources: Resources,
    alarm: str,
    namespace: str,
    metric: str,
    dimensions: list[dict[str, Any]],
    most: int,
) -> None:
    found = resources[alarm]
    assert (found["Namespace"], found["MetricName"]) == (namespace, metric)
    assert (found["Dimensions"], found["Threshold"]) == (dimensions, most)
    assert (found["Statistic"], found["ComparisonOperator"]) == ("Sum", "GreaterThanThreshold")
    assert found["TreatMissingData"] == "notBreaching"
    assert found["AlarmActions"] == [{"Ref": "Alarms"}]


def test_refusals_ring_when_they_rise(template: dict[str, Any], resources: Resources) -> None:
    alarm = resources["RefusedWebhooksAlarm"]
    assert (alarm["MetricName"], alarm["Dimensions"]) == ("webhook_refused", OURS)
    wanted = {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "RefusalsInFiveMinutes"]}
    assert (alarm["Threshold"], alarm["Period"]) == (wanted, 300)
    stages = template["Mappings"]["Stages"].values()
    # Fewer than the gateway lets through in the same time.
    assert all(it["RefusalsInFiveMinutes"] < 300 * it["RequestsPerSecond"] for it in stages)


def test_every_alarm_tells_the_same_topic(resources: Resources) -> None:
    alarms = [it for it in resources.values() if it["Type"] == "AWS::CloudWatch::Alarm"]
    assert len(alarms) > 25
    for alarm in alarms:
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "Alarms"}]
        assert alarm["AlarmDescription"].endswith(".")


# --- what was accepted is kept


@pytest.mark.parametrize("name", ["Parked", "ParkedDeadLetters", "Webhooks", "State", "Audit"])
def test_what_holds_accepted_webhooks_outlives_the_stack(
    template: dict[str, Any], name: str
) -> None:
    resource = template["Resources"][name]
    assert resource["DeletionPolicy"] in ("Retain", "RetainExceptOnCreate")
    assert resource["UpdateReplacePolicy"] == "Retain"


def test_the_bucket_is_private_and_encrypted_and_forgets_after_thirty_days(
    resources: Resources,
) -> None:
    bucket = resources["Webhooks"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert "VersioningConfiguration" not in bucket
    (expiry,) = bucket["LifecycleConfiguration"]["Rules"]
    assert (expiry["Status"], expiry["ExpirationInDays"]) == ("Enabled", 30)
    assert "Prefix" not in expiry


def test_the_bucket_is_reached_by_tls_alone(resources: Resources) -> None:
    policy = resources["WebhooksPolicy"]
    assert policy["Bucket"] == {"Ref": "Webhooks"}
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Sid": "OnlyEncryptedConnections",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [
                {"Fn::GetAtt": ["Webhooks", "Arn"]},
                {"Fn::Sub": "${Webhooks.Arn}/*"},
            ],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
    ]


def test_mails_come_from_the_deployment_s_own_domain_where_it_knows_it(
    resources: Resources,
) -> None:
    statements = resources["RunEmailRole"]["Policies"][0]["PolicyDocument"]["Statement"]
    (sending,) = [one for one in statements if one["Sid"] == "SendMail"]
    name, known, unknown = sending["Condition"]["Fn::If"]
    assert (name, unknown) == ("CreatesSender", {"Ref": "AWS::NoValue"})
    domain = {"Fn::Select": [1, {"Fn::Split": ["@", {"Fn::Sub": "${SenderAddress}@"}]}]}
    assert known == {
        "StringLike": {
            "ses:FromAddress": [
                {"Ref": "SenderAddress"},
                {"Fn::Sub": ["*@${Domain}", {"Domain": domain}]},
            ]
        }
    }


def test_secrets_tokens_and_key_lie_apart(functions: Resources, template: dict[str, Any]) -> None:
    paths = {
        "CONNECTIONS_PATH": "/countersign/${Stage}/connections",
        "API_TOKENS_PATH": "/countersign/${Stage}/api-tokens",
        "SECRETS_PATH": "/countersign/${Stage}/secrets",
        "ADDRESS_KEY_PATH": "/countersign/${Stage}/address-key",
    }
    given: dict[str, set[str]] = {}
    for function in functions.values():
        for name, value in function["Environment"]["Variables"].items():
            if name in paths:
                given.setdefault(name, set()).add(value["Fn::Sub"])
    assert given == {name: {path} for name, path in paths.items()}
    outputs = template["Outputs"]
    assert outputs["ApiTokensPath"]["Value"] == {"Fn::Sub": paths["API_TOKENS_PATH"]}
    assert outputs["AddressKeyPath"]["Value"] == {"Fn::Sub": paths["ADDRESS_KEY_PATH"]}
    assert outputs["WebhookBucket"]["Value"] == {"Ref": "Webhooks"}
