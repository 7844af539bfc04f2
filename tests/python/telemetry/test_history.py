"""The history: bounded, exact in its sums, and numbered without a gap."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dasklab.client.columns import Tables
from dasklab.telemetry.history import EVENTS, GONE, History, Settings
from dasklab.telemetry.views import Hello, View

from .doubles import KIND, LANE, NOW, WORKER, answer, row, sample


def starts(history: History) -> list[float]:
    """When the rows began, after :data:`NOW`."""
    return [
        round(block.base + start - NOW, 3) for block in history.tasks for start in block.columns[0]
    ]


def test_rows_come_in_as_they_were() -> None:
    history = History()
    more = history.take(answer([row(1.5, 0.25), row(2.5, 0.5, what=17)], totals={"tasks": 2}))

    assert more is False
    assert history.changed
    assert starts(history) == [1.5, 2.5]
    (block,) = history.tasks
    assert [list(column) for column in block.columns[1:]] == [
        [0.25, 0.5],
        [8, 8],
        [0, 0],
        [0, 0],
        [64, 17],
    ]
    assert history.dictionaries["lanes"].items == [LANE]
    assert history.totals == {"tasks": 2, "lost": 0}
    assert history.keys.find(0, 3) == ["inc-0", "inc-1", None]
    assert history.since == {"id": "collector", "tasks": 2}


def test_nothing_new_is_nothing_new() -> None:
    history = History()
    history.take(answer([row(1)]))
    history.take(answer(since=history.since, totals={"tasks": 1, "compute": 0.0}))

    assert not history.changed


@pytest.mark.parametrize("tasks", [1, 100, 1_000, 5_000])
def test_never_more_than_was_configured(tasks: int) -> None:
    history = History(Settings(tasks=tasks))
    for number in range(100):
        rows = [row(number + place / 1_000) for place in range(100)]
        history.take(answer(rows, since=history.since, totals={"tasks": 100 * (number + 1)}))

    assert history.tasks.end == 10_000
    assert len(history.tasks) <= max(tasks, 64)
    assert len(history.tasks) >= min(tasks, 10_000) / 2
    assert history.tasks.first == 10_000 - len(history.tasks)
    assert starts(history)[-1] == 99.099
    assert history.totals["tasks"] == 10_000  # exact, whatever has gone


def test_old_rows_go_where_an_age_is_set() -> None:
    history = History(Settings(tasks=800, age=60.0))
    for start in range(0, 300, 2):
        history.take(answer([row(start)], since=history.since, time=NOW + start + 1))

    assert min(starts(history)) > 298 - 60 - 100 * 2
    assert starts(history)[-1] == 298


def test_starts_stay_exact_over_days() -> None:
    history = History()
    for day in range(30):
        start = day * 86_400 + 0.0123
        history.take(answer([row(start)], since=history.since, time=NOW + start + 1))

    assert starts(history) == [round(day * 86_400 + 0.012, 3) for day in range(30)]


def test_a_long_task_among_short_ones_opens_no_block_each_time() -> None:
    history = History()
    for number in range(100):
        rows = [row(5_000 + number, 0.1), row(number, 5_000.0)]
        history.take(answer(rows, since=history.since, time=NOW + 6_000 + number))

    assert len(history.tasks.blocks) == 1
    assert starts(history)[:2] == [5_000, 0]


@pytest.mark.parametrize("start", [1e9, math.inf, -math.inf, math.nan, -2e9])
def test_a_worker_with_a_wrong_clock_is_drawn_where_it_can_be(start: float) -> None:
    history = History()
    history.take(answer([row(start, 2.0), row(3.0)], time=NOW + 10))

    assert starts(history) == [8.0, 3.0]


def test_rows_that_nobody_read_in_time_are_counted_and_said() -> None:
    history = History()
    history.take(answer([row(1)]))
    history.take(answer([row(9)], since=history.since, first=51))

    assert history.totals["lost"] == 50
    assert starts(history) == [1, 9]
    assert history.tasks.end == 2  # what was never there has no number: there is no gap
    assert history.events[-1]["kind"] == "rows-lost"


def test_another_scheduler_goes_on_where_the_first_one_ended() -> None:
    """Its numbers mean other lanes and kinds, and its totals begin at nothing."""
    history = History()
    history.take(answer([row(1)], totals={"tasks": 1, "compute": 2.0}))
    other = {**KIND, "prefix": "dec"}
    names = {"lanes": [{**LANE, "thread": 1}, LANE], "kinds": [other, KIND], "workers": [WORKER]}
    history.take(
        answer(
            [row(2), row(3, lane=1, kind=1)],
            names=names,
            id="second",
            totals={"tasks": 2, "compute": 1.0},
            samples=[sample(NOW)],
        )
    )

    (block,) = history.tasks
    assert [item["prefix"] for item in history.dictionaries["kinds"].items] == ["inc", "dec"]
    assert list(block.columns[3]) == [0, 1, 0]
    assert list(block.columns[4]) == [0, 1, 0]
    assert history.totals == {"tasks": 3, "compute": 3.0, "lost": 0}
    assert len(history.workers) == 1


def test_samples_are_kept_apart_and_bounded() -> None:
    history = History(Settings(samples=200))
    for number in range(300):
        history.take(answer(since=history.since, samples=[sample(NOW + number, 3)]))

    assert history.workers.end == 900
    assert len(history.workers) <= 200
    assert history.cluster.end == 300
    assert history.cluster.blocks[-1].columns[0][-1] == NOW + 299


def test_only_progress_that_changed_is_new() -> None:
    history = History()
    history.take(answer(progress={"inc": {"memory": 1}, "dec": {"memory": 2}}))
    first = dict(history.progress)
    history.take(answer(since=history.since, progress={"inc": {"memory": 2}, "dec": {"memory": 2}}))

    assert history.progress["dec"] == first["dec"]
    assert (
        history.progress["inc"] == (history.changes, {"memory": 2})
        or history.progress["inc"][0] > first["inc"][0]
    )


def test_prefixes_that_make_room_are_gone_for_readers_too() -> None:
    history, tables = History(), Tables()
    view = View(history, Hello())
    for names in (("inc", "dec"), ("dec", "sum")):
        progress = {name: {"memory": 1} for name in names}
        history.take(answer(since=history.since, progress=progress))
        tables.add(view.next() or b"")
    assert set(tables.progress) == {"dec", "sum"}

    history.take(answer(since=history.since))
    assert set(history.progress) == {"inc", "dec", "sum"}, "nobody has counted"
    for number in range(GONE + 10):
        progress = {f"prefix{number}": {"memory": 1}}
        history.take(answer(since=history.since, progress=progress))
    assert len(history.progress) <= GONE + 1


def test_events_are_bounded_and_numbered() -> None:
    history = History()
    for number in range(EVENTS + 5):
        history.note(NOW, "scale", str(number))

    assert len(history.events) <= EVENTS
    assert history.events[-1]["text"] == str(EVENTS + 4)
    assert history.events_first + len(history.events) == EVENTS + 5


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\nb", "\u202egpj.exe", "\ud800"])
def test_names_have_nothing_that_would_not_be_seen(text: str) -> None:
    history = History()
    event: dict[str, Any] = {"time": NOW, "kind": "failure", "text": text, "worker": text}
    names = {"lanes": [], "kinds": [{**KIND, "prefix": text}], "workers": []}
    history.take(answer(names=names, events=[event], progress={text: {"memory": 1}}))

    said = [
        history.dictionaries["kinds"].items[0]["prefix"],
        history.events[0]["text"],
        history.events[0]["worker"],
        *history.progress,
    ]
    assert all(word.isprintable() for word in said)


def test_a_million_rows_take_less_than_forty_megabytes() -> None:
    """Counted from what is held, not from the process: see benchmarks for that."""
    history = History()
    rows = [row(number / 1_000, lane=0) for number in range(20_000)]
    for batch in range(50):
        keys = [f"inc-{hash((batch, number)) & (2**64 - 1):032x}" for number in range(20_000)]
        history.take(answer(rows, since=history.since, keys=keys, time=NOW + 1_000))

    columns = [column for block in history.tasks for column in block.columns]
    held = sum(column.buffer_info()[1] * column.itemsize for column in columns)
    assert history.tasks.end == len(history.tasks) == 1_000_000
    assert held + history.keys.size < 40e6
    assert history.keys.size <= Settings().keys
    assert history.keys.find(999_999, 1) != [None]
