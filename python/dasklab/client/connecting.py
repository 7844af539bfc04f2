"""What a ``distributed.Client`` needs beside an address: credentials, who speaks its protocol."""

from __future__ import annotations

import sys
from typing import Any

from ..errors import Unsupported
from ..model.record import Record
from ..tls import for_client

__all__ = ("complete", "plain_code")


def complete(scheduler: dict[str, Any], keywords: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments for a ``Client`` of that scheduler.

    Parameters
    ----------
    scheduler
        A record's ``scheduler``.
    keywords
        Those that were given, which count.

    Raises
    ------
    DasklabError
        Its TLS files cannot be used, or this kernel lacks what speaks its protocol.
    """
    address = str(scheduler["address"])
    if address.startswith("gateway://"):
        try:
            import dask_gateway  # noqa: F401  makes gateway:// known
        except ImportError as error:
            raise Unsupported(
                "This cluster is behind a Dask Gateway, and this kernel has no dask-gateway.",
                f"Run: {sys.executable} -m pip install dask-gateway",
            ) from error
    if "security" in keywords:
        return keywords
    return {"security": for_client(address, scheduler.get("security") or {}), **keywords}


def plain_code(record: Record) -> str | None:
    """Code that connects where dasklab is not installed; ``None`` while there is no scheduler."""
    address = (record.scheduler or {}).get("address")
    if not address:
        return None
    if str(address).startswith("gateway://"):
        given = [f"{str(address).rpartition('/')[2]!r}"]
        given += [f"{key}={record.options[key]!r}" for key in ("address",) if key in record.options]
        return (
            "from dask_gateway import GatewayCluster\n"
            f"client = GatewayCluster.from_name({', '.join(given)}).get_client()"
        )
    files = (record.scheduler or {}).get("security") or {}
    if not files:
        return f"from distributed import Client\nclient = Client({str(address)!r})"
    named = ", ".join(f"{name}={str(path)!r}" for name, path in sorted(files.items()))
    return (
        "from distributed import Client, Security\n"
        f"security = Security(require_encryption=True, {named})\n"
        f"client = Client({str(address)!r}, security=security)"
    )
