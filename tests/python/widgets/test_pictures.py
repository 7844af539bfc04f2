"""Pictures: inert, small, of everything that happened, and of the right colours."""

from __future__ import annotations

import math
import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from dasklab.client.columns import Tables
from dasklab.widgets.answers import read_answers
from dasklab.widgets.pictures import ASKED, HEIGHTS, PICTURES, TITLES
from dasklab.widgets.pictures.graph import columns_of
from dasklab.widgets.pictures.ink import GREY, PALETTE, colour_of, ink
from dasklab.widgets.pictures.lines import NO_GIL
from dasklab.widgets.pictures.samples import machines, merged
from dasklab.widgets.pictures.stream import SHADES, rows_of
from dasklab.widgets.pictures.svg import Svg, ticks
from dasklab.widgets.pictures.workers import MARKS
from dasklab.widgets.run import cut, drop_before
from dasklab.widgets.strip import plots_html, strip_html
from dasklab.widgets.summary import summarise

from ..support import SOURCE
from .tables import ANSWERS, BASE, HOSTILE, NODES, made_up

SVG = "{http://www.w3.org/2000/svg}"
SIZES = ((8, 400, 4), (1, 1, 1), (64, 60_000, 64), (1_000, 30_000, 200))
MEANT = {"svg", "title", "path", "text", "polyline", "polygon"}


def test_colours_are_those_of_dask() -> None:
    from distributed.utils import color_of

    for name in ("sum", "random_sample", HOSTILE, "", "ä"):
        assert colour_of(name) == color_of(name).lower()
    assert len({ink(colour) for colour in PALETTE}) == len(PALETTE), "still told apart"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_inert_and_small(name: str, size: tuple[int, int, int]) -> None:
    run = cut(made_up(*size), BASE, BASE + 10)
    run.answers = ANSWERS
    picture = PICTURES[name](run, 640, HEIGHTS.get(name, 160))
    root = ET.fromstring(picture.markup())

    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= MEANT
    for node in root.iter():
        assert not [key for key in node.attrib if key.startswith("on") or "href" in key]
    assert "http" not in picture.markup().replace("http://www.w3.org/2000/svg", "")
    assert "url(" not in picture.markup()
    assert len(picture.image()) < 40_000
    assert root.findtext(f"{SVG}title")
    if name == "progress" and size[1] > 1:
        assert HOSTILE[:10] in "".join(root.itertext())


def area(picture: Svg) -> float:
    """What is inked, in the width of a lane by its time."""
    total = 0.0
    for node in ET.fromstring(picture.markup()).iter(f"{SVG}path"):
        if node.attrib["fill"] == "#808080":
            continue  # behind
        share = float(node.attrib.get("fill-opacity", 1))
        for wide, high in re.findall(r"h([\d.]+)v([\d.]+)", node.attrib["d"]):
            total += share * float(wide) * float(high)
    return total


@pytest.mark.parametrize("tasks", [40, 4_000, 100_000])
def test_the_area_is_the_work(tasks: int) -> None:
    picture = PICTURES["task-stream"](cut(made_up(4, tasks), BASE, BASE + 10), 640, 160)
    whole = (640 - 84 - 6) * 4 * 22
    assert area(picture) / whole == pytest.approx(0.5, abs=0.5 / SHADES)


@pytest.mark.parametrize("name", PICTURES)
def test_nothing_at_all(name: str) -> None:
    for tables in (Tables(), made_up()):
        run = cut(tables, BASE + 1_000, BASE + 1_000)
        assert run.rows == []
        ET.fromstring(PICTURES[name](run, 640, 120).markup())


def test_names_and_titles_belong_together() -> None:
    assert PICTURES.keys() == TITLES.keys()


def test_other_cells_are_left_out() -> None:
    tables = made_up()
    kinds = tables.columns["tasks"]["kind"]
    for place in range(100):
        kinds[place] += 4
    run = cut(tables, BASE, BASE + 10, "here")
    assert (len(run.rows), run.others) == (300, 100)
    assert len(cut(tables, BASE, BASE + 10).rows) == 400


def test_a_view_that_stays_costs_no_memory() -> None:
    tables = made_up(tasks=4_000)
    drop_before(tables, 1_000)
    assert {len(values) for values in tables.columns["tasks"].values()} == {1_000}
    assert tables.cursor == 3_000


def test_marks_are_round() -> None:
    assert ticks(10, 5) == [0, 2, 4, 6, 8, 10]
    assert ticks(3_000, 4, 1024)[1] in (512, 1024)
    assert ticks(float("nan"), 5) == [0.0]


