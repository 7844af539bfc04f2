"""Rates and the time that is left."""

from __future__ import annotations

from typing import Any

import pytest

from dasklab.widgets.state import WINDOW, Tracker, add_up


def message(*rows: list[Any], left: int = 1, missing: int = 0, **more: Any) -> dict[str, Any]:
    """What a feed says: name, total, done, erred, cancelled, retries, bytes, average, before."""
    filled = [[*row, *[0, 0, 0, 0, 0, 0.1, 0][len(row) - 2 :]] for row in rows]
    return {"groups": filled, "left": left, "missing": missing, "error": None, **more}


def test_a_rate_is_taken_over_the_last_seconds() -> None:
    tracker = Tracker(0.0)
    for second in range(1, 21):
        state = tracker.read(message(["x", 1000, 10 * second]), float(second))
    assert state.total.rate == pytest.approx(10)
    state = tracker.read(message(["x", 1000, 200 + 400]), 20.0 + WINDOW / 2)
    assert state.total.rate > 40, "it follows"


def test_what_was_done_before_counts_for_no_rate() -> None:
    tracker = Tracker(0.0)
    row = ["x", 100, 60, 0, 0, 0, 0, 0.1, 50]
    state = tracker.read(message(row), 1.0)
    assert state.groups[0].rate == pytest.approx(10)
    assert state.groups[0].left == pytest.approx(4)


def test_time_left_weighs_tasks_by_what_they_take() -> None:
    tracker = Tracker(0.0)
    short = ["short", 1000, 500, 0, 0, 0, 0, 0.01, 0]
    long = ["long", 10, 0, 0, 0, 0, 0, 10.0, 0]
    state = tracker.read(message(long, short), 5.0)
    # 5 s of work took 5 s; 5 s and 100 s are to come.
    assert state.total.left == pytest.approx(105)
    assert [group.name for group in state.groups] == ["short", "long"], "in order of computation"


def test_nothing_known_gives_no_time() -> None:
    tracker = Tracker(0.0)
    state = tracker.read(message(["x", 10, 0, 0, 0, 0, 0, -1.0, 0]), 1.0)
    assert state.total.left is None
    assert state.total.rate == 0
    assert state.end is None


@pytest.mark.parametrize(
    ("row", "end"),
    [
        (["x", 2, 2], "done"),
        (["x", 2, 1, 1], "failed"),
        (["x", 2, 1, 0, 1], "cancelled"),
        (["x", 3, 1, 1, 1], "failed"),
    ],
)
def test_ends(row: list[Any], end: str) -> None:
    state = Tracker(0.0).read(message(row, left=0), 2.0)
    assert state.end == end
    assert state.total.left is None
    assert state.total.rate == pytest.approx(row[2] / 2)


def test_an_end_stands() -> None:
    tracker = Tracker(0.0)
    tracker.read(message(["x", 1, 1], left=0), 1.0)
    assert tracker.close("The scheduler has gone.", 2.0).end == "done"
    tracker = Tracker(0.0)
    assert tracker.close("The scheduler has gone.", 2.0).end == "The scheduler has gone."


def test_adding_up() -> None:
    state = Tracker(0.0).read(message(["a", 5, 2, 1, 0, 3, 100], ["b", 5, 5]), 1.0)
    total = add_up("all", state.groups)
    assert (total.total, total.done, total.erred, total.retries, total.nbytes) == (10, 7, 1, 3, 100)
    assert total.remaining == 2
