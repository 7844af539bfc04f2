"""Level of detail: the tasks of a window of time, as finely as a width in pixels can show.

What is long enough to be seen travels as it is. Of what is shorter than a pixel, one row for each
lane and pixel: how long it was busy (the area is exact), and with what most of all. A reader that
has all rows draws any window by itself; this is for those that have not: a widget over a slow
line, a program that asks for a picture.
"""

from __future__ import annotations

import asyncio
import math
import time
from array import array
from collections.abc import Iterator
from typing import Any

from .frames import FRAME_ROWS, encode
from .history import Block, History
from .tables import ERRED, LAST, TASKS

__all__ = ("MOST_WIDTH", "window")

EXACT_ROWS = 50_000
"""Up to so many rows nothing is merged: a frame."""

MOST_WIDTH = 20_000

Row = tuple[float, float, float, int, int, int]


async def window(history: History, since: float, until: float, width: int) -> list[bytes]:
    """The frames of a window; lets the loop run between blocks.

    Parameters
    ----------
    since, until
        Epoch seconds; rows that reach into the window belong to it, with their whole length.
    width
        Pixels.
    """
    blocks = [b for b in history.tasks if b.low <= until and b.high >= since and since < until]
    count = 0
    for block in blocks:
        count += sum(1 for _ in _inside(block, since, until))
        await asyncio.sleep(0)
    step = (until - since) / max(width, 1) if count > EXACT_ROWS else 0.0
    rows: list[Row] = []
    busy: dict[tuple[int, int], dict[tuple[int, int], float]] = {}
    for block in blocks:
        for row in _inside(block, since, until):
            start, duration, _, lane, kind, what = row
            if duration >= step or what & ERRED:
                rows.append(row)  # all, when nothing is merged; failures are never lost in others
                continue
            place = (lane, int((start - since) // step))
            shares = busy.setdefault(place, {})
            sort = (kind, what & ~LAST)
            shares[sort] = shares.get(sort, 0.0) + duration
        await asyncio.sleep(0)
    for (lane, bucket), shares in busy.items():
        kind, what = max(shares, key=shares.__getitem__)
        # Where two rows of one lane overlap, it was no busier than all the time.
        spent = min(sum(shares.values()), step)
        rows.append((since + bucket * step, spent, 0.0, lane, kind, what))
    rows.sort()
    return list(_frames(history, rows, step, (since, until), count))


def _inside(block: Block, since: float, until: float) -> Iterator[Row]:
    """The rows of a block that reach into a window, starting in epoch seconds."""
    base = block.base
    low, high = since - base, until - base
    starts, durations, nbytes, lanes, kinds, whats = block.columns
    # Slices: the history may grow meanwhile, and both would stumble.
    for start, duration, size, lane, kind, what in zip(
        starts[:], durations[:], nbytes[:], lanes[:], kinds[:], whats[:], strict=True
    ):
        if start <= high and start + duration >= low:
            yield start + base, duration, size, lane, kind, what


def _frames(
    history: History, rows: list[Row], step: float, bounds: tuple[float, float], count: int
) -> Iterator[bytes]:
    for number in range(0, max(len(rows), 1), FRAME_ROWS):
        part = rows[number : number + FRAME_ROWS]
        base = math.floor(part[0][0]) if part else 0.0
        columns: list[Any] = list(zip(*part, strict=True)) or [()] * len(TASKS.columns)
        columns[0] = [start - base for start in columns[0]]
        entry = {"rows": len(part), "cursor": number, "base": base, "dropped": history.tasks.first}
        if step:
            entry["step"] = step
        yield encode(
            {
                "run": history.run,
                "seq": number // FRAME_ROWS,
                "time": time.time(),
                "snapshot": True,
                "more": number + FRAME_ROWS < len(rows),
                "window": {"since": bounds[0], "until": bounds[1], "rows": count},
                "tables": {"tasks": entry},
                "dictionaries": {
                    name: {"from": 0, "items": found.items}
                    for name, found in history.dictionaries.items()
                    if name != "workers"
                }
                if number == 0
                else {},
                "totals": history.totals,
                "progress": {},
                "events": [],
                "end": history.end,
            },
            {
                "tasks": [
                    array(column.code, values)
                    for column, values in zip(TASKS.columns, columns, strict=True)
                ]
            },
        )
