"""How soon what has happened is on the screen: a long history, a task that ends, a busy kernel.

In a real browser (chromium), through a real Jupyter server. What the incumbent shows of a long
history are its last thousand rectangles, so there is nothing to measure beside the first.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .figures import Figure, percentile
from .kernel import home
from .panel import Browser
from .server import Server

__all__ = ("figures",)

ROUNDS = 5
TASKS = 30
LASTING = 0.15
"""Seconds of a task: wide enough a bar to be seen."""

APART = 0.6
"""Seconds from one task to the next: a colour has left the four seconds that are shown when it
comes again."""

COLOURS = 8

CELLS = (
    "%load_ext dasklab\n%dask use watched\n%dask plot task-stream --last 4s",
    "import time\nend = time.time() + 60\nwhile time.time() < end: pass",
)


def figures() -> Iterator[Figure]:
    """Milliseconds until something is seen."""
    with home(DASK_DASKLAB__STANDBY__ENABLED="false"), Server("lab") as server:
        yield from _first_paint(server)
        yield from _end_to_pixels(server)


def _browser(server: Server) -> Browser:
    return Browser(f"{server.url}lab?token={server.token}", "screen.mjs")


# -- a long history ------------------------------------------------------------------------------
@contextlib.contextmanager
def _long_history(name: str) -> Iterator[None]:
    """A cluster with a million tasks in its history."""
    command = [sys.executable, "-m", "benchmarks.long_history", name]
    root = Path(__file__).parent.parent
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=root) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "listed\n"
        yield
        assert process.stdin is not None
        process.stdin.close()


def _first_paint(server: Server) -> Iterator[Figure]:
    first = []
    with _long_history("long"):
        for _ in range(ROUNDS):
            with _browser(server) as browser:
                pictures = browser.ask("firstPaint", name="long")
            # What is shown at first is the last minute; frames of it come one after another.
            full = max(ink for _, ink in pictures)
            first.append(next(at for at, ink in pictures if ink > 0.9 * full))
    yield Figure(
        "from a click to a history of 1,000,000 tasks, its first paint",
        statistics.median(first),
        1_000,
        "ms",
        note=f"most {max(first):.0f} ms",
    )


# -- a task that ends ----------------------------------------------------------------------------
def _prefixes() -> dict[str, int]:
    """Prefixes of which no two have the same colour, and the colours as canvases store them."""
    from distributed.utils import color_of, palette

    found: dict[str, str] = {}
    number = 0
    while len(found) < COLOURS:
        name = f"step{number}"
        number += 1
        colour = color_of(name)
        # Those in the middle of the palette are drawn as they are in every theme.
        if 3 <= palette.index(colour) <= 12 and colour not in found.values():
            found[name] = colour
    return {name: _stored(colour) for name, colour in found.items()}


def _stored(colour: str) -> int:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return 0xFF000000 | blue << 16 | green << 8 | red


def _end_to_pixels(server: Server) -> Iterator[Figure]:
    from dasklab.client import launch

    prefixes = _prefixes()
    cells = [
        {
            "cell_type": "code",
            "source": source,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        for source in CELLS
    ]
    spec = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    notebook = {
        "cells": cells,
        "metadata": {"kernelspec": spec},
        "nbformat": 4,
        "nbformat_minor": 4,
    }
    Path(server.root, "watching.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    cluster = launch("local", workers=1, threads_per_worker=1, name="watched")
    with cluster.client(set_as_default=False) as client, _browser(server) as browser:
        browser.ask("openNotebook", path="watching.ipynb", colours=list(prefixes.values()))
        rested = _late(client, browser, list(prefixes))
        yield Figure(
            "from a task's end to its pixels in a notebook, p95",
            percentile(rested, 0.95),
            250,
            "ms",
            note=f"median {statistics.median(rested):.0f} ms",
        )
        browser.ask("runNext")
        busy = _late(client, browser, list(prefixes))
        yield Figure(
            "the same while the kernel is busy, the latest",
            max(busy),
            500,
            "ms",
            note=f"median {statistics.median(busy):.0f} ms",
        )


def _work() -> float:
    time.sleep(LASTING)
    return time.time()


def _late(client: Any, browser: Browser, names: list[str]) -> list[float]:
    """Milliseconds from the end of each of some tasks until its bar is on the screen."""
    client.submit(_work, key="warm", pure=False).result()
    time.sleep(5)
    browser.ask("seen")
    ends = []
    for number in range(TASKS):
        begin = time.monotonic()
        name = names[number % len(names)]
        ends.append(client.submit(_work, key=f"{name}-{number}", pure=False).result())
        time.sleep(max(APART + 0.003 * (number % 37) - (time.monotonic() - begin), 0))
    time.sleep(2)
    seen = browser.ask("seen")
    return [
        next(at for at, colour in seen if colour == number % len(names) and at > 1000 * end)
        - 1000 * end
        for number, end in enumerate(ends)
    ]
