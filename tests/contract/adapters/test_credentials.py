"""What ``ports.CredentialStore`` promises, kept by SSM and by its twin in memory."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from countersign.adapters.aws import client_config
from countersign.adapters.memory.parameters.credentials import (
    MemoryApiTokens,
    MemoryCredentialStore,
)
from countersign.adapters.ssm.api_tokens import SsmApiTokens
from countersign.adapters.ssm.credentials import SsmCredentialStore
from countersign.errors import PermanentError, UnavailableError
from countersign.model.connection import ConnectionCredentials
from countersign.ports import ApiTokens, CredentialStore

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PREFIX = "/countersign/dev/connections"
API_PREFIX = "/countersign/dev/api-tokens"
SECRETS = ConnectionCredentials(
    connection="c1",
    provider="docusign",
    pipeline="sales",
    tokens=("t1", "t2"),
    secrets=("s1",),
    options={"client_id": "x"},
)


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def ssm(aws: None) -> SSMClient:
    return boto3.client("ssm", region_name="eu-central-1", config=client_config.SECRETS)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def asked(ssm: SSMClient) -> list[str]:
    """The names of the parameters that were read."""
    names: list[str] = []

    def note(params: dict[str, Any], **_: object) -> None:
        names.append(params["Name"])

    ssm.meta.events.register("provide-client-params.ssm.GetParameter", note)
    return names


@pytest.fixture
def store(ssm: SSMClient, clock: Clock) -> SsmCredentialStore:
    return SsmCredentialStore(lambda: ssm, PREFIX, now=clock)


@pytest.fixture(params=["memory", "ssm"])
def secret_store(request: pytest.FixtureRequest) -> CredentialStore:
    if request.param == "memory":
        return MemoryCredentialStore()
    return request.getfixturevalue("store")  # type: ignore[no-any-return]


def test_secrets_are_read_back_and_replaced(secret_store: CredentialStore) -> None:
    assert secret_store.get("c1") is None
    secret_store.put(SECRETS)
    assert secret_store.get("c1") == SECRETS
    rotated = SECRETS.model_copy(update={"secrets": ("s1", "s2")})
    secret_store.put(rotated)
    assert secret_store.get("c1") == rotated


@pytest.mark.parametrize("name", ["", "a/b", "../c1", "ä", "a" * 65, "c1\n"])
def test_what_can_be_no_id_has_no_secrets(secret_store: CredentialStore, name: str) -> None:
    assert secret_store.get(name) is None
    with pytest.raises(PermanentError, match="is not a valid id"):
        secret_store.put(SECRETS.model_copy(update={"connection": name}))


def test_ssm_is_asked_once_a_minute(
    store: SsmCredentialStore, ssm: SSMClient, clock: Clock, asked: list[str]
) -> None:
    SsmCredentialStore(lambda: ssm, PREFIX + "/", now=clock).put(SECRETS)
    assert [store.get("c1"), store.get("c1")] == [SECRETS, SECRETS]
    assert asked == [f"{PREFIX}/c1"]
    clock.now += timedelta(seconds=59)
    assert (store.get("c1"), len(asked)) == (SECRETS, 1)
    clock.now += timedelta(seconds=1)
    assert (store.get("c1"), len(asked)) == (SECRETS, 2)


def test_an_unknown_id_is_asked_for_once_a_second(
    store: SsmCredentialStore, clock: Clock, asked: list[str]
) -> None:
    assert [store.get("c9"), store.get("c9"), store.refresh("c9"), store.get("a/b")] == [None] * 4
    assert asked == [f"{PREFIX}/c9"]
    clock.now += timedelta(seconds=1)
    assert (store.get("c9"), len(asked)) == (None, 2)


def test_a_connection_that_was_made_elsewhere_is_known_a_second_later(
    store: SsmCredentialStore, ssm: SSMClient, clock: Clock
) -> None:
    assert store.get("c1") is None
    SsmCredentialStore(lambda: ssm, PREFIX, now=clock).put(SECRETS)
    clock.now += timedelta(seconds=1)
    assert store.get("c1") == SECRETS


def test_one_that_was_removed_elsewhere_is_forgotten_when_it_is_looked_at_again(
    store: SsmCredentialStore, ssm: SSMClient, clock: Clock
) -> None:
    store.put(SECRETS)
    ssm.delete_parameter(Name=f"{PREFIX}/c1")
    clock.now += timedelta(seconds=1)
    assert (store.get("c1"), store.refresh("c1"), store.get("c1")) == (SECRETS, None, None)


def test_those_that_do_not_exist_never_push_out_one_that_does(
    store: SsmCredentialStore, clock: Clock, asked: list[str], ssm: SSMClient
) -> None:
    SsmCredentialStore(lambda: ssm, PREFIX, now=clock).put(SECRETS)
    store.get("c1")
    for number in range(1_200):
        store._keep(f"x{number}", NOON, None)
    asked.clear()
    assert (store.get("c1"), asked) == (SECRETS, [])
    assert len(store._absent) == 1_000


def test_a_thousand_connections_are_kept(store: SsmCredentialStore) -> None:
    for number in range(1_001):
        store._keep(f"c{number}", NOON, SECRETS)
    assert (len(store._known), "c0" in store._known, "c1" in store._known) == (1_000, False, True)


# --- what is older than a second is read once more before a refusal


def test_a_rotated_secret_is_known_at_once_to_who_asks_for_what_is_fresh(
    store: SsmCredentialStore, ssm: SSMClient, clock: Clock, asked: list[str]
) -> None:
    store.put(SECRETS)
    rotated = SECRETS.model_copy(update={"secrets": ("s2",)})
    SsmCredentialStore(lambda: ssm, PREFIX, now=clock).put(rotated)
    assert (store.refresh("c1"), asked) == (SECRETS, [])
    clock.now += timedelta(seconds=1)
    assert (store.get("c1"), asked) == (SECRETS, [])
    assert [store.refresh("c1") for _ in range(50)] == [rotated] * 50
    assert asked == [f"{PREFIX}/c1"]
    assert store.get("c1") == rotated


# --- while the store does not answer


class Outage:
    """SSM answers with an error, and says how often it was asked."""

    def __init__(self, ssm: SSMClient, code: str = "ThrottlingException") -> None:
        self._events, self._code = ssm.meta.events, code
        self.asked = 0

    def _answer(self, **_: object) -> Any:
        self.asked += 1
        told = {
            "Error": {"Code": self._code, "Message": "Rate exceeded"},
            "ResponseMetadata": {"HTTPStatusCode": 400, "HTTPHeaders": {}, "RetryAttempts": 0},
        }
        return AWSResponse("https://aws.example", 400, HTTPHeaders(), None), told

    def __enter__(self) -> Outage:
        self._events.register("before-call.ssm.GetParameter", self._answer, unique_id="away")
        return self

    def __exit__(self, *_: object) -> None:
        self._events.unregister("before-call.ssm.GetParameter", unique_id="away")


@pytest.fixture
def stale() -> list[tuple[str, str]]:
    return []


@pytest.fixture
def served(ssm: SSMClient, clock: Clock, stale: list[tuple[str, str]]) -> SsmCredentialStore:
    """A store that has read the secrets of c1 and c2 at noon, and says when they are stale."""
    made = SsmCredentialStore(
        lambda: ssm, PREFIX, now=clock, stale=lambda one, reason: stale.append((one, reason))
    )
    for name in ("c1", "c2"):
        made.put(SECRETS.model_copy(update={"connection": name}))
    return made


def test_the_last_known_secrets_serve_on_for_twelve_hours_and_that_is_told(
    served: SsmCredentialStore, ssm: SSMClient, clock: Clock, stale: list[tuple[str, str]]
) -> None:
    with Outage(ssm):
        clock.now = NOON + timedelta(seconds=59)
        assert (served.get("c1"), stale) == (SECRETS, [])
        clock.now = NOON + timedelta(seconds=61)
        assert served.get("c1") == SECRETS
        reason = "Systems Manager cannot answer now: ThrottlingException: Rate exceeded"
        assert stale == [("c1", reason)]
        clock.now = NOON + timedelta(hours=12, seconds=-1)
        assert (served.get("c1"), len(stale)) == (SECRETS, 2)
        clock.now = NOON + timedelta(hours=12)
        with pytest.raises(UnavailableError):
            served.get("c1")
    assert (served.get("c1"), len(stale)) == (SECRETS, 2)


def test_a_store_that_is_away_is_asked_once_in_five_seconds_whoever_asks(
    served: SsmCredentialStore, ssm: SSMClient, clock: Clock, stale: list[tuple[str, str]]
) -> None:
    clock.now += timedelta(minutes=2)
    with Outage(ssm) as outage:
        for _ in range(20):
            served.get("c1")
            served.refresh("c2")
        assert outage.asked == 1
        clock.now += timedelta(seconds=5)
        served.get("c2")
        assert outage.asked == 2
    assert len(stale) == 41


def test_a_refusal_is_judged_by_what_is_known_while_the_store_is_away(
    served: SsmCredentialStore, ssm: SSMClient, clock: Clock, stale: list[tuple[str, str]]
) -> None:
    clock.now += timedelta(seconds=30)
    with Outage(ssm):
        assert served.refresh("c1") == SECRETS
    # Not older than any other answer of these 60 seconds: nothing to tell.
    assert stale == []


def test_the_store_is_believed_again_once_it_answers(
    served: SsmCredentialStore, ssm: SSMClient, clock: Clock, stale: list[tuple[str, str]]
) -> None:
    clock.now += timedelta(minutes=2)
    with Outage(ssm):
        served.get("c1")
    ssm.delete_parameter(Name=f"{PREFIX}/c1")
    clock.now += timedelta(seconds=5)
    assert (served.get("c1"), len(stale)) == (None, 1)


def test_a_parameter_that_became_unreadable_leaves_the_other_connections_alone(
    served: SsmCredentialStore, ssm: SSMClient, clock: Clock, stale: list[tuple[str, str]]
) -> None:
    ssm.put_parameter(Name=f"{PREFIX}/c1", Value="{", Type="SecureString", Overwrite=True)
    clock.now += timedelta(minutes=2)
    assert served.get("c1") == SECRETS
    assert served.get("c2") is not None
    assert [one for one, _ in stale] == ["c1"]
    assert "hush" not in stale[0][1]


# --- what the lanes may not read lies elsewhere


def test_the_api_token_lies_in_a_parameter_of_its_own_and_comes_back(
    ssm: SSMClient, clock: Clock
) -> None:
    tokens = SsmApiTokens(lambda: ssm, API_PREFIX, now=clock)
    whole = SECRETS.model_copy(update={"api_token": "key-1", "api_url": "https://api.example"})
    SsmCredentialStore(lambda: ssm, PREFIX, now=clock, api_tokens=tokens).put(whole)
    held = {
        name: ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
        for name in (f"{PREFIX}/c1", f"{API_PREFIX}/c1")
    }
    assert "key-1" not in held[f"{PREFIX}/c1"]
    assert json.loads(held[f"{API_PREFIX}/c1"]) == {
        "connection": "c1",
        "provider": "docusign",
        "pipeline": "sales",
        "api_token": "key-1",
        "api_url": "https://api.example",
    }
    other = SsmApiTokens(lambda: ssm, API_PREFIX, now=clock)
    assert SsmCredentialStore(lambda: ssm, PREFIX, now=clock, api_tokens=other).get("c1") == whole
    assert SsmCredentialStore(lambda: ssm, PREFIX, now=clock).get("c1") == SECRETS


def test_a_token_beside_the_secrets_is_found_by_who_may_and_moves_with_the_next_change(
    ssm: SSMClient, clock: Clock
) -> None:
    """As versions before kept it."""
    whole = SECRETS.model_copy(update={"api_token": "key-1"})
    ssm.put_parameter(Name=f"{PREFIX}/c1", Value=whole.model_dump_json(), Type="SecureString")
    tokens = SsmApiTokens(lambda: ssm, API_PREFIX, now=clock)
    store = SsmCredentialStore(lambda: ssm, PREFIX, now=clock, api_tokens=tokens)
    assert (store.get("c1"), tokens.get("c1")) == (whole, None)
    store.put(whole)
    moved = tokens.get("c1")
    assert moved is not None
    assert moved.api_token == "key-1"


def test_who_cannot_keep_an_api_token_does_not_lose_it_in_silence(
    store: SsmCredentialStore,
) -> None:
    with pytest.raises(PermanentError, match="cannot keep API tokens"):
        store.put(SECRETS.model_copy(update={"api_token": "key-1"}))


@pytest.fixture(params=["memory", "ssm"])
def api_tokens(request: pytest.FixtureRequest, clock: Clock) -> ApiTokens:
    """What a connection with an API token leaves in the store."""
    whole = SECRETS.model_copy(update={"api_token": "key-1"})
    if request.param == "memory":
        secrets = MemoryCredentialStore()
        secrets.put(whole)
        return MemoryApiTokens(secrets)
    client = request.getfixturevalue("ssm")
    made = SsmApiTokens(lambda: client, API_PREFIX, now=clock)
    made.put(whole)
    return SsmApiTokens(lambda: client, API_PREFIX, now=clock)


def test_who_asks_for_an_api_token_gets_nothing_that_proves_a_webhook(
    api_tokens: ApiTokens,
) -> None:
    assert api_tokens.get("c1") == ConnectionCredentials(
        connection="c1", provider="docusign", pipeline="sales", tokens=(), api_token="key-1"
    )
    assert [api_tokens.get(one) for one in ("c2", "a/b", "")] == [None] * 3


def test_an_api_token_is_asked_for_once_a_minute_and_encrypted(
    ssm: SSMClient, clock: Clock, asked: list[str]
) -> None:
    SsmApiTokens(lambda: ssm, API_PREFIX, now=clock).put(SECRETS)
    reading = SsmApiTokens(lambda: ssm, API_PREFIX, now=clock)
    for seconds in (0, 30, 29, 1):
        clock.now += timedelta(seconds=seconds)
        reading.get("c1")
    assert asked == [f"{API_PREFIX}/c1"] * 2
    assert ssm.get_parameter(Name=f"{API_PREFIX}/c1")["Parameter"]["Type"] == "SecureString"


def test_an_api_token_that_cannot_be_read_is_named_but_not_shown(
    ssm: SSMClient, clock: Clock
) -> None:
    ssm.put_parameter(Name=f"{API_PREFIX}/c1", Value='{"hush": "hush"}', Type="SecureString")
    with pytest.raises(PermanentError, match=f"{API_PREFIX}/c1 does not hold") as caught:
        SsmApiTokens(lambda: ssm, API_PREFIX, now=clock).get("c1")
    assert "hush" not in str(caught.value)


def test_the_parameter_is_encrypted(store: SsmCredentialStore, ssm: SSMClient) -> None:
    store.put(SECRETS)
    assert ssm.get_parameter(Name=f"{PREFIX}/c1")["Parameter"]["Type"] == "SecureString"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("hush hush", "no JSON"),
        ('{"secrets": "hush hush"}', "secrets"),
        (SECRETS.model_copy(update={"connection": "c2"}).model_dump_json(), "secrets of c2"),
    ],
)
def test_a_wrong_parameter_is_named_but_not_shown(
    store: SsmCredentialStore, ssm: SSMClient, value: str, told: str
) -> None:
    ssm.put_parameter(Name=f"{PREFIX}/c1", Value=value, Type="SecureString")
    with pytest.raises(PermanentError, match=told) as caught:
        store.get("c1")
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_store_that_cannot_answer_is_unavailable_and_asked_again(
    store: SsmCredentialStore, ssm: SSMClient
) -> None:
    store.put(SECRETS)
    busy: list[bool] = [True]

    def fail(**_: object) -> None:
        if busy:
            raise UnavailableError("stands for a fault")

    ssm.meta.events.register("before-parameter-build.ssm.GetParameter", fail)
    other = SsmCredentialStore(lambda: ssm, PREFIX, now=lambda: NOON)
    with pytest.raises(UnavailableError):
        other.get("c1")
    busy.clear()
    assert other.get("c1") == SECRETS
