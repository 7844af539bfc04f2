"""Publishing, where it is about moments; what it does is in ``integration/test_publish.py``."""

from __future__ import annotations

import asyncio
import concurrent.futures
from typing import Any

import pytest

from dasklab.errors import ClusterExists
from dasklab.host import notebook
from dasklab.processes import identify
from dasklab.registry import Registry

from ..support import make_record


@pytest.mark.timeout(60)
def test_host_that_ends_before_anybody_waits(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is called at its end is then called by who began it, which may hold no lock."""
    from distributed import LocalCluster

    original = asyncio.run_coroutine_threadsafe

    def at_once(coroutine: Any, loop: Any) -> Any:
        future = original(coroutine, loop)
        concurrent.futures.wait([future], 20)
        return future

    registry.write(make_record(id="a" * 32, name="mine", host=identify()))
    with LocalCluster(n_workers=0, processes=False, dashboard_address="127.0.0.1:0") as cluster:
        monkeypatch.setattr(notebook.asyncio, "run_coroutine_threadsafe", at_once)
        with pytest.raises(ClusterExists, match="'mine' is there already"):
            notebook.publish(cluster, name="mine")
        monkeypatch.undo()
    registry.path("a" * 32).unlink()
