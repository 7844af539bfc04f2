"""Recordings inside notebooks: what is in them, and how large they may become."""

from __future__ import annotations

import base64
import json
import random
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from dasklab.client.columns import Tables, gather
from dasklab.errors import InputError
from dasklab.telemetry.frames import split
from dasklab.widgets.bundle import MIME, STRIP, payload
from dasklab.widgets.packing import GROUPS, newest, notebook_recording
from dasklab.widgets.pending import Before
from dasklab.widgets.run import Run, cut, drop_before
from dasklab.widgets.standing import standing
from dasklab.widgets.strip import strip_html
from dasklab.widgets.summary import summarise
from dasklab.widgets.sums import Earlier

from .tables import BASE, made_up

FIXTURE = Path(__file__).parents[2] / "fixtures" / "notebook" / "output.json"


def unpack(recording: dict[str, Any] | None) -> Tables:
    assert recording is not None
    whole = zlib.decompress(base64.b64decode(recording["data"]))
    assert len(whole) == recording["bytes"]
    return gather(split(whole))


def uneven(tasks: int, lanes: int = 64) -> Run:
    """A run whose times do not repeat, as a clock's do not."""
    chance = random.Random(7)
    run = cut(made_up(lanes, tasks, 32), BASE, BASE + 10)
    rows = [
        (row[0] + chance.random() / 10, row[1] * chance.random(), chance.random() * 1e6, *row[3:])
        for row in run.rows
    ]
    return replace(run, rows=sorted(rows, key=lambda row: row[0] + row[1]))


def test_what_was_recorded_is_in_it() -> None:
    run = cut(made_up(tasks=400), BASE, BASE + 10)
    found = unpack(notebook_recording(run))
    columns = found.columns["tasks"]
    kinds = [found.names["kinds"][kind]["prefix"] for kind in columns["kind"]]
    assert kinds == [run.prefixes[row[4]] for row in run.rows]
    assert list(columns["start"]) == pytest.approx([row[0] for row in run.rows], abs=1e-3)
    assert list(found.columns["workers"]["process"]) == pytest.approx(run.workers["process"])
    assert {name: sum(states.values()) for name, states in found.progress.items()} == {
        name: sum(states.values()) for name, states in standing(run).items()
    }
    assert found.end == {"phase": "recorded", "reason": ""}


def grouped(tasks: int = 400) -> Tables:
    """Of which the scheduler has forgotten two groups of eight, and is at work at one more."""
    tables = made_up(tasks=tasks)
    kinds = tables.names["kinds"]
    for number, kind in enumerate(kinds):
        kind["group"] = f"{kind['prefix']}-{number}"
    columns = tables.columns["tasks"]
    columns["kind"] = type(columns["kind"])("H", [n % 8 for n in range(tasks)])
    states = {"memory": 5, "released": 0, "forgotten": tasks, "waiting": 1, "duration": 0.5}
    tables.groups = {kind["group"]: {**states, "prefix": kind["prefix"]} for kind in kinds[2:]}
    tables.groups["new-9"] = {"waiting": 7, "prefix": "new"}
    tables.progress["sum"] = {"forgotten": tasks, "duration": 0.25}
    return tables


def test_groups_are_in_it_and_so_stay_in_a_notebook() -> None:
    run = cut(grouped(), BASE, BASE + 10)
    found = unpack(notebook_recording(run)).groups
    counts = {name: (each["prefix"], each["released"], each["memory"], each["waiting"])
              for name, each in found.items()}  # fmt: skip
    assert len(found) == 9
    assert counts["random_sample-0"] == ("random_sample", 50, 0, 0), "forgotten, but in the rows"
    assert counts["getitem-3"] == ("getitem", 44, 5, 1), "one has failed"
    assert counts["new-9"] == ("new", 0, 0, 7)
    assert found["getitem-3"]["duration"] == 0.5
    again = unpack(notebook_recording(replace(run, groups=found, settled=True)))
    assert again.groups == found


def test_what_is_forgotten_counts_once() -> None:
    """In the panes what is released and what is forgotten are one."""
    found = unpack(notebook_recording(cut(grouped(), BASE, BASE + 10)))
    assert found.progress["sum"]["released"] == 100
    assert found.progress["sum"]["duration"] == 0.25
    for entry in (*found.progress.values(), *found.groups.values()):
        assert "forgotten" not in entry


def test_of_a_cell_only_its_own_groups_are_in_it() -> None:
    tables = grouped()
    other = [kind["group"] for kind in tables.names["kinds"] if kind["cell"] == "elsewhere"]
    mine = {kind["group"] for kind in tables.names["kinds"]} - set(other)
    before = Before({})
    assert set(unpack(notebook_recording(cut(tables, BASE, BASE + 10, "here"))).groups) == mine
    run = cut(tables, BASE, BASE + 10, "here", before=before)
    assert set(unpack(notebook_recording(run)).groups) == {*mine, "new-9"}
    known = Before({"new-9": {"waiting": 7}})
    run = cut(tables, BASE, BASE + 10, "here", before=known)
    assert set(unpack(notebook_recording(run)).groups) == mine


def test_groups_of_rows_that_are_kept_no_more_are_counted() -> None:
    tables = grouped(4_000)
    earlier = Earlier(lambda: BASE)
    drop_before(tables, 1_000, earlier)
    run = cut(tables, BASE, BASE + 10, earlier=earlier)
    assert len(run.rows) == 1_000
    assert unpack(notebook_recording(run)).groups["random_sample-0"]["released"] == 500


