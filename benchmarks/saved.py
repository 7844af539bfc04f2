"""How large a notebook is when it is saved: a strip's picture, and a recording to look into.

A real notebook, run by nbclient as nbconvert does it, with a real cluster and 50,000 tasks.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator

from .figures import Figure
from .kernel import home

__all__ = ("figures",)

TASKS = 50_000
CELLS = (
    "%load_ext dasklab\n%dask start local -n 2",
    f"%%dask\ndone = client.gather(client.map(abs, range({TASKS}), pure=False))",
    "%dask stop",
)


def figures() -> Iterator[Figure]:
    """Kilobytes of a strip: what everybody sees, and with what JupyterLab draws plots from."""
    import nbformat
    from nbclient import NotebookClient

    with home(DASK_DASKLAB__STANDBY__ENABLED="false"):
        cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
        notebook = nbformat.v4.new_notebook(cells=cells)
        NotebookClient(notebook, kernel_name="python3", timeout=900).execute()
    [output] = [each for each in notebook.cells[1].outputs if "text/html" in each.get("data", {})]
    data = dict(output.data)
    [ours] = [name for name in data if name.endswith("+json")]
    recording = data.pop(ours)["recording"]
    yield Figure(
        f"a saved strip of {TASKS:,} tasks, its picture", len(json.dumps(data)) / 1e3, 60, "kB"
    )
    with tempfile.TemporaryDirectory(prefix="dasklab-bench-saved-") as folder:
        path = f"{folder}/saved.ipynb"
        nbformat.write(notebook, path)
        size = os.path.getsize(path) / 1e3
    note = f"{recording['rows']:,} of {TASKS:,} rows in it"
    yield Figure("the notebook, with the recording", size, 1_000, "kB", note)
