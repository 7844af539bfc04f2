"""What watching costs: the scheduler's loop, its process, the wire, memory, and how late it is.

Against nothing attached. Bokeh's /status page, by the same measures: 14 µs a task, 1.27 to 1.34 ×
the wall time of tiny tasks, 2.16 × the scheduler's CPU with three viewers, 191 bytes a task.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from .figures import Figure, paired, percentile, ratio, spread
from .kernel import home
from .lone_scheduler import LoneScheduler
from .server import Server

__all__ = ("figures",)

PADDED = 17.5
"""Bytes on the wire of a row of tasks, at most. Its columns have 17, and each is padded to eight so
that a browser reads it where it lies: at most 31 bytes a frame, a third of a byte a row in one of
a hundred. Headers (names, progress, events) and other tables are told beside it."""

BATCH = 2_000
"""Tasks of a measurement of the scheduler's loop; at 2,000 a second, those of a second."""

RATE = 2_000
"""Tasks a second that the watched scheduler has."""

SECONDS = 5.0
"""Of one measurement of a process: short, so that the machine is the same for both of a pair, and
many times what it takes to let a viewer in."""

PAIRS = 10
"""Pairs of such measurements, with viewers and without, by turns which comes first."""

SETTLED = 1.5
"""Seconds after which viewers have come, and have what was there before them."""

PATIENCE = 30.0
"""Seconds that viewers may take to come."""


def figures() -> Iterator[Figure]:
    """All of them."""
    yield asyncio.run(_on_the_loop())
    yield from asyncio.run(_watched())
    yield _memory()
    yield from _wall_and_wire()


# -- the scheduler's loop ------------------------------------------------------------------------
async def _on_the_loop(rounds: int = 60) -> Figure:
    """CPU of the scheduler's thread a task, with rows collected five times a second."""
    from dasklab.telemetry.collector import PLUGIN
    from dasklab.telemetry.shipping import ask_here

    added, bare = [], []
    async with LoneScheduler(workers=8) as lone:
        scheduler = lone.scheduler
        for number in range(rounds):
            took = {}
            for ours in (True, False) if number % 2 else (False, True):
                since = (await ask_here(scheduler, None))["next"] if ours else None
                gc.collect()
                begin = time.thread_time()
                for _ in range(5):
                    lone.run(BATCH // 5)
                    if ours:
                        since = (await ask_here(scheduler, since))["next"]
                took[ours] = 1e6 * (time.thread_time() - begin) / BATCH
                if ours:
                    scheduler.remove_plugin(name=PLUGIN)
            added.append(took[True] - took[False])
            bare.append(took[False])
    note = f"of {statistics.median(bare):.0f} µs a task without, {spread(added)}"
    return Figure("on the scheduler's loop, a task", statistics.median(added), 4, "µs", note)


# -- the scheduler's process ---------------------------------------------------------------------
VIEWER = """
import asyncio, json, sys
from dasklab.client.transport import HttpTransport
from dasklab.model.record import Endpoint

async def view(endpoint):
    connection = await HttpTransport().open(endpoint, "telemetry")
    await connection.write_message(json.dumps({"hello": {"seconds": 0}}))
    while await connection.read_message() is not None:
        await connection.write_message('{"credit": 1}')

async def main():
    for line in sys.stdin:  # one scheduler after the other
        port, token, count = line.split()
        endpoint = Endpoint("127.0.0.1", int(port), token)
        views = (view(endpoint) for _ in range(int(count)))
        await asyncio.gather(*views, return_exceptions=True)

asyncio.run(main())
"""


class _Host:
    """The part of a host that has to do with telemetry, on a loop of its own as there."""

    def __init__(self, scheduler: Any) -> None:
        self._scheduler = scheduler
        self._cluster_loop = asyncio.get_running_loop()
        self._started = threading.Event()
        self._stop: Any = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), daemon=True)

    async def _run(self) -> None:
        from pathlib import Path

        from dasklab.host.control import Control
        from dasklab.host.crossing import Crossing
        from dasklab.host.telemetry import NOTHING, Telemetry
        from dasklab.telemetry.collector import PLUGIN
        from dasklab.telemetry.history import Settings
        from dasklab.telemetry.shipping import ask_here

        there, telemetry = Crossing(self._cluster_loop), Telemetry(Path(os.devnull))

        async def ask(since: Any) -> Any:
            collector = self._scheduler.plugins.get(PLUGIN)
            if collector is not None and not collector.news(since):
                return NOTHING  # as a host does, by its deployment
            return await there(ask_here(self._scheduler, since))

        self.telemetry = telemetry
        control = Control()
        control.serve(SimpleNamespace(telemetry=telemetry))  # type: ignore[arg-type]
        control.open()
        self.endpoint = control.endpoint
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        collecting = asyncio.create_task(telemetry.run(ask, Settings(after=False)))
        self._started.set()
        await self._stop.wait()
        collecting.cancel()
        await asyncio.gather(collecting, return_exceptions=True)
        await telemetry.finish(None, "stopped", "The measurement is over.")  # viewers go
        await control.close()

    async def __aenter__(self) -> _Host:
        self._thread.start()
        await asyncio.to_thread(self._started.wait)
        return self

    async def wait_for(self, viewers: int) -> None:
        """Until so many watch."""
        ends = time.monotonic() + PATIENCE
        while len(self.telemetry._watchers) < viewers:
            assert time.monotonic() < ends, "The viewers do not come."
            await asyncio.sleep(0.05)

    async def __aexit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        await asyncio.to_thread(self._thread.join)
        from dasklab.telemetry.collector import PLUGIN

        self._scheduler.remove_plugin(name=PLUGIN)


