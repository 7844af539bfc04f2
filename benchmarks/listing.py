"""Fifty clusters in the list against one."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Iterator

from .figures import Figure
from .kernel import Kernel, home
from .server import Server

__all__ = ("figures",)

MANY = 50


def _in_kernel(kernel: Kernel) -> float:
    """What a user waits for: the cell, from sending it to its reply."""
    kernel.run("%dask list")  # the first one imports
    return statistics.median(kernel.run("%dask list") for _ in range(60))


def _over_rest(server: Server) -> float:
    took = []
    for _ in range(100):
        begin = time.perf_counter()
        server.fetch("GET", "dasklab/api/clusters")
        took.append(time.perf_counter() - begin)
    return statistics.median(took)


def figures() -> Iterator[Figure]:
    """``%dask list`` and ``GET clusters``, with real hosts of clusters without workers."""
    from dasklab.launching import LaunchRequest, launch

    with (
        home(DASK_DASKLAB__STANDBY__ENABLED="false", DASK_DASKLAB__LIMITS__CLUSTERS="100"),
        contextlib.ExitStack() as stack,
    ):
        server = stack.enter_context(Server())
        kernel = stack.enter_context(Kernel())
        kernel.run("%load_ext dasklab\nimport distributed")

        def have(count: int, before: int) -> None:
            from dasklab.client import clusters

            for _ in range(before, count):
                launch(LaunchRequest(workers=0))
            for cluster in clusters():
                cluster.wait(timeout=240)

        have(1, 0)
        time.sleep(5)  # start-up is over, on the machine and in the server
        one = (_in_kernel(kernel), _over_rest(server))
        have(MANY, 1)
        time.sleep(5)
        many = (_in_kernel(kernel), _over_rest(server))
        for name, few, lots in zip(("%dask list", "GET clusters"), one, many, strict=True):
            yield Figure(
                f"{name} with {MANY} clusters against one",
                lots / few,
                2,
                note=f"{1000 * lots:.1f} ms against {1000 * few:.1f} ms",
            )
