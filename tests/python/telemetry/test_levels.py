"""Windows: what can be seen is there, and the area of what cannot is exact."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dasklab.telemetry.frames import decode
from dasklab.telemetry.history import History
from dasklab.telemetry.levels import EXACT_ROWS, window
from dasklab.telemetry.tables import ERRED

from .doubles import KIND, LANE, NOW, answer, row


def read(history: History, since: float, until: float, width: int) -> tuple[Any, list[Any]]:
    """The last header of a window and its rows, starting after :data:`NOW`."""
    frames = asyncio.run(window(history, NOW + since, NOW + until, width))
    rows: list[Any] = []
    header: Any = None
    for number, frame in enumerate(frames):
        header, tables = decode(frame)
        assert header["more"] is (number + 1 < len(frames))
        base = header["tables"]["tasks"]["base"]
        columns = [list(column) for column in tables["tasks"].values()]
        rows += [(base + row[0] - NOW, *row[1:]) for row in zip(*columns, strict=True)]
    return header, rows


@pytest.fixture(scope="module")
def busy() -> History:
    """60,000 tasks of 1 ms on two lanes, one of a minute, one failure."""
    history = History()
    names = {
        "lanes": [LANE, {**LANE, "thread": 1}],
        "kinds": [KIND, {**KIND, "prefix": "dec"}],
        "workers": [],
    }
    rows = [
        row(number / 500, 0.001, lane=number % 2, kind=int(number % 3 == 0))
        for number in range(60_000)
    ]
    rows += [row(20.0, 60.0, lane=1), row(50.0, 0.001, what=ERRED | 64)]
    for begin in range(0, len(rows), 10_000):
        given = names if begin == 0 else None
        history.take(
            answer(rows[begin : begin + 10_000], names=given, since=history.since, time=NOW + 1_000)
        )
    return history


def test_few_rows_come_as_they_are(busy: History) -> None:
    header, rows = read(busy, 10.0, 11.0, 100)

    assert "step" not in header["tables"]["tasks"]
    assert header["window"]["rows"] == len(rows) == 501
    assert all(start <= 11.0 and start + took >= 10.0 - 1e-4 for start, took, *_ in rows)


def test_many_rows_are_merged_with_an_exact_area(busy: History) -> None:
    header, rows = read(busy, 0.0, 120.0, 240)

    assert header["tables"]["tasks"]["step"] == pytest.approx(0.5)
    assert header["window"]["rows"] == 60_002 > EXACT_ROWS
    assert len(rows) <= 2 * 240 + 2
    assert sum(took for _, took, *_ in rows) == pytest.approx(60 + 60_001 * 0.001, rel=1e-3)
    merged = [row for row in rows if row[1] < 0.5 and not row[5] & ERRED]
    assert {row[4] for row in merged} == {0}  # two of three tasks are of that kind


def test_what_can_be_seen_is_never_merged(busy: History) -> None:
    _, rows = read(busy, 0.0, 120.0, 240)

    assert [row[:2] for row in rows if row[1] > 1] == [(20.0, 60.0)]
    assert len([row for row in rows if row[5] & ERRED]) == 1


@pytest.mark.parametrize("bounds", [(500.0, 600.0), (-100.0, -50.0), (9.0, 8.0), (1e9, 2e9)])
def test_a_window_without_tasks_is_an_empty_frame(
    busy: History, bounds: tuple[float, float]
) -> None:
    header, rows = read(busy, *bounds, 100)

    assert rows == []
    assert header["tables"]["tasks"]["rows"] == 0


def test_a_task_that_reaches_into_the_window_belongs_to_it(busy: History) -> None:
    _, rows = read(busy, 70.0, 70.1, 100)

    assert (20.0, 60.0) in [row[:2] for row in rows]
