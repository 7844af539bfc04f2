"""Every task knows the cell that it comes from, in real kernels."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

from dasklab.client import find

from ..support import wait_for
from .conftest import Typist
from .kernels import Kernel

WAY = {
    "submit": "client.submit(abs, -1, key='submit-1').result()",
    "array": "import dask.array as da\nx = da.ones(4, chunks=2).sum().compute()",
    "thread": (
        "import threading, time\n"
        "def work():\n"
        "    gate.wait()\n"
        "    client.submit(abs, -2, key='thread-1').result()\n"
        "gate = threading.Event()\nrunner = threading.Thread(target=work)\nrunner.start()"
    ),
    "await": "import asyncio\nasync def later():\n    return client.submit(abs, -3, key='await-1')\n"
    "z = (await asyncio.create_task(later())).result()",
    "span": (
        "from distributed import span\nwith span('mine'):\n"
        "    client.submit(abs, -4, key='span-1').result()\n"
        "names = client.run_on_scheduler(lambda dask_scheduler:"
        " list(dask_scheduler.extensions['spans'].spans_search_by_name))\n"
        "print(('mine',) in names)"
    ),
}


def test_each_way_to_submit(home: Any, kernel: Kernel) -> None:
    assert not kernel.run("%load_ext dasklab\nimport time").error
    assert not kernel.run("%dask start local -n 1 --name named").error
    for name, code in WAY.items():
        cell = kernel.run(code, name)
        assert not cell.error
        if name == "span":
            assert cell.text == "True\n", "the user's own spans are called as they were"
    # The thread of an earlier cell goes on while a later one runs.
    assert not kernel.run("gate.set(); runner.join()\nfutures = client.map(abs, [7])", "end").error
    again = kernel.run("y = client.submit(abs, -9, key='again-1').result()")
    assert not again.error

    def cells() -> dict[str, set[str]]:
        columns = find("named").telemetry.tasks().to_dict("list")
        found: dict[str, set[str]] = {}
        for prefix, cell in zip(columns["prefix"], columns["cell"], strict=True):
            found.setdefault(prefix, set()).add(str(cell))
        return found

    wait_for(lambda: {"again", "abs"} <= cells().keys(), 20)
    seen = cells()
    for name in ("submit", "thread", "await", "span"):
        assert seen[name] == {name}
    assert {cell for name, found in seen.items() if "sum" in name for cell in found} == {"array"}
    assert seen["abs"] == {"end"}
    [own] = seen["again"]
    assert own.rpartition("-")[2].isdigit(), "kernel and count, where there is no id"
    columns = find("named").telemetry.tasks()
    assert set(columns[columns["prefix"] == "span"]["span"]) == {"mine"}


def test_a_cell_in_a_cell(notebook: Typist) -> None:
    notebook("from dasklab.magics.cells import current_cell\nseen = []")
    notebook("seen.append(current_cell())\nget_ipython().run_cell('1 + 1')")
    notebook.shell.execution_count += 1  # as with a history
    notebook("seen.append(current_cell())")
    first, second = notebook.names["seen"]
    assert first != second
    assert notebook("1 / 0").error is not None
    from dasklab.magics.cells import current_cell

    assert current_cell() is None


def test_nothing_of_dask_is_imported_for_it() -> None:
    code = (
        "import sys\nfrom IPython.core.interactiveshell import InteractiveShell\n"
        "from dasklab.magics import warmth\nwarmth._begun = True\n"
        "shell = InteractiveShell()\nshell.run_line_magic('load_ext', 'dasklab')\n"
        "shell.run_cell('1')\nassert not {'dask', 'distributed'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_it_can_be_switched_off(
    kernel: Kernel, monkeypatch: Any, launch: Callable[..., Any]
) -> None:
    kernel.run("import dask\ndask.config.set({'dasklab.cells': False})\n%load_ext dasklab")
    cluster = launch(name="silent")
    assert not kernel.run("%dask use silent\nx = client.submit(abs, -1).result()", "c").error
    wait_for(lambda: len(cluster.telemetry.tasks()), 20)
    assert cluster.telemetry.tasks()["cell"].isna().all()
    cluster.stop()
