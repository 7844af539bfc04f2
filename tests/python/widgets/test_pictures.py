"""Pictures: inert, small, of everything that happened, and of the right colours."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from dasklab.client.columns import Tables
from dasklab.widgets.pictures import PICTURES, TITLES
from dasklab.widgets.pictures.ink import PALETTE, colour_of, ink
from dasklab.widgets.pictures.stream import SHADES
from dasklab.widgets.pictures.svg import Svg, ticks
from dasklab.widgets.run import cut, drop_before

from ..support import SOURCE
from .tables import BASE, HOSTILE, made_up

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
    picture = PICTURES[name](cut(made_up(*size), BASE, BASE + 10), 640, 160)
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


def test_the_panel_offers_for_notebooks_what_can_be_drawn_there() -> None:
    names = (SOURCE.parents[1] / "src" / "plots" / "names.ts").read_text(encoding="utf-8")
    offered = re.search(r"NOTEBOOK_PLOTS[^=]*= \[(.*?)\];", names, re.DOTALL)

    assert offered is not None
    assert re.findall(r"'([\w-]+)'", offered[1]) == list(PICTURES)
