"""What it costs a browser to draw the task stream: a million tasks in a thousand rows.

In a real browser (chromium) without a graphics card. CPU is that of all its processes. The
incumbent is not run here: Bokeh's canvas took 645 ms of CPU a frame for 200,000 bars on the machine
on which the design was chosen, where this took 36 ms for a million (with the same measure).
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .figures import Figure

__all__ = ("figures",)

ROOT = Path(__file__).parent

BOKEH = 645
"""Milliseconds of CPU a frame that Bokeh's canvas took for 200,000 bars, all in sight."""


def _run() -> dict[str, Any]:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise RuntimeError("This benchmark needs chromium: apt-get install chromium")
    done = subprocess.run(
        ["node", str(ROOT / "drawing.mjs"), str(ROOT.parent), chromium],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=ROOT.parent,
        timeout=600,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _cost(case: dict[str, Any]) -> tuple[float, str]:
    """The median round's CPU a frame, and what of it is our own script."""
    cpu = statistics.median(each["cpu"] for each in case["rounds"])
    least = min(each["cpu"] for each in case["rounds"])
    script = statistics.median(each["script"] for each in case["rounds"])
    return cpu, f"least {least:.1f} ms, script {script:.1f} ms"


def figures() -> Iterator[Figure]:
    """CPU a frame (milliseconds), frames that are drawn for nothing, and memory (megabytes)."""
    found = _run()
    for name, what, target in (
        ("full", "1,000,000 tasks drawn in full, CPU a frame", 40),
        ("tenth", "a tenth of the time, panning, CPU a frame", 16),
        ("append", "500 tasks appended a frame, CPU a frame", 16),
    ):
        cpu, note = _cost(found[name])
        yield Figure(what, cpu, target, "ms", note)
        if name == "full":
            yield Figure(
                "a million tasks against Bokeh's canvas with 200,000",
                cpu / BOKEH,
                0.1,
                note=f"{cpu:.0f} ms against {BOKEH} ms, measured when the design was chosen",
            )
    for name, what in (("hidden", "hidden"), ("unchanged", "unchanged")):
        cpu, _ = _cost(found[name])
        yield Figure(
            f"pictures drawn while {what}", found[name]["drawn"], 0, note=f"{cpu:.1f} ms a frame"
        )
    yield Figure(
        "memory of a page for 1,000,000 tasks",
        found["held"],
        70,
        "MB",
        f"columns {found['stored']:.0f} MB; read in {found['loading']:.0f} ms",
    )
