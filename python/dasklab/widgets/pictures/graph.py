"""The task graph of a computation: what needs what, and how far it is."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

from ...client.words import plural
from ...telemetry.task_graph import STATES
from ..run import Run
from .ink import prefix_ink
from .progress import shade
from .svg import Svg

__all__ = ("columns_of", "draw_graph")

FOOT = 20
CELL = 8.0
"""Pixels of a cell's height at least. What falls together is shown by the most of it."""

ACROSS = 40
"""Columns at the most."""

EDGES = 500
"""Of more edges as many are drawn, evenly chosen: 12 kB."""

SWEEPS = 3
NAMES = 8
"""Prefixes that are named."""

LABELLED = 40
"""Groups that have their names beside them."""

Place = tuple[int, int]


def draw_graph(run: Run, width: int, height: int) -> Svg:
    """From left to right, what is needed first; full is in memory, faint was let go."""
    answer: dict[str, Any] | None = run.answers.get("graph")
    if answer is None or not answer.get("nodes"):
        unknown = answer is None
        said = "Not known: only a cluster that lives tells it" if unknown else "No tasks yet"
        svg = Svg(width, 24, f"Task graph: {said.lower()}")
        svg.text(8, 15, said, limit=120)
        return svg
    nodes, edges = answer["nodes"], answer["edges"]
    pairs = list(zip(edges[::2], edges[1::2], strict=True))
    columns = columns_of(len(nodes), pairs)
    grouped = answer["kind"] == "groups"
    words = f"{plural(len(nodes), 'group')} of " if grouped else ""
    svg = Svg(width, height, f"Task graph: {words}{plural(answer['tasks'], 'task')}")
    places, across, down = _cells(columns, pairs, int((height - FOOT) // CELL))
    wide, tall = (width - 8) / across, (height - FOOT) / down
    box = (min(wide * 0.4, 16.0), min(tall * 0.75, 14.0))
    middles = [(4 + (x + 0.5) * wide, (y + 0.5) * tall) for x, y in places]
    if grouped and len(nodes) <= LABELLED:  # names beside them
        middles = [(x - min(wide * 0.3, 60), y) for x, y in middles]
    found = sorted({(middles[begin], middles[end]) for begin, end in pairs})
    step = -(-len(found) // EDGES) or 1
    svg.strokes(
        [
            (x + box[0] / 2, y, to - box[0] / 2, high)
            for (x, y), (to, high) in found[::step]
            if (x, y) != (to, high)
        ],
        "#80808080",
    )
    cells: dict[tuple[float, float], Counter[tuple[str, float]]] = defaultdict(Counter)
    for place, node in enumerate(nodes):
        for state, count in _states(answer, place).items():
            cells[middles[place]][shade(state, str(node["prefix"]))] += count
    boxes: dict[tuple[str, float], list[tuple[float, float, float, float]]] = defaultdict(list)
    for (x, y), paints in cells.items():
        paint = max(sorted(paints), key=paints.__getitem__)
        boxes[paint].append((x - box[0] / 2, y - box[1] / 2, *box))
    for (colour, opacity), each in boxes.items():
        svg.boxes(each, colour, opacity)
    if grouped and len(nodes) <= LABELLED:
        for (x, y), node in zip(middles, nodes, strict=True):
            svg.text(x + box[0] / 2 + 4, y + 4, str(node["prefix"]), limit=max(int(wide / 9), 4))
    _key(svg, Counter(str(node["prefix"]) for node in nodes), height)
    return svg


def _states(answer: dict[str, Any], place: int) -> dict[str, int]:
    """How many tasks of a node are in which state."""
    if answer["states"] is not None:
        return {STATES[int(answer["states"][place])].replace("-", "_"): 1}
    return {
        name.replace("-", "_"): count
        for name, count in zip(STATES, answer["counts"][place], strict=True)
        if count
    }


def columns_of(count: int, pairs: list[tuple[int, int]]) -> list[int]:
    """By node the longest way to it; what goes round in a circle is put somewhere."""
    after: dict[int, list[int]] = defaultdict(list)
    missing = [0] * count
    for begin, end in pairs:
        after[begin].append(end)
        missing[end] += 1
    columns = [0] * count
    ready = [node for node in range(count) if not missing[node]]
    done = 0
    while done < len(ready):
        node = ready[done]
        done += 1
        for following in after[node]:
            columns[following] = max(columns[following], columns[node] + 1)
            missing[following] -= 1
            if not missing[following]:
                ready.append(following)
    return columns


def _cells(
    columns: list[int], pairs: list[tuple[int, int]], most: int
) -> tuple[list[Place], int, int]:
    """By node its cell, and how many there are across and down."""
    near: dict[int, list[int]] = defaultdict(list)
    for begin, end in pairs:
        near[begin].append(end)
        near[end].append(begin)
    order: dict[int, list[int]] = defaultdict(list)
    for node, column in enumerate(columns):
        order[column].append(node)
    # Shares of the height, brought near to those of the neighbours, so that edges are short.
    high = [0.0] * len(columns)
    for _ in range(SWEEPS):
        for found in order.values():
            wished = {
                node: sum(high[other] for other in near[node]) / len(near[node])
                if near[node]
                else high[node]
                for node in found
            }
            found.sort(key=lambda node: wished[node])
            for place, node in enumerate(found):
                high[node] = (place + 0.5) / len(found)
    across = min(max(columns) + 1, ACROSS)
    down = max(1, min(max(map(len, order.values())), most))
    share = across / (max(columns) + 1)
    places = [
        (int(column * share), min(int(high[node] * down), down - 1))
        for node, column in enumerate(columns)
    ]
    return places, across, down


def _key(svg: Svg, prefixes: Counter[str], height: int) -> None:
    """What the colours mean, of the prefixes with the most nodes."""
    x = 4.0
    for name, _ in prefixes.most_common(NAMES):
        wide = 24 + 6.2 * min(len(name), 18)
        if x + wide < svg.width:
            svg.rect(x, height - 11, 8, 8, prefix_ink(name))
            svg.text(x + 12, height - 3, name, limit=18)
            x += wide
