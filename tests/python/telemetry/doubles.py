"""What a scheduler is to the ring and the sampler, and answers as a collector gives them."""

from __future__ import annotations

import struct
from types import SimpleNamespace
from typing import Any

from dasklab.telemetry.ring import ROW, Ring

NOW = 1_790_000_000.0

LANE = {"worker": "tcp://a:1", "thread": 0, "name": "a"}
KIND = {"prefix": "inc", "group": "inc-1", "span": None, "cell": None}
WORKER = {"address": "tcp://a:1", "name": "a", "host": "a", "threads": 1, "limit": 10}


class GroupDouble:
    """A group of tasks, itself only equal to itself."""

    def __init__(self, name: str, prefix: str) -> None:
        self.name = name
        self.prefix = SimpleNamespace(name=prefix)
        self.span_id: str | None = None


class SchedulerDouble:
    """Has the tasks, groups and workers that it is given, and runs nothing."""

    def __init__(self) -> None:
        self.tasks: dict[Any, Any] = {}
        self.task_groups: dict[str, Any] = {}
        self.workers: dict[str, Any] = {}
        self.spans: dict[str, Any] = {}
        self.extensions = {"spans": SimpleNamespace(spans=self.spans)}
        self.told: list[tuple[str, str]] = []
        self.ring = Ring(self, lambda kind, text, worker=None: self.told.append((kind, text)))

    def task(self, key: Any, prefix: str = "inc", group: str = "", **notes: Any) -> Any:
        """A task of a group, which is made when it is new."""
        name = group or prefix
        if name not in self.task_groups:
            self.task_groups[name] = GroupDouble(name, prefix)
        self.tasks[key] = SimpleNamespace(key=key, group=self.task_groups[name], annotations=notes)
        return self.tasks[key]

    def finish(
        self,
        key: Any,
        *steps: tuple[str, float, float],
        finish: str = "memory",
        worker: str | None = "tcp://a:1",
        thread: Any = 7,
        **more: Any,
    ) -> None:
        """What a scheduler tells its plugins when a task has ended; ``steps`` begin and last."""
        startstops = [
            {"action": action, "start": start, "stop": start + took}
            for action, start, took in steps or (("compute", NOW, 0.5),)
        ]
        self.ring.transition(
            key,
            "processing",
            finish,
            stimulus_id="s",
            worker=worker,
            thread=thread,
            startstops=startstops,
            **{"nbytes": 8, **more},
        )

    def rows(self, cursor: int = 0) -> list[tuple[Any, ...]]:
        """All rows from a number on."""
        return list(struct.iter_unpack(ROW, self.ring.read(cursor, 10**6)[1]))


def answer(
    rows: list[tuple[Any, ...]] = (),  # type: ignore[assignment]
    *,
    since: dict[str, Any] | None = None,
    keys: list[str] | None = None,
    names: dict[str, list[dict[str, Any]]] | None = None,
    **more: Any,
) -> dict[str, Any]:
    """A collector's answer with rows (start after :data:`NOW`, duration, lane, kind, what)."""
    first = int((since or {}).get("tasks", 0))
    data = b"".join(
        struct.pack(ROW, NOW + start, took, 8.0, lane, kind, what)
        for start, took, lane, kind, what in rows
    )
    given = names or {"lanes": [LANE], "kinds": [KIND], "workers": [WORKER]}
    names = {name: items if since is None or names else [] for name, items in given.items()}
    identifier = more.pop("id", "collector")
    first = more.pop("first", first)
    return {
        "id": identifier,
        "time": NOW + 1_000,
        "first": first,
        "rows": data,
        "keys": keys or [f"inc-{first + number}" for number in range(len(rows))],
        "names": names,
        "samples": [],
        "progress": {},
        "groups": {},
        "events": [],
        "totals": {"tasks": len(rows), "compute": 0.0},
        "more": False,
        "next": {"id": identifier, "tasks": first + len(rows)},
        **more,
    }


def row(start: float, took: float = 0.01, lane: int = 0, kind: int = 0, what: int = 64) -> Any:
    """One row for :func:`answer`."""
    return (start, took, lane, kind, what)


def sample(time: float, workers: int = 1) -> list[Any]:
    """One sample of so many workers."""
    from array import array

    from dasklab.telemetry.tables import WORKERS

    columns = [
        array(column.code, [time if place == 0 else 0] * workers)
        for place, column in enumerate(WORKERS.columns)
    ]
    cluster = [time, 4, 10, 2, 0, 6, 1, 1.5, workers, 4, 6e8, 4e9, 2e8, 4e8, 0.0, 2.0, 0.0]
    return [[column.tobytes() for column in columns], cluster]
