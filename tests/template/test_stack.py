"""What the stack asks, stores, answers and tells."""

from __future__ import annotations

import re
from typing import Any

import pytest

from countersign import __version__
from countersign.adapters.ses import mail_events

Resources = dict[str, dict[str, Any]]


def test_a_deployment_asks_for_seven_things_and_has_an_answer_to_each(
    template: dict[str, Any],
) -> None:
    """`sam deploy --guided` asks for every parameter."""
    asked = {name: it["Default"] for name, it in template["Parameters"].items()}
    assert asked == {
        "Stage": "dev",
        "SenderAddress": "",
        "PrivateAddresses": "refused",
        "SignInPages": "managed",
        "CompanyIssuer": "",
        "CompanyClientId": "",
        "CompanyClientSecretName": "",
    }


def test_every_stage_has_every_setting(template: dict[str, Any]) -> None:
    stages = template["Mappings"]["Stages"]
    assert list(stages) == template["Parameters"]["Stage"]["AllowedValues"]
    assert len({frozenset(settings) for settings in stages.values()}) == 1


@pytest.mark.parametrize("name", ["State", "Audit", "Statistics"])
def test_production_keeps_its_data(
    template: dict[str, Any], resources: Resources, name: str
) -> None:
    stages = template["Mappings"]["Stages"]
    assert {name: it["KeepData"] for name, it in stages.items()} == {
        "dev": False,
        "staging": False,
        "prod": True,
    }
    table = resources[name]
    assert table["DeletionProtectionEnabled"] == {
        "Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "KeepData"]
    }
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}


@pytest.mark.parametrize("name", ["State", "Audit", "Statistics"])
def test_a_table_defines_the_keys_it_uses_and_no_other(resources: Resources, name: str) -> None:
    table = resources[name]
    indexes = table.get("GlobalSecondaryIndexes", ())
    schemas = [table["KeySchema"], *(it["KeySchema"] for it in indexes)]
    used = {key["AttributeName"] for schema in schemas for key in schema}
    defined = {it["AttributeName"]: it["AttributeType"] for it in table["AttributeDefinitions"]}
    assert defined == dict.fromkeys(used, "S")


def test_the_stream_tells_what_was_and_what_is(resources: Resources) -> None:
    assert resources["State"]["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


@pytest.mark.parametrize("name", ["State", "Statistics"])
def test_what_expires_does_by_the_attribute_that_is_written(
    resources: Resources, name: str
) -> None:
    assert resources[name]["TimeToLiveSpecification"] == {
        "AttributeName": "expires_ttl",
        "Enabled": True,
    }


def test_no_shard_of_the_stream_has_more_than_two_readers(resources: Resources) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html"""
    readers = [
        name
        for name, it in resources.items()
        if it["Type"] == "AWS::Serverless::Function"
        for source in it.get("Events", {}).values()
        if source["Type"] == "DynamoDB"
    ]
    assert readers == ["DispatchRuns", "RecordStatistics"]


def test_webhooks_come_to_two_addresses_by_two_methods(resources: Resources) -> None:
    routes = {
        it["RouteKey"]: it["Target"]
        for it in resources.values()
        if it["Type"] == "AWS::ApiGatewayV2::Route" and it["ApiId"] == {"Ref": "WebhookApi"}
    }
    receive = {"Fn::Sub": "integrations/${ReceiveWebhookIntegration}"}
    assert routes == {
        "GET /files/{token}": {"Fn::Sub": "integrations/${ServeFileIntegration}"},
        "GET /webhooks/{connection}": receive,
        "GET /webhooks/{connection}/{slot}": receive,
        "POST /webhooks/{connection}": receive,
        "POST /webhooks/{connection}/{slot}": receive,
    }


@pytest.mark.parametrize("name", ["WebhookStage", "ApiStage"])
def test_the_access_log_has_neither_path_nor_query_nor_caller(
    resources: Resources, name: str
) -> None:
    """A connection's address carries its token, and a query of the API names of people."""
    text: str = resources[name]["AccessLogSettings"]["Format"]
    told = set(re.findall(r"\$context\.([\w.]+)", text))
    assert told == {
        "error.message",
        "integrationLatency",
        "requestId",
        "requestTimeEpoch",
        "responseLatency",
        "responseLength",
        "routeKey",
        "status",
    }


def test_the_console_alone_may_send_files_by_a_script_and_nobody_may_read_them_so(
    resources: Resources,
) -> None:
    (rule,) = resources["Files"]["CorsConfiguration"]["CorsRules"]
    origin = "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"
    assert rule["AllowedOrigins"] == [{"Fn::Sub": origin}]
    assert rule["AllowedMethods"] == ["PUT"]
    assert rule["AllowedHeaders"] == ["content-type", "x-amz-checksum-sha256"]
    assert "CorsConfiguration" not in resources["Webhooks"]


def test_the_api_is_throttled(resources: Resources) -> None:
    assert resources["WebhookStage"]["DefaultRouteSettings"] == {
        "ThrottlingRateLimit": {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "RequestsPerSecond"]},
        "ThrottlingBurstLimit": {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "RequestBurst"]},
    }


def test_what_became_of_a_mail_goes_to_the_event_bus(resources: Resources) -> None:
    always = {
        "BOUNCE",
        "COMPLAINT",
        "DELIVERY",
        "DELIVERY_DELAY",
        "REJECT",
        "RENDERING_FAILURE",
        "SEND",
    }
    for name, more in (("MailEvents", set()), ("TrackedMailEvents", {"OPEN", "CLICK"})):
        destination = resources[name]["EventDestination"]
        assert destination["Enabled"]
        assert set(destination["MatchingEventTypes"]) == always | more


