"""A real kernel to measure in, with a registry of its own."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

__all__ = ("Kernel", "home")


@contextlib.contextmanager
def home(**environ: str) -> Iterator[Path]:
    """A fresh ``DASKLAB_HOME``; whatever is in its list at the end is stopped."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="dasklab-bench-") as folder:
        os.environ.update({"DASKLAB_HOME": f"{folder}/home", **environ})
        try:
            yield Path(folder)
        finally:
            stop_everything()
            os.environ.clear()
            os.environ.update(before)


def stop_everything() -> None:
    """Stop all clusters and standbys of the present ``DASKLAB_HOME``."""
    import json

    from dasklab.client import clusters
    from dasklab.model.record import Identity
    from dasklab.processes import end
    from dasklab.registry import Registry

    for cluster in clusters():
        cluster.stop()
    for path in Registry().standbys.glob("*.json"):
        with contextlib.suppress(OSError, ValueError, KeyError):
            data = json.loads(path.read_text())
            end(Identity(data["pid"], data["start"], data["boot"], data["hostname"]))


class Kernel:
    """An IPython kernel that runs cells and says how long they took."""

    def __init__(self) -> None:
        self._manager = KernelManager(kernel_name="python3", transport="ipc")
        self._manager.start_kernel()
        self._client: Any = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def run(self, code: str, timeout: float = 120) -> float:
        """Run a cell; seconds until its reply.

        Raises
        ------
        RuntimeError
            The cell failed.
        """
        begin = time.perf_counter()
        reply = self._client.execute_interactive(code, timeout=timeout, output_hook=lambda _: None)
        took = time.perf_counter() - begin
        content = reply["content"]
        if content["status"] != "ok":
            raise RuntimeError(f"{code!r}: {content.get('ename')}: {content.get('evalue')}")
        return took
