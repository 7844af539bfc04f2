"""Recordings, comparing them, and pages about them."""

from __future__ import annotations

import html
import re
import stat
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import dask
import pytest

from dasklab.errors import DiskFull, InputError, NotFound
from dasklab.registry import Registry
from dasklab.telemetry.frames import split
from dasklab.widgets.comparing import compare_html, compare_text
from dasklab.widgets.hot_spots import hot_spots
from dasklab.widgets.pictures import ASKED, TITLES
from dasklab.widgets.recording import Recording, find, listed, save, save_last
from dasklab.widgets.reporting import page, write_report
from dasklab.widgets.run import Run, cut
from dasklab.widgets.standing import standing
from dasklab.widgets.summary import Summary, summarise

from .tables import ANSWERS, BASE, HOSTILE, made_up


def one(tasks: int = 400, shift: float = 0.0) -> tuple[Run, Summary]:
    run = cut(made_up(tasks=tasks), BASE - shift, BASE + 10)
    return run, summarise(run, 7, 9)


def test_what_was_recorded_is_there_again(registry: Registry) -> None:
    run, summary = one()
    path = save("first", HOSTILE, run, summary, registry)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    found = find("first", registry)
    assert found.summary == summary
    assert found.cluster == HOSTILE
    assert len(found.run.rows) == len(run.rows)
    for before, after in zip(run.rows, found.run.rows):
        assert after == pytest.approx(before, abs=1e-3)
    names = [run.prefixes[row[4]] for row in run.rows]
    assert [found.run.prefixes[row[4]] for row in found.run.rows] == names
    assert found.run.cluster["used"] == run.cluster["used"]
    assert summarise(found.run, 7, 9).tasks == summary.tasks
    assert registry.records()[0] == [], "the list of clusters is not disturbed"


def test_a_long_run_is_capped_and_its_figures_are_not(registry: Registry, setting: Any) -> None:
    run, summary = one(60_000)
    path = save("long", "c", run, summary, registry)
    assert path.stat().st_size < 1_000_000
    found = find("long", registry)
    assert len(found.run.rows) == 50_000
    assert found.run.rows[-1][0] == pytest.approx(run.rows[-1][0], abs=1e-3), "the newest"
    assert found.summary.tasks == 60_000
    assert found.run.left_out == 10_000
    assert standing(found.run) == standing(run), "progress is the whole run's"
    save("again", "c", found.run, found.summary, registry)
    assert find("again", registry).run.left_out == 10_000
    setting("recordings.rows", 10)
    save("short", "c", run, summary, registry)
    assert len(find("short", registry).run.rows) == 10


def test_the_last_runs_are_few(registry: Registry) -> None:
    save("kept", "c", *one(), registry)
    for number in range(8):
        save_last("c", *one(shift=-number / 100), registry)
    names = [recording.name for recording in listed(registry)]
    assert sorted(names) == ["kept", "last", "last-2", "last-3", "last-4", "last-5"]
    assert find("last", registry).since > find("last-2", registry).since


