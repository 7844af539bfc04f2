"""The ring: every finished task once, whatever its key, its clock and its worker are like."""

from __future__ import annotations

import math
import weakref
from typing import Any

import pytest

from dasklab.telemetry.ring import (
    AT_ONCE,
    ERRED,
    GROUPS_LIMIT,
    KEY_LIMIT,
    LAST,
    RETRIED,
    Names,
    Ring,
    short,
    text_of,
)

from .doubles import NOW, SchedulerDouble


@pytest.fixture
def scheduler() -> SchedulerDouble:
    return SchedulerDouble()


def test_one_row_for_each_thing_that_took_time(scheduler: SchedulerDouble) -> None:
    scheduler.task("a")
    scheduler.finish("a", ("transfer", NOW, 0.25), ("compute", NOW + 1, 0.5), nbytes=100)

    assert scheduler.rows() == [
        (NOW, 0.25, 0.0, 0, 0, 1),
        (NOW + 1, 0.5, 100.0, 0, 0, 0 | LAST),
    ]
    assert scheduler.ring.seconds == [0.5, 0.25, 0, 0, 0, 0]
    assert (scheduler.ring.ended, scheduler.ring.nbytes) == (1, 100)


@pytest.mark.parametrize(
    ("start", "finish", "more"),
    [
        ("released", "waiting", {}),
        ("waiting", "memory", {}),
        ("processing", "memory", {"startstops": []}),
        ("processing", "memory", {}),
        ("memory", "forgotten", {}),
    ],
)
def test_nothing_else_makes_a_row(
    scheduler: SchedulerDouble, start: str, finish: str, more: dict[str, Any]
) -> None:
    scheduler.task("a")
    scheduler.ring.transition("a", start, finish, stimulus_id="s", **more)

    assert scheduler.rows() == []


def test_a_failure_is_a_row_an_event_and_counted(scheduler: SchedulerDouble) -> None:
    scheduler.task("boom")
    scheduler.finish("boom", finish="erred", exception_text="ValueError('no')" + "x" * 10**6)

    assert scheduler.rows()[0][-1] == ERRED | LAST
    assert (scheduler.ring.ended, scheduler.ring.erred) == (1, 1)
    (event,) = scheduler.told
    assert event[0] == "failure"
    assert event[1].startswith("boom: ValueError('no')")
    assert len(event[1]) < 400


def test_a_task_whose_workers_died_is_counted_without_a_row(scheduler: SchedulerDouble) -> None:
    scheduler.task("killed")
    scheduler.ring.transition("killed", "processing", "erred", stimulus_id="s", cause="killed")

    assert scheduler.rows() == []
    assert (scheduler.ring.ended, scheduler.ring.erred) == (1, 1)
    assert "died" in scheduler.told[0][1]


def test_a_failure_before_anything_was_measured_is_seen(scheduler: SchedulerDouble) -> None:
    scheduler.task("a")
    scheduler.ring.transition(
        "a", "processing", "erred", stimulus_id="s", worker="tcp://a:1", startstops=[]
    )

    ((start, took, *_, what),) = scheduler.rows()
    assert start > NOW / 2
    assert (took, what) == (0.0, ERRED | LAST)


def test_a_task_that_was_on_a_worker_before_is_marked(scheduler: SchedulerDouble) -> None:
    scheduler.task("a")
    scheduler.ring.transition("a", "processing", "waiting", stimulus_id="s")
    scheduler.finish("a")
    scheduler.finish("a")

    assert [row[-1] for row in scheduler.rows()] == [RETRIED | LAST, LAST]
    assert (scheduler.ring.ended, scheduler.ring.retried) == (2, 1)


def test_a_task_that_was_cancelled_and_comes_again_is_another_one(
    scheduler: SchedulerDouble,
) -> None:
    scheduler.task("a")
    scheduler.ring.transition("a", "processing", "released", stimulus_id="s")
    del scheduler.tasks["a"]
    scheduler.ring.read(0, 1)
    scheduler.task("a")
    scheduler.finish("a")

    assert [row[-1] for row in scheduler.rows()] == [LAST]
    assert scheduler.ring.retried == 0


