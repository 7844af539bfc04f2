"""Where tasks spent their time, by function: Dask's own sampling, flat, for a page that stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ("HotSpot", "hot_spots")


@dataclass(frozen=True)
class HotSpot:
    """A function: shares of the samples that it was at work in, itself and with what it calls."""

    name: str
    place: str
    itself: float
    whole: float


def hot_spots(profile: Mapping[str, Any], most: int = 20) -> list[HotSpot]:
    """The functions that were at work most.

    Parameters
    ----------
    profile
        As ``cluster.telemetry.profile()`` gives it.
    most
        How many.
    """
    nodes = profile["nodes"]
    own = [int(node["samples"]) for node in nodes]
    for node in nodes:
        if node["parent"] >= 0:
            own[node["parent"]] -= int(node["samples"])
    above: list[frozenset[tuple[str, str]]] = []
    places: dict[tuple[str, str], str] = {}
    sums: dict[tuple[str, str], list[int]] = {}
    for node, alone in zip(nodes, own, strict=True):
        key = (str(node["name"]), str(node["file"]))
        places.setdefault(key, f"{node['file']}:{node['line']}")
        callers = above[node["parent"]] if node["parent"] >= 0 else frozenset()
        found = sums.setdefault(key, [0, 0])
        found[0] += max(alone, 0)
        if key not in callers:  # else it calls itself
            found[1] += int(node["samples"])
        above.append(callers | {key})
    samples = max(int(profile["samples"]), 1)
    ranked = sorted(sums.items(), key=lambda item: (-item[1][0], -item[1][1]))
    return [
        HotSpot(key[0], places[key], min(itself / samples, 1.0), min(whole / samples, 1.0))
        for key, (itself, whole) in ranked[:most]
        if itself
    ]
