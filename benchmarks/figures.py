"""A figure: what was measured, against what, and what it must reach."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ("Figure", "alternate", "paired", "percentile", "ratio", "spread")


@dataclass(frozen=True)
class Figure:
    """One line of the report.

    Parameters
    ----------
    name
        What was measured.
    value
        A ratio, or a number in ``unit``.
    target
        The most it may be.
    unit
        Empty for a ratio.
    note
        The medians behind it.
    """

    name: str
    value: float
    target: float
    unit: str = ""
    note: str = ""

    def __str__(self) -> str:
        verdict = "pass" if self.value <= self.target else "FAIL"
        unit = f" {self.unit}" if self.unit else ""
        return (
            f"{self.name:<58} {self.value:8.3g}{unit:<4} target {self.target:6.3g}{unit:<4} "
            f"{verdict}  {self.note}"
        )


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least ``share`` (0 to 1) of them do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def alternate(
    rounds: int, ours: Callable[[], float], theirs: Callable[[], float]
) -> tuple[list[float], list[float]]:
    """Measure both sides ``rounds`` times, the first one changing from round to round."""
    mine: list[float] = []
    other: list[float] = []
    for number in range(rounds):
        sides = [(mine, ours), (other, theirs)]
        for results, measure in sides if number % 2 else reversed(sides):
            results.append(measure())
    return mine, other


def ratio(name: str, ours: list[float], theirs: list[float], target: float) -> Figure:
    """The ratio of the medians."""
    mine, other = statistics.median(ours), statistics.median(theirs)
    return Figure(name, mine / other, target, note=f"{mine:.3f} s against {other:.3f} s")


def paired(name: str, ours: list[float], theirs: list[float], target: float) -> Figure:
    """The median of the ratios of pairs that were measured right after each other.

    Other work on the machine changes within seconds what the same work costs: it changes both of a
    pair.
    """
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return Figure(name, statistics.median(ratios), target, note=f"× {spread(ratios)}")


def spread(values: Sequence[float]) -> str:
    """Between which values the middle half of them lies."""
    low, _, high = statistics.quantiles(values, n=4)
    return f"half of {len(values)} from {low:.3g} to {high:.3g}"