def test_of_very_many_groups_the_dearest_stay() -> None:
    tables = made_up(tasks=4_000)
    tables.names["kinds"] = [
        {"prefix": "sum", "group": f"sum-{n}", "span": None, "cell": None} for n in range(1_000)
    ]
    columns = tables.columns["tasks"]
    columns["kind"] = type(columns["kind"])("H", [n % 1_000 for n in range(4_000)])
    columns["duration"][777] = 9.0
    found = unpack(notebook_recording(cut(tables, BASE, BASE + 10))).groups
    assert len(found) == GROUPS
    assert next(iter(found)) == "sum-777"


def test_names_that_nothing_has_are_left_out() -> None:
    run = cut(made_up(tasks=400), BASE, BASE + 10)
    gone = {"worker": "tcp://gone:1", "thread": 0, "name": "gone"}
    idle = {"worker": run.people[0]["address"], "thread": 9, "name": "idle"}
    part = newest(replace(run, lanes=[gone, *run.lanes, idle],
                          rows=[(*r[:3], r[3] + 1, *r[4:]) for r in run.rows]), 10)  # fmt: skip
    assert len(part.rows) == 10
    assert [lane["name"] for lane in part.lanes] == [lane["name"] for lane in run.lanes] + ["idle"]
    assert {kind["cell"] for kind in part.kinds} == {"here"}


def test_sizes_of_a_saved_notebook(tmp_path: Path) -> None:
    """50,000 tasks of 64 threads, with times that hardly compress."""
    run = uneven(50_000)
    picture = strip_html(run, summarise(run), end="done")
    data = {"text/html": picture, "text/plain": "", MIME: payload("strip", STRIP, run=run)}
    sizes = []
    for bundle in (data, {**data, MIME: payload("strip", STRIP)}):
        output = nbformat.v4.new_output("display_data", bundle)
        notebook = nbformat.v4.new_notebook(
            cells=[nbformat.v4.new_code_cell("%%dask", outputs=[output])]
        )
        nbformat.write(notebook, tmp_path / "saved.ipynb")
        sizes.append((tmp_path / "saved.ipynb").stat().st_size)
    assert data[MIME]["recording"]["rows"] > 49_900
    assert 300_000 < sizes[0] < 1_000_000, "with all of it behind it"
    assert sizes[1] < 60_000, "the picture"


def test_only_so_much_as_the_configuration_says(setting: Any) -> None:
    run = uneven(20_000)
    setting("recordings.notebook", "100 kB")
    recording = notebook_recording(run)
    assert recording is not None
    assert 50_000 < len(recording["data"]) <= 100_000
    found = unpack(recording)
    rows = len(found.columns["tasks"]["start"])
    assert rows == recording["rows"] < 10_000
    assert found.columns["tasks"]["start"][-1] == pytest.approx(run.rows[-1][0], abs=1e-3)
    assert found.cursor == len(run.rows) - rows, "how many are not in it"

    setting("recordings.notebook", 0)
    assert notebook_recording(run) is None
    setting("recordings.notebook", "1 kB")
    assert notebook_recording(run) is None, "too little for anything"
    setting("recordings.notebook", "much")
    with pytest.raises(InputError, match="no size"):
        notebook_recording(run)
    assert payload("strip", STRIP, run=run)["recording"] is None, "and the picture is shown"


def test_a_header_that_would_be_too_long_for_the_front_end() -> None:
    run = uneven(20_000)
    names = [{"prefix": f"{n:->300}", "group": None, "span": None, "cell": None}
             for n in range(20_000)]  # fmt: skip
    many = replace(
        run,
        kinds=names,
        prefixes=[name["prefix"] for name in names],
        rows=[(*row[:4], n, row[5]) for n, row in enumerate(run.rows)],
    )
    found = unpack(notebook_recording(many))
    assert 500 < len(found.names["kinds"]) < 5_000
    assert len(json.dumps(found.names)) < 1_000_000


def test_the_output_that_the_front_end_is_tested_with(setting: Any) -> None:
    setting("recordings.rows", 100)
    made = payload("strip", STRIP, title="made up", run=cut(made_up(), BASE, BASE + 10))
    saved = json.loads(FIXTURE.read_text(encoding="utf-8"))
    mine, other = (unpack(each["recording"]) for each in (made, saved))
    assert mine.columns == other.columns, "write it anew"
    assert (mine.names, mine.progress) == (other.names, other.progress)
    assert mine.groups == other.groups
    assert {**made, "recording": None} == {**saved, "recording": None}


@pytest.mark.timeout(240)
def test_a_notebook_of_real_tasks_as_it_is_saved(home: Any, tmp_path: Path) -> None:
    """Run, saved as a front end does, and measured; a part of what a megabyte has to hold."""
    work = "client.gather(client.map(abs, range(2_000), pure=False))"
    sources = ["%load_ext dasklab\n%dask start local -n 2", f"%%dask\n_ = {work}", "%dask stop"]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources]
    )
    NotebookClient(notebook, kernel_name="python3", timeout=120).execute()
    [output] = [each for each in notebook.cells[1].outputs if MIME in each.get("data", {})]
    assert "2,000 tasks" in output.data["text/plain"]
    recording = output.data[MIME]["recording"]
    assert recording["rows"] > 1_999, "more where something was moved"
    found = unpack(recording)
    assert set(found.columns["tasks"]["kind"]) <= set(range(len(found.names["kinds"])))
    assert len(recording["data"]) < 40_000
    assert len(output.data["text/html"]) < 60_000
    nbformat.write(notebook, tmp_path / "saved.ipynb")
    assert (tmp_path / "saved.ipynb").stat().st_size < 120_000
