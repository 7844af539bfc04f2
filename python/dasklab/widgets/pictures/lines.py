"""Samples over time: CPU, network and disk; what is to be done; event loops and the GIL."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ...client.words import amount, duration
from ..run import Run
from .charts import Line, Panel, draw_panels
from .ink import BLUE, GREY, ORANGE, RED, prefix_ink
from .samples import machines, merged
from .svg import Svg

__all__ = ("NO_GIL", "draw_cpu", "draw_event_loop", "draw_queue")

NO_GIL = "Not measured: gilknocker is not installed where the workers run."


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _number(value: float) -> str:
    return f"{value:,.6g}"


def _rate(value: float) -> str:
    return f"{amount(value)}/s"


def _seconds(value: float) -> str:
    return f"{value * 1000:.4g} ms" if value < 1 else f"{value:g} s"


def draw_cpu(run: Run, width: int, height: int) -> Svg:
    """Cores in use of those there are threads for; what the workers' machines read and write."""
    times, cpu = run.cluster.get("time", []), run.cluster.get("cpu", [])
    threads = run.cluster.get("threads", [])
    most = max(threads, default=0)
    cores = Panel(
        [
            Line("cores in use", BLUE, times, cpu),
            Line("threads", GREY, times, threads, "4 3"),
        ],
        _number,
    )
    network, disk = (
        Panel(
            [
                Line(one, BLUE, *machines(run, columns[0])),
                Line(other, ORANGE, *machines(run, columns[1])),
            ],
            _rate,
            1024,
            1024,
        )
        for one, other, columns in (
            ("received", "sent", ("read", "write")),
            ("read from disk", "written to disk", ("disk_read", "disk_write")),
        )
    )
    title = (
        f"CPU: {max(cpu, default=0):.1f} cores at most, {most} threads; of the workers' machines "
        f"network: {_rate(network.highest)} at most, disk: {_rate(disk.highest)} at most"
    )
    return draw_panels(title, run, width, height, (cores, network, disk))


def draw_queue(run: Run, width: int, height: int) -> Svg:
    """Tasks that are to be done, by state; how long that takes; who is there to do it."""
    times = run.cluster.get("time", [])
    parts = (
        ("processing", "processing", BLUE),
        ("queued", "queued", ORANGE),
        ("waiting", "waiting", prefix_ink("sum")),
        ("no_worker", "no worker fits", RED),
    )
    states = Panel(
        [Line(name, colour, times, run.cluster.get(key, [])) for key, name, colour in parts],
        _number,
    )
    occupancy = Panel(
        [Line("occupancy: work given out", BLUE, times, run.cluster.get("occupancy", []))],
        duration,
    )
    workers = Panel([Line("workers", BLUE, times, run.cluster.get("workers", []))], _number)
    title = (
        f"Tasks to do: {states.highest:,.0f} in one state at most; occupancy: "
        f"{duration(occupancy.highest)} at most; workers: {workers.highest:,.0f} at most"
    )
    return draw_panels(title, run, width, height, (states, occupancy, workers))


def draw_event_loop(run: Run, width: int, height: int) -> Svg:
    """How late event loops are, and how much of the time Python's global lock is held."""
    times = run.cluster.get("time", [])
    loops = Panel(
        [
            Line("scheduler", RED, times, run.cluster.get("lag", [])),
            Line("latest worker", ORANGE, *merged(run, "lag", max)),
            Line("mean of the workers", BLUE, *merged(run, "lag", _mean)),
        ],
        _seconds,
        least=0.01,
    )
    locks = Panel(
        [
            Line("busiest worker", ORANGE, *merged(run, "gil", max)),
            Line("mean of the workers (GIL)", BLUE, *merged(run, "gil", _mean)),
        ],
        lambda share: f"{share:.0%}",
    )
    known = any(not math.isnan(value) for value in locks.lines[0].values)
    if run.workers.get("time") and not known:
        locks.note = NO_GIL
    held = f"held {locks.highest:.0%} at most" if known else "not measured"
    title = f"Event loops: {_seconds(loops.highest)} late at most; GIL: {held}"
    return draw_panels(title, run, width, height, (loops, locks))