@pytest.mark.parametrize("took", [-5.0, math.nan, math.inf, 1e300])
def test_a_clock_that_was_changed_meanwhile_spoils_no_total(
    scheduler: SchedulerDouble, took: float
) -> None:
    scheduler.task("a")
    scheduler.finish("a", ("compute", NOW, took))

    assert scheduler.rows()[0][1] == 0.0
    assert scheduler.ring.seconds[0] == 0.0


def test_an_action_of_a_later_dask_is_another_one(scheduler: SchedulerDouble) -> None:
    scheduler.task("a")
    scheduler.finish("a", ("teleport", NOW, 1.0))

    assert scheduler.rows()[0][-1] == 5 | LAST


def test_who_comes_late_is_told_where_it_begins() -> None:
    scheduler = SchedulerDouble()
    scheduler.ring = Ring(scheduler, lambda *_: None, rows=8)
    scheduler.task("a")
    for number in range(13):
        scheduler.finish("a", ("compute", NOW + number, 1.0))

    first, _rows, keys = scheduler.ring.read(0, 100)
    assert (first, len(keys)) == (5, 8)
    assert [row[0] - NOW for row in scheduler.rows()] == [5, 6, 7, 8, 9, 10, 11, 12]
    assert scheduler.ring.read(5, 3)[0] == 5
    assert [row[0] - NOW for row in scheduler.rows(11)] == [11, 12]
    assert scheduler.ring.read(13, 100) == (13, b"", [])
    assert scheduler.ring.read(99, 100) == (13, b"", [])
    assert scheduler.ring.ended == 13  # totals know of all


@pytest.mark.parametrize("key", ["x" * 10**6, ("x" * 10**6, 1), ("x", *range(10**5)), 3, b"k"])
def test_a_key_of_any_length_and_kind_is_told_shortly(scheduler: SchedulerDouble, key: Any) -> None:
    scheduler.task(key)
    scheduler.finish(key)

    (told,) = short(scheduler.ring.read(0, 10)[2])
    assert 0 < len(told) <= KEY_LIMIT


def test_text_of_a_tuple_is_that_of_its_beginning() -> None:
    assert text_of(("sum-1", 0, 2)) == "(sum-1, 0, 2)"
    assert text_of("é" * 300) == "é" * 199 + "…"


def test_lanes_are_the_threads_of_each_worker(scheduler: SchedulerDouble) -> None:
    scheduler.task("a")
    for worker, thread in (("tcp://a:1", 140), ("tcp://a:1", 150), ("tcp://b:1", 140)) * 2:
        scheduler.finish("a", worker=worker, thread=thread)
    rows = scheduler.rows()

    assert [(lane["worker"], lane["thread"]) for lane in scheduler.ring.lanes.items] == [
        ("tcp://a:1", 0),
        ("tcp://a:1", 1),
        ("tcp://b:1", 0),
    ]
    assert [row[3] for row in rows] == [0, 1, 2] * 2


def test_a_lane_has_the_name_of_a_worker_that_left_meanwhile(scheduler: SchedulerDouble) -> None:
    scheduler.ring.names["tcp://a:1"] = "one"
    scheduler.task("a")
    scheduler.finish("a")
    scheduler.ring.left("tcp://a:1")

    assert [lane["name"] for lane in scheduler.ring.lanes.items] == ["one"]
    assert not scheduler.ring.names


def test_what_is_put_aside_holds_no_task_and_is_bounded(scheduler: SchedulerDouble) -> None:
    class Data:
        """What somebody's task has in it."""

    for number in range(3 * AT_ONCE):
        scheduler.task(number).run_spec = data = Data()
        scheduler.finish(number, ("transfer", NOW, 0.5), ("compute", NOW, 0.5))
        scheduler.tasks.clear()
        alive = weakref.ref(data)
        del data
        assert alive() is None
        assert len(scheduler.ring._fresh) < AT_ONCE

    assert scheduler.ring.news(0)
    assert not scheduler.ring.news(2 * 3 * AT_ONCE)
    assert len(scheduler.rows()) == 2 * 3 * AT_ONCE