async def _cpu(lone: LoneScheduler, rate: int) -> float:
    """CPU seconds of this process a second, at so many tasks a second."""
    await asyncio.sleep(SETTLED)
    gc.collect()
    begin, cpu, done, beats = time.perf_counter(), time.process_time(), 0, 0
    while (passed := time.perf_counter() - begin) < SECONDS:
        if due := int(rate * passed) - done:
            lone.run(due)
            done += due
        if int(passed * 2) != beats:
            beats = int(passed * 2)
            lone.beat()
        await asyncio.sleep(0.02 if rate else 0.1)
    return (time.process_time() - cpu) / passed


async def _with_viewers(
    lone: LoneScheduler, rate: int, viewers: int, process: subprocess.Popen[str]
) -> float:
    async with _Host(lone.scheduler) as host:
        place = host.endpoint
        assert process.stdin is not None
        process.stdin.write(f"{place.port} {place.token} {viewers}\n")
        process.stdin.flush()
        await host.wait_for(viewers)
        return await _cpu(lone, rate)


async def _watched(pairs: int = PAIRS) -> Iterator[Figure]:
    found = []
    command = [sys.executable, "-c", VIEWER]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as process:
        async with LoneScheduler(workers=8) as lone:
            for rate, viewers in ((RATE, 3), (0, 1)):
                ours, none = [], []
                for number in range(pairs):
                    for watched in (True, False) if number % 2 else (False, True):
                        if watched:
                            ours.append(await _with_viewers(lone, rate, viewers, process))
                        else:
                            none.append(await _cpu(lone, rate))
                if rate:
                    name = f"CPU of the scheduler at {rate} tasks/s, {viewers} viewers against none"
                    found.append(paired(name, ours, none, 1.12))
                else:
                    added = [1e3 * (mine - bare) for mine, bare in zip(ours, none, strict=True)]
                    middle = 1e3 * statistics.median(none)
                    note = f"of {middle:.1f} ms/s without, {spread(added)}"
                    figure = Figure("an idle viewer", statistics.median(added), 2, "ms/s", note)
                    found.append(figure)
        process.kill()
    return iter(found)


# -- memory --------------------------------------------------------------------------------------
MEMORY = """
import gc, random, struct, sys
from dasklab.telemetry.history import History
from dasklab.telemetry.ring import ROW

def resident():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

names = {
    "lanes": [{"worker": f"tcp://10.0.0.1:{n}", "thread": 0, "name": str(n)} for n in range(1000)],
    "kinds": [{"prefix": f"p{n}", "group": None, "span": None, "cell": None} for n in range(30)],
    "workers": [],
}

def answer(first, count):
    rows = b"".join(
        struct.pack(ROW, 1.79e9 + n / 5_000, 0.05, 8.0, n % 1000, n % 30, 64)
        for n in range(first, first + count)
    )
    draw = random.Random(first).getrandbits
    keys = [f"('random_sample-{draw(128):032x}', {n % 100}, {n % 7})" for n in range(count)]
    return {
        "id": "x", "time": 1.8e9, "first": first, "rows": rows, "keys": keys,
        "names": names if first == 0 else {}, "samples": [], "progress": {}, "events": [],
        "totals": {"tasks": first}, "more": False, "next": {"id": "x", "tasks": first + count},
    }

history = History()
history.take(answer(0, 5_000))
before = resident()
for first in range(5_000, 1_005_000, 5_000):
    history.take(answer(first, 5_000))
print(resident() - before)
"""


def _memory() -> Figure:
    """What a million rows add to a process."""
    environ = {**os.environ, "MALLOC_ARENA_MAX": "1"}
    command = [sys.executable, "-c", MEMORY]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
    note = "with their keys, each of its own"
    return Figure("a million rows in the host", int(done.stdout) / 1e6, 40, "MB", note)


