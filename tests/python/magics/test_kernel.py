"""``%dask`` in a real kernel: what loading costs, what an interrupt leaves, how scripts end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from dasklab.model.record import Phase

from .kernels import Kernel

HEAVY = (
    "bokeh",
    "dask",
    "distributed",
    "jsonschema",
    "jupyter_client",
    "numpy",
    "rich",
    "yaml",
)

LOAD = """
import sys
before = set(sys.modules)
get_ipython().run_line_magic("load_ext", "dasklab")
print(sorted(set(sys.modules) - before))
"""


def test_loading_imports_nothing_heavy(kernel: Kernel) -> None:
    cell = kernel.run(LOAD)
    assert not cell.error
    added = set(eval(cell.text))
    packages = {name.partition(".")[0] for name in added}
    assert packages <= {"dasklab", "IPython"}
    assert not packages & set(HEAVY)
    # A moment later what the first command needs is there, without a word.
    cell = kernel.run(
        "import time\n"
        "while not ('distributed' in sys.modules\n"
        "           and 'dasklab.magics.commands' in sys.modules): time.sleep(0.01)"
    )
    assert cell.text == ""
    assert not cell.error


@pytest.fixture
def loaded(kernel: Kernel) -> Kernel:
    """A kernel with dasklab loaded."""
    assert not kernel.run("%load_ext dasklab").error
    return kernel


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A module that keeps each worker from starting until the file ``gate`` lies beside it."""
    path = tmp_path / "slow.py"
    gate = tmp_path / "gate"
    path.write_text(f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.02)\n")
    return path


def test_an_interrupted_start_leaves_nothing(loaded: Kernel, slow: Path, registry: Any) -> None:
    cell = loaded.start(f"%dask start local -n 1 --preload {slow}\nprint('not reached')")
    loaded.follow(cell, lambda seen: "Starting 1 worker" in str(seen.shown))
    loaded.interrupt()
    loaded.follow(cell)
    assert cell.error == ("Interrupted: the start of local-1 was cancelled; nothing of it is left.")
    assert cell.text == ""
    [record] = registry.records()[0]
    assert record.phase is Phase.STOPPED
    [card] = cell.shown.values()
    assert "stopped" in card["data"]["text/plain"]
    assert "no cluster yet" in loaded.run("%dask").text
    assert "NameError" in loaded.run("client").error


def test_an_interrupt_in_the_first_moment_leaves_nothing(
    loaded: Kernel, slow: Path, registry: Any
) -> None:
    loaded.run("import dasklab.magics.commands")
    cell = loaded.start(f"print('x', flush=True)\n%dask start local -n 1 --preload {slow}")
    loaded.follow(cell, lambda seen: seen.text)
    loaded.interrupt()
    loaded.follow(cell)
    assert cell.error.startswith(("Interrupted:", "Interrupted.")) or "KeyboardInterrupt" in (
        cell.error
    )
    assert all(record.phase is Phase.STOPPED for record in registry.records()[0])


def test_once_the_scheduler_is_up_an_interrupt_ends_the_waiting_only(
    loaded: Kernel, slow: Path, registry: Any
) -> None:
    cell = loaded.start(f"%dask start local --adapt 1:1 --preload {slow}")
    loaded.follow(cell, lambda seen: "waiting" in str(seen.shown))
    loaded.interrupt()
    loaded.follow(cell)
    assert "goes on" in cell.error
    assert "%dask stop" in cell.error
    assert "\n" not in cell.error
    [record] = registry.records()[0]
    assert not record.phase.ended
    assert "running" in loaded.run("client.status").of("execute_result")[0]["data"]["text/plain"]
    (slow.parent / "gate").touch()
    assert loaded.run("client.wait_for_workers(1, timeout=30)").error == "", "it went on"
    assert "local-1 is stopped" in loaded.run("%dask stop").text


def test_following_logs_until_interrupted(loaded: Kernel) -> None:
    loaded.run("%dask start local -n 0")
    cell = loaded.start("%dask logs -n 1 -f")
    loaded.follow(cell, lambda seen: seen.text)
    loaded.interrupt()
    loaded.follow(cell)
    assert not cell.error, "the way to end it"
    loaded.run("%dask stop")


def _notebook(*cells: str) -> Any:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])


def test_an_error_stops_a_script() -> None:
    notebook = _notebook("%load_ext dasklab", "%dask start locla", "print('not reached')")
    with pytest.raises(CellExecutionError) as caught:
        NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    assert "There is no deployment or profile 'locla'." in str(caught.value)
    assert notebook.cells[2].outputs == []
    [output] = notebook.cells[1].outputs
    assert output.output_type == "error"
    assert "Traceback" not in str(output)


def test_a_saved_notebook_is_inert() -> None:
    notebook = _notebook("%load_ext dasklab", "%dask start local -n 1", "%dask stop")
    NotebookClient(notebook, kernel_name="python3", timeout=60).execute()
    [output] = notebook.cells[1].outputs
    assert output.output_type == "display_data"
    assert set(output.data) == {"text/html", "text/plain"}
    assert "<script" not in output.data["text/html"]
    assert "running" in output.data["text/plain"]
    assert "widgets" not in notebook.metadata


NOT_A_HOST = """import sys, threading
for thread in threading.enumerate():
    if thread.name == "dasklab-publish":
        thread.join()
assert "dasklab.host.notebook" not in sys.modules, "a client of ours needs no host here"
"""


def test_a_standby_is_there_before_the_first_start(
    monkeypatch: pytest.MonkeyPatch, registry: Any, wait_for: Any
) -> None:
    monkeypatch.setenv("DASK_DASKLAB__STANDBY__ENABLED", "true")
    with Kernel() as kernel:
        kernel.run("%load_ext dasklab")
        [path] = wait_for(lambda: list(registry.standbys.glob("*.json")), 40.0)
        cell = kernel.run("%dask start local -n 1\n" + NOT_A_HOST + "%dask stop")
        assert not cell.error
        assert not path.exists(), "it became the host"
