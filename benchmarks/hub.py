"""How soon a page of Dask's dashboard is painted behind a JupyterHub, against its own port.

A real Hub with configurable-http-proxy; the same page of the same scheduler in the same browser,
in turns: through the Hub's proxy and ours under ``/user/NAME/``, and at the scheduler's own
address.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.python.hub.rig import Hub

from .figures import Figure, alternate

__all__ = ("figures",)

ROUNDS = 15
PAGE = "individual-task-stream"


class Painter:
    """A browser that opens pages; driven over the standard streams of ``hub.mjs``."""

    def __init__(self) -> None:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        if chromium is None:
            raise RuntimeError("This benchmark needs chromium: apt-get install chromium")
        root = Path(__file__).parent
        self._process = subprocess.Popen(
            ["node", str(root / "hub.mjs"), chromium],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=root.parent,
        )

    def __enter__(self) -> Painter:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def paint(self, url: str) -> dict[str, Any]:
        """Milliseconds from the navigation to the first paint, and to the first plot."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{url}\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return dict(answer)


def figures() -> Iterator[Figure]:
    """First paint, as a ratio to the scheduler's own address; when the plot came is in the note."""
    from dasklab.registry import Registry

    with Hub("/") as hub, Painter() as painter:
        ada = hub.start_server("ada")
        cluster = ada.launch("painted")
        through = f"{hub.origin}{ada.view(cluster, PAGE)}"
        place = Registry(hub.state("ada")).get(cluster["id"]).dashboard
        assert place is not None
        direct = f"{place.scheme}://{place.host}:{place.port}/{PAGE}"
        painter.paint(direct)  # the first page makes the scheduler ready, and the browser
        painter.paint(through)
        plots: dict[str, list[float]] = {through: [], direct: []}

        def paint(url: str) -> float:
            times = painter.paint(url)
            plots[url].append(times["plot"])
            return float(times["paint"])

        ours, theirs = alternate(ROUNDS, lambda: paint(through), lambda: paint(direct))
        paints = statistics.median(ours), statistics.median(theirs)
        plotted = statistics.median(plots[through]), statistics.median(plots[direct])
        yield Figure(
            "first paint of a dashboard page behind a Hub, against direct",
            paints[0] / paints[1],
            1.3,
            note=f"{paints[0]:.0f} ms against {paints[1]:.0f} ms; "
            f"its plot {plotted[0]:.0f} ms against {plotted[1]:.0f} ms",
        )
        ada.stop_clusters()
