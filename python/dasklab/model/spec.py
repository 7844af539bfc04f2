"""The spec: what a launcher tells a host to be.

Travels as one line of JSON over the host's standard input or a standby's control API, never in
argv or the environment, because ``environ`` and ``config`` may hold a user's secrets.
"""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from ..errors import InputError, NameInvalid, RequestMalformed
from .record import Environment
from .scaling import Scaling

__all__ = ("PRE_SPAWN", "Lease", "Spec", "check_name")

PRE_SPAWN = {
    "MALLOC_TRIM_THRESHOLD_": "65536",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONHASHSEED": "6640",
}
"""What a nanny sets before it starts a worker (``distributed.nanny.pre-spawn-environ``): memory is
given back, a task's linear algebra uses one thread, and all workers hash text alike. It sets it in
its own process, so a kernel that once had a ``LocalCluster`` has it too; and it takes effect only
when a process starts, so a fork server must have it from the beginning."""

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


def check_name(name: object, what: str = "cluster") -> str:
    """A name that can stand in a command line, a URL and a file name.

    Parameters
    ----------
    what
        What it shall be the name of, for the sentence.

    Raises
    ------
    NameInvalid
        Not 1 to 63 letters, digits, dots, dashes or underscores, or nothing but digits.
    """
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise NameInvalid(
            f"{str(name)[:80]!r} cannot be the name of a {what}.",
            "Use 1 to 63 letters from a to z, digits, dots, dashes and underscores, a letter or "
            "digit first.",
        )
    return name


@dataclass(frozen=True)
class Lease:
    """Why a cluster may still live; seconds, ``None`` for no limit.

    Parameters
    ----------
    idle
        Since the last task was running or waiting.
    no_client
        Since the last client was connected, while nothing runs.
    max_age
        Since the cluster was created, whatever runs.
    """

    idle: float | None = 3_600.0
    no_client: float | None = 1_200.0
    max_age: float | None = 7 * 86_400.0

    @classmethod
    def from_wire(cls, data: object) -> Lease:
        """Read limits in seconds; missing ones keep their default."""
        if not isinstance(data, dict):
            raise RequestMalformed("A lease is an object with idle, no_client and max_age.")
        limits: dict[str, float | None] = {}
        for name, value in data.items():
            if name not in ("idle", "no_client", "max_age"):
                raise InputError(
                    f"A lease has no {str(name)[:40]!r}.", "It has idle, no_client and max_age."
                )
            if value is not None and (
                isinstance(value, bool)
                or not isinstance(value, (int, float))
                or not math.isfinite(value)
                or value <= 0
            ):
                raise InputError(
                    f"The lease's {name} is {str(value)[:40]!r}.",
                    "Give seconds above 0, or null for no limit.",
                )
            limits[name] = None if value is None else float(value)
        return cls(**limits)


@dataclass(frozen=True)
class Spec:
    """One cluster to be.

    Parameters
    ----------
    id
        Chosen by the launcher: asking twice with one id makes one cluster.
    name
        ``None`` lets the host take the next free ``DEPLOYMENT-N``.
    registry
        Folder of the registry (the host does not guess it).
    environ
        All environment variables the host shall have; empty when it has them already.
    config
        Dask configuration of the launching process, put on top of the host's own.
    scaling
        The workers; ``None`` leaves it to the deployment.
    deadline
        Seconds in which the scheduler must be up.
    limit
        Most workers that may be asked for later.
    """

    id: str
    deployment: str
    registry: str
    name: str | None = None
    profile: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    scaling: Scaling | None = None
    lease: Lease = field(default_factory=Lease)
    environment: Environment | None = None
    cwd: str = ""
    environ: dict[str, str] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)
    deadline: float = 60.0
    limit: int = 1_000

    def to_wire(self) -> dict[str, Any]:
        """The spec as one JSON object."""
        return asdict(self)

    @classmethod
    def from_wire(cls, data: object) -> Spec:
        """Read a spec; the counterpart of :meth:`to_wire`."""
        if not isinstance(data, dict):
            raise RequestMalformed("A launch is described by a JSON object.")
        known = {f.name: data[f.name] for f in fields(cls) if f.name in data}
        for name in ("id", "deployment", "registry"):
            if not isinstance(known.get(name), str):
                raise RequestMalformed(f"The launch has no {name}.")
        known["lease"] = Lease.from_wire(known.get("lease", {}))
        try:
            if known.get("scaling") is not None:
                known["scaling"] = Scaling(**known["scaling"])
            if known.get("environment") is not None:
                known["environment"] = Environment(**known["environment"])
        except TypeError as error:
            raise RequestMalformed(f"The launch cannot be read: {error}.") from error
        return cls(**known)
