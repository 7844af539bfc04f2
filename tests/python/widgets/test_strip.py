"""``%%dask``: the strip beneath a cell, live in a real kernel and as it is saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from dasklab.registry import Registry
from dasklab.shared import write_shared
from dasklab.widgets.bundle import MIME
from dasklab.widgets.run import cut
from dasklab.widgets.strip import strip_html, strip_text
from dasklab.widgets.summary import difference, figures, shares, summarise

from ..magics.kernels import Cell, Kernel
from .tables import BASE, HOSTILE, made_up

FIXTURE = Path(__file__).parents[2] / "fixtures" / "notebook" / "strip.html"
SETUP = "%load_ext dasklab\n%dask start local -n 2"
WORK = """%%dask
import time
def work(x):
    time.sleep(0.05)
    return x
futures = client.map(work, range(100), pure=False)
_ = client.gather(futures)
"""


@pytest.fixture
def ready(kernel: Kernel) -> Iterator[Kernel]:
    """A kernel with a cluster."""
    cell = kernel.run(SETUP)
    assert not cell.error
    yield kernel
    kernel.run("%dask stop --all")


def words(cell: Cell) -> str:
    """The text of the strip: the last of its outputs."""
    return str(list(cell.shown.values())[-1]["data"]["text/plain"])


def test_live_then_a_summary(ready: Kernel) -> None:
    cell = ready.run(WORK + "sum(range(4))")
    assert not cell.error
    times = [
        m["header"]["date"].timestamp()
        for _, m in cell.messages
        if m["msg_type"] == "update_display_data"
    ]
    assert len(times) >= 4, "it moves while the cell blocks the kernel"
    assert all(later >= at for at, later in pairwise(times))
    live = times[:-2]  # the end is shown when it comes
    for at in live:
        assert sum(at <= other < at + 1.0 for other in live) <= 6, "five a second"
    [output] = cell.shown.values()
    assert set(output["data"]) == {"text/html", "text/plain", MIME}
    assert len(output["data"]["text/html"]) < 60_000
    found = re.fullmatch(
        r"([\d.]+) s · 100 tasks · 2 threads · (.*compute \d+%.*) · .* moved · peak .*",
        words(cell),
    )
    assert found, words(cell)
    assert float(found.group(1)) >= 2.5
    assert cell.of("execute_result")[0]["data"]["text/plain"] == "6", "the cell's own value"
    assert "dasklab:open-plot" in output["data"]["text/html"]

    # Somebody else's tasks are not this cell's.
    cell = ready.run("%%dask\nimport time\ntime.sleep(0.1)")
    assert " · 0 tasks · " in words(cell)


def test_errors_and_interrupts(ready: Kernel) -> None:
    cell = ready.run(WORK + "1 / 0")
    assert "ZeroDivisionError" in cell.error
    assert re.search(r"line.{0,30}8", cell.error), "the line that it is in the notebook"
    assert words(cell).startswith("The cell failed · ")

    cell = ready.run(
        "%%dask\ndef bad(x):\n    raise ValueError('no')\nclient.submit(bad, 1).result()"
    )
    assert "ValueError" in cell.error
    assert "1 failed" in words(cell)

    cell = ready.start(WORK.replace("range(100)", "range(10_000)"))
    ready.follow(cell, lambda seen: len(seen.of("update_display_data")) >= 3)
    ready.interrupt()
    ready.follow(cell)
    assert "KeyboardInterrupt" in cell.error
    assert words(cell).startswith("Interrupted · ")
    assert int(re.findall(r"([\d,]+) tasks", words(cell))[0]) > 0
    ready.run("del futures")

    cell = ready.run("%%dask\nimport asyncio\nawait asyncio.sleep(0)\n'awaited'")
    assert cell.of("execute_result")[0]["data"]["text/plain"] == "'awaited'"
    assert " tasks · " in words(cell)


def test_the_cluster_ends_meanwhile(ready: Kernel) -> None:
    cell = ready.run(WORK + "%dask stop")
    assert "100 tasks" in words(cell)
    assert "local-1 is stopped" in words(cell)


def test_the_saved_notebook(home: Any) -> None:
    sources = [SETUP, WORK, "%%dask\n1 + 1", "%dask stop"]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources]
    )
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    assert "widgets" not in notebook.metadata
    [output] = notebook.cells[1].outputs
    assert output.data["text/plain"].count(" · 100 tasks · ") == 1
    assert output.data["text/html"].count("data:image/svg+xml;base64,") >= 4
    assert "<script" not in output.data["text/html"]


def test_figures_add_up() -> None:
    run = cut(made_up(tasks=4_000), BASE, BASE + 10)
    found = summarise(run, 5, 2**30)
    assert (found.tasks, found.threads, found.failed) == (4_000, 8, 1)
    assert found.compute + found.transfer + found.idle == pytest.approx(80, rel=1e-3)
    assert sum(share for _, share in shares(found)) == pytest.approx(1)
    assert sum(part.tasks for part in found.prefixes.values()) == 4_000
    said = " · ".join(figures(found))
    assert "1.0 GiB spilled" in said
    assert "1 failed" in said
    other = summarise(cut(made_up(tasks=400), BASE, BASE + 10))
    assert {name for name, _, _ in difference(found, other)} == set(found.prefixes)


def test_hostile_names_and_size() -> None:
    run = cut(made_up(64, 60_000, 200), BASE, BASE + 10)
    text = strip_html(run, summarise(run), end="done", note=HOSTILE, cluster='"><script>')
    assert "<script" not in text
    assert len(text) < 60_000
    assert HOSTILE[:8] not in text
    assert "\n" not in strip_text(summarise(run), "done", "a\nb")


def test_a_strip_beneath_every_cell_that_uses_dask(ready: Kernel) -> None:
    work = WORK.replace("%%dask\n", "").replace("range(100)", "range(20)")
    assert ready.run(work).shown == {}
    ready.run("import dask\ndask.config.set({'dasklab.strips': True})")
    cell = ready.run(work)
    assert " · 20 tasks · " in words(cell)
    assert len(cell.shown) == 1
    assert ready.run("1 + 1").shown == {}
    assert len(ready.run("%%dask\n" + work).shown) == 1, "one is enough"


def test_where_the_setting_of_jupyterlab_says_so(ready: Kernel, registry: Registry) -> None:
    work = WORK.replace("%%dask\n", "").replace("range(100)", "range(20)")
    write_shared(registry, {"strips": True})
    assert " · 20 tasks · " in words(ready.run(work))
    write_shared(registry, {"strips": False})
    assert ready.run(work).shown == {}


def test_the_strip_that_the_front_end_is_tested_with() -> None:
    """``tests/ts`` looks at what JupyterLab leaves of it in an untrusted notebook."""
    run = cut(made_up(2, 40, 2), BASE, BASE + 10)
    text = strip_html(run, summarise(run), end="done", cluster="0" * 32) + "\n"
    assert FIXTURE.read_text(encoding="utf-8") == text, "write it anew"
