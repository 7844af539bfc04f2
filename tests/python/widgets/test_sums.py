"""Rows that are kept no more count as before; and whose the pending tasks are."""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from typing import Any

import pytest
from distributed.scheduler import heartbeat_interval

from dasklab.client.columns import Tables
from dasklab.telemetry.sampling import interval
from dasklab.widgets.pending import Before, own_progress
from dasklab.widgets.run import Run, cut, drop_before
from dasklab.widgets.standing import standing
from dasklab.widgets.strip import strip_html
from dasklab.widgets.summary import figures, shares, summarise
from dasklab.widgets.sums import Earlier, Sum, not_seen

from .tables import BASE, add, made_up

FIXTURES = Path(__file__).parents[2] / "fixtures" / "telemetry"
MOST = 1_000


def shortened(since: float = BASE) -> tuple[Tables, Earlier]:
    """4,000 tasks of which the newest thousand are kept."""
    tables, earlier = made_up(tasks=4_000), Earlier(lambda: since)
    drop_before(tables, MOST, earlier)
    assert len(tables.columns["tasks"]["start"]) == MOST
    return tables, earlier


@pytest.mark.parametrize("since", [BASE, BASE + 2.5])
def test_the_figures_are_those_of_all_rows(since: float) -> None:
    whole = cut(made_up(tasks=4_000), since, BASE + 10, "here")
    tables, earlier = shortened(since)
    run = cut(tables, since, BASE + 10, "here", earlier)
    one, other = summarise(whole), summarise(run)

    assert run.left_out == len(whole.rows) - MOST > 1_000
    assert (other.tasks, other.failed, other.threads) == (one.tasks, one.failed, one.threads)
    assert (other.compute, other.idle) == pytest.approx((one.compute, one.idle))
    assert other.prefixes.keys() == one.prefixes.keys()
    for name, part in other.prefixes.items():
        assert part.tasks == one.prefixes[name].tasks
        assert part.seconds == pytest.approx(one.prefixes[name].seconds)
    assert standing(run) == standing(whole)
    said = f"lacks the oldest {run.left_out:,} rows"
    assert said in strip_html(run, other)
    assert said not in strip_html(whole, one)


def test_what_others_did_is_not_added() -> None:
    tables, earlier = shortened()
    run = cut(tables, BASE, BASE + 10, "elsewhere", earlier)

    assert run.others == 4_000
    assert (run.left_out, summarise(run).tasks) == (0, 0)


def test_idle_is_what_it_is_to_the_page() -> None:
    story = json.loads((FIXTURES / "idle.json").read_text("utf-8"))
    tables = Tables()
    tables.names["kinds"] = [{"prefix": "sum", "group": None, "span": None, "cell": None}]
    for time, threads in story["threads"]:
        add(tables, "cluster", {"time": BASE + time, "threads": threads, "workers": 2})
    for start, duration, lane in story["tasks"]:
        row = {"start": BASE + start, "duration": duration, "lane": lane, "what": 64}
        add(tables, "tasks", row)
    for window in story["windows"]:
        since, until = BASE + window["since"], BASE + window["until"]
        summary = summarise(cut(tables, since, until))
        assert summary.idle == pytest.approx(window["idle"])
        spent = summary.compute + summary.transfer + summary.disk + summary.other
        assert spent + summary.idle == pytest.approx(window["threads"])


def test_what_lay_on_disk_before_was_not_spilled_by_this_run() -> None:
    tables = made_up()
    beginning = summarise(cut(tables, BASE, BASE + 10)).spilled
    later = summarise(cut(tables, BASE + 9, BASE + 10)).spilled
    assert beginning is not None
    assert later is not None
    assert 0 < later < beginning / 5
    counted = summarise(cut(tables, BASE + 9, BASE + 10), spilled=7).spilled
    assert counted == 7


@pytest.mark.parametrize("kept", [4_000, MOST])
def test_threads_that_work_for_others_are_not_idle(kept: int) -> None:
    tables, earlier = made_up(tasks=4_000), Earlier(lambda: BASE)
    drop_before(tables, kept, earlier)
    ours = summarise(cut(tables, BASE, BASE + 10, "here", earlier))
    theirs = summarise(cut(tables, BASE, BASE + 10, "elsewhere", earlier))

    assert (ours.elsewhere, theirs.compute) == (0, 0)
    assert theirs.elsewhere == pytest.approx(ours.compute + ours.transfer)
    assert theirs.idle == pytest.approx(ours.idle)
    assert dict(shares(theirs))["other cells"] == pytest.approx(0.5)
    assert "other cells" not in " ".join(figures(ours))