def test_a_path_is_where_it_is_written(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "mine.dasklab"
    assert save(str(path), "c", *one(), registry) == path
    assert find(str(path), registry).name == "mine"
    assert listed(registry) == []


@pytest.mark.parametrize("name", ["", "../up", "a/b", "a b", ".hidden", "x" * 61, HOSTILE])
def test_names_that_are_none(registry: Registry, name: str) -> None:
    with pytest.raises(InputError, match="cannot be called"):
        save(name, "c", *one(), registry)


def test_damaged_recordings(registry: Registry, tmp_path: Path) -> None:
    good = save("good", "c", *one(), registry)
    whole = good.read_bytes()
    first = next(iter(split(zlib.decompress(whole))))
    bad = {
        "cut": whole[:-9],
        "empty": b"",
        "text": b"not one",
        "bomb": zlib.compress(bytes(70_000_000)),
        "plain": zlib.compress(first),
    }
    for name, content in bad.items():
        good.with_name(f"{name}.dasklab").write_bytes(content)
        with pytest.raises(InputError, match="damaged"):
            find(name, registry)
    assert [recording.name for recording in listed(registry)] == ["good"]
    with pytest.raises(NotFound, match="no recording"):
        find("missing", registry)
    with pytest.raises(DiskFull, match="cannot be written"):
        save("/proc/nowhere/x.dasklab", "c", *one(), registry)


def recording(name: str, tasks: int = 400) -> Recording:
    return Recording(name, "cluster", *one(tasks))


def test_compared() -> None:
    text = compare_text(recording("slow", 4_000), recording("fast", 400))
    assert "× 0.10" in next(line for line in text.splitlines() if line.startswith("tasks"))
    assert len(text.splitlines()) >= 16
    shown = compare_html(recording(HOSTILE), recording("b"))
    assert "<script" not in shown
    assert shown.count("data:image/svg+xml;base64,") == 4


def test_what_a_picture_lacks_is_said(registry: Registry, setting: Any) -> None:
    setting("recordings.rows", 300)
    save("cut", "c", *one(400), registry)
    cut_off, whole = find("cut", registry), recording("whole")
    said = "lacks the oldest 100 rows"

    assert said in page(cut_off)
    assert said not in page(whole)
    assert compare_html(cut_off, whole).count(said) == 1
    assert f"cut: The task stream {said}" in compare_text(cut_off, whole)
    assert "lacks" not in compare_text(whole, whole)


class Reader(HTMLParser):
    """Collects what could fetch or run something."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("src", "href", "action", "data"):
                self.addresses.append(str(value)[:30])
            if name.startswith("on"):
                self.handlers.append(name)


def test_a_report_needs_nothing_and_runs_nothing(tmp_path: Path) -> None:
    reader = Reader()
    reader.feed(page(recording(HOSTILE)))
    assert not reader.tags & {"script", "link", "iframe", "object", "embed", "form"}
    assert set(reader.addresses) == {"data:image/svg+xml;base64,PHN2"}
    assert reader.handlers == []
    assert len(page(recording("big", 60_000))) < 400_000
    assert write_report(str(tmp_path / "a.html"), recording("a")).exists()
    with pytest.raises(InputError, match="does not end in"):
        write_report("a.txt", recording("a"))
    with pytest.raises(DiskFull):
        write_report("/proc/a.html", recording("a"))


def test_functions_that_were_at_work_most() -> None:
    def node(parent: int, name: str, samples: int) -> dict[str, Any]:
        found = {"parent": parent, "name": name, "samples": samples}
        return {**found, "file": "f.py", "line": 3, "code": ""}

    nodes = [
        node(-1, "outer", 90),
        node(0, "inner", 60),
        node(1, "outer", 20),  # that calls it again
        node(-1, HOSTILE, 10),
    ]
    profile = {"samples": 100, "interval": 0.01, "nodes": nodes, "left_out": 0}
    found = {spot.name: (spot.itself, spot.whole) for spot in hot_spots(profile)}

    assert found == {"outer": (0.5, 0.9), "inner": (0.4, 0.6), HOSTILE: (0.1, 0.1)}
    assert [spot.name for spot in hot_spots(profile, 1)] == ["outer"]
    asked = recording("a")
    asked.run.answers = {"profile": profile}
    text = page(asked)
    assert "By function" in text
    assert "f.py:3" in text
    assert HOSTILE not in text
    asked.run.answers = {"profile": {**profile, "samples": 0, "nodes": []}}
    assert "By function" not in page(asked)


def headings(text: str) -> list[str]:
    return re.findall(r"<h2>([^<]*)</h2>", html.unescape(text))


def test_a_report_shows_what_the_cluster_was_asked_and_with_what_it_was_made(
    registry: Registry,
) -> None:
    asked = recording("a")
    told = [title for name, title in TITLES.items() if name not in ASKED]
    assert headings(page(asked)) == [*told, "By prefix"]
    assert f"Dask {dask.__version__} · 4 workers, 8 threads in all" in page(asked)

    asked.run.answers = ANSWERS
    save("kept", "c", asked.run, asked.summary, registry)
    kept = find("kept", registry)
    for each in (asked, kept):
        assert headings(page(each)) == [*TITLES.values(), "By prefix", "By function"]
        assert re.search(r'alt="Task graph: 1,100 tasks', page(each))
        assert re.search(r'alt="Profile of [\d.]+ s of tasks', page(each))
    assert kept.dask == dask.__version__
    kept.dask = ""
    assert "<p>4 workers, 8 threads in all</p>" in page(kept)