def test_notebooks_have_every_plot_of_the_panel() -> None:
    names = (SOURCE.parents[1] / "src" / "plots" / "names.ts").read_text(encoding="utf-8")
    offered = re.search(r"PLOT_NAMES[^=]*= \[(.*?)\] as const;", names, re.DOTALL)

    assert offered is not None
    assert re.findall(r"'([\w-]+)'", offered[1]) == list(PICTURES)


def words(picture: Svg) -> str:
    """All that is written in it."""
    return " ".join(ET.fromstring(picture.markup()).itertext())


def test_idle_threads_are_rows_too() -> None:
    tables = made_up(8, 400, 2)
    lanes = tables.names["lanes"]
    del lanes[1:]  # of the two workers with four threads each one thread has had tasks
    columns = tables.columns["tasks"]
    columns["lane"] = type(columns["lane"])("H", [0] * len(columns["lane"]))
    run = cut(tables, BASE, BASE + 10)
    picture = PICTURES["task-stream"](run, 640, 200)
    assert "on 8 threads" in words(picture)
    assert picture.height > 8 * 20
    assert {name for name, _ in rows_of(run)} == {"0", "1"}
    run.workers = {name: [] for name in run.workers}
    assert [lane for _, lane in rows_of(run)] == [0], "who has gone has no rows"
    many = cut(made_up(1_000, 1_000, 4), BASE, BASE + 10)
    assert PICTURES["task-stream"](many, 640, 200).height < 210


def test_events_are_marked_where_the_time_is_and_told_in_words() -> None:
    tables = made_up()
    tables.events += [
        {"time": BASE + 2, "kind": "worker-removed", "text": "Scaled down.", "worker": "tcp://x"},
        {"time": BASE + 3, "kind": "restart", "text": HOSTILE, "worker": None},
        {"time": BASE + 99, "kind": "failure", "text": "later", "worker": None},
    ]
    run = cut(tables, BASE, BASE + 10)
    said = "Events: worker removed × 1, restart × 1"
    for name in ("task-stream", "memory"):
        picture = PICTURES[name](run, 640, 160)
        without = PICTURES[name](cut(made_up(), BASE, BASE + 10), 640, 160)
        marks = [picture.markup().count("<polygon") - without.markup().count("<polygon")]
        assert marks == [2]
        assert said in words(picture)
    for text in (plots_html(run, ["memory"], title=""), strip_html(run, summarise(run))):
        assert said in text
        assert HOSTILE not in text


def test_what_failed_is_black_with_an_edge_that_a_dark_page_shows() -> None:
    run = cut(made_up(), BASE, BASE + 10)
    run.rows = [(*row[:5], row[5] | 16) for row in run.rows]
    for name in ("task-stream", "progress"):
        root = ET.fromstring(PICTURES[name](run, 640, 160).markup())
        failed = [node for node in root.iter(f"{SVG}path") if node.get("fill") == "#000000"]
        assert failed
        assert {node.get("stroke") for node in failed} == {"#fff"}


def test_samples_show_all_that_the_panes_do() -> None:
    tables = made_up()
    for worker in tables.names["workers"]:
        worker["host"] = f"machine of {worker['name']}"
    run = cut(tables, BASE, BASE + 10)
    assert words(PICTURES["cpu"](run, 640, 270)).count("MiB/s") > 1
    for word in ("received", "written to disk", "threads"):
        assert word in words(PICTURES["cpu"](run, 640, 270))
    for word in ("occupancy", "workers", "no worker fits"):
        assert word in words(PICTURES["occupancy"](run, 640, 270))
    assert "held 25% at most" in words(PICTURES["event-loop"](run, 640, 200))
    run.workers["gil"] = [math.nan] * len(run.workers["gil"])
    assert NO_GIL in words(PICTURES["event-loop"](run, 640, 200))
    assert "20.0 ms" not in words(PICTURES["event-loop"](run, 640, 200))
    assert "GiB of 1.0 GiB" in words(PICTURES["workers"](run, 640, 140)).replace("MiB", "GiB")
    assert "0 → 1: " in words(PICTURES["transfers"](run, 640, 140))


