"""What many workers said at moments of their own, as values over one time for all of them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise

from ..run import Run

__all__ = ("hold", "latest", "machines", "merged")

BINS = 150
HOLD = 6.0
"""Seconds for which a sample holds where the next is late; longer where samples are further apart:
a scheduler of many workers is asked less often."""


def hold(times: Sequence[float]) -> float:
    """Seconds for which one of these samples holds."""
    gaps = sorted(later - one for one, later in pairwise(times) if later > one)
    return max(HOLD, 2.5 * gaps[len(gaps) // 2]) if gaps else HOLD


def latest(run: Run) -> dict[int, int]:
    """By worker, the place of its last sample; those that were there at the end."""
    times = run.workers.get("time", [])
    last = {worker: place for place, worker in enumerate(run.workers.get("worker", []))}
    since = max(times, default=0.0) - hold(run.cluster.get("time", []))
    return {worker: place for worker, place in last.items() if times[place] >= since}


def merged(
    run: Run, column: str, merge: Callable[[Sequence[float]], float]
) -> tuple[list[float], list[float]]:
    """A column of all workers over the run: times, and NaN where nobody said anything.

    Parameters
    ----------
    merge
        Makes one value of those that are known at a moment: ``sum``, ``max`` or a mean.
    """
    bins: list[list[float]] = [[] for _ in range(BINS)]
    for own in _by_worker(run, column).values():
        for bin_, value in enumerate(own):
            if not math.isnan(value):
                bins[bin_].append(value)
    return _times(run), [merge(values) if values else math.nan for values in bins]


def machines(run: Run, column: str) -> tuple[list[float], list[float]]:
    """What workers say of their machines, over the run.

    Counters of network and disk are those of the whole machine, told by each worker on it: the
    highest of a machine counts, and machines are added.
    """
    bins: list[dict[str, float]] = [{} for _ in range(BINS)]
    for worker, own in _by_worker(run, column).items():
        host = str(run.people[worker].get("host")) if worker < len(run.people) else ""
        for bin_, value in enumerate(own):
            if not math.isnan(value):
                bins[bin_][host] = max(bins[bin_].get(host, value), value)
    return _times(run), [sum(found.values()) if found else math.nan for found in bins]


def _times(run: Run) -> list[float]:
    return [run.since + (bin_ + 0.5) / BINS * run.span for bin_ in range(BINS)]


def _by_worker(run: Run, column: str) -> dict[int, list[float]]:
    """A value for each bin and worker, NaN where nothing was said."""
    lasts = hold(run.cluster.get("time", [])) / run.span * BINS
    rows: dict[int, list[tuple[int, float]]] = defaultdict(list)
    columns = (run.workers.get(name, []) for name in ("time", "worker", column))
    for at, worker, value in zip(*columns, strict=True):
        place = min(int((at - run.since) / run.span * BINS), BINS - 1)
        rows[worker].append((place, value))
    found = {}
    for worker, samples in rows.items():
        own = [math.nan] * BINS
        ends = [place for place, _ in samples[1:]] + [BINS]
        for (place, value), following in zip(samples, ends, strict=True):
            until = max(place + 1, min(following, math.ceil(place + lasts)))
            for bin_ in range(place, min(until, BINS)):
                own[bin_] = value
        found[worker] = own
    return found
