"""The built wheel: what is in it, and that it works where neither node nor JupyterLab is."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ..support import environment_with_pip

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from the sdist, with nothing called node or jlpm on the way from sdist to wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "build", "--sdist", "--outdir", str(folder), str(ROOT)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (sdist,) = folder.glob("*.tar.gz")
    nowhere = folder / "bin"
    nowhere.mkdir()
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder), sdist],
        check=True,
        env={**os.environ, "PATH": str(nowhere)},
    )
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def light(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with ``pip install dasklab`` and nothing else; its interpreter."""
    folder = tmp_path_factory.mktemp("light")
    python = environment_with_pip(folder)
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(wheel)], check=True)
    return python


@pytest.mark.timeout(300)
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


@pytest.mark.timeout(300)
def test_light_install_brings_no_jupyter_server(light: Path) -> None:
    listed = subprocess.run(
        [light, "-m", "pip", "list", "--format=freeze"], check=True, capture_output=True, text=True
    ).stdout.lower()
    for heavy in ("jupyterlab", "jupyter_server", "jupyter-server", "bokeh", "watchfiles"):
        assert heavy not in listed


@pytest.mark.timeout(300)
def test_light_install_launches_and_lists(light: Path, home: Path) -> None:
    script = (
        "import dasklab\n"
        "cluster = dasklab.launch('local', workers=1)\n"
        "with cluster.client() as client:\n"
        "    print(client.submit(sum, [1, 2]).result())\n"
        "print([found.name for found in dasklab.clusters()])\n"
        "cluster.stop()\n"
    )
    ran = subprocess.run([light, "-c", script], check=True, capture_output=True, text=True)
    assert ran.stdout.split("\n")[:2] == ["3", "['local-1']"]
    listed = subprocess.run(
        [light.parent / "dasklab", "list"], check=True, capture_output=True, text=True
    )
    assert "local-1" not in listed.stdout