# -- real workers, through the Jupyter server ----------------------------------------------------
class _Watcher:
    """A browser that watches the task stream through the Jupyter server, in a thread."""

    def __init__(self, server: Server, cluster_id: str) -> None:
        self._url = f"ws://127.0.0.1:{server.port}/dasklab/api/clusters/{cluster_id}/telemetry"
        self._headers = {"Authorization": f"token {server.token}"}
        self._live = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._watch()), daemon=True)
        self.seen: list[tuple[float, dict[str, Any], dict[str, Any], int]] = []

    async def _watch(self) -> None:
        from tornado.httpclient import HTTPRequest
        from tornado.websocket import websocket_connect

        from dasklab.telemetry.frames import decode

        request = HTTPRequest(self._url, headers=self._headers)
        self._socket = await websocket_connect(request)
        self._loop = asyncio.get_running_loop()
        await self._socket.write_message('{"hello": {}}')
        while isinstance(frame := await self._socket.read_message(), bytes):
            header, tables = decode(frame)
            self.seen.append((time.time(), header, dict(tables), len(frame)))
            if not header["more"]:
                self._live.set()
            await self._socket.write_message('{"credit": 1}')

    def __enter__(self) -> _Watcher:
        self._thread.start()
        self._live.wait(30)
        self.seen.clear()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._socket.close)
        self._thread.join(10)


def _wall_and_wire(rounds: int = 10, tasks: int = 10_000) -> Iterator[Figure]:
    """100,000 tiny tasks on each of two clusters by turns; the wire; how late a row is."""
    from dasklab.client import launch

    with home(DASK_DASKLAB__STANDBY__ENABLED="false"), Server() as server:
        import dask.config

        from dasklab import config

        assert config.get("telemetry.enabled")  # and the defaults are in
        with dask.config.set({"dasklab.telemetry.enabled": False}):
            bare = launch("local", workers=2, threads_per_worker=1, name="bare")
        watched = launch("local", workers=2, threads_per_worker=1, name="watched")
        with (
            bare.client(set_as_default=False) as none,
            watched.client(set_as_default=False) as ours,
            _Watcher(server, watched.id) as watcher,
        ):
            for client in (none, ours):
                _tiny(client, tasks)
            watcher.seen.clear()
            mine, other = [], []
            for number in range(rounds):
                for client, results in ((ours, mine), (none, other))[:: 1 if number % 2 else -1]:
                    results.append(_tiny(client, tasks))
            yield ratio(
                f"{rounds * tasks} tiny tasks, watched against nothing attached", mine, other, 1.06
            )
            yield _wire(watcher)
            yield _late(ours, watcher)


def _tiny(client: Any, tasks: int) -> float:
    begin = time.perf_counter()
    futures = client.map(int, range(tasks), pure=False)
    client.gather(futures)
    del futures
    took = time.perf_counter() - begin
    time.sleep(0.3)  # they are forgotten
    return took


def _wire(watcher: _Watcher) -> Figure:
    time.sleep(1.0)
    frames = [seen for seen in watcher.seen if seen[1]["tables"].get("tasks", {}).get("rows")]
    rows = sum(header["tables"]["tasks"]["rows"] for _, header, _, _ in frames)
    everything = sum(size for *_, size in frames)
    headers = sum(len(json.dumps(header)) for _, header, _, _ in frames)
    note = f"{everything / rows:.1f} with headers and all other tables ({headers / rows:.1f})"
    tasks = sum(_padded(header["tables"]["tasks"]["rows"]) for _, header, _, _ in frames)
    return Figure("on the wire, a row of the task stream", tasks / rows, PADDED, "B", note)


def _padded(rows: int) -> int:
    """Bytes of the columns of so many rows."""
    return sum(size * rows + (-size * rows % 8) for size in (4, 4, 4, 2, 2, 1))


def _late(client: Any, watcher: _Watcher, count: int = 100) -> Figure:
    """From the end of a task to its row in a browser's hands."""
    watcher.seen.clear()
    for number in range(count):
        client.submit(int, pure=False).result()
        time.sleep(0.05 + 0.003 * (number % 37))
    time.sleep(1.0)
    late = []
    for arrived, header, tables, _ in watcher.seen:
        columns = tables.get("tasks")
        if columns:
            base = header["tables"]["tasks"]["base"]
            late += [
                arrived - base - start - took
                for start, took in zip(columns["start"], columns["duration"], strict=True)
            ]
    note = f"median {1e3 * statistics.median(late):.0f} ms, through the Jupyter server"
    return Figure(
        "from a task's end to a browser, p95", 1e3 * percentile(late, 0.95), 250, "ms", note
    )
