"""Telemetry for programs: times, columns, what an ended cluster has left."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import json
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

from dasklab.client import AsyncCluster, Cluster
from dasklab.client.blocking_telemetry import Telemetry
from dasklab.client.columns import frame_of, gather
from dasklab.client.telemetry import AsyncTelemetry, moment
from dasklab.errors import ClusterGone, InputError
from dasklab.model.record import Phase
from dasklab.registry import Registry
from dasklab.telemetry.frames import decode, split
from dasklab.telemetry.keys import Keys

from ..support import make_record

RUN = Path(__file__).parents[2] / "fixtures" / "telemetry" / "run.frames"
BASE = 1_790_000_000.0


@pytest.fixture
def ended(registry: Registry) -> Cluster:
    """A cluster that has ended, with what the fixture recorded."""
    registry.open()
    record = make_record().ended_as(Phase.STOPPED, None, 2_000.0)
    registry.write(record)
    registry.recording(record.id).write_bytes(RUN.read_bytes())
    return Cluster(record, registry=registry)


@pytest.mark.parametrize("value", ["soon", True, [], float("nan"), "1 parsec", float("inf")])
def test_a_time_that_is_none(value: Any) -> None:
    with pytest.raises(InputError, match="no time"):
        moment(value, "since", 0.0)


def test_times_are_seconds_dates_or_how_long_ago() -> None:
    assert moment(None, "since", 3.0) == 3.0
    assert moment(BASE, "since", 0.0) == BASE
    assert moment(datetime.fromtimestamp(BASE, timezone.utc), "since", 0.0) == BASE
    assert moment("2 minutes", "since", 0.0) == pytest.approx(time.time() - 120, abs=5)


def test_tasks_of_a_cluster_that_has_ended(ended: Cluster) -> None:
    frame = ended.telemetry.tasks()

    assert len(frame) == 43
    assert list(frame["row"]) == list(range(43))
    assert str(frame["start"].dt.tz) == "UTC"
    assert frame["start"].iloc[0].timestamp() == BASE
    assert set(frame["action"]) == {"compute", "transfer"}
    assert set(frame["prefix"]) == {"random_sample", "sum", "<img src=x onerror=alert(1)>"}
    assert list(frame.query("erred")["row"]) == [31]
    assert set(frame["cell"].dropna()) == {"cell-a"}


def test_keys_of_a_cluster_that_has_ended(ended: Cluster, registry: Registry) -> None:
    assert set(ended.telemetry.tasks(keys=True)["key"]) == {None}, "an older host left none"

    keys = Keys(10**6)
    keys.add([f"inc-{number}" for number in range(43)])
    path = registry.recording(ended.id).with_suffix(".keys")
    path.write_bytes(keys.dump())
    found = ended.telemetry.tasks(BASE + 0.1, BASE + 0.16, keys=True)
    assert list(found["key"]) == [f"inc-{number}" for number in range(16, 32)]

    ended.forget()
    assert not path.exists()


def test_only_the_time_that_was_asked_for(ended: Cluster) -> None:
    found = ended.telemetry.tasks(BASE + 0.1, BASE + 0.16)

    assert list(found["row"]) == list(range(16, 32))
    assert len(ended.telemetry.tasks(BASE + 1_000)) == 0
    assert len(ended.telemetry.memory(BASE + 0.4, BASE + 1.2)) == 2


def test_the_other_tables(ended: Cluster) -> None:
    telemetry = ended.telemetry
    workers = telemetry.workers()

    assert len(workers) == 8
    assert set(workers["status"]) == {"running", "paused"}
    assert set(workers["worker"]) == {"tcp://127.0.0.1:40001", "tcp://127.0.0.1:40002"}
    assert workers["gil"].isna().sum() == 4
    assert list(telemetry.memory().columns) == [
        "time",
        "used",
        "limit",
        "managed",
        "unmanaged",
        "spilled",
    ]
    assert list(telemetry.cluster()["processing"]) == [4] * 4
    assert list(telemetry.events()["kind"]) == ["worker-added", "worker-added", "failure"]
    assert telemetry.totals()["erred"] == 1
    progress = telemetry.progress().set_index("name")
    assert list(progress.index) == ["random_sample", "sum"]
    states = ["released", "waiting", "processing", "queued", "memory", "erred", "no_worker"]
    assert list(progress.columns) == ["prefix", *states, "forgotten", "duration"]
    groups = telemetry.progress(by="group")
    assert list(groups.columns) == ["name", *progress.columns]
    assert list(groups["name"]) == ["sum-2"], "the other one is forgotten"
    with pytest.raises(InputError, match="'task' is no kind of tasks"):
        telemetry.progress(by="task")


def test_without_pandas_there_are_columns(ended: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    found = ended.telemetry.tasks()
    assert isinstance(found, dict)
    assert found["start"][0] == BASE
    assert len(found["prefix"]) == 43


def test_an_empty_table_is_a_frame_with_its_columns() -> None:
    assert list(frame_of(gather([]).samples("cluster", 0, 1)))[:2] == ["time", "processing"]


@pytest.mark.parametrize("content", [None, b"", b"\1\0\0\0", RUN.read_bytes()[:-3]])
def test_a_cluster_that_has_left_nothing_readable(
    ended: Cluster, registry: Registry, content: bytes | None
) -> None:
    path = registry.recording(ended.id)
    path.unlink()
    if content is not None:
        path.write_bytes(content)

    assert len(ended.telemetry.tasks()) == 0
    assert ended.telemetry.totals() == {}


def test_only_what_a_picture_can_show(ended: Cluster) -> None:
    rows, seen = ended.telemetry.tasks(), ended.telemetry.tasks(width=100)
    assert list(seen.columns) == [name for name in rows.columns if name != "row"]
    assert sorted(seen["duration"]) == sorted(rows["duration"])  # few enough to be told apart
    some = ended.telemetry.tasks(until=BASE + 0.12, width=100)
    assert 0 < len(some) == len(ended.telemetry.tasks(until=BASE + 0.12)) < len(rows)
    for wrong in ({"width": 0}, {"width": "wide"}, {"width": 100, "keys": True}):
        with pytest.raises(InputError):
            ended.telemetry.tasks(**wrong)


def test_forgetting_a_cluster_forgets_its_telemetry(ended: Cluster, registry: Registry) -> None:
    path = registry.recording(ended.id)
    assert path.exists()
    ended.forget()
    assert not path.exists()


def test_a_stream_of_a_cluster_that_has_ended_says_so(ended: Cluster, registry: Registry) -> None:
    async def read() -> None:
        async for _ in AsyncCluster(ended.record, registry=registry).telemetry.stream():
            pass

    with pytest.raises(ClusterGone):
        asyncio.run(read())


@pytest.mark.parametrize(
    ("since", "rows"),
    [
        (None, 43),
        ({"run": "another", "tasks": 43}, 43),
        ({"run": "0123456789abcdef", "tasks": 20}, 23),
        ({"run": "0123456789abcdef", "tasks": "many"}, 43),
        ({"run": "0123456789abcdef", "tasks": 43}, 0),
    ],
)
def test_who_has_some_of_a_recording_is_told_the_rest_and_the_end(
    ended: Cluster, registry: Registry, since: Any, rows: int
) -> None:
    async def read() -> list[bytes]:
        telemetry = AsyncCluster(ended.record, registry=registry).telemetry
        return [
            frame async for frame in telemetry.recorded(json.dumps({"hello": {"since": since}}))
        ]

    frames = asyncio.run(read())
    headers = [decode(frame)[0] for frame in frames]
    assert sum(header["tables"].get("tasks", {}).get("rows", 0) for header in headers) == rows
    assert headers[-1]["end"]["phase"] == "stopped"
    assert len(list(split(RUN.read_bytes()))) >= len(frames)


def test_the_blocking_one_has_the_tables_of_the_asynchronous() -> None:
    tables = {
        "tasks",
        "workers",
        "cluster",
        "memory",
        "events",
        "totals",
        "progress",
        "transfers",
    } | {
        "profile",
        "graph",
    }
    for name in tables:
        wanted = inspect.signature(getattr(AsyncTelemetry, name)).parameters
        given = inspect.signature(getattr(Telemetry, name)).parameters
        assert {key: value.default for key, value in wanted.items()} == {
            key: value.default for key, value in given.items()
        }
    public = {name for name in vars(Telemetry) if not name.startswith("_")}
    assert public == tables