def test_workers_of_whom_nothing_is_heard_leave_a_gap() -> None:
    run = cut(made_up(workers=2), BASE, BASE + 100)
    times, values = merged(run, "cpu", sum)
    known = [at for at, value in zip(times, values, strict=True) if not math.isnan(value)]
    assert BASE + 10 < max(known) < BASE + 20
    sparse = made_up(workers=2)
    for name, step in (("cluster", 7.0), ("workers", 3.5)):  # two rows of workers to a sample
        times = sparse.columns[name]["time"]
        for place in range(len(times)):
            times[place] = BASE + (place // 2 * 2 * step if name == "workers" else place * step)
    _, values = merged(cut(sparse, BASE, BASE + 340), "cpu", sum)
    assert not any(math.isnan(value) for value in values), "many workers are asked less often"


def test_workers_of_one_machine_tell_the_same_of_it() -> None:
    tables = made_up(workers=3)
    tables.names["workers"][2]["host"] = "another"
    received = tables.columns["workers"]["read"]
    for place in range(1, len(received), 3):  # heard of a little later than its neighbour
        received[place] = 1.5e6
    run = cut(tables, BASE, BASE + 10)
    _, values = machines(run, "read")
    assert set(values[:-1]) == {2.5e6}
    assert "workers' machines network: 2.4 MiB/s at most" in words(PICTURES["cpu"](run, 640, 200))


def test_a_heat_map_tells_the_marks_of_dask_apart() -> None:
    def fills(share: float) -> set[tuple[str, str]]:
        tables = made_up(40, 400, 40)
        used = tables.columns["workers"]["process"]
        used[:] = type(used)(used.typecode, [share * 2**30] * len(used))
        picture = PICTURES["workers-memory"](cut(tables, BASE, BASE + 10), 640, 200)
        return {
            (node.attrib["fill"], node.attrib.get("fill-opacity", "1"))
            for node in ET.fromstring(picture.markup()).iter(f"{SVG}path")
            if node.attrib["fill"] != GREY
        }

    below = [fills(share) for share in (0.05, 0.3, 0.59)]
    bands = [below[-1], *(fills(mark + 0.001) for mark in MARKS)]
    assert all(len(found) == 1 for found in (*below, *bands)), "one amount is one shade"
    assert len(set.union(*below)) == 3
    assert len(set.union(*bands)) == 5
    for mark, before in zip(MARKS, bands, strict=False):
        assert fills(mark - 0.001) == before, "and changes nowhere else"


def test_the_graph_is_laid_out_by_what_is_needed_first() -> None:
    assert columns_of(4, [(0, 1), (1, 2), (0, 2), (3, 2)]) == [0, 1, 2, 0]
    assert columns_of(2, [(0, 1), (1, 0)]) == [0, 0], "what goes round in a circle"
    groups = {**ANSWERS["graph"], "kind": "groups", "states": None, "tasks": 40_000}
    groups.update(
        nodes=groups["nodes"][:3], edges=[0, 1, 1, 2], counts=[[0, 0, 0, 0, 1, 9, 0, 5]] * 3
    )
    run = cut(made_up(), BASE, BASE + 10)
    run.answers = {"graph": groups}
    assert "3 groups of 40,000 tasks" in words(PICTURES["graph"](run, 640, 240))


def test_what_nobody_was_asked_is_said_to_be_unknown() -> None:
    run = cut(made_up(), BASE, BASE + 10)
    for name in ASKED:
        assert "only a cluster that lives tells" in words(PICTURES[name](run, 640, 240))


@pytest.mark.parametrize(
    "change",
    [
        {"nodes": None},
        {"edges": [0, NODES]},
        {"edges": [0]},
        {"states": "9" * NODES},
        {"states": "1"},
        {"states": None},
        {"states": None, "counts": [[1]] * NODES},
        {"kind": "other"},
        {"tasks": "many"},
        {"nodes": [{}] * NODES},
    ],
)
def test_answers_that_cannot_be_drawn_are_left_out(change: dict[str, Any]) -> None:
    assert read_answers(ANSWERS) == ANSWERS
    assert list(read_answers({**ANSWERS, "graph": {**ANSWERS["graph"], **change}})) == ["profile"]


@pytest.mark.parametrize(
    "node", [{"parent": 5}, {"parent": "0"}, {"samples": -1}, {"samples": 0.5}, {"parent": -2}]
)
def test_a_profile_that_cannot_be_drawn_is_left_out(node: dict[str, Any]) -> None:
    nodes = [{**ANSWERS["profile"]["nodes"][0], **node}]
    assert read_answers({"profile": {**ANSWERS["profile"], "nodes": nodes}}) == {}
    assert read_answers(None) == {}
