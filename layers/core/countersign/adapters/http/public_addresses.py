"""Which addresses are of the public internet, which of private networks, which are never called.

An IPv6 address may carry an IPv4 one for a translator or a tunnel; it is judged by both.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

PUBLIC_IPV6 = ipaddress.IPv6Network("2000::/3")
"""All that is handed out so far: https://www.iana.org/assignments/ipv6-address-space"""

METADATA = tuple(
    map(
        ipaddress.ip_network,
        (
            # AWS: instance metadata, DNS and time of every machine, in IPv6.
            "fd00:ec2::/32",
            "fd20:ce::254/128",  # Google Cloud
            "100.100.100.200/32",  # Alibaba Cloud
            "192.0.0.192/32",  # Oracle Cloud
            "168.63.129.16/32",  # Azure, though the address is a public one
        ),
    )
)
"""Where clouds tell a machine its credentials, beside 169.254.169.254, which is link-local."""
THIS_NETWORK = ipaddress.IPv4Network("0.0.0.0/8")
"""Sources only (RFC 1122), which many systems take for themselves."""
RESERVED = ipaddress.IPv4Network("240.0.0.0/4")
"""With 255.255.255.255, everybody on the same wire."""

_IN_THE_LAST_BITS = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "::/96",  # compatible, RFC 4291
            "::ffff:0:0/96",  # mapped, RFC 4291
            "::ffff:0:0:0/96",  # translated, RFC 2765
            "64:ff9b::/96",  # NAT64, RFC 6052
        ),
    )
)
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")  # RFC 8215
_ISATAP = frozenset({0x00005EFE, 0x02005EFE})  # RFC 5214


def address_of(text: str) -> Address:
    """The address, without the zone that link-local ones may name; ValueError if it is none."""
    return ipaddress.ip_address(text.partition("%")[0])


def never_called(address: str) -> str | None:
    """Why nobody may call the address, whatever else is allowed; None where it may be called.

    These lead to the function's own machine, to the cloud's credentials, or to everybody at once.
    """
    ip = address_of(address)
    return next(filter(None, map(_never, (ip, *_carried(ip)))), None)


def is_loopback(address: str) -> bool:
    """Whether an address is of this very machine."""
    ip = address_of(address)
    return any(each.is_loopback for each in (ip, *_carried(ip)))


def is_private(address: str) -> bool:
    """Whether an address is not one of the public internet."""
    ip = address_of(address)
    if isinstance(ip, ipaddress.IPv6Address):
        mapped = ip.ipv4_mapped
        if mapped is not None:
            ip = mapped
        elif ip not in PUBLIC_IPV6 or ip.sixtofour is not None:
            return True
    return not ip.is_global or ip.is_multicast or _never(ip) is not None


def _never(address: Address) -> str | None:
    if address.is_loopback:
        return "a loopback address"
    if address.is_link_local:
        return "a link-local address, as the cloud's metadata have"
    if address.is_unspecified or _within(address, THIS_NETWORK):
        return "an unspecified address"
    if address.is_multicast:
        return "a multicast address"
    if _within(address, RESERVED):
        return "a broadcast or reserved address"
    if any(_within(address, network) for network in METADATA):
        return "an address of a cloud's metadata"
    return None


def _within(address: Address, network: Network) -> bool:
    return address.version == network.version and address in network


def _carried(address: Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 addresses that an IPv6 address stands for."""
    if not isinstance(address, ipaddress.IPv6Address):
        return
    number = int(address)
    # ::1 and :: are addresses of their own.
    if number > 1 and any(address in network for network in _IN_THE_LAST_BITS):
        yield ipaddress.IPv4Address(number & 0xFFFFFFFF)
    if address in _LOCAL_NAT64:
        # After each of the lengths that a prefix may have; bits 64 to 71 are skipped (RFC 6052).
        packed = (number >> 64 << 56) | (number & (1 << 56) - 1)
        places = (packed >> (88 - length) & 0xFFFFFFFF for length in (48, 56, 64))
        yield from (ipv4 for ipv4 in map(ipaddress.IPv4Address, places) if ipv4 not in THIS_NETWORK)
        yield ipaddress.IPv4Address(number & 0xFFFFFFFF)
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if number >> 32 & 0xFFFFFFFF in _ISATAP:
        yield ipaddress.IPv4Address(number & 0xFFFFFFFF)
