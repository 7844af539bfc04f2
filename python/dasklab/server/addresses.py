"""Which addresses a dashboard may be fetched from, checked again at each connection.

A record names the scheduler's host. Loopback is this machine's own; anything else only if the
administrator's patterns admit the name, and never an address that no scheduler has: cloud metadata,
link-local, multicast, or this machine itself under a foreign name. The connection goes to the very
address that was checked, so that a name cannot change its meaning in between.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import re
import socket
from collections.abc import Sequence
from typing import Any

from tornado.netutil import Resolver

from ..errors import HostUnreachable, Refused
from ..model.record import Endpoint

__all__ = ("Pinned", "admit")

RESOLVE = 5.0
"""Seconds for a name to be resolved."""

METADATA = tuple(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "fd00:ec2::254",
    )
)
"""Where clouds hand out credentials (AWS, GCP, Azure, Alibaba, Oracle): not all are link-local."""

NAT64 = ipaddress.ip_network("64:ff9b::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Pinned(Resolver):
    """Answers with one address whatever is asked: the one that was checked."""

    def initialize(self, address: str, family: int) -> None:
        """Called by tornado's constructor."""
        self._address = address
        self._family = family

    async def resolve(self, host: str, port: int, family: int = 0) -> list[tuple[int, Any]]:
        """The checked address."""
        return [(self._family, (self._address, port))]


async def admit(endpoint: Endpoint, patterns: Sequence[str]) -> Pinned:
    """Check where an endpoint leads and pin it.

    Parameters
    ----------
    endpoint
        From a record of ours.
    patterns
        Regular expressions of host names; each must match all of the name.

    Raises
    ------
    Refused
        The host is not admitted, or its address is of a kind that never is.
    HostUnreachable
        The name means nothing.
    """
    host = endpoint.host.strip("[]").rstrip(".").lower()
    local = host == "localhost" or _is_loopback(host)
    if not local and not any(re.fullmatch(pattern, host) for pattern in patterns):
        raise Refused(
            "This cluster's dashboard is on another machine, which this server may not reach.",
            "Its administrator allows hosts with c.DasklabServer.allowed_dashboard_hosts.",
        )
    found = await _resolve(host, endpoint.port)
    for _, address in found:
        if not _acceptable(ipaddress.ip_address(address), local):
            raise Refused(
                "This cluster's dashboard is at an address that dashboards are never fetched from.",
                "Ask whoever runs the scheduler to make it listen elsewhere.",
            )
    family, address = found[0]
    pinned: Pinned = Pinned(address=address, family=family)
    return pinned


def _is_loopback(host: str) -> bool:
    try:
        return _inner(ipaddress.ip_address(host)).is_loopback
    except ValueError:
        return False


async def _resolve(host: str, port: int) -> list[tuple[int, str]]:
    """Every address of a host, IPv4 first: that is what Dask listens on."""
    with contextlib.suppress(ValueError):
        literal = ipaddress.ip_address(host)
        return [(socket.AF_INET if literal.version == 4 else socket.AF_INET6, str(literal))]
    look = asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    try:
        found = await asyncio.wait_for(look, RESOLVE)
    except (OSError, UnicodeError, asyncio.TimeoutError) as error:
        raise HostUnreachable(
            "The machine of this cluster's dashboard cannot be found.", "It may be gone."
        ) from error
    rows = [(int(family), str(place[0]).partition("%")[0]) for family, _, _, _, place in found]
    return sorted(set(rows), key=lambda row: (row[0] != socket.AF_INET, row[1]))


def _inner(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, if it does."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address.sixtofour is not None:
            return address.sixtofour
        if address in NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _acceptable(address: Address, local: bool) -> bool:
    inner = _inner(address)
    if local:
        return inner.is_loopback
    never = (
        inner.is_loopback,  # a foreign name that means this machine: rebinding
        inner.is_link_local,
        inner.is_multicast,
        inner.is_unspecified,
        inner.is_reserved,
        inner in METADATA,
        address in METADATA,
    )
    return not any(never)
