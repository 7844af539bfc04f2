"""The demo's notebooks run from top to bottom, as a new user would run them."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from dasklab.client import clusters

BINDER = Path(__file__).parents[3] / "binder"


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", sorted(path.name for path in BINDER.glob("*.ipynb")))
def test_notebook_runs_and_leaves_nothing(name: str, home: Path, tmp_path: Path) -> None:
    shutil.copy(BINDER / "make_data.py", tmp_path)
    data = BINDER / "data"
    if not data.exists():  # made once, kept for the next run
        import subprocess
        import sys

        subprocess.run([sys.executable, str(BINDER / "make_data.py")], check=True)
    (tmp_path / "data").symlink_to(data)
    notebook = nbformat.read(BINDER / name, as_version=4)
    client = NotebookClient(
        notebook, timeout=240, kernel_name="python3", resources={"metadata": {"path": tmp_path}}
    )
    client.execute()
    assert clusters() == []
    text = nbformat.writes(notebook)
    for secret in ("Bearer", "token="):
        assert secret not in text


def test_quickstart_shows_what_it_promises(home: Path) -> None:
    notebook = nbformat.read(BINDER / "quickstart.ipynb", as_version=4)
    source = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    promised = ("%dask start", "%dask scale", "dasklab.progress", "%dask open", "%dask stop")
    assert [line for line in promised if line not in source] == []
    assert all(not cell.get("outputs") for cell in notebook.cells), "commit it without outputs"
