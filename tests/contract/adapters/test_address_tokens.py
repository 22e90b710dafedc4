"""What ``ports.Addresses`` promises, kept with a key in SSM and by its twin in memory."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.adapters.aws import client_config
from countersign.adapters.memory.parameters.addresses import MemoryAddresses
from countersign.adapters.ssm.addresses import SsmAddresses, signed
from countersign.adapters.ssm.deployment_key import DeploymentKey
from countersign.errors import PermanentError, UnavailableError
from countersign.ports import Addresses

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient

PARAMETER = "/countersign/dev/address-key"
KEY = "0f" * 32


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


@pytest.fixture
def asked(ssm: SSMClient) -> list[str]:
    """The names of the parameters that were read."""
    names: list[str] = []

    def note(params: dict[str, Any], **_: object) -> None:
        names.append(params["Name"])

    ssm.meta.events.register("provide-client-params.ssm.GetParameter", note)
    return names


@pytest.fixture(params=["memory", "ssm"])
def addresses(request: pytest.FixtureRequest, clock: Clock) -> Addresses:
    if request.param == "memory":
        return MemoryAddresses()
    client = request.getfixturevalue("ssm")
    return SsmAddresses(DeploymentKey(lambda: client, PARAMETER, now=clock))


def test_an_address_that_was_made_proves_itself_for_its_connection_alone(
    addresses: Addresses,
) -> None:
    first, second = (addresses.make("sales", one) for one in ("nobodyguesses", "northisone"))
    assert addresses.proves("sales", first)
    assert addresses.proves("sales", second)
    assert first != second
    for connection in ("legal", "sale", "saless", "Sales", "", "sales.", "a/b"):
        assert not addresses.proves(connection, first)


@pytest.mark.parametrize(
    "invented",
    ["", ".", "nobodyguesses", "a" * 26, "a" * 52, "ä" * 52, "\udc80" * 60, "x" * 5_000, "\n" * 52],
)
def test_an_address_that_somebody_invented_proves_nothing(
    addresses: Addresses, invented: str
) -> None:
    made = addresses.make("sales", "unguessable")
    assert not addresses.proves("sales", invented)
    for spoiled in (made[:-1], made + "a", made.swapcase(), made[::-1], f" {made}"):
        assert not addresses.proves("sales", spoiled)


def test_what_cannot_be_an_id_gets_no_address(addresses: Addresses) -> None:
    with pytest.raises(PermanentError, match="is not a valid id"):
        addresses.make("a/b", "unguessable")


def test_the_proof_is_hmac_over_connection_and_token() -> None:
    """Written out once more, so that addresses in use stay good."""
    message = b"countersign address 1\0sales\0unguessable"
    digest = hmac.new(bytes.fromhex(KEY), message, hashlib.sha256).digest()[:16]
    proof = base64.b32encode(digest).decode().strip("=").lower()
    assert signed(bytes.fromhex(KEY), "sales", "unguessable") == f"unguessable{proof}"
    assert len(proof) == 26


@given(
    one=st.tuples(st.text(max_size=9), st.text(max_size=9)),
    other=st.tuples(st.text(max_size=9), st.text(max_size=9)),
)
def test_no_two_addresses_share_a_proof(one: tuple[str, str], other: tuple[str, str]) -> None:
    key = bytes.fromhex(KEY)
    if one != other and "\0" not in "".join((*one, *other)):
        assert signed(key, *one)[-26:] != signed(key, *other)[-26:]


# --- the key


def test_the_first_address_makes_the_key_and_no_other_replaces_it(
    ssm: SSMClient, clock: Clock
) -> None:
    made = SsmAddresses(DeploymentKey(lambda: ssm, PARAMETER, now=clock)).make(
        "sales", "unguessable"
    )
    held = ssm.get_parameter(Name=PARAMETER, WithDecryption=True)["Parameter"]
    assert (held["Type"], len(bytes.fromhex(held["Value"]))) == ("SecureString", 32)
    again = SsmAddresses(DeploymentKey(lambda: ssm, PARAMETER, now=clock))
    assert again.make("sales", "unguessable") == made
    assert ssm.get_parameter(Name=PARAMETER)["Parameter"]["Version"] == 1


def test_of_two_who_make_the_key_at_once_the_second_takes_the_first_ones(
    ssm: SSMClient, clock: Clock
) -> None:
    here, there = (SsmAddresses(DeploymentKey(lambda: ssm, PARAMETER, now=clock)) for _ in range(2))
    made: list[str] = []

    def meanwhile(**_: object) -> None:
        if not made:
            made.append("")
            made[0] = there.make("sales", "unguessable")

    ssm.meta.events.register("before-call.ssm.PutParameter", meanwhile)
    assert here.make("sales", "unguessable") == made[0]
    assert here.proves("sales", made[0])


def test_invented_addresses_cost_one_read_of_the_key_in_all(
    ssm: SSMClient, clock: Clock, asked: list[str]
) -> None:
    ssm.put_parameter(Name=PARAMETER, Value=KEY, Type="SecureString")
    addresses = SsmAddresses(DeploymentKey(lambda: ssm, PARAMETER, now=clock))
    for number in range(500):
        assert not addresses.proves(f"x{number}", f"{number:052}")
        clock.now += timedelta(minutes=1)
    assert asked == [PARAMETER]


def test_what_cannot_be_an_address_costs_not_even_that(
    ssm: SSMClient, clock: Clock, asked: list[str]
) -> None:
    addresses = SsmAddresses(DeploymentKey(lambda: ssm, PARAMETER, now=clock))
    for connection, token in (("sales", ""), ("sales", "t" * 26), ("a/b", "t" * 52), ("", "")):
        assert not addresses.proves(connection, token)
    assert not addresses.proves("sales", "t" * 129)
    assert asked == []


def test_where_nothing_was_connected_yet_the_key_is_looked_for_every_five_seconds(
    ssm: SSMClient, clock: Clock, asked: list[str]
) -> None:
    here, there = (SsmAddresses(DeploymentKey(lambda: ssm, PARAMETER, now=clock)) for _ in range(2))
    assert [here.proves("sales", "t" * 52) for _ in range(9)] == [False] * 9
    assert len(asked) == 1
    made = there.make("sales", "unguessable")
    asked.clear()
    clock.now += timedelta(seconds=4)
    assert (here.proves("sales", made), asked) == (False, [])
    clock.now += timedelta(seconds=1)
    assert (here.proves("sales", made), asked) == (True, [PARAMETER])


def test_a_failure_to_read_the_key_is_told_and_not_repeated_within_a_second(
    ssm: SSMClient, clock: Clock, asked: list[str]
) -> None:
    ssm.put_parameter(Name=PARAMETER, Value=KEY, Type="SecureString")
    away = [True]

    def fail(**_: object) -> None:
        if away:
            raise UnavailableError("stands for a fault")

    ssm.meta.events.register("before-call.ssm.GetParameter", fail)
    addresses = SsmAddresses(DeploymentKey(lambda: ssm, PARAMETER, now=clock))
    for _ in range(9):
        with pytest.raises(UnavailableError):
            addresses.proves("sales", "t" * 52)
    assert len(asked) == 1
    away.clear()
    clock.now += timedelta(seconds=1)
    assert addresses.proves("sales", signed(bytes.fromhex(KEY), "sales", "unguessable"))
    away.append(True)
    clock.now += timedelta(days=300)
    # What was read once serves on.
    assert addresses.proves("sales", signed(bytes.fromhex(KEY), "sales", "another one"))
    assert len(asked) == 2


@pytest.mark.parametrize("held", ["hush hush", "0f" * 31, "0f" * 33, "0x" + "0f" * 31, " "])
def test_a_key_that_is_none_is_named_but_not_shown(ssm: SSMClient, clock: Clock, held: str) -> None:
    ssm.put_parameter(Name=PARAMETER, Value=held, Type="SecureString")
    addresses = SsmAddresses(DeploymentKey(lambda: ssm, PARAMETER, now=clock))
    for use in (addresses.make, addresses.proves):
        with pytest.raises(PermanentError, match=PARAMETER) as caught:
            use("sales", "t" * 52)
        assert held.strip() == "" or held not in str(caught.value)
