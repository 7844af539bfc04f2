"""The collector in a real scheduler: samples, events, progress, and what it costs nobody."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from distributed import Scheduler, Status

from dasklab.telemetry.collector import HANDLER, PLUGIN, Collector
from dasklab.telemetry.history import History
from dasklab.telemetry.sampling import GROUPS, PREFIXES, interval
from dasklab.telemetry.shipping import ask_here, by_value
from dasklab.telemetry.tables import CLUSTER, WORKERS

from .silent import SilentComm, join

METRICS: dict[str, Any] = {
    "memory": 300,
    "cpu": 150.0,
    "bandwidth": {"total": 1e8, "workers": {}, "types": {}},
    "spilled_bytes": {"memory": 0, "disk": 0},
    "task_counts": {"executing": 2, "ready": 5},
    "event_loop_interval": 0.02,
    "host_net_io": {"read_bps": 10.0, "write_bps": 20.0},
    "host_disk_io": {"read_bps": 30.0, "write_bps": 40.0},
    "gil_contention": 0.25,
    "digests_total_since_heartbeat": {},
    "time": 0.0,
}


class Real:
    """A real scheduler with workers that only say what the test says."""

    def __init__(self, scheduler: Any) -> None:
        self.scheduler = scheduler
        self.history = History()
        self.comms: list[SilentComm] = []
        self.joining: list[asyncio.Task[Any]] = []

    async def join(self, name: str = "one", threads: int = 2) -> str:
        """A worker comes; its address."""
        self.comms.append(SilentComm())
        address, task = await join(
            self.scheduler,
            self.comms[-1],
            len(self.comms),
            METRICS,
            name=name,
            threads=threads,
            memory_limit=1_000,
            now=0.0,
        )
        self.joining.append(task)
        return address

    def beat(self, address: str, **metrics: Any) -> None:
        """A heartbeat."""
        self.scheduler.heartbeat_worker(
            address=address,
            resolve_address=False,
            now=0.0,
            resources={},
            host_info=None,
            metrics={**METRICS, **metrics},
            executing={},
        )

    async def ask(self, *, sampled: bool = True) -> dict[str, Any]:
        """Ask, with a sample; what the answer was."""
        collector = self.scheduler.plugins.get(PLUGIN)
        if collector is not None and sampled:
            collector._sampler._next = collector._sampler._pause = 0.0
        answer = await ask_here(self.scheduler, self.history.since)
        self.history.take(answer)
        return answer

    def kinds(self) -> list[str]:
        return [event["kind"] for event in self.history.events]


@asynccontextmanager
async def real() -> AsyncIterator[Real]:
    scheduler = await Scheduler(
        host="127.0.0.1", port=0, dashboard=False, dashboard_address="127.0.0.1:0"
    )
    found = Real(scheduler)
    yield found
    for comm in found.comms:
        comm.abort()
    await asyncio.gather(*found.joining, return_exceptions=True)
    await scheduler.close()


def with_scheduler(test: Callable[[Real], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def run() -> None:
        async def inside() -> None:
            async with real() as found:
                await asyncio.wait_for(test(found), 30)

        asyncio.run(inside())

    run.__name__ = test.__name__
    run.__doc__ = test.__doc__
    return run


@with_scheduler
async def test_a_sample_is_what_the_heartbeat_said(real: Real) -> None:
    address = await real.join("one", 3)
    real.beat(address, spilled_bytes={"memory": 5, "disk": 7})
    await real.ask()
    (block,) = real.history.workers
    row = dict(zip(WORKERS.names, (column[0] for column in block.columns), strict=True))
    (block,) = real.history.cluster
    cluster = dict(zip(CLUSTER.names, (column[0] for column in block.columns), strict=True))

    assert (row["process"], row["spilled"], row["cpu"]) == (300, 7, 1.5)
    assert [row[name] for name in ("read", "write", "disk_read", "disk_write")] == [10, 20, 30, 40]
    assert (row["executing"], row["ready"], row["status"], row["gil"]) == (2, 5, 0, 0.25)
    assert (cluster["used"], cluster["limit"], cluster["cpu"]) == (300, 1_000, 1.5)
    assert (cluster["workers"], cluster["threads"]) == (1, 3)
    person = real.history.dictionaries["workers"].items[0]
    assert (person["address"], person["name"], person["threads"]) == (address, "one", 3)


@with_scheduler
async def test_a_worker_that_said_nothing_new_has_no_new_row(real: Real) -> None:
    address = await real.join()
    await real.ask()
    await real.ask()
    assert len(real.history.workers) == 1
    assert len(real.history.cluster) == 2
    real.beat(address)
    await real.ask()
    assert len(real.history.workers) == 2


@with_scheduler
async def test_metrics_of_another_dask_are_no_reason_to_fail(real: Real) -> None:
    address = await real.join()
    await real.ask()
    state = real.scheduler.workers[address]
    for metrics in (
        {},
        {"cpu": None, "memory": "much", "task_counts": None},
        {"cpu": float("nan")},
    ):
        state.metrics, state.last_seen = metrics, state.last_seen + 1
        await real.ask()

    assert len(real.history.workers) == 4


@with_scheduler
async def test_pauses_and_spills_are_told_once(real: Real) -> None:
    address = await real.join()
    state = real.scheduler.workers[address]
    await real.ask()
    for status, spilled in (
        (Status.paused, 0),
        (Status.paused, 9),
        (Status.running, 9),
        (Status.running, 0),
    ):
        real.beat(address, spilled_bytes={"memory": spilled, "disk": spilled})
        state.status = status
        state.last_seen += 1
        await real.ask()

    assert real.kinds() == ["worker-added", "worker-paused", "spill", "worker-resumed"]
    assert {event["worker"] for event in real.history.events} == {address}


@with_scheduler
async def test_workers_that_come_and_go_are_told_with_the_reason(real: Real) -> None:
    address = await real.join("one")
    await real.ask()
    await real.join("two")
    await real.scheduler.remove_worker(address, stimulus_id="handle-worker-cleanup-1", close=False)
    await real.ask()

    assert real.kinds() == ["worker-added", "worker-added", "worker-removed"]
    assert real.history.events[-1]["text"] == "The connection to it was lost."
    assert not real.scheduler.plugins[PLUGIN]._sampler._seen.keys() - real.scheduler.workers.keys()


@with_scheduler
async def test_lag_is_beyond_the_calmest_that_was_seen(real: Real) -> None:
    address = await real.join()
    for observed in (0.2, 0.2, 0.7):
        real.beat(address, event_loop_interval=observed)
        await real.ask()
    lags = [value for block in real.history.workers for value in block.columns[11]]

    assert lags == pytest.approx([0.0, 0.0, 0.5])


@with_scheduler
async def test_progress_of_many_prefixes_is_bounded(real: Real) -> None:
    for number in range(PREFIXES + 50):
        real.scheduler.new_task(f"prefix{number}-1", None, "released")
    real.scheduler.transition_counter += 1
    await real.ask()

    assert len(real.history.progress) == PREFIXES + 1
    assert real.history.progress["other tasks"][1]["released"] == 50


@with_scheduler
async def test_prefixes_at_work_are_told_then_the_newest(real: Real) -> None:
    """A scheduler never forgets a prefix: the oldest must not have all the room."""
    scheduler = real.scheduler
    for number in range(PREFIXES):
        state = "memory" if number == 7 else "released"
        scheduler.new_task(f"old{number}-1", None, state)
    scheduler.transition_counter += 1
    await real.ask()
    before = {name for name, (_, how) in real.history.progress.items() if how is not None}
    for number in range(30):
        scheduler.new_task(f"new{number}-1", None, "processing" if number < 10 else "released")
    scheduler.transition_counter += 1
    scheduler.plugins[PLUGIN]._sampler._count_next = 0.0
    await real.ask()
    told = {name for name, (_, how) in real.history.progress.items() if how is not None}

    assert before == {f"old{number}" for number in range(PREFIXES)}
    newest = {f"new{number}" for number in range(30)}
    # Beside those, the one with a task in memory, and of the rest the latest.
    others = {"old7", *(f"old{number}" for number in range(31, PREFIXES))}
    assert told == {*newest, *others, "other tasks"}
    assert len(told) == PREFIXES + 1
    assert real.history.progress["new3"][1]["processing"] == 1
    assert real.history.progress["old0"][1] is None, "readers are told that it made room"
    assert real.history.progress["other tasks"][1]["released"] == 30


@with_scheduler
async def test_it_is_looked_at_once_more_for_who_ends_to_watch(real: Real) -> None:
    scheduler = real.scheduler
    scheduler.new_task("inc-1", None, "waiting")
    scheduler.transition_counter += 1
    await real.ask()
    collector = scheduler.plugins[PLUGIN]
    collector._sampler._count_next = collector._sampler._next = float("inf")
    scheduler.new_task("inc-2", None, "waiting")
    scheduler.transition_counter += 1
    since = real.history.since

    assert not collector.news(since)
    assert collector.collect(since)["progress"]["inc"]["waiting"] == 1
    fresh = {**since, "fresh": True}
    assert collector.news(fresh)
    assert collector.collect(fresh)["progress"]["inc"]["waiting"] == 2


@with_scheduler
async def test_groups_say_how_they_stand_until_they_are_forgotten(real: Real) -> None:
    for number in range(GROUPS + 5):
        real.scheduler.new_task((f"inc-{number:032x}", 0), None, "released")
    real.scheduler.transition_counter += 1
    await real.ask()
    groups = {name: entry for name, (_, entry) in real.history.groups.items()}
    newest = f"inc-{GROUPS + 4:032x}"
    del real.scheduler.task_groups[newest]
    real.scheduler.transition_counter += 1
    real.scheduler.plugins[PLUGIN]._sampler._count_next = 0.0
    await real.ask()

    assert len(groups) == GROUPS
    entry = groups[newest]
    assert entry is not None
    assert (entry["prefix"], entry["released"], entry["duration"]) == ("inc", 1, None)
    assert real.history.groups[newest][1] is None


@with_scheduler
async def test_it_is_asked_again_only_when_there_is_news(real: Real) -> None:
    await real.join()
    collector: Any = None
    assert (await real.ask())["next"]["id"]
    collector = real.scheduler.plugins[PLUGIN]

    assert not collector.news(real.history.since)
    collector._tell("scale", "one more")
    assert collector.news(real.history.since)
    await real.ask(sampled=False)
    assert not collector.news(real.history.since)
    collector._sampler._next = collector._sampler._pause = 0.0
    assert collector.news(real.history.since)
    assert collector.news(None)
    assert collector.news({"id": "another"})


@with_scheduler
async def test_closing_takes_its_handler_away(real: Real) -> None:
    await real.ask()
    assert HANDLER in real.scheduler.handlers
    await real.scheduler.plugins[PLUGIN].close()
    assert HANDLER not in real.scheduler.handlers


@with_scheduler
async def test_a_thousand_threads_are_a_thousand_lanes(real: Real) -> None:
    await real.ask()
    ring = real.scheduler.plugins[PLUGIN]._ring
    for number in range(1_000):
        ring._new_lane(f"tcp://127.0.0.1:{number // 8}", number)
    await real.ask()

    lanes = real.history.dictionaries["lanes"].items
    assert len(lanes) == 1_000
    assert {lane["thread"] for lane in lanes} == set(range(8))


def test_what_travels_brings_its_own_code() -> None:
    """None of it is looked up in this package where it arrives."""
    code = (
        "import pickle, sys\n"
        "sys.modules['dasklab'] = None\n"
        "print(pickle.loads(sys.stdin.buffer.read()).name)\n"
    )
    data = by_value(Collector())
    done = subprocess.run(
        [sys.executable, "-c", code], input=data, capture_output=True, check=False
    )

    assert done.stdout.decode().strip() == PLUGIN, done.stderr
    assert len(data) < 80_000


@pytest.mark.parametrize(
    ("workers", "seconds"), [(1, 0.5), (10, 0.5), (49, 1), (199, 2), (1000, 6)]
)
def test_samples_are_as_frequent_as_heartbeats(workers: int, seconds: float) -> None:
    from distributed.scheduler import heartbeat_interval

    assert interval(workers) == seconds == heartbeat_interval(workers)
