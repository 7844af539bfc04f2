"""TLS for a cluster class that a user has named: whether it takes it, and what it is given.

Where a class listens is known when it does; so what takes credentials gets them, unless it is known
to listen on loopback only.
"""

from __future__ import annotations

import os
from inspect import Parameter, signature
from typing import Any

from ..errors import LaunchError
from ..model.explanation import Advice
from ..tls import is_loopback, make, write

__all__ = ("credentials", "exposed", "to_mind", "wanted")

ENCRYPTING = ("dask_gateway", "coiled")
"""Packages whose clusters have TLS by themselves."""

PLAIN = ("tcp://", "ws://", "ucx://", "ucxx://")


def wanted(factory: Any, kwargs: dict[str, Any]) -> bool:
    """Whether a class is to be given credentials with these arguments."""
    if kwargs.get("security", True) is not True or str(kwargs.get("protocol")).startswith("tcp"):
        return False  # its user has decided
    return _takes(factory) is None and not _stays_here(factory, kwargs)


def credentials(python: str, folder: str) -> tuple[Any, dict[str, str]]:
    """What a class is given, and a client's part as files.

    Workers elsewhere read theirs from those files: jobs see the folder, as they see the record's.

    Raises
    ------
    LaunchError
        There are none, and none can be made here.
    """
    try:
        security = make(python)
    except LaunchError as error:
        raise LaunchError(
            error.message,
            f"Run: {python} -m pip install cryptography (or give the keyword argument "
            '{"security": null} in a network that you trust).',
        ) from error
    files = write(security, os.path.join(folder, "tls"))
    security.tls_worker_cert = files["tls_client_cert"]
    security.tls_worker_key = files["tls_client_key"]
    security.tls_ca_file = files["tls_ca_file"]
    return security, files


def to_mind(path: str, factory: Any, kwargs: dict[str, Any]) -> list[Advice]:
    """What to mind of a class before it is called."""
    if wanted(factory, kwargs) or _stays_here(factory, kwargs) or kwargs.get("security"):
        return []
    package = path.replace(":", ".").partition(".")[0]
    if "security" not in kwargs and (package in ENCRYPTING or _takes(factory) is True):
        return []
    name = path.rpartition(":")[2]
    return [
        Advice(
            "class.plain",
            f"{name} starts a scheduler without TLS: if it listens beyond this machine, whoever "
            "reaches its port can run code as you.",
            "Have it listen on loopback, or use it in a network that is yours alone.",
        )
    ]


def exposed(address: str) -> bool:
    """Whether others can reach a scheduler there, which asks nobody who they are."""
    host = address.rpartition("://")[2].rpartition(":")[0].strip("[]")
    return address.startswith(PLAIN) and not is_loopback([host.replace("localhost", "127.0.0.1")])


def _takes(factory: Any) -> bool | object | None:
    """The default of its parameter ``security``; ``False`` where it has none of its own.

    ``None`` is Dask's: such a class takes a ``Security``. That of SpecCluster itself is for clients
    only: a class that merely passes it on to there has no credentials for its scheduler.
    """
    from distributed.deploy.spec import SpecCluster

    bases = [base for base in getattr(factory, "__mro__", ()) if "__init__" in vars(base)]
    for one in [base.__init__ for base in bases if base is not SpecCluster] or [factory]:
        try:
            parameters = signature(one).parameters
        except (TypeError, ValueError):
            return False
        if "security" in parameters:
            default: object = parameters["security"].default
            return default if default is not Parameter.empty else False
        if not any(found.kind is found.VAR_KEYWORD for found in parameters.values()):
            return False
    return False


def _stays_here(factory: Any, kwargs: dict[str, Any]) -> bool:
    """Whether it is a LocalCluster that nobody has told to listen elsewhere."""
    from distributed import LocalCluster

    if not (isinstance(factory, type) and issubclass(factory, LocalCluster)):
        return False
    host = str(kwargs.get("host") or kwargs.get("ip") or "127.0.0.1").rpartition("://")[2]
    return not kwargs.get("interface") and is_loopback([host.replace("localhost", "127.0.0.1")])
