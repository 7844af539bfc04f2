"""``dasklab.progress`` in a real kernel: it moves while the cell blocks, and stays when saved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import nbformat
import pytest
from nbclient import NotebookClient

from ..magics.kernels import Cell, Kernel

SETUP = """
import time, dask, dasklab
from distributed import Client, Event, LocalCluster, wait

def inc(x):
    time.sleep(0.02)
    return x

def fail(x):
    time.sleep(0.2)
    raise ValueError("no <b>seven</b>")

cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=False,
                       dashboard_address="127.0.0.1:0", silence_logs=50)
client = Client(cluster)
"""

BLOCKING = """
futures = client.map(inc, range(250), pure=False)
watched = dasklab.progress(futures)
{block}
print("after")
"""

HOG = "end = time.time() + 3\nwhile time.time() < end: pass"


@pytest.fixture
def ready(kernel: Kernel) -> Iterator[Kernel]:
    """A kernel with a cluster of its own."""
    assert not kernel.run(SETUP).error
    yield kernel
    kernel.run("client.close(); cluster.close()")


def updates(cell: Cell) -> list[float]:
    """When updates came, before the cell printed anything."""
    printed = min(at for at, m in cell.messages if m["msg_type"] == "stream")
    kind = "update_display_data"
    return [at for at, m in cell.messages if m["msg_type"] == kind and at < printed]


def test_it_moves_while_the_cell_blocks(ready: Kernel) -> None:
    for block in ("_ = wait(futures)", "time.sleep(3.5)", HOG):
        cell = ready.run(BLOCKING.format(block=block))
        assert not cell.error
        times = updates(cell)
        assert len(times) >= 5, f"while the main thread was blocked: {block}"
        for at in times:
            assert sum(at <= other < at + 1.0 for other in times) <= 5, "messages a second"
        assert all(later - at > 0.1 for at, later in pairwise(times))
        [output] = cell.shown.values()
        assert set(output["data"]) == {"text/html", "text/plain"}
        done = [
            int(found.group(1))
            for content in cell.of("update_display_data")
            if (found := re.match(r"(\d+) of 250", content["data"]["text/plain"]))
        ]
        assert done == sorted(done)
        assert len(set(done)) >= 5
        if "wait" in block:
            assert output["data"]["text/plain"].startswith("250 of 250 tasks · done in")
        assert ready.run("watched.wait(30); print(watched.state.end)").text == "done\n"


def test_quiet_shown_once_and_interrupted(ready: Kernel) -> None:
    cell = ready.run(
        "gate = Event('gate')\n"
        "waiting = client.submit(lambda: Event('gate').wait(30))\n"
        "watched = dasklab.progress(waiting)\n"
        "time.sleep(1)\nprint('quiet', flush=True)\ntime.sleep(2)\nprint('end', flush=True)"
    )
    [quiet, end] = [at for at, m in cell.messages if m["msg_type"] == "stream"]
    sent = [at for at, m in cell.messages if m["msg_type"] == "update_display_data"]
    assert sent
    assert not [at for at in sent if quiet < at < end], "nothing changed"
    ready.run("gate.set(); waiting.result()")

    cell = ready.run("watched = dasklab.progress(client.map(abs, range(10)), wait=True)\nwatched")
    assert len(cell.shown) == 1
    assert not cell.of("execute_result")
    [output] = ready.run("watched").shown.values()
    assert output["data"]["text/plain"].startswith("10 of 10 tasks")

    cell = ready.start(
        "futures = client.map(inc, range(150))\ndasklab.progress(futures, wait=True)"
    )
    ready.follow(cell, lambda seen: len(seen.of("update_display_data")) >= 2)
    ready.interrupt()
    ready.follow(cell)
    assert "KeyboardInterrupt" in cell.error
    later = ready.run("_ = wait(futures); print(sum(f.status == 'finished' for f in futures))")
    assert later.text == "150\n", "the work went on"


def test_the_saved_notebook() -> None:
    """Headless, as ``nbconvert --execute`` runs it: the last state is there, and no widget."""
    sources = [
        SETUP,
        "futures = client.map(inc, range(60))\ndasklab.progress(futures)\n_ = wait(futures)",
        "bad = client.map(fail, [7], retries=2)\ndasklab.progress(bad)\n_ = wait(bad)",
        "later = client.map(inc, range(100, 160))\ndasklab.progress(later)",
        "_ = wait(later)",
        "client.close(); cluster.close()",
    ]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in sources]
    )
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    assert "widgets" not in notebook.metadata
    for cell, words in (
        (notebook.cells[1], "60 of 60 tasks · done in"),
        (notebook.cells[2], "0 of 1 task · 1 failed · 2 run again"),
        (notebook.cells[3], "60 of 60 tasks · done in"),  # it ended in a later cell
    ):
        [output] = cell.outputs
        assert output.output_type == "display_data"
        assert set(output.data) == {"text/html", "text/plain"}
        assert words in output.data["text/plain"]
        assert "<script" not in output.data["text/html"]
    assert "no &lt;b&gt;seven&lt;/b&gt;" in notebook.cells[2].outputs[0].data["text/html"]
    assert notebook.cells[4].outputs == []