def test_every_report_that_can_be_read_comes_from_the_bus_to_its_queue(
    resources: Resources,
) -> None:
    rule = resources["MailReports"]
    sets = [{"Ref": "Mails"}, {"Ref": "TrackedMails"}]
    assert rule["EventPattern"] == {
        "source": [mail_events.SOURCE],
        "detail-type": list(mail_events.KINDS),
        "detail": {"mail": {"tags": {"ses:configuration-set": sets}}},
    }
    assert rule["Targets"] == [
        {
            "Id": "feedback",
            "Arn": {"Fn::GetAtt": ["Feedback", "Arn"]},
            "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["FeedbackDeadLetters", "Arn"]}},
        }
    ]


def test_only_that_rule_may_send_to_the_queues_of_reports(resources: Resources) -> None:
    policy = resources["FeedbackQueuesPolicy"]
    assert policy["Queues"] == [{"Ref": "Feedback"}, {"Ref": "FeedbackDeadLetters"}]
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Sid": "TakeReports",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sqs:SendMessage",
            "Resource": [
                {"Fn::GetAtt": ["Feedback", "Arn"]},
                {"Fn::GetAtt": ["FeedbackDeadLetters", "Arn"]},
            ],
            "Condition": {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["MailReports", "Arn"]}}},
        }
    ]


def test_two_sweeps_never_run_at_once(resources: Resources, functions: Resources) -> None:
    assert resources["SweepSchedule"]["ScheduleExpression"] == "rate(5 minutes)"
    assert functions["Sweep"]["Timeout"] < 5 * 60
    assert functions["Sweep"]["EventInvokeConfig"] == {"MaximumRetryAttempts": 0}
    assert resources["SweepSchedule"]["Target"] == {
        "Arn": {"Fn::GetAtt": ["Sweep", "Arn"]},
        "RoleArn": {"Fn::GetAtt": ["SweepScheduleRole", "Arn"]},
        "RetryPolicy": {"MaximumRetryAttempts": 0, "MaximumEventAgeInSeconds": 60},
    }


@pytest.mark.parametrize(
    ("alarm", "metric", "operator", "missing"),
    [
        ("SilentConnectionAlarm", "connection_silent", "GreaterThanThreshold", "ignore"),
        ("SweepMissingAlarm", "Invocations", "LessThanThreshold", "breaching"),
        ("SweepFailingAlarm", "Errors", "GreaterThanThreshold", "notBreaching"),
    ],
)
def test_silence_rings_and_so_does_a_sweep_that_is_missing(
    resources: Resources, alarm: str, metric: str, operator: str, missing: str
) -> None:
    found = resources[alarm]
    told = (found["MetricName"], found["ComparisonOperator"], found["TreatMissingData"])
    assert told == (metric, operator, missing)
    assert found["AlarmActions"] == [{"Ref": "Alarms"}]


def test_the_silence_alarm_hears_what_the_sweep_of_its_own_stage_tells(
    template: dict[str, Any], resources: Resources
) -> None:
    shared = template["Globals"]["Function"]["Environment"]["Variables"]
    alarm = resources["SilentConnectionAlarm"]
    assert alarm["Namespace"] == shared["POWERTOOLS_METRICS_NAMESPACE"]
    assert alarm["Dimensions"] == [
        {"Name": "service", "Value": shared["POWERTOOLS_SERVICE_NAME"]},
        {"Name": "stage", "Value": {"Ref": "Stage"}},
    ]


def test_the_stack_says_the_version_of_its_code(template: dict[str, Any]) -> None:
    assert template["Outputs"]["Version"]["Value"] == __version__


def test_the_outputs_say_where_everything_is(template: dict[str, Any]) -> None:
    assert set(template["Outputs"]) == {
        "AddressKeyPath",
        "AdministratorProgramId",
        "ApiUrl",
        "ConsoleClientId",
        "ConsoleUrl",
        "OperatorProgramId",
        "SignInUrl",
        "UserPoolId",
        "ViewerProgramId",
        "AlarmsTopic",
        "ApiTokensPath",
        "AuditTableName",
        "ConfigurationSet",
        "ConnectionsPath",
        "DispatchDeadLettersUrl",
        "DocumentDeadLettersUrl",
        "DocumentQueueUrl",
        "EmailDeadLettersUrl",
        "EmailQueueUrl",
        "EventBus",
        "FeedbackDeadLettersUrl",
        "FeedbackQueueUrl",
        "ParkedDeadLettersUrl",
        "ParkedQueueUrl",
        "Region",
        "ScheduleDeadLettersUrl",
        "ScheduleGroup",
        "SecretsPath",
        "Stage",
        "StatisticsDeadLettersUrl",
        "StatisticsTableName",
        "TableName",
        "Version",
        "WebDeadLettersUrl",
        "WebQueueUrl",
        "FilesBucket",
        "WebhookBucket",
        "WebhooksUrl",
    }


def test_secrets_are_read_from_where_the_output_says(
    template: dict[str, Any], functions: Resources
) -> None:
    path = functions["ReceiveWebhook"]["Environment"]["Variables"]["CONNECTIONS_PATH"]
    assert template["Outputs"]["ConnectionsPath"]["Value"] == path
