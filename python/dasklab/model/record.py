"""The record: what a cluster says about itself, on disk and on the wire.

One JSON object per cluster. Its host writes it into the registry (all of it, with the control
token) and sends it to clients (without the private part, :data:`PRIVATE`). Readers take what they
know, keep what they do not, and fill gaps: a record of an older dasklab stays readable for ever.
"""

from __future__ import annotations

import enum
import math
import time
from dataclasses import dataclass, field, fields, replace
from typing import Any

from ..errors import RecordCorrupt, RecordNewer
from .explanation import Advice, Job

__all__ = (
    "PRIVATE",
    "VERSION",
    "Endpoint",
    "Environment",
    "Event",
    "Identity",
    "Phase",
    "Record",
    "Step",
)

VERSION = 1
"""Version of the record's format. A reader refuses greater ones by name and leaves them alone."""

EVENT_LIMIT = 100
TICK = 1e-6  # seconds between two states of a record, at the least
"""Events that a record keeps: its history, oldest dropped first."""

UNDOING = ("checkpoint", "undone_anywhere", "stop_patience")
PRIVATE = ("control", "dashboard", "host", "warden", *UNDOING, "scratch")
"""Fields that never leave the registry: the token, and what only matters to processes."""


class Phase(str, enum.Enum):
    """Where a cluster is in its life."""

    STARTING = "starting"
    WAITING = "waiting"  # the scheduler is up and no worker has come, with a reason
    RUNNING = "running"
    STOPPING = "stopping"
    STOPPED = "stopped"  # on purpose: a user, a lease
    FAILED = "failed"  # never came up, or gave up, with a reason
    LOST = "lost"  # its host died, with a reason

    @property
    def ended(self) -> bool:
        """Whether nothing of the cluster is left but its record."""
        return self in (Phase.STOPPED, Phase.FAILED, Phase.LOST)


@dataclass(frozen=True)
class Identity:
    """One process, for ever: a pid alone may be given to another process.

    Parameters
    ----------
    pid
        Process id on ``hostname``.
    start
        Start time as the system counts it (clock ticks since boot on Linux); opaque.
    boot
        Which boot of the machine ``start`` counts from; opaque, empty where unknown.
    hostname
        The machine the process runs on.
    """

    pid: int
    start: str
    boot: str
    hostname: str


@dataclass(frozen=True)
class Endpoint:
    """Where an HTTP server of the cluster listens, and the bearer token it asks for.

    ``ca`` is the file of the authority of its certificate, where it has one of its own.
    ``path`` is what its pages are below, where that is not the root: a slash first, none last.
    """

    host: str
    port: int
    token: str = ""
    scheme: str = "http"
    ca: str = ""
    path: str = ""

    @property
    def url(self) -> str:
        """Where its pages are, on the machine it runs on."""
        return f"{self.scheme}://{self.host}:{self.port}{self.path}"


@dataclass(frozen=True)
class Environment:
    """The interpreter that the cluster runs under.

    Parameters
    ----------
    python
        Path of the interpreter.
    name
        Kernelspec it was chosen by, if any.
    title
        What to call it in a list.
    """

    python: str
    name: str | None = None
    title: str = ""


@dataclass(frozen=True)
class Step:
    """One step of a launch, in the order they happen.

    ``state`` is ``"active"``, ``"done"`` or ``"failed"``; times are epoch seconds.
    """

    name: str
    title: str
    state: str = "active"
    started: float = 0.0
    finished: float | None = None


@dataclass(frozen=True)
class Event:
    """Something worth remembering about a cluster (epoch seconds, a kind, one sentence)."""

    at: float
    kind: str
    text: str


KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (int, float),
    "dict[str, Any]": (dict,),
    "dict[str, int]": (dict,),
}
"""What a field's annotation asks of JSON; fields of other types are built one by one."""


def _fits(value: object, annotation: str) -> bool:
    kind, _, rest = annotation.partition(" | ")
    if kind not in KINDS or (value is None and rest):
        return True
    if isinstance(value, bool) or not isinstance(value, KINDS[kind]):
        return False
    return _finite(value)


