"""Dask's single-machine schedulers, as a notebook's choice: they compute, are seen, and are left."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from multiprocessing import resource_tracker
from typing import Any

import dask
import pytest
from dask.callbacks import Callback

from dasklab.widgets import computation


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = dask.config.get("scheduler", None), set(Callback.active)
    yield
    resource_tracker._resource_tracker._stop()  # Python's own, which a pool of processes starts
    assert (dask.config.get("scheduler", None), set(Callback.active)) == before


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Show everything, however short."""
    monkeypatch.setattr(computation, "SOON", 0.0)
    monkeypatch.setattr(computation, "GAP", 0.0)


def work(number: int) -> Any:
    def inc(x: int) -> tuple[int, str]:
        return x + 1, threading.current_thread().name

    return [dask.delayed(inc)(n) for n in range(number)]


@pytest.mark.parametrize("kind", ["threads", "synchronous", "processes"])
def test_it_computes_and_is_seen(notebook: Any, at_once: None, kind: str) -> None:
    import operator

    count = "" if kind == "synchronous" else " -n 2"
    shown = notebook(f"%dask start {kind}{count}")
    assert shown.error is None, shown.said
    assert f"scheduler `{kind}`" in shown.out
    assert f"scheduler `{kind}`" in notebook("%dask").out
    calls = [dask.delayed(operator.add)(n, 1) for n in range(20)]
    notebook.shell.user_ns["run"] = lambda: dask.compute(*calls)
    shown = notebook("assert run() == tuple(range(1, 21))")

    assert shown.error is None
    last = shown.displays[-1]["data"]
    assert "20 of 20 tasks" in last["text/plain"]
    assert "done in" in last["text/plain"]
    assert "add" in last["text/html"]
    assert len({d["transient"]["display_id"] for d in shown.displays}) == 1, "one output"
    assert "is left" in notebook("%dask stop").out
    assert "no cluster yet" in notebook("%dask").out


def test_threads_are_as_many_as_were_asked_for(notebook: Any) -> None:
    notebook("%dask start threads -n 3")
    names = {name for _, name in dask.compute(*work(200))}
    notebook("%dask stop")

    assert 1 <= len(names) <= 3
    assert threading.current_thread().name not in names
    assert dask.config.get("num_workers", None) is None


def test_what_is_short_shows_nothing(notebook: Any) -> None:
    notebook("%dask start threads")
    notebook.shell.user_ns["run"] = lambda: dask.compute(*work(5))
    shown = notebook("_ = run()")
    notebook("%dask stop")

    assert shown.displays == []


def test_a_failure_is_shown_and_stays_the_users_own(notebook: Any, at_once: None) -> None:
    def fail(number: int) -> int:
        return 1 // number

    notebook("%dask start synchronous")
    calls = [dask.delayed(fail)(n) for n in (3, 2, 1, 0)]
    notebook.shell.user_ns["run"] = lambda: dask.compute(*calls)
    shown = notebook("run()")
    notebook("%dask stop")

    assert isinstance(shown.error, ZeroDivisionError)
    assert "after" in shown.displays[-1]["data"]["text/plain"]


def test_a_cluster_takes_over_and_gives_back(notebook: Any, launch: Any) -> None:
    notebook("%dask start threads")
    cluster = launch(workers=1)
    notebook(f"%dask use {cluster.name}")
    assert dask.config.get("scheduler") == "dask.distributed"
    notebook("%dask start synchronous")
    assert dask.config.get("scheduler") == "synchronous"
    notebook("%dask stop")
    assert dask.config.get("scheduler") == "dask.distributed"
    assert "is stopped" in notebook("%dask stop").out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%dask start threads --adapt 1:2", "threads has no option --adapt"),
        ("%dask start threads --memory-limit 2GB", "threads has no option --memory-limit"),
        ("%dask start synchronous -n 2", "synchronous cannot run 2 tasks"),
        ("%dask start processes -n 0", "processes cannot run 0 tasks"),
    ],
)
def test_what_makes_no_sense(notebook: Any, line: str, words: str) -> None:
    assert words in notebook(line).said


def test_preview_help_and_nested(notebook: Any, at_once: None) -> None:
    text = notebook("%dask start threads -n 2 --preview").out
    assert "dask.config.set(scheduler='threads', num_workers=2)" in text
    assert "threads of this kernel" in notebook("%dask help start threads").out
    notebook("%dask start threads")
    inner = dask.delayed(lambda: dask.compute(*work(3)))
    notebook.shell.user_ns["run"] = lambda: dask.compute(inner())
    shown = notebook("_ = run()")
    notebook("%dask stop")

    assert shown.error is None
    assert "1 of 1 task" in shown.displays[-1]["data"]["text/plain"]
