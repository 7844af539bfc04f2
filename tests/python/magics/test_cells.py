"""Every task knows the cell that it comes from, in real kernels."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from dasklab.client import find
from dasklab.magics import register
from dasklab.magics.cells import current_cell

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
    "pool": "client.submit(abs, -5, key='pool-1').add_done_callback(lambda _: later('callback'))\n"
    "pool.submit(later, 'reused').result()\nassert seen.wait(60)",
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


POOL = """
import threading
from concurrent.futures import ThreadPoolExecutor
pool, seen = ThreadPoolExecutor(1), threading.Event()
def later(name):
    client.submit(abs, -6, key=f"{name}-1").result()
    seen.set()
pool.submit(later, "first").result()
callback = client.submit(abs, -7, key="before-1")
callback.add_done_callback(lambda _: later("early"))
callback.result()
assert seen.wait(60)
seen.clear()
"""


def test_each_way_to_submit(home: Any, kernel: Kernel) -> None:
    loading = "%load_ext dasklab\n%dask start local -n 1 --name named\n" + POOL
    assert not kernel.run(loading, "loading").error
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
    [name] = seen.pop("again")
    own, _, count = name.rpartition("-")
    assert count.isdigit(), "kernel and count, where there is no id"
    assert re.fullmatch("[0-9a-f]{8}", own)
    for name in ("submit", "thread", "await", "span"):
        assert seen[name] == {f"{own}:{name}"}
    sums = {cell for name, found in seen.items() if "sum" in name for cell in found}
    assert sums == {f"{own}:array"}
    assert seen["abs"] == {f"{own}:end"}
    # Threads of a pool, and the one that calls back: who gave the work counts, not who began them.
    assert seen["first"] == seen["early"] == {f"{own}:loading"}, "the cell that loads is one too"
    assert seen["reused"] == seen["callback"] == {f"{own}:pool"}
    columns = find("named").telemetry.tasks()
    assert set(columns[columns["prefix"] == "span"]["span"]) == {"mine"}


def test_two_kernels_that_run_the_same_cell(kernel: Kernel) -> None:
    """A copy of a notebook has cells of the same ids."""
    code = "%load_ext dasklab\nfrom dasklab.magics.cells import current_cell"
    file = "/run/kernel-0a1b2c3d-1111-4222-8333-444455556666.json"  # as a Jupyter server calls it
    with Kernel() as copy:
        app = "from ipykernel.kernelapp import IPKernelApp\nIPKernelApp.instance()"
        assert not copy.run(f"{app}.connection_file = {file!r}").error
        names = []
        for each in (kernel, copy):
            assert not each.run(code).error
            names.append(each.run("print(current_cell())", "same").text.strip())

    assert names[0] != names[1] == "0a1b2c3d:same"
    assert {name.partition(":")[2] for name in names} == {"same"}


def test_it_is_left_as_it_was(notebook: Typist) -> None:
    import threading
    from concurrent.futures import ThreadPoolExecutor

    from distributed import Client

    from dasklab.magics import cells, unregister

    def places() -> list[Any]:
        return [Client._send_to_scheduler, threading.Thread.start, ThreadPoolExecutor.submit]

    with pytest.MonkeyPatch.context() as patch:
        # Shells of other tests are followed as well.
        mine = {id(notebook.shell): cells._followed[id(notebook.shell)]}
        patch.setattr(cells, "_followed", mine)
        changed = places()
        unregister(notebook.shell)
        assert all(after is not before for before, after in zip(changed, places(), strict=True))
        assert not any(hasattr(function, "__wrapped__") for function in places())
        notebook("from dasklab.magics.cells import current_cell\nseen = current_cell()")
        assert notebook.names["seen"] is None

        register(notebook.shell)
        notebook("seen = current_cell()")
        assert notebook.names["seen"] is not None
        assert all(hasattr(function, "__wrapped__") for function in places())


def test_a_pools_thread_works_for_whom_it_is_asked_by(notebook: Typist) -> None:
    notebook("from concurrent.futures import ThreadPoolExecutor\nimport distributed")
    notebook("from dasklab.magics.cells import current_cell\npool = ThreadPoolExecutor(1)")
    notebook("one = pool.submit(current_cell).result(), current_cell()")
    notebook.shell.execution_count += 1  # as with a history
    notebook("two = pool.submit(current_cell).result(), current_cell()")
    names = notebook.names
    assert names["one"][0] == names["one"][1] != names["two"][0] == names["two"][1]
    error = notebook("pool.submit(divmod, 1, 0).result()").error
    assert isinstance(error, ZeroDivisionError)
    assert names["pool"].submit(current_cell).result() is None, "no cell runs"
    names["pool"].shutdown()


def test_a_cell_in_a_cell(notebook: Typist) -> None:
    notebook("from dasklab.magics.cells import current_cell\nseen = []")
    notebook("seen.append(current_cell())\nget_ipython().run_cell('1 + 1')")
    notebook.shell.execution_count += 1  # as with a history
    notebook("seen.append(current_cell())")
    first, second = notebook.names["seen"]
    assert first != second
    assert notebook("1 / 0").error is not None
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
