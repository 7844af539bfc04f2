"""``%dask plot``, ``record``, ``compare``, ``report`` on a real cluster, in a real kernel."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import dasklab
from dasklab.errors import InputError
from dasklab.widgets.bundle import MIME

from .kernels import Kernel

WORK = """
import time
futures = client.map(lambda x: time.sleep(0.02) or x, range({count}), pure=False)
_ = client.gather(futures)
"""


def pictures(output: dict[str, Any]) -> list[str]:
    """The titles of the pictures of an output."""
    return re.findall(r'<img [^>]*alt="([^"]*)"', output["data"]["text/html"])


def assert_asked(page: str) -> None:
    """A report has the pictures of what its cluster tells only when it is asked."""
    assert re.search(r'alt="Task graph: \d+ task', page)
    assert re.search(r'alt="Profile of [\d.]+ s of tasks', page)


def test_live_recorded_compared_reported_and_after_the_end(kernel: Kernel, home: Path) -> None:
    assert not kernel.run("%load_ext dasklab\n%dask start local -n 2").error

    live = kernel.run("%dask plot --last 30s" + WORK.format(count=150), "plot")
    assert not live.error
    assert len(live.of("update_display_data")) >= 3, "while the cell blocks the kernel"
    [output] = live.shown.values()
    assert output["data"]["text/html"].count("data:image/svg+xml") == 4
    assert len(output["data"]["text/html"]) < 100_000

    others = "event-loop durations workers transfers graph profile"
    rest = kernel.run(f"%dask plot {others}" + WORK.format(count=40), "others")
    assert not rest.error
    others_id = rest.of("display_data")[0]["transient"]["display_id"]
    titles = pictures(rest.shown[others_id])
    assert [title.split()[0].rstrip(":") for title in titles] == [
        "Event", "Durations", "2", "Transfers", "Task", "Profile",
    ]  # fmt: skip
    assert re.search(r"Task graph: \d+ tasks", titles[4]), "it was asked"

    for name, count in (("one", 20), ("two", 40)):
        cell = kernel.run(f"%%dask --record {name}" + WORK.format(count=count))
        assert not cell.error
    assert kernel.run("%dask record three --last 60s").text.startswith("Recorded as three: ")
    text = kernel.run("%dask recordings").text
    assert {line.split()[0] for line in text.splitlines()} == {
        "one", "two", "three", "last", "last-2",
    }  # fmt: skip
    [shown] = kernel.run("%dask compare one two").shown.values()
    line = next(x for x in shown["data"]["text/plain"].splitlines() if x.startswith("tasks"))
    assert line.split() == ["tasks", "20", "40", "×", "2.00"]
    assert "40 tasks" in kernel.run(f"%dask report {home}/two.html two").text
    assert (home / "two.html").read_text().startswith("<!doctype html>")
    # Of the run before, while its cluster lives: also what that has to be asked for.
    assert "40 tasks" in kernel.run(f"%dask report {home}/last.html").text
    assert_asked((home / "last.html").read_text())

    # A recording as plots, with nothing of a cluster behind them.
    [shown] = kernel.run("%dask plot task-stream memory --recording two").shown.values()
    assert len(pictures(shown)) == 2
    assert shown["data"][MIME]["cluster"] is None
    assert shown["data"][MIME]["recording"]["rows"] >= 40
    assert shown["data"]["text/plain"].startswith("two: ")

    # Dask's own means go on beside it.
    code = (
        "from distributed import get_task_stream, performance_report\n"
        "from distributed.diagnostics import MemorySampler\nimport dasklab\n"
        "sampler = MemorySampler()\n"
        f"with get_task_stream() as stream, performance_report('{home}/dask.html'),"
        f" sampler.sample('x', interval=0.1), dasklab.report('{home}/ours.html'):"
        + WORK.format(count=30).replace("\n", "\n    ").replace("0.02", "0.1")
        + "\n    time.sleep(0.3)\nprint(len(stream.data))"
    )
    both = kernel.run("%%dask\n" + code)
    assert not both.error
    assert both.text == "30\n"
    assert (home / "dask.html").stat().st_size > 1_000
    page = (home / "ours.html").read_text()
    assert re.search(r"· 30 tasks ·", page)
    assert " moved · " in page, "the client asks workers for what they sent"
    assert "By function" in page
    assert_asked(page)
    assert re.search(r"Dask [\d.]+ · 2 workers, \d+ threads in all", page)

    # Of the client's own cluster, not of the newest; and where code waits.
    other = f"other = dasklab.launch(name='newer')\nasync with dasklab.report('{home}/a.html'):"
    work = WORK.format(count=10).replace("\n", "\n    ")
    assert not kernel.run(other + work + "\nother.stop()").error
    page = (home / "a.html").read_text()
    assert "local-1" in page
    assert "· 10 tasks ·" in page

    cell = kernel.run("%dask stop\ntime.sleep(1.0)")
    shown = cell.shown
    rest_last = shown.pop(others_id)
    assert re.search(r"Task graph: \d+ tasks", " ".join(pictures(rest_last)))
    assert re.search(r"Profile of [\d.]+ s of tasks", " ".join(pictures(rest_last)))
    assert rest_last["data"][MIME]["recording"]["rows"] > 0
    [last] = [each["data"] for each in shown.values() if MIME in each["data"]]
    assert "local-1 is stopped" in last["text/plain"]
    assert re.search(r"· [1-9]\d* tasks ·", last["text/plain"])
    assert last["text/html"].count("data:image/svg+xml") == 4, "its history stays"
    assert "one" in kernel.run("%dask compare one two").shown.popitem()[1]["data"]["text/plain"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("plot task-strem", "Did you mean task-stream?"),
        ("plot workrs", "Did you mean workers?"),
        ("plot zzz", "There are: task-stream, "),
        ("plot --last soon", "is no duration"),
        ("plot --last=-5s", "in the future"),
        ("plot --last 0", "in the future"),
        ("plot", "has no cluster yet"),
        ("plot --recording a", "no recording 'a'"),
        ("plot --recording a --last 5s", "A recording is shown whole"),
        ("record 'a b'", "has no cluster yet"),
        ("compare a", "needs"),
        ("compare a b", "no recording 'a'"),
        ("report run.txt", "no recording"),
    ],
)
def test_bad_input(notebook: Any, line: str, message: str) -> None:
    shown = notebook(f"%dask {line}")
    assert shown.error is not None
    assert message in shown.said


def test_a_report_of_a_wrong_name() -> None:
    with pytest.raises(InputError, match=r"does not end in \.html"), dasklab.report("a.pdf"):
        pass
