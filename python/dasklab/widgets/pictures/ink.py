"""Colours that read on white and on black."""

from __future__ import annotations

import functools
import hashlib
import re

__all__ = (
    "BLUE",
    "FAILED",
    "GREY",
    "ORANGE",
    "OTHER",
    "RED",
    "TRACK",
    "colour_of",
    "ink",
    "prefix_ink",
    "row_colour",
)

PALETTE = tuple(
    f"#{part}"
    for part in re.findall(
        ".{6}",
        "440154471669472a79433c843c4d8a355d8c2e6c8e287a8e23898d"
        "1e978a20a5852eb27c45bf6f64cb5d88d547afdc2ed7e219fde724",
    )
)
"""Dask's: eighteen steps of viridis."""

GREY = "#808080"
"""Of text and lines: 3.9 to 1 on white, 4.8 to 1 on JupyterLab's black."""

TRACK = "#80808024"
RED = "#e04848"
BLUE = "#2f80c9"
ORANGE = "#e08a1e"
OTHER = "#7fb2e0"
"""Of memory that is no results."""

FAILED = "#000000"
"""Of failed tasks, as in Dask; with a white edge, which a dark notebook does not swallow."""

GROUNDS = ((255.0, 255.0, 255.0), (17.0, 17.0, 17.0))
SEEN = 1.8
"""Contrast that a bar needs with what is behind it."""

ACTIONS = (None, RED, ORANGE, ORANGE, "#9a8fa8", "#9a8fa8")
"""Of what is no computing: transfers, reading and writing the disk, deserializing, other."""

ERRED = 16

Rgb = tuple[float, float, float]


def colour_of(prefix: str) -> str:
    """The colour that Dask gives a prefix, in all of its plots and all of ours."""
    number = int(hashlib.md5(prefix.encode(), usedforsecurity=False).hexdigest()[:8], 16)
    return PALETTE[number % len(PALETTE)]


def _luminance(colour: Rgb) -> float:
    parts = [
        value / 12.92 if (value := part / 255) <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for part in colour
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _contrast(one: Rgb, other: Rgb) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


@functools.cache
def ink(colour: str) -> str:
    """The colour, drawn towards the middle until it can be seen on white and on black."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    shown: Rgb = (red, green, blue)
    for ground, away in zip(GROUNDS, ((0.0,) * 3, (255.0,) * 3), strict=True):
        while _contrast(shown, ground) < SEEN:
            shown = tuple(part + (goal - part) * 0.06 for part, goal in zip(shown, away))  # type: ignore[assignment]  # noqa: B905
    return "#" + "".join(f"{round(part):02x}" for part in shown)


@functools.lru_cache(maxsize=10_000)
def prefix_ink(prefix: str) -> str:
    """The colour of a prefix, to be seen."""
    return ink(colour_of(prefix))


def row_colour(prefix: str, what: int) -> str:
    """The colour of a row of ``tasks``."""
    if what & ERRED:
        return FAILED
    return ACTIONS[min(what & 15, 5)] or prefix_ink(prefix)