def _finite(value: object) -> bool:
    """Whether it is JSON for everybody: Python also reads and writes NaN and Infinity."""
    if isinstance(value, dict):
        return all(map(_finite, value.values()))
    if isinstance(value, list):
        return all(map(_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def _known(cls: type[Any], data: object, what: str) -> dict[str, Any]:
    """The fields of ``cls`` that an object has; all of the right type, or it is corrupt.

    A damaged record must be found out here: one number that is text would stop every reader
    that sorts or adds up, and so hide all the other clusters.
    """
    if not isinstance(data, dict):
        raise RecordCorrupt(f"The record's {what} is not an object.", "Remove the file.")
    known = {f.name: data[f.name] for f in fields(cls) if f.name in data}
    for f in fields(cls):
        if f.name in known and not _fits(known[f.name], str(f.type)):
            raise RecordCorrupt(
                f"The record's {f.name} is {str(known[f.name])[:40]!r}.", "Remove the file."
            )
    return known


def _listed(cls: type[Any], items: Any, what: str) -> tuple[Any, ...]:
    """Objects of a list, of which JSON has made their tuples lists."""
    return tuple(
        cls(
            **{
                name: tuple(map(str, value)) if isinstance(value, list) else value
                for name, value in _known(cls, item, what).items()
            }
        )
        for item in items
    )


def _optional(cls: type[Any], data: object, what: str) -> Any:
    return None if data is None else cls(**_known(cls, data, what))


@dataclass(frozen=True)
class Record:
    """Everything that is known of one cluster.

    Byte counts in bytes, times in epoch seconds, durations in seconds, ``cpu`` in cores.

    Parameters
    ----------
    id
        Opaque, unique for ever.
    name
        Unique among live clusters of a registry.
    deployment
        The way it runs: ``"local"``; ``"published"`` for an object of a kernel's own.
    origin, kind
        ``"host"``, a process of its own; or ``"kernel"``, with the class: ``"LocalCluster"``.
    workers
        ``wanted``, ``running``, ``minimum``, ``maximum`` (the last two under adaptive scaling).
    lease
        ``pinned``, ``idle``, ``no_client``, ``max_age`` (limits, ``None`` = none), ``deadline``
        (when it ends if nothing changes, ``None`` = not counting) and ``cause``.
    jobs, advice, warnings
        Where workers are to run, why some are missing (gravest first), what to mind of options.
    can
        What may be asked of it: scale, adapt, restart, stop, keep, dashboard, logs.
    checkpoint, undone_anywhere, stop_patience
        What undoes the cluster when its host is gone, whether any machine can do that, and how
        many seconds the host may take to end it (see :mod:`dasklab.deployments.base`).
    unknown
        Fields of a later minor format, kept as they are.
    """

    id: str
    name: str
    deployment: str
    phase: Phase
    version: int = VERSION
    profile: str | None = None
    origin: str = "host"
    kind: str = ""
    reason: dict[str, Any] | None = None
    steps: tuple[Step, ...] = ()
    environment: Environment | None = None
    scheduler: dict[str, Any] | None = None
    workers: dict[str, Any] = field(default_factory=dict)
    cores: int = 0
    memory: dict[str, Any] = field(default_factory=dict)
    cpu: float = 0.0
    tasks: dict[str, int] = field(default_factory=dict)
    clients: int = 0
    lease: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    jobs: tuple[Job, ...] = ()
    advice: tuple[Advice, ...] = ()
    warnings: tuple[Advice, ...] = ()
    can: tuple[str, ...] = ()
    created: float = 0.0
    updated: float = 0.0
    log: str = ""
    cwd: str = ""
    control: Endpoint | None = None
    dashboard: Endpoint | None = None
    host: Identity | None = None
    warden: Identity | None = None
    checkpoint: dict[str, Any] = field(default_factory=dict)
    undone_anywhere: bool = False
    stop_patience: float = 6.0
    scratch: str = ""
    unknown: dict[str, Any] = field(default_factory=dict)

    # -- reading and writing ---------------------------------------------------------------
    @classmethod
    def from_wire(cls, data: object) -> Record:
        """Read a record's JSON, of this or any earlier version.

        Raises
        ------
        RecordNewer
            The format's version is above :data:`VERSION`.
        RecordCorrupt
            It is not a record.
        """
        if not isinstance(data, dict):
            raise RecordCorrupt("The record is not a JSON object.", "Remove the file.")
        version = data.get("version")
        if not isinstance(version, int) or isinstance(version, bool):
            raise RecordCorrupt("The record has no version.", "Remove the file.")
        if version > VERSION:
            raise RecordNewer(
                f"The record was written by a newer dasklab (format {version}, "
                f"this one reads up to {VERSION}).",
                "Upgrade dasklab here to see this cluster; it is left alone.",
            )
        try:
            known = _known(cls, data, "content")
            known.pop("unknown", None)
            known["phase"] = Phase(data["phase"])
            for name, kind in (
                ("environment", Environment),
                ("control", Endpoint),
                ("dashboard", Endpoint),
                ("host", Identity),
                ("warden", Identity),
            ):
                known[name] = _optional(kind, data.get(name), name)
            known["steps"] = tuple(
                Step(**_known(Step, item, "step")) for item in data.get("steps", ())
            )
            known["events"] = tuple(
                Event(**_known(Event, item, "event")) for item in data.get("events", ())
            )
            for name, listed in (("jobs", Job), ("advice", Advice), ("warnings", Advice)):
                known[name] = _listed(listed, data.get(name, ()), name)
            if isinstance(data.get("can"), str):
                raise TypeError("can is text")
            known["can"] = tuple(str(item) for item in data.get("can", ()))
            record = cls(**known)
            for identity in (record.host, record.warden):
                if identity is not None and identity.pid <= 0:
                    raise ValueError(f"process {identity.pid}")
            for endpoint in (record.control, record.dashboard):
                if endpoint is not None and not 0 < endpoint.port < 65_536:
                    raise ValueError(f"port {endpoint.port}")
        except (KeyError, TypeError, ValueError) as error:
            raise RecordCorrupt(
                f"The record cannot be read: {error}.", "Remove the file."
            ) from error
        mine = {f.name for f in fields(cls)}
        return replace(
            record, unknown={key: value for key, value in data.items() if key not in mine}
        )

    def to_disk(self) -> dict[str, Any]:
        """All of the record, as the registry keeps it."""
        data = {f.name: _plain(getattr(self, f.name)) for f in fields(self)}
        return {**data.pop("unknown"), **data}

    def to_wire(self) -> dict[str, Any]:
        """The record without its private part, as clients and browsers see it.

        Nor what a later format added: whether that is private is not known here.
        """
        data = self.to_disk()
        for name in (*PRIVATE, *self.unknown):
            data.pop(name, None)
        return data

    # -- changing ----------------------------------------------------------------------------
    def stamped(self) -> Record:
        """As of now, and newer than it was also if a clock was set back: readers drop the older."""
        return replace(self, updated=max(time.time(), self.updated + TICK))

    def with_event(self, kind: str, text: str, at: float | None = None) -> Record:
        """The record with one more line of history."""
        event = Event(time.time() if at is None else at, kind, text[:1_000])
        return replace(self, events=(*self.events, event)[-EVENT_LIMIT:])

    def ended_as(self, phase: Phase, reason: dict[str, Any] | None, at: float) -> Record:
        """The record of a cluster of which nothing is left since ``at`` (epoch seconds).

        Its ports are forgotten: another process may have them by now, and would be sent the
        token or shown to the user as a dashboard.
        """
        return replace(
            self,
            phase=phase,
            reason=reason,
            steps=tuple(
                replace(step, state="failed", finished=at) if step.state == "active" else step
                for step in self.steps
            ),
            workers={**self.workers, "running": 0},
            cores=0,
            cpu=0.0,
            memory={},
            tasks={},
            clients=0,
            jobs=(),
            lease={**self.lease, "deadline": None, "cause": None} if self.lease else {},
            can=(),
            control=None,
            dashboard=None,
        )


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value
