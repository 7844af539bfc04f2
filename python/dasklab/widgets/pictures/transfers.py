"""What workers sent each other: senders in rows, receivers in columns."""

from __future__ import annotations

import math
from collections import Counter, defaultdict

from ...client.words import amount, plural
from ..run import Run
from .ink import BLUE
from .svg import Svg, track

__all__ = ("draw_transfers",)

NAMES = 84
HEAD = 20
CELLS = 40
"""Workers in a row at the most; more of them share a cell."""

SHADES = 10
LARGEST = 24.0
LISTED = 8


def draw_transfers(run: Run, width: int, height: int) -> Svg:
    """A cell for each pair of workers, the darker the more it moved; beside it, the largest."""
    pairs: Counter[tuple[int, int]] = Counter()
    columns = (run.transfers.get(name, ()) for name in ("sender", "receiver", "nbytes"))
    for sender, receiver, nbytes in zip(*columns, strict=True):
        pairs[sender, receiver] += nbytes
    words = plural(int(sum(run.transfers.get("count", ()))), "transfer")
    svg = Svg(width, height, f"Transfers: {amount(pairs.total())} in {words}")
    if not pairs:
        svg.text(8, 14, "Nothing was moved between workers in this time")
        return svg
    workers = sorted(
        {worker for pair in pairs for worker in pair}, key=lambda worker: _name(run, worker, 20)
    )
    per = -(-len(workers) // CELLS)
    place = {worker: index // per for index, worker in enumerate(workers)}
    count = -(-len(workers) // per)
    cells: Counter[tuple[int, int]] = Counter()
    for (sender, receiver), nbytes in pairs.items():
        cells[place[sender], place[receiver]] += nbytes
    size = min(LARGEST, (height - HEAD - 16) / count, (width - NAMES) / 2 / count)
    svg.text(NAMES, 13, "to → (rows: from)")
    track(svg, NAMES, HEAD, count * size, count * size)
    most = max(cells.values()) or 1
    boxes: dict[int, list[tuple[float, float, float, float]]] = defaultdict(list)
    gap = 1.0 if size >= 5 else 0.0
    for (row, column), nbytes in cells.items():
        # By the root, so that what is small can be told from nothing.
        shade = max(1, round(math.sqrt(nbytes / most) * SHADES))
        x, y = NAMES + column * size, HEAD + row * size
        boxes[shade].append((x, y, size - gap, size - gap))
    for shade, found in boxes.items():
        svg.boxes(found, BLUE, 0.1 + 0.9 * shade / SHADES)
    step = math.ceil(12 / size)
    for row in range(0, count, step):
        name = _name(run, workers[row * per])
        svg.text(NAMES - 6, HEAD + (row + 0.5) * size + 4, name, "end", 13)
    x = NAMES + count * size + 24
    for line, ((sender, receiver), nbytes) in enumerate(pairs.most_common(LISTED)):
        if HEAD + (line + 1) * 16 <= height:
            names = f"{_name(run, sender)[:16]} → {_name(run, receiver)[:16]}"
            svg.text(x, HEAD + line * 16 + 11, f"{names}: {amount(nbytes)}")
    return svg


def _name(run: Run, worker: int, pad: int = 0) -> str:
    name = str(run.people[worker]["name"]) if worker < len(run.people) else "?"
    return name.rjust(pad)
