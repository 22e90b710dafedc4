"""Addresses that lead to the machine itself or to its credentials are never called."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.adapters.http.client import EgressPolicy, UrllibHttpClient
from countersign.adapters.http.public_addresses import is_private, never_called
from countersign.errors import PermanentError, TransientError
from countersign.model.http import WebRequest
from countersign.settings.environment import cloud_is_here

URL = "https://inside.acme.example/"

NEVER = {
    "127.0.0.1": "a loopback address",
    "127.255.9.3": "a loopback address",
    "::1": "a loopback address",
    "::ffff:127.0.0.1": "a loopback address",
    "::127.0.0.1": "a loopback address",
    "::ffff:0:127.0.0.1": "a loopback address",
    "64:ff9b::127.0.0.1": "a loopback address",
    "64:ff9b:1::127.0.0.1": "a loopback address",
    "64:ff9b:1:7f00:0:100::": "a loopback address",
    "2002:7f00:1::": "a loopback address",
    "2001:0:7f00:1::": "a loopback address",
    "fd12:3456::5efe:127.0.0.1": "a loopback address",
    "169.254.1.1": "a link-local address, as the cloud's metadata have",
    "169.254.169.254": "a link-local address, as the cloud's metadata have",
    "169.254.170.2": "a link-local address, as the cloud's metadata have",
    "fe80::1%eth0": "a link-local address, as the cloud's metadata have",
    "::ffff:169.254.169.254": "a link-local address, as the cloud's metadata have",
    "64:ff9b::169.254.169.254": "a link-local address, as the cloud's metadata have",
    "2002:a9fe:a9fe::1": "a link-local address, as the cloud's metadata have",
    "fd00:ec2::254": "an address of a cloud's metadata",
    "fd00:ec2::23": "an address of a cloud's metadata",
    "fd20:ce::254": "an address of a cloud's metadata",
    "100.100.100.200": "an address of a cloud's metadata",
    "168.63.129.16": "an address of a cloud's metadata",
    "0.0.0.0": "an unspecified address",  # noqa: S104 - nothing listens
    "0.1.2.3": "an unspecified address",
    "::": "an unspecified address",
    "::ffff:0.0.0.0": "an unspecified address",
    "224.0.0.251": "a multicast address",
    "ff02::1": "a multicast address",
    "::ffff:239.1.1.1": "a multicast address",
    "255.255.255.255": "a broadcast or reserved address",
    "240.0.0.1": "a broadcast or reserved address",
    "::ffff:255.255.255.255": "a broadcast or reserved address",
}


def leading_to(*addresses: str, loopback: bool = False) -> UrllibHttpClient:
    """The web with private networks allowed, where every name has these addresses."""
    return UrllibHttpClient(
        EgressPolicy(private=True, loopback=loopback), resolve=lambda host, port: addresses
    )


@pytest.mark.parametrize(("address", "kind"), NEVER.items())
def test_some_addresses_are_called_by_nobody_whatever_is_allowed(address: str, kind: str) -> None:
    for others in ([], ["93.184.215.14"], ["10.0.0.7"]):
        web = leading_to(*others, address)
        with pytest.raises(PermanentError) as told:
            web.call(WebRequest(method="GET", url=URL))
        assert str(told.value) == (
            "the host inside.acme.example is in a private network that rules can never call: "
            f"it has {kind}; call it by another address"
        )
    assert is_private(address)


@pytest.mark.parametrize("loopback", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_only_this_machine_is_opened_by_the_tests_own_way(loopback: str) -> None:
    web = leading_to(loopback, loopback=True)
    with pytest.raises(TransientError):  # nobody listens there
        web.call(WebRequest(method="GET", url="https://inside.acme.example:1/"))
    for address in set(NEVER) - {one for one, kind in NEVER.items() if "loopback" in kind}:
        web = leading_to(address, loopback=True)
        with pytest.raises(PermanentError, match="can never call"):
            web.call(WebRequest(method="GET", url=URL))


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3", "172.31.0.9", "192.168.7.7", "100.64.0.1", "fd12:3456:789a::1", "fec0::1",
        "::ffff:10.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::a00:1", "2002:a00:1::",
    ],
)  # fmt: skip
def test_private_networks_can_be_allowed(address: str) -> None:
    assert (is_private(address), never_called(address)) == (True, None)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_the_same_in_every_dress(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    plain = never_called(str(address))
    dresses = [
        ipaddress.IPv6Address(0xFFFF << 32 | number),
        ipaddress.IPv6Address(0xFFFF << 48 | number),
        ipaddress.IPv6Address(0x64FF9B << 96 | number),
        ipaddress.IPv6Address(0x2002 << 112 | number << 80 | 1),
    ]
    assert {never_called(str(dress)) for dress in dresses} == {plain}


@pytest.mark.parametrize(
    ("endpoint", "here"),
    [
        (None, False),
        ("https://dynamodb.eu-central-1.amazonaws.com", False),
        ("https://vpce-1.dynamodb.eu-central-1.vpce.example", False),
        ("http://localhost.attacker.example:4566", False),
        ("http://127.0.0.1.attacker.example:4566", False),
        ("http://10.0.0.9:4566", False),
        ("http://127.0.0.1:4566", True),
        ("http://localhost:4566", True),
        ("http://[::1]:4566", True),
    ],
)
def test_this_machine_is_open_only_where_aws_itself_is_on_it(
    endpoint: str | None, here: bool
) -> None:
    given = {} if endpoint is None else {"AWS_ENDPOINT_URL": endpoint}
    assert cloud_is_here(given) is here
