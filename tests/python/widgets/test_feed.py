"""Counting in the scheduler: exact, cheap, and nothing left behind."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from dasklab.telemetry.progress_feed import ProgressFeed, close, open_feed

from ..support import wait_for

GATE = threading.Event()
"""The workers are threads of this process: they see the same one."""


def gated(x: int) -> int:
    GATE.wait(20)
    return x


def inc(x: int) -> int:
    return x + 1


def total(*xs: int) -> int:
    return sum(xs)


def fail(x: int) -> int:
    raise ValueError(f"no {x}")


def on_scheduler(client: Any, function: Any, **keywords: Any) -> Any:
    """Call a function with the scheduler, on its loop, by reference."""

    async def call() -> Any:
        result = function(client.cluster.scheduler, **keywords)
        return await result if asyncio.iscoroutine(result) else result

    return client.sync(call)


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """Opened, it lets tasks of :func:`gated` go on."""
    GATE.clear()
    yield GATE
    GATE.set()


def rows(feed: ProgressFeed) -> dict[str, list[Any]]:
    found = feed.report()
    assert found is not None
    return {row[0]: row[1:7] for row in found["groups"]}


def test_the_same_totals_as_dasks_own(client: Any, gate: threading.Event) -> None:
    from distributed.diagnostics.progress import MultiProgress

    held = client.map(inc, range(5), key=[f"held-{n}" for n in range(5)])
    client.gather(held)
    work = client.map(gated, range(6), key=[f"work-{n}" for n in range(6)])
    ends = [
        client.submit(total, *work[:3], *held, key="total-0"),
        client.submit(total, *work[3:], key="total-1"),
    ]
    del work
    keys = [future.key for future in ends]

    async def both(scheduler: Any) -> tuple[Any, Any]:
        feed = open_feed(scheduler, keys)
        progress = MultiProgress(keys, scheduler, complete=True)
        await progress.setup()
        return feed, progress

    wait_for(lambda: all(key in client.cluster.scheduler.tasks for key in keys))
    feed, progress = on_scheduler(client, both)
    theirs = {name: len(keys) for name, keys in progress.all_keys.items()}
    # What the client holds already is input; Dask counts it as work that is done.
    assert theirs.pop("held") == 5
    assert theirs == {"work": 6, "total": 2}
    assert {name: row[0] for name, row in rows(feed).items()} == theirs
    gate.set()
    client.gather(ends)
    wait_for(lambda: not feed.left)
    assert {name: row[:2] for name, row in rows(feed).items()} == {
        name: [count, count] for name, count in theirs.items()
    }
    on_scheduler(client, close, feed=feed)
    assert feed.name not in client.cluster.scheduler.plugins


def test_keys_that_come_later_are_counted_from_their_beginning(client: Any) -> None:
    feed = on_scheduler(client, open_feed, keys=["late-3"])
    assert feed.report()["missing"] == 1
    client.submit(inc, 1, key="foreign")
    first = client.submit(inc, 1, key="late-1")
    second = client.submit(inc, first, key="late-2")
    third = client.submit(inc, second, key="late-3")
    del first, second
    assert third.result() == 4
    wait_for(lambda: not feed.left)
    counts = rows(feed)
    assert counts["late"][0] == counts["late"][1]
    assert "foreign" not in counts
    on_scheduler(client, close, feed=feed)


def test_a_whole_graph_that_comes_later(client: Any) -> None:
    import dask

    incs = [dask.delayed(inc)(n, dask_key_name=f"inc-{n}") for n in range(20)]
    last = dask.delayed(total)(*incs, dask_key_name="total-0")
    feed = on_scheduler(client, open_feed, keys=["total-0"])
    assert client.compute(last).result() == 210
    wait_for(lambda: not feed.left)
    counts = rows(feed)
    assert counts["inc"][:2] == [20, 20]
    assert counts["total"][:2] == [1, 1]
    on_scheduler(client, close, feed=feed)


def test_begun_late_it_still_knows_all_that_is_needed(client: Any, gate: threading.Event) -> None:
    import dask

    incs = [dask.delayed(inc)(n, dask_key_name=f"inc-{n}") for n in range(6)]
    middle = dask.delayed(total)(*incs[:3], dask_key_name="middle-0")
    wall = dask.delayed(gated)(1, dask_key_name="gate-0")
    future = client.compute(dask.delayed(total)(middle, *incs[3:], wall, dask_key_name="last-0"))
    tasks = client.cluster.scheduler.tasks
    wait_for(lambda: "middle-0" in tasks and tasks["middle-0"].state == "memory")
    wait_for(lambda: all(tasks[f"inc-{n}"].state == "memory" for n in (3, 4, 5)))
    wait_for(lambda: tasks["inc-0"].state == "released")
    feed = on_scheduler(client, open_feed, keys=[future.key])
    counts = rows(feed)
    assert counts["inc"][:2] == [6, 6]
    assert counts["middle"][:2] == [1, 1]
    assert counts["gate"][:2] == [1, 0]
    gate.set()
    future.result()
    wait_for(lambda: not feed.left)
    assert sum(row[1] for row in rows(feed).values()) == 9
    on_scheduler(client, close, feed=feed)


def test_errors_retries_and_what_depends_on_them(client: Any) -> None:
    bad = client.submit(fail, 7, key="fail-1", retries=2)
    after = client.submit(inc, bad, key="after-1")
    feed = on_scheduler(client, open_feed, keys=[after.key, bad.key])
    with pytest.raises(ValueError, match="no 7"):
        after.result()
    wait_for(lambda: not feed.left)
    report = feed.report()
    counts = {row[0]: row[1:7] for row in report["groups"]}
    assert counts["after"][:3] == [1, 0, 1]
    assert counts["fail"][:3] == [1, 0, 1]
    assert report["error"] == ["fail-1", "ValueError('no 7')"]
    on_scheduler(client, close, feed=feed)


def test_cancelled(client: Any, gate: threading.Event) -> None:
    futures = client.map(gated, range(8))
    wait_for(lambda: len(client.cluster.scheduler.tasks) == 8)
    feed = on_scheduler(client, open_feed, keys=[future.key for future in futures])
    client.cancel(futures)
    wait_for(lambda: not feed.left)
    assert rows(feed)["gated"][:4] == [8, 0, 0, 8]
    on_scheduler(client, close, feed=feed)


def test_a_lost_result_is_computed_again(client: Any) -> None:
    futures = client.map(inc, range(8))
    feed = on_scheduler(client, open_feed, keys=[future.key for future in futures])
    client.gather(futures)
    wait_for(lambda: not feed.left)
    victim = next(iter(client.cluster.scheduler.workers))
    lost = len(client.cluster.scheduler.workers[victim].has_what)
    assert lost
    client.sync(client.cluster.scheduler.remove_worker, victim, stimulus_id="test")
    wait_for(lambda: rows(refreshed(feed))["inc"][4] == lost)
    wait_for(lambda: not feed.left)
    assert rows(refreshed(feed))["inc"][:2] == [8, 8]
    on_scheduler(client, close, feed=feed)


def test_results_and_their_memory(client: Any) -> None:
    futures = client.map(bytes, [10_000 + n for n in range(4)])
    feed = on_scheduler(client, open_feed, keys=[future.key for future in futures])
    client.gather(futures)
    wait_for(lambda: not feed.left)
    assert rows(feed)["bytes"][5] > 40_000
    del futures
    wait_for(lambda: not client.cluster.scheduler.tasks)
    assert rows(feed)["bytes"][5] == 0
    assert feed.report() is None, "nothing has changed"
    on_scheduler(client, close, feed=feed)


def refreshed(feed: ProgressFeed) -> ProgressFeed:
    feed.changed = True
    return feed


def test_more_prefixes_than_anybody_reads(client: Any) -> None:
    keys = [f"{'abcdefghij'[n % 10] * (n // 10 + 1)}-1" for n in range(250)]
    futures = [client.submit(inc, 1, key=key) for key in keys]
    feed = on_scheduler(client, open_feed, keys=[future.key for future in futures])
    client.gather(futures)
    wait_for(lambda: not feed.left)
    counts = rows(feed)
    assert len(counts) <= 201
    assert sum(row[1] for row in counts.values()) == 250
    on_scheduler(client, close, feed=feed)


def test_a_task_that_is_not_watched_costs_next_to_nothing(client: Any) -> None:
    feed = on_scheduler(client, open_feed, keys=["mine"])
    begun = time.process_time()
    for number in range(10_000):
        feed.transition(("foreign", number), "processing", "memory", stimulus_id="x", nbytes=1)
    assert time.process_time() - begun < 0.1  # 10 µs a transition would be ten times too much
    on_scheduler(client, close, feed=feed)


SCHEDULER = """
import asyncio, sys
sys.modules["dasklab"] = None  # it cannot be imported there
from distributed import Scheduler, Worker

async def main():
    async with Scheduler(host="127.0.0.1", port=0, dashboard_address="127.0.0.1:0") as scheduler:
        async with Worker(scheduler.address):
            print(scheduler.address, flush=True)
            await asyncio.to_thread(sys.stdin.read)
            for _ in range(100):
                left = [name for name in scheduler.plugins if "dasklab" in name]
                if not left:
                    break
                await asyncio.sleep(0.05)
            print("plugins", left, flush=True)

asyncio.run(main())
"""


def test_a_scheduler_without_dasklab(capsys: Any) -> None:
    from distributed import Client

    from dasklab.widgets import progress

    process = subprocess.Popen(
        [sys.executable, "-c", SCHEDULER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    with Client(process.stdout.readline().strip()) as client:
        watched = progress(client.map(pow, range(30), [2] * 30))
        assert watched.state.end == "done"
        assert watched.state.total.done == 30
    out, err = process.communicate("", timeout=20)
    assert out == "plugins []\n"
    assert "Traceback" not in err
    assert "30 of 30 tasks" in capsys.readouterr().out
