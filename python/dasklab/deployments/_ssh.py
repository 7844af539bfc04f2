"""SSH connections: where they lead, how they are made, and what their failures mean.

Beneath ``ssh`` (workers on other hosts) and tunnels (a scheduler that only ssh reaches). With
asyncssh, which reads ``~/.ssh/config``, agents and known hosts as ``ssh`` does, and is imported
here only when a connection is made.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from ..errors import DasklabError, HostUnreachable, LaunchError, OptionsInvalid

if TYPE_CHECKING:
    import asyncssh

__all__ = ("Place", "broken", "connect", "no_asyncssh", "read_place")

CONNECT = 20.0
"""Seconds for a connection, with key exchange and login."""

KEEP_ALIVE = 15.0
"""Seconds between signs of life, so that firewalls keep a silent connection open."""

KEEP_ALIVE_MISSED = 3
"""Signs of life without an answer after which a connection counts as lost."""


@dataclass(frozen=True)
class Place:
    """Where an SSH server is, and who logs in; what is unset is ``~/.ssh/config``'s to say."""

    host: str
    port: int | None = None
    user: str | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (
            (f"{self.user}@" if self.user else "") + host + (f":{self.port}" if self.port else "")
        )

    @property
    def command(self) -> str:
        """What a user types to get there."""
        port = f"-p {self.port} " if self.port else ""
        return f"ssh {port}{self.user}@{self.host}" if self.user else f"ssh {port}{self.host}"


def read_place(text: str) -> Place:
    """A place from ``[ssh://][user@]host[:port]``.

    Raises
    ------
    OptionsInvalid
    """
    scheme, found, rest = text.strip().partition("://")
    wrong = OptionsInvalid(
        f"{text[:80]!r} names no host that ssh reaches.",
        "Write [user@]host[:port], such as anna@node1:2222.",
    )
    if found and scheme != "ssh":
        raise wrong
    try:
        parts = urlsplit(f"ssh://{rest if found else text.strip()}")
        port = parts.port
    except ValueError:
        raise wrong from None
    # No dash at the beginning: it goes into lines that users copy into a shell.
    host = parts.hostname or ""
    if not host or host.startswith("-") or any(char.isspace() for char in host) or parts.password:
        raise wrong
    if parts.path not in ("", "/") or parts.query or parts.fragment or port == 0:
        raise wrong
    return Place(host, port, unquote(parts.username) if parts.username else None)


def no_asyncssh(python: str) -> DasklabError | None:
    """What is missing for SSH, if anything is."""
    if find_spec("asyncssh") is not None:
        return None
    return LaunchError(
        "Connections over SSH need the package asyncssh.", f"Run: {python} -m pip install asyncssh"
    )


def broken() -> tuple[type[Exception], ...]:
    """What is raised by a channel or connection that has ended, or does not answer."""
    import asyncssh

    return (OSError, asyncio.TimeoutError, asyncssh.Error)


async def connect(
    place: Place, *, key: str | None = None, known_hosts: str | None = None
) -> asyncssh.SSHClientConnection:
    """A connection that shows that it lives.

    Parameters
    ----------
    key
        File of a private key; those of ``~/.ssh`` and of an agent by default.
    known_hosts
        File of known hosts; ``~/.ssh/known_hosts`` by default.

    Raises
    ------
    HostUnreachable, LaunchError
        What is wrong, and what to do.
    """
    import asyncssh

    given: dict[str, Any] = {}
    if place.port is not None:
        given["port"] = place.port
    if place.user is not None:
        given["username"] = place.user
    for name, path in (("client_keys", key), ("known_hosts", known_hosts)):
        if path is not None:
            given[name] = _file(path, name)
    if key is not None:
        given["agent_path"] = None  # that one, as with IdentitiesOnly
    try:
        return await asyncio.wait_for(
            asyncssh.connect(
                place.host,
                keepalive_interval=KEEP_ALIVE,
                keepalive_count_max=KEEP_ALIVE_MISSED,
                **given,
            ),
            CONNECT,
        )
    except (OSError, ValueError, asyncssh.Error, asyncio.TimeoutError) as error:
        raise _readable(place, error, key, known_hosts) from error


def _file(path: str, what: str) -> str:
    found = Path(path).expanduser()
    if not found.is_file():
        kind = "private key" if what == "client_keys" else "list of known hosts"
        raise LaunchError(f"There is no {kind} {path[:200]!r}.", "Give the path of a file.")
    return str(found)


def _readable(
    place: Place, error: Exception, key: str | None, known_hosts: str | None
) -> DasklabError:
    """What a failure means."""
    import asyncssh

    if isinstance(error, asyncssh.PermissionDenied):
        who = f"the key {key}" if key else "every key that it was offered"
        return LaunchError(
            f"{place} refuses {who} for the user {place.user or 'of this session'}.",
            f"Try it by hand: {place.command}; the public key belongs into authorized_keys there.",
        )
    if isinstance(error, asyncssh.HostKeyNotVerifiable):
        return LaunchError(
            f"The host key of {place} is not among the known ones.",
            f"Connect once by hand and compare its fingerprint: {place.command}"
            + (f" (known hosts are read from {known_hosts})." if known_hosts else "."),
        )
    if isinstance(error, asyncssh.KeyImportError):
        return LaunchError(
            f"The private key {key or 'of this user'} cannot be used: {_short(error)}.",
            "Add one with a passphrase to an agent (ssh-add), or give another file.",
        )
    if isinstance(error, asyncio.TimeoutError):
        return HostUnreachable(
            f"{place} has not answered within {CONNECT:g} seconds.",
            "A firewall may be in between, or the host is down.",
        )
    if isinstance(error, ConnectionRefusedError):
        return HostUnreachable(
            f"No SSH server listens at {place} (port {place.port or 22}).",
            "Give its port as host:port.",
        )
    if isinstance(error, socket.gaierror):
        return HostUnreachable(f"The name {place.host} means no host here.", "Check its spelling.")
    return HostUnreachable(
        f"{place} cannot be reached over SSH: {_short(error)}.", f"Try it by hand: {place.command}"
    )


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200].rstrip(".") or type(error).__name__
