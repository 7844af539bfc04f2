"""From the cell to a cluster that works: ``%dask start`` against ``LocalCluster``."""

from __future__ import annotations

import time
from collections.abc import Iterator

from .figures import Figure, ratio
from .kernel import Kernel, home

__all__ = ("figures", "standby_ready")

PLAIN = """
from distributed import Client, LocalCluster
_cluster = LocalCluster(n_workers=2, dashboard_address="127.0.0.1:0")
_client = Client(_cluster)
_client.submit(lambda x: x + 1, 1).result()
"""
PLAIN_END = "_client.close(); _cluster.close()"


def standby_ready(timeout: float = 60) -> None:
    """Wait until a standby is offered: a user who reads the first lines has waited as long."""
    from dasklab.registry import Registry

    deadline = time.monotonic() + timeout
    while not list(Registry().standbys.glob("*.json")):
        if time.monotonic() > deadline:
            raise TimeoutError("no standby came")
        time.sleep(0.1)


def _round(*, warm: bool) -> tuple[list[float], list[float]]:
    """Both in one fresh kernel each, alternating; the plain cluster is the kernel's first."""
    ours: list[float] = []
    theirs: list[float] = []

    def measure(kernel: Kernel, side: str) -> float:
        if side == "ours":
            if warm:
                standby_ready()
            took = kernel.run("%dask start local -n 2\nassert client.status == 'running'")
            kernel.run("%dask stop")
            return took
        took = kernel.run(PLAIN)
        kernel.run(PLAIN_END)
        return took

    rounds = 7
    for number in range(rounds):
        with Kernel() as kernel:
            kernel.run("%load_ext dasklab\nimport distributed")
            order = ("ours", "theirs") if number % 2 else ("theirs", "ours")
            for side in order:
                (ours if side == "ours" else theirs).append(measure(kernel, side))
    return ours, theirs


def figures() -> Iterator[Figure]:
    """Warm (a standby is there) and cold (none is allowed)."""
    with home(DASK_DASKLAB__PUBLISH="false"):
        ours, theirs = _round(warm=True)
        yield ratio("%dask start local -n 2 to a ready client, warm", ours, theirs, 0.12)
    with home(DASK_DASKLAB__PUBLISH="false", DASK_DASKLAB__STANDBY__ENABLED="false"):
        ours, theirs = _round(warm=False)
        yield ratio("%dask start local -n 2 to a ready client, cold", ours, theirs, 0.8)
