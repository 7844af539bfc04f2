"""Does a busy cluster slow Jupyter down? Response times of ``GET /api/status`` meanwhile.

The scheduler of dask-labextension lives in the server: there the slowest answer took 9.4 s under
100,000 tasks, and 20 s while 16,000 futures were cancelled. Here the same load runs on a cluster
of ours, listed and followed by the server, and on an identical one that the server knows nothing
of; the machine's load is the same, so the ratio is what being listed costs.
"""

from __future__ import annotations

import http.client
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

from .figures import Figure, percentile
from .kernel import home
from .server import Server

__all__ = ("figures",)

MAP = """
import sys, time
from distributed import Client
client = Client(sys.argv[1])
futures = client.map(int, range(100_000), pure=False)
time.sleep(12)
client.close()
"""
CANCEL = """
import sys, time
from distributed import Client
client = Client(sys.argv[1])
futures = client.map(time.sleep, [3600] * 16_000, pure=False)
time.sleep(3)
print("cancelling", flush=True)
client.cancel(futures, force=True)
time.sleep(8)
client.close()
"""
UNRELATED = """
import sys
from distributed import LocalCluster
if __name__ == "__main__":
    cluster = LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=None,
        scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
    )
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
    cluster.close()
"""


def _sample(server: Server, load: list[str]) -> list[float]:
    """Response times, one every 10 ms or as fast as they come, while a load runs."""
    process = subprocess.Popen(load, stdout=subprocess.PIPE)
    took: list[float] = []
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    headers = {"Authorization": f"token {server.token}"}
    while process.poll() is None:
        begin = time.perf_counter()
        connection.request("GET", "/api/status", headers=headers)
        connection.getresponse().read()
        spent = time.perf_counter() - begin
        took.append(spent)
        time.sleep(max(0.0, 0.01 - spent))
    connection.close()
    return took


def figures() -> Iterator[Figure]:
    """p95 and maximum, both loads."""
    from dasklab.client import launch

    with home(DASK_DASKLAB__STANDBY__ENABLED="false"), Server() as server:
        listener = _Listener(server)
        with listener:
            yield from _both_loads(server, launch)


def _both_loads(server: Server, launch: object) -> Iterator[Figure]:
    loads = (("100,000 tasks in one map", MAP, 5), ("cancelling 16,000 futures", CANCEL, 3))
    for name, code, rounds in loads:
        ratios: dict[str, list[float]] = {"p95": [], "maximum": []}
        for number in range(rounds):
            results = {}
            for side in ("ours", "other") if number % 2 else ("other", "ours"):
                results[side] = (
                    _listed(server, code, launch) if side == "ours" else _unrelated(server, code)
                )
            ratios["p95"].append(
                percentile(results["ours"], 0.95) / percentile(results["other"], 0.95)
            )
            ratios["maximum"].append(max(results["ours"]) / max(results["other"]))
        for what, values in ratios.items():
            spread = f"rounds {' '.join(f'{value:.2f}' for value in values)}"
            yield Figure(
                f"GET /api/status, {what}: {name}", statistics.median(values), 1.2, note=spread
            )


def _listed(server: Server, code: str, launch: object) -> list[float]:
    cluster = launch("local", workers=2, threads_per_worker=1)  # type: ignore[operator]
    try:
        return _sample(server, [sys.executable, "-c", code, cluster.scheduler_address])
    finally:
        cluster.stop()


def _unrelated(server: Server, code: str) -> list[float]:
    environ = {  # identical: as `deployments/local.py` starts one and `host/preparing.py` sets it
        **os.environ,
        "DASK_DISTRIBUTED__WORKER__MULTIPROCESSING_METHOD": "forkserver",
        "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "200ms",
    }
    with open(f"{server.root}/unrelated.py", "w") as script:
        script.write(UNRELATED)
    process = subprocess.Popen(
        [sys.executable, script.name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environ,
    )
    assert process.stdout is not None
    address = process.stdout.readline().decode().strip()
    try:
        return _sample(server, [sys.executable, "-c", code, address])
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(60)


class _Listener:
    """Somebody who has the panel open: follows the server's events."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True)

    def _listen(self) -> None:
        import asyncio

        asyncio.run(self._follow())

    async def _follow(self) -> None:
        import asyncio

        from tornado.httpclient import HTTPRequest
        from tornado.websocket import websocket_connect

        url = f"ws://127.0.0.1:{self._server.port}/api/events/subscribe"
        request = HTTPRequest(url, headers={"Authorization": f"token {self._server.token}"})
        connection = await websocket_connect(request)
        pending = asyncio.ensure_future(connection.read_message())
        while not self._stop.is_set():
            done, _ = await asyncio.wait({pending}, timeout=0.5)
            if done:
                if pending.result() is None:
                    return
                pending = asyncio.ensure_future(connection.read_message())
        connection.close()

    def __enter__(self) -> None:
        self._thread.start()
        self._server.get("dasklab/api/clusters")  # as the panel does

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(5)
