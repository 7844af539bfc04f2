"""Decisions of adaptive scaling: told once they have settled. With a real one: ``contract``."""

from __future__ import annotations

from typing import Any

from dasklab.deployments.base import Sample
from dasklab.host.decisions import SETTLED, Decisions


def sample(wanted: int, minimum: int | None = 0) -> Sample:
    known: dict[str, Any] = dict.fromkeys(Sample.__dataclass_fields__, 0)
    return Sample(**{**known, "wanted": wanted, "minimum": minimum, "tasks": {}})


def told(*looks: tuple[float, int, int | None]) -> list[str]:
    """What is told of samples: when, how many are wanted, of at least so many."""
    found: list[str] = []
    decisions = Decisions(found.append)
    for now, wanted, minimum in looks:
        decisions.look(sample(wanted, minimum), now)
    return found


def test_steps_are_one_decision() -> None:
    steps = [(float(number), 1 + 2 * number, 0) for number in range(5)]
    assert told(*steps) == []
    assert told(*steps, (4.0 + SETTLED, 9, 0), (20.0, 9, 0)) == [
        "Adaptive scaling goes from 1 to 9 workers."
    ]


def test_the_other_way_round_is_another_one() -> None:
    looks = [(0.0, 1, 0), (1.0, 4, 0), (1.5, 6, 0), (2.0, 2, 0), (2.5, 1, 0), (9.0, 1, 0)]
    assert told(*looks) == [
        "Adaptive scaling goes from 1 to 6 workers.",
        "Adaptive scaling goes from 6 to 1 worker.",
    ]


def test_what_somebody_asked_for_is_none() -> None:
    assert told((0.0, 1, None), (5.0, 8, None), (9.0, 8, None)) == []
    # Adaptive scaling begins with what there is, and ends where it was.
    assert told((0.0, 1, None), (1.0, 4, 0), (2.0, 2, 0), (3.0, 8, None), (9.0, 8, None)) == [
        "Adaptive scaling goes from 4 to 2 workers."
    ]
