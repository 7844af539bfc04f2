"""What loading costs: the magics in a kernel, the extension in a server."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from .figures import Figure, alternate
from .kernel import Kernel, home

__all__ = ("figures",)

MEASURE = """
import time as _time
_begin = _time.perf_counter()
get_ipython().run_line_magic("load_ext", {name!r})
print(_time.perf_counter() - _begin)
"""

IMPORT = """
import time
import jupyter_server.serverapp
begin = time.perf_counter()
{statement}
print(time.perf_counter() - begin)
"""


def _load(name: str) -> float:
    """Seconds that ``%load_ext`` takes inside a fresh kernel."""
    with Kernel() as kernel:
        found: list[float] = []

        def hear(message: dict) -> None:  # type: ignore[type-arg]
            if message["msg_type"] == "stream":
                found.append(float(message["content"]["text"]))

        kernel._client.execute_interactive(MEASURE.format(name=name), output_hook=hear, timeout=60)
        return found[0]


def _import(statement: str, compiled: str) -> float:
    """Seconds that a statement takes in an interpreter that has jupyter_server imported.

    What is installed is compiled: here into a folder of the benchmark's own.
    """
    environ = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return float(
        subprocess.run(
            [sys.executable, "-c", IMPORT.format(statement=statement)],
            check=True,
            capture_output=True,
            text=True,
            env=environ,
        ).stdout
    )


def figures() -> Iterator[Figure]:
    """Milliseconds over a bare kernel and a bare server."""
    with home(DASK_DASKLAB__STANDBY__ENABLED="false"):
        ours, bare = alternate(9, lambda: _load("dasklab"), lambda: _load("benchmarks.nothing"))
    over = 1000 * (statistics.median(ours) - statistics.median(bare))
    yield Figure("%load_ext dasklab, over one that does nothing", over, 5, "ms")
    statement = "import dasklab.server.extension, dasklab.server.handlers"
    with tempfile.TemporaryDirectory(prefix="dasklab-bench-") as compiled:
        _import(statement, compiled)
        ours, bare = alternate(
            9, lambda: _import(statement, compiled), lambda: _import("pass", compiled)
        )
    over = 1000 * (statistics.median(ours) - statistics.median(bare))
    yield Figure("import of the server extension, over jupyter_server", over, 60, "ms")
