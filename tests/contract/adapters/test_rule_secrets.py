"""What ``ports.RuleSecrets`` promises, kept by SSM and by its twin in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest

from countersign.adapters.aws import client_config
from countersign.adapters.memory.parameters.rule_secrets import MemoryRuleSecrets
from countersign.adapters.ssm.rule_secrets import SsmRuleSecrets
from countersign.errors import PermanentError, UnavailableError
from countersign.ports import RuleSecrets

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PREFIX = "/countersign/dev/secrets"


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def ssm(aws: None) -> SSMClient:
    return boto3.client("ssm", region_name="eu-central-1", config=client_config.SECRETS)


@pytest.fixture(params=["memory", "ssm"])
def store(request: pytest.FixtureRequest, clock: Clock) -> RuleSecrets:
    if request.param == "memory":
        return MemoryRuleSecrets()
    client = request.getfixturevalue("ssm")
    return SsmRuleSecrets(lambda: client, PREFIX, now=clock)


def test_a_secret_is_given_as_it_was_kept_and_replaced(store: RuleSecrets) -> None:
    assert store.get("crm") is None
    store.put("crm", "one")
    store.put("crm", "two")
    store.put("slack-sales", "three")
    assert (store.get("crm"), store.get("slack-sales")) == ("two", "three")
    assert store.list() == ("crm", "slack-sales")


def test_a_secret_that_was_removed_is_gone_and_may_be_removed_again(store: RuleSecrets) -> None:
    store.put("crm", "one")
    store.remove("crm")
    store.remove("crm")
    assert (store.get("crm"), store.list()) == (None, ())


@pytest.mark.parametrize("name", ["", "a/b", "a b", "x" * 65])
def test_a_name_that_cannot_be_one_is_refused_and_never_there(
    store: RuleSecrets, name: str
) -> None:
    with pytest.raises(PermanentError, match="is not a valid id"):
        store.put(name, "one")
    store.remove(name)
    assert store.get(name) is None


def test_more_names_than_a_page_holds_are_listed(store: RuleSecrets) -> None:
    names = tuple(f"n{number:02}" for number in range(25))
    for name in names:
        store.put(name, "x")
    assert store.list() == names


def test_a_secret_that_was_replaced_elsewhere_is_known_after_a_minute(
    ssm: SSMClient, clock: Clock
) -> None:
    here, elsewhere = (SsmRuleSecrets(lambda: ssm, PREFIX, now=clock) for _ in range(2))
    here.put("crm", "one")
    elsewhere.put("crm", "two")
    assert here.get("crm") == "one"
    clock.now += timedelta(seconds=60)
    assert here.get("crm") == "two"


def test_it_is_encrypted_where_it_rests(ssm: SSMClient, clock: Clock) -> None:
    SsmRuleSecrets(lambda: ssm, PREFIX, now=clock).put("crm", "one")
    kept = ssm.get_parameter(Name=f"{PREFIX}/crm")["Parameter"]
    assert (kept["Type"], kept["Value"] == "one") == ("SecureString", False)


def test_a_store_that_cannot_answer_says_so(clock: Clock) -> None:
    away = boto3.client(
        "ssm",
        region_name="eu-central-1",
        endpoint_url="http://127.0.0.1:9",
        config=client_config.SECRETS,
        aws_access_key_id="x",
        aws_secret_access_key="x",
    )
    with pytest.raises(UnavailableError):
        SsmRuleSecrets(lambda: away, PREFIX, now=clock).get("crm")