def test_there_is_news_before_a_row_is_made(scheduler: SchedulerDouble) -> None:
    assert not scheduler.ring.news(0)
    scheduler.task("a")
    scheduler.finish("a")

    assert scheduler.ring.news(0)
    first, _rows, keys = scheduler.ring.read(0, 10)
    assert (first, keys) == (0, ["a"])
    assert not scheduler.ring.news(1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"thread": []},
        {"nbytes": "many"},
        {"nbytes": 10**400},
        {"nbytes": "many", "startstops": [{"action": "transfer", "start": NOW, "stop": NOW}]},
        {"startstops": [{"action": "compute", "start": "early", "stop": None}]},
        {"startstops": [{"action": [], "start": NOW, "stop": NOW}]},
    ],
)
def test_what_no_worker_says_costs_no_other_task_its_row(
    scheduler: SchedulerDouble, wrong: dict[str, Any]
) -> None:
    for key in "abc":
        scheduler.task(key)
    scheduler.finish("a")
    told = {"worker": "tcp://a:1", "thread": 7, "nbytes": 8}
    steps = [{"action": "compute", "start": NOW, "stop": NOW}]
    scheduler.ring.transition("b", "processing", "memory", **{"startstops": steps, **told, **wrong})
    scheduler.finish("c")

    assert len(scheduler.rows()) == 2
    assert scheduler.ring.read(0, 10)[2] == ["a", "c"]
    assert (scheduler.ring.seconds[0], scheduler.ring.nbytes) == (1.0, 16)


def test_a_name_that_a_later_dask_tells_is_no_reason_to_fail(scheduler: SchedulerDouble) -> None:
    scheduler.task("a")
    scheduler.finish("a", metadata={}, type=b"", typename="int", run_id=3, colour="red")

    assert len(scheduler.rows()) == 1


def test_a_kind_says_the_cell_and_the_span(scheduler: SchedulerDouble) -> None:
    group = scheduler.task("a").group
    group.span_id = "s1"
    scheduler.spans["s1"] = type("Span", (), {"name": ("cell:17", "load", "parse")})
    scheduler.finish("a")
    scheduler.task("b", "sum").group.span_id = "s2"
    scheduler.spans["s2"] = type("Span", (), {"name": ("default",)})
    scheduler.finish("b")
    scheduler.task("c", "sum", dasklab_cell="18")
    scheduler.finish("c")
    scheduler.ring.write()

    assert scheduler.ring.kinds.items == [
        {"prefix": "inc", "group": "inc", "span": "load/parse", "cell": "17"},
        {"prefix": "sum", "group": "sum", "span": None, "cell": None},
        {"prefix": "sum", "group": "sum", "span": None, "cell": "18"},
    ]


def test_groups_of_a_program_that_makes_one_for_each_task_are_not_told_apart(
    scheduler: SchedulerDouble,
) -> None:
    for number in range(3 * GROUPS_LIMIT):
        scheduler.task("a", group=f"inc-{number}")
        scheduler.finish("a")
    scheduler.ring.write()

    kinds = scheduler.ring.kinds.items
    assert len(kinds) == GROUPS_LIMIT + 1
    assert kinds[-1] == {"prefix": "inc", "group": None, "span": None, "cell": None}


def test_groups_that_the_scheduler_forgot_are_let_go(scheduler: SchedulerDouble) -> None:
    for number in range(1_500):
        scheduler.task("a", group=f"inc-{number}")
        scheduler.finish("a")
    for number in range(1_400):
        del scheduler.task_groups[f"inc-{number}"]
    scheduler.ring.read(0, 1)

    assert len(scheduler.ring._kind_of) == 100


def test_names_beyond_the_last_number_share_one() -> None:
    names = Names({"prefix": "other tasks"}, limit=4)
    numbers = [names.number(key, lambda key=key: {"prefix": key}) for key in "abcdeabz"]  # type: ignore[misc]

    assert numbers == [0, 1, 2, 3, 3, 0, 1, 3]
    assert names.items[-1] == {"prefix": "other tasks"}


def test_ten_thousand_prefixes_are_ten_thousand_kinds(scheduler: SchedulerDouble) -> None:
    for number in range(10_000):
        scheduler.task("a", f"prefix-{number}")
        scheduler.finish("a")
    scheduler.ring.write()

    assert len(scheduler.ring.kinds.items) == 10_000
    assert scheduler.rows()[-1][4] == 9_999
