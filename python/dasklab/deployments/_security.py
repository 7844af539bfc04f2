"""TLS between scheduler, workers and clients: credentials of a cluster's own, as files and as text.

A scheduler that listens beyond loopback gives whoever reaches its port a Python prompt, so it asks
for a certificate. Those made here live as long as their cluster, in a folder that only its owner
can read; a record names the files (:attr:`Sample.security <.base.Sample>`), never what is in them.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DasklabError, LaunchError

if TYPE_CHECKING:
    from distributed import Security

__all__ = ("CLIENT", "is_loopback", "make", "of_files", "travelling", "write")

CLIENT = ("tls_ca_file", "tls_client_cert", "tls_client_key")
"""What a client needs."""

WORKER = ("tls_ca_file", "tls_worker_cert", "tls_worker_key")


def is_loopback(hosts: Iterable[str]) -> bool:
    """Whether all of these addresses are reached from their own machine only."""
    try:
        return all(ipaddress.ip_address(host).is_loopback for host in hosts)
    except ValueError:
        return False


def make(python: str) -> Security:
    """Credentials for one cluster: the site's, if Dask's configuration names any, else new ones.

    Raises
    ------
    LaunchError
        New ones cannot be made here.
    """
    from distributed import Security

    site = Security()
    if site.tls_ca_file and site.tls_scheduler_cert and site.tls_client_cert:
        site.require_encryption = True
        return site
    try:
        return Security.temporary()
    except ImportError as error:
        raise LaunchError(
            "The scheduler would be reached from other machines and needs TLS, for which the "
            "package cryptography is missing.",
            f"Run: {python} -m pip install cryptography (or give --tls off in a network that you "
            "trust).",
        ) from error


def write(security: Security, folder: str) -> dict[str, str]:
    """A client's part as files in a folder that is its owner's alone; the files by name."""
    place = Path(folder)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.chmod(0o700)
    files = {}
    for name in CLIENT:
        value = getattr(security, name)
        if value and "\n" in value:
            path = place / f"{name.removeprefix('tls_')}.pem"
            with open(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
                file.write(value)
            value = str(path)
        if value:
            files[name] = str(value)
    return files


def travelling(security: Security) -> dict[str, Any]:
    """A worker's part as text, to be sent to where its files are not."""
    found: dict[str, Any] = {"require_encryption": True}
    for name in WORKER:
        value = getattr(security, name)
        if value:
            found[name] = value if "\n" in value else Path(value).expanduser().read_text()
    return found


def of_files(files: dict[str, str]) -> Security | None:
    """What a client connects with; ``None`` where there are no files.

    Raises
    ------
    DasklabError
        A file is not there, or not what it should be.
    """
    if not files:
        return None
    from distributed import Security

    security = Security(require_encryption=True, **files)
    try:
        security.get_connection_args("client")
    except (OSError, ValueError) as error:  # ssl's errors are OSErrors
        raise DasklabError(
            f"The TLS files cannot be used: {' '.join(str(error).split())[:200]}.",
            "They are PEM files: the authority's certificate, a certificate, and its private key.",
        ) from error
    return security
