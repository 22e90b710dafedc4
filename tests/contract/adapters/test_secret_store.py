"""What ``ports.SecretStore`` promises, kept by SSM and by its twin in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from countersign.adapters import client_config
from countersign.adapters.memory.secret_store import MemorySecretStore
from countersign.adapters.ssm_secrets import MOST_KEPT, SsmSecretStore
from countersign.errors import PermanentError, UnavailableError
from countersign.model.connection import Secrets
from countersign.ports import SecretStore

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PREFIX = "/countersign/dev/connections"
SECRETS = Secrets(
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
def store(ssm: SSMClient, clock: Clock) -> SsmSecretStore:
    return SsmSecretStore(lambda: ssm, PREFIX, now=clock)


@pytest.fixture(params=["memory", "ssm"])
def secret_store(request: pytest.FixtureRequest) -> SecretStore:
    if request.param == "memory":
        return MemorySecretStore()
    return request.getfixturevalue("store")  # type: ignore[no-any-return]


def test_secrets_are_read_back_and_replaced(secret_store: SecretStore) -> None:
    assert secret_store.get("c1") is None
    secret_store.put(SECRETS)
    assert secret_store.get("c1") == SECRETS
    rotated = SECRETS.model_copy(update={"secrets": ("s1", "s2")})
    secret_store.put(rotated)
    assert secret_store.get("c1") == rotated


@pytest.mark.parametrize("name", ["", "a/b", "../c1", "ä", "a" * 65, "c1\n"])
def test_what_can_be_no_id_has_no_secrets(secret_store: SecretStore, name: str) -> None:
    assert secret_store.get(name) is None
    with pytest.raises(PermanentError, match="is no id"):
        secret_store.put(SECRETS.model_copy(update={"connection": name}))


def test_ssm_is_asked_once_a_minute(
    store: SsmSecretStore, ssm: SSMClient, clock: Clock, asked: list[str]
) -> None:
    SsmSecretStore(lambda: ssm, PREFIX + "/", now=clock).put(SECRETS)
    assert [store.get("c1"), store.get("c1")] == [SECRETS, SECRETS]
    assert asked == [f"{PREFIX}/c1"]
    clock.now += timedelta(seconds=59)
    assert (store.get("c1"), len(asked)) == (SECRETS, 1)
    clock.now += timedelta(seconds=1)
    assert (store.get("c1"), len(asked)) == (SECRETS, 2)


def test_an_unknown_id_is_asked_for_once_a_minute(
    store: SsmSecretStore, clock: Clock, asked: list[str]
) -> None:
    assert [store.get("c9"), store.get("c9"), store.get("a/b")] == [None, None, None]
    assert asked == [f"{PREFIX}/c9"]
    clock.now += timedelta(minutes=1)
    assert (store.get("c9"), len(asked)) == (None, 2)


def test_invented_ids_do_not_fill_the_memory(store: SsmSecretStore, asked: list[str]) -> None:
    for number in range(MOST_KEPT):
        store._keep(f"x{number}", NOON, None)
    store.get("c1")
    assert len(store._kept) == MOST_KEPT
    store.get("x1")
    assert asked == [f"{PREFIX}/c1"]
    store.get("x0")
    assert asked == [f"{PREFIX}/c1", f"{PREFIX}/x0"]


def test_the_parameter_is_encrypted(store: SsmSecretStore, ssm: SSMClient) -> None:
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
    store: SsmSecretStore, ssm: SSMClient, value: str, told: str
) -> None:
    ssm.put_parameter(Name=f"{PREFIX}/c1", Value=value, Type="SecureString")
    with pytest.raises(PermanentError, match=told) as caught:
        store.get("c1")
    assert "hush" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_store_that_cannot_answer_is_unavailable_and_asked_again(
    store: SsmSecretStore, ssm: SSMClient
) -> None:
    store.put(SECRETS)
    busy: list[bool] = [True]

    def fail(**_: object) -> None:
        if busy:
            raise UnavailableError("stands for a fault")

    ssm.meta.events.register("before-parameter-build.ssm.GetParameter", fail)
    other = SsmSecretStore(lambda: ssm, PREFIX, now=lambda: NOON)
    with pytest.raises(UnavailableError):
        other.get("c1")
    busy.clear()
    assert other.get("c1") == SECRETS