@pytest.mark.parametrize(("workers", "pause"), [(4, 0.5), (150, 2.0), (1_000, 6.0)])
def test_a_short_run_has_a_sample_of_every_worker(workers: int, pause: float) -> None:
    assert heartbeat_interval(workers) == interval(workers) == pause
    tables = Tables()
    tables.names["workers"] = [{"address": f"tcp://w:{number}"} for number in range(workers)]
    # Nothing ran, so the scheduler was looked at half as often as workers say how they are.
    for worker in range(workers):
        told = BASE - 3 * pause * (worker + 1) / workers
        add(tables, "workers", {"time": told, "worker": worker})
    add(tables, "cluster", {"time": BASE - pause, "workers": workers})
    tables.events = [{"kind": "worker-removed", "time": BASE - 1e-3, "worker": "tcp://w:1"}]

    found = cut(tables, BASE, BASE + 0.3).workers
    assert set(found["worker"]) == set(range(workers)) - {1}
    assert set(found["time"]) == {BASE}


def test_of_a_window_nothing_is_added() -> None:
    tables, earlier = made_up(tasks=4_000), Earlier(None)
    drop_before(tables, MOST, earlier)

    assert earlier.kinds == {}
    assert BASE + 7 < earlier.last < BASE + 8
    assert summarise(cut(tables, BASE + 8, BASE + 10, None, earlier)).tasks < MOST


def test_bytes_that_workers_told_of() -> None:
    tables, earlier = made_up(), Earlier(lambda: BASE)
    tables.columns["transfers"] = Tables().columns["transfers"]
    assert cut(tables, BASE, BASE + 10).moved is None
    for number in range(-5, 3_000):
        row = {"time": BASE + number / 1_000, "sender": 0, "receiver": 1, "nbytes": 10}
        add(tables, "transfers", row)
    assert summarise(cut(tables, BASE, BASE + 10)).moved == 30_000
    assert summarise(cut(tables, BASE, BASE + 10), 7).moved == 7, "those counted are exact"
    drop_before(tables, MOST, earlier)
    assert len(tables.columns["transfers"]["time"]) < 3_000
    assert cut(tables, BASE, BASE + 10, None, earlier).moved == 30_000


def test_what_totals_have_beyond_the_rows() -> None:
    totals = {"tasks": 100, "compute": 9.0, "disk": 2.0, "erred": 3, "retried": 1, "nbytes": 50}
    seen = [Sum(tasks=60, failed=1, nbytes=20, spent=[4.0, 0, 0.5, 0.5, 0, 0]), Sum(tasks=10)]
    found = not_seen(totals, seen)

    assert (found.tasks, found.failed, found.retries, found.nbytes) == (30, 2, 1, 30)
    assert found.spent == [5.0, 0, 1.0, 0, 0, 0]


# -- whose tasks are pending ---------------------------------------------------------------------
def states(prefix: str, **counts: int) -> dict[str, Any]:
    return {"prefix": prefix, **counts}


PROGRESS = {"inc": {"memory": 5, "processing": 2, "waiting": 10}, "sum": {"waiting": 1}}
GROUPS = {
    "inc-mine": states("inc", processing=1, waiting=4),
    "inc-theirs": states("inc", processing=1, waiting=6),
    "sum-theirs": states("sum", waiting=1),
}


def test_what_was_pending_before_is_somebody_elses() -> None:
    before = Before({name: GROUPS[name] for name in ("inc-theirs", "sum-theirs")})
    own = own_progress(PROGRESS, GROUPS, before, {"inc-mine"}, {"inc-theirs": 0})

    assert own["inc"]["memory"] == 5
    assert own["inc"]["processing"] + own["inc"]["waiting"] == 5
    assert own["sum"]["waiting"] == 0


def test_of_a_group_that_both_use_what_has_ended_since_is_taken_off() -> None:
    before = Before({"inc": states("inc", waiting=10)})
    groups = {"inc": states("inc", waiting=8)}
    own = own_progress({"inc": {"waiting": 8}}, groups, before, {"inc"}, {"inc": 7})

    assert own["inc"]["waiting"] == 5, "three of the ten are left"


def test_without_that_only_rows_tell() -> None:
    own = own_progress(PROGRESS, GROUPS, None, {"inc-mine"}, {"inc-theirs": 3})

    assert own["inc"]["processing"] + own["inc"]["waiting"] == 5
    assert own["sum"]["waiting"] == 1, "nobody knows better"


def test_a_strip_has_the_pending_tasks_of_its_cell_only() -> None:
    tables = made_up()
    for kind in tables.names["kinds"]:
        kind["group"] = f"{kind['prefix']}-{kind['cell']}"
    tables.progress = {"sum": {"waiting": 30}}
    tables.groups = {
        "sum-here": states("sum", waiting=10),
        "sum-elsewhere": states("sum", waiting=20),
    }
    tables.columns["tasks"]["kind"][:4] = array("H", range(4, 8))  # of another cell

    def waiting(run: Run) -> int:
        return standing(run)["sum"]["waiting"]

    assert waiting(cut(tables, BASE, BASE + 10)) == 30
    assert waiting(cut(tables, BASE, BASE + 10, "here")) == 10


def test_tasks_that_name_no_cell_are_not_the_cells() -> None:
    tables = made_up()
    tables.names["kinds"][0]["cell"] = None
    run = cut(tables, BASE, BASE + 10, "here")

    assert run.others == 104
    assert summarise(run).tasks == 296
    assert summarise(cut(tables, BASE, BASE + 10)).tasks == 400, "where tasks do not say"
