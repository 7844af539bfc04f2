"""Where a dashboard may be fetched from."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from traitlets.config import Config

from dasklab.errors import HostUnreachable, Refused
from dasklab.model.record import Endpoint
from dasklab.server.addresses import admit
from dasklab.server.extension import DasklabServer

NEVER = [
    "169.254.169.254",  # AWS, GCP, Azure
    "169.254.170.2",
    "100.100.100.200",  # Alibaba
    "192.0.0.192",  # Oracle
    "168.63.129.16",  # Azure's wire server
    "fd00:ec2::254",
    "fe80::1",
    "224.0.0.1",
    "ff02::1",
    "0.0.0.0",
    "::",
    "255.255.255.255",
    "240.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0.0.0.0",
    "64:ff9b::a9fe:a9fe",  # NAT64
    "2002:a9fe:a9fe::1",  # 6to4
]


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[Any]:
    """Let every name mean these addresses; gives the list of what was asked."""
    asked: list[Any] = []

    async def getaddrinfo(loop: Any, host: Any, port: Any, **_: Any) -> list[Any]:
        asked.append(host)
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, port))
            for one in addresses
        ]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return asked


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST"]
)
async def test_this_machines_loopback_is_always_admitted(host: str) -> None:
    pinned = await admit(Endpoint(host, 8787), [])
    ((_, (address, port)),) = await pinned.resolve("whatever.example", 8787)
    assert port == 8787
    assert address in ("127.0.0.1", "127.8.8.8", "::1")


@pytest.mark.parametrize("host", ["10.0.0.5", "node1.example", "0.0.0.0", "2001:db8::1", "", "a b"])
async def test_other_machines_need_the_administrators_word(host: str) -> None:
    with pytest.raises(Refused, match="another machine") as caught:
        await admit(Endpoint(host, 8787), [])
    assert "allowed_dashboard_hosts" in caught.value.hint


async def test_a_pattern_must_match_all_of_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "10.0.0.5")
    patterns = [r"node\d+\.example"]
    await admit(Endpoint("node1.example", 1), patterns)
    await admit(Endpoint("NODE1.EXAMPLE.", 1), patterns)
    for host in (
        "node1.example.evil.test",
        "evilnode1.example",
        "node1.example\n",
        "xnode1.example",
    ):
        with pytest.raises(Refused):
            await admit(Endpoint(host, 1), patterns)


@pytest.mark.parametrize("address", NEVER)
async def test_some_addresses_are_never_admitted(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    with pytest.raises(Refused, match="never"):
        await admit(Endpoint(address, 80), [".*"])
    resolving(monkeypatch, address)
    with pytest.raises(Refused, match="never"):
        await admit(Endpoint("node1.example", 80), [".*"])


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
async def test_a_foreign_name_that_means_this_machine_is_refused(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    resolving(monkeypatch, address)
    with pytest.raises(Refused, match="never"):
        await admit(Endpoint("node1.example", 80), [".*"])


async def test_one_bad_address_among_good_ones_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    resolving(monkeypatch, "10.0.0.5", "169.254.169.254")
    with pytest.raises(Refused):
        await admit(Endpoint("node1.example", 80), [".*"])


async def test_localhost_that_means_another_machine_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolving(monkeypatch, "10.0.0.5")
    with pytest.raises(Refused):
        await admit(Endpoint("localhost", 80), [])


async def test_the_checked_address_is_the_one_that_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = resolving(monkeypatch, "10.0.0.5")
    pinned = await admit(Endpoint("node1.example", 80), [r"node1\.example"])
    resolving(monkeypatch, "169.254.169.254")  # the name means something else by now
    assert await pinned.resolve("node1.example", 80) == [(socket.AF_INET, ("10.0.0.5", 80))]
    assert asked == ["node1.example"]


@pytest.mark.parametrize("host", ["10.0.0.5", "::ffff:10.0.0.5", "2001:db8::7", "fd00::7"])
async def test_ordinary_addresses_that_are_allowed_are_admitted(host: str) -> None:
    assert await admit(Endpoint(host, 80), [".*"])


async def test_a_name_that_means_nothing() -> None:
    with pytest.raises(HostUnreachable):
        await admit(Endpoint("nothing.invalid", 80), [".*"])


def test_a_pattern_that_is_none_is_an_error_at_the_start() -> None:
    from traitlets import TraitError

    with pytest.raises(TraitError, match="no regular expression"):
        DasklabServer(config=Config({"DasklabServer": {"allowed_dashboard_hosts": ["["]}}))
