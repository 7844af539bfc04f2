"""The built wheel: what is in it, and that it works where neither node nor JupyterLab is.

Kernels' environments are as old as they may be here: the oldest Python of this machine, and of all
that dasklab needs the oldest that pyproject.toml allows.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ..environments import (
    ROOT,
    environment_over,
    environment_with_pip,
    floors,
    oldest_python,
    run,
)

pytestmark = pytest.mark.timeout(300)  # environments are made first


@pytest.fixture(scope="module")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment of processes that find no program: no node, no jlpm."""
    return {**os.environ, "PATH": str(tmp_path_factory.mktemp("bin"))}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory, nowhere: dict[str, str]) -> Path:
    """Built from the sdist, with nothing called node or jlpm on the way from sdist to wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--sdist", "--outdir", str(folder), str(ROOT)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (sdist,) = folder.glob("*.tar.gz")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder), sdist],
        check=True,
        env=nowhere,
    )
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def light(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An old environment with ``pip install dasklab`` and nothing else; its interpreter."""
    python = environment_with_pip(tmp_path_factory.mktemp("light"), oldest_python())
    run(python, "-m", "pip", "install", "--quiet", wheel, *floors().values())
    return python


def test_wheel_holds_the_front_end_and_the_server_configuration(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    data = [name.partition(".data/data/")[2] for name in names if ".data/data/" in name]
    assert "share/jupyter/labextensions/dasklab/package.json" in data
    assert any(name.startswith("share/jupyter/labextensions/dasklab/static/") for name in data)
    assert "share/jupyter/labextensions/dasklab/schemas/dasklab/package.json.orig" in data
    assert "etc/jupyter/jupyter_server_config.d/dasklab.json" in data
    wanted = (
        "dasklab.yaml",
        "py.typed",
        "server/openapi.yaml",
        "static/widget.js",
        "static/widget.css",
    )
    for each in wanted:
        assert f"dasklab/{each}" in names
    assert not [name for name in names if "/tests/" in name or name.endswith(".tgz")]


def test_jupyter_finds_the_front_end_and_the_server_extension(
    wheel: Path, nowhere: dict[str, str], tmp_path: Path
) -> None:
    python = environment_over(tmp_path / "lab", str(wheel))

    def listed(module: str) -> str:
        done = subprocess.run(
            [python, "-m", module, "list"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True, text=True, env=nowhere,
        )  # fmt: skip
        return re.sub(r"\x1b\[\d+m", "", done.stdout)

    version = wheel.name.split("-")[1]
    front_end = listed("jupyterlab.labextensions")
    assert f"{tmp_path}/lab/share/jupyter/labextensions" in front_end
    assert f"dasklab v{version} enabled OK (python, dasklab)" in front_end
    server = listed("jupyter_server.extension.serverextension")
    found = server.partition(f"Config dir: {tmp_path}/lab/etc/jupyter")[2]
    assert "dasklab enabled" in found
    assert f"dasklab {version} OK" in found


def test_light_install_brings_no_jupyter_server(light: Path) -> None:
    listed = run(light, "-m", "pip", "list", "--format=freeze").lower()
    for heavy in ("jupyterlab", "jupyter_server", "jupyter-server", "bokeh", "watchfiles"):
        assert heavy not in listed
    assert floors()["distributed"].removesuffix("*") in listed


def test_light_install_launches_and_lists(light: Path, home: Path) -> None:
    script = (
        "import dasklab\n"
        "cluster = dasklab.launch('local', workers=1)\n"
        "with cluster.client() as client:\n"
        "    print(client.submit(sum, [1, 2]).result())\n"
        "print([found.name for found in dasklab.clusters()])\n"
        "cluster.stop()\n"
    )
    ran = run(light, "-c", script)
    assert ran.split("\n")[:2] == ["3", "['local-1']"]
    assert "local-1" not in run(light.parent / "dasklab", "list")


NOTEBOOK = """
%load_ext dasklab
%dask start local -n 2 --name old
def load(n):
    with open("loaded", "a") as file:
        file.write("x")
    return bytes([n]) * 100_000
futures = client.map(load, range(40))
print(sum(map(len, client.gather(futures))), "bytes of two workers")
%dask scale 1 --wait
print(sum(map(len, client.gather(futures))), "bytes of one")
%dask plot task-stream
%dask versions
import dasklab
with dasklab.report("old.html"):
    client.submit(sum, [3, 4]).result()
%dask stop
"""


def test_magics_in_the_oldest_kernel(light: Path, home: Path, tmp_path: Path) -> None:
    """Also without numpy and pandas; what a worker held that was let go is not computed again."""
    (tmp_path / "notebook.ipy").write_text(NOTEBOOK)
    done = subprocess.run(
        [light, "-m", "IPython", "--no-banner", "--colors=NoColor", "notebook.ipy"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True, cwd=tmp_path,
        timeout=200,
    )  # fmt: skip
    said = done.stdout
    assert done.returncode == 0, said
    for words in (
        "4000000 bytes of two workers\n",
        "4000000 bytes of one\n",
        "old: the last 1 min: ",
        "and Python, are the same in this notebook, the scheduler and 1 worker.",
        "old is stopped.",
    ):
        assert words in said, said
    assert (tmp_path / "loaded").stat().st_size == 40
    assert "data:image/svg+xml" in (tmp_path / "old.html").read_text()
