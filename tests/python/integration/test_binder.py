"""The demo as Binder makes it: an environment from the files of ``binder/``, and nothing else.

Without docker and conda, the same steps in a folder of its own: a clean copy of the checkout, a new
environment, ``requirements.txt`` installed from the copy's root, then ``postBuild``. As with
repo2docker, the copy is also the home folder.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest

from dasklab.registry import Registry

from ..environments import environment_with_pip
from ..support import wait_for

ROOT = Path(__file__).parents[3]
BINDER = ROOT / "binder"
NOTEBOOKS = sorted(path.name for path in BINDER.glob("*.ipynb"))

pytestmark = pytest.mark.timeout(600)


class Image:
    """What an image of repo2docker holds.

    Parameters
    ----------
    home
        The copy of the checkout.
    bin
        The programs of the environment.
    """

    def __init__(self, home: Path, bin: Path) -> None:
        self.home, self.bin = home, bin

    @property
    def environ(self) -> dict[str, str]:
        """As in a container: little, and a home that is the repository."""
        kept = ("DASKLAB_HOME", "LANG", "TMPDIR", "PYTHONDONTWRITEBYTECODE")
        return {
            **{name: os.environ[name] for name in kept if name in os.environ},
            "HOME": str(self.home),
            "PATH": f"{self.bin}:{os.environ['PATH']}",
        }

    def run(self, *command: object, **environ: str) -> str:
        """Run a command in the root of the copy; what it printed."""
        ran = subprocess.run(
            [str(word) for word in command],
            cwd=self.home,
            env={**self.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, f"{command}:\n{ran.stdout[-6000:]}"
        return ran.stdout


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Built once; the data is linked if the checkout has it: it takes a while and is no news."""
    folder = tmp_path_factory.mktemp("binder")
    home = folder / "jovyan"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, home / name)
    if (BINDER / "data").exists():
        (home / "binder" / "data").symlink_to(BINDER / "data")
    environment_with_pip(folder / "env")
    image = Image(home, folder / "env" / "bin")
    # Building may use the caches and settings of this machine: on Binder it has its own.
    building = {**os.environ, "PATH": image.environ["PATH"]}
    image.run("pip", "install", "--quiet", "-r", "binder/requirements.txt", **building)
    image.run("binder/postBuild")
    return image


def test_the_files_are_those_that_repo2docker_reads() -> None:
    names = {path.name for path in BINDER.iterdir()}
    assert {"requirements.txt", "runtime.txt", "postBuild"} <= names
    # One of these would be read instead of requirements.txt.
    assert not names & {"environment.yml", "Dockerfile", "Pipfile", "setup.py"}
    assert os.access(BINDER / "postBuild", os.X_OK)
    version = (BINDER / "runtime.txt").read_text().strip().removeprefix("python-")
    assert tuple(map(int, version.split("."))) >= (3, 11), "where JupyterLab runs"
    for name in ("postBuild", "requirements.txt"):
        text = (BINDER / name).read_text()
        assert "sed " not in text
        assert "http" not in text


def test_the_extension_is_there(image: Image) -> None:
    assert "dasklab" in image.run("jupyter", "labextension", "list")
    listed = image.run("jupyter", "server", "extension", "list")
    assert "dasklab" in listed.partition("enabled")[2]


@pytest.fixture
def lab(image: Image, tmp_path: Path) -> Iterator[str]:
    """JupyterLab as a Binder starts it, below a prefix; its address."""
    log = (tmp_path / "lab.log").open("w")
    process = subprocess.Popen(
        [image.bin / "jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
         "--ServerApp.base_url=/user/visitor/", "--port=0", "--IdentityProvider.token=visitor"],
        cwd=image.home, env=image.environ, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
    )  # fmt: skip

    def running() -> list[str]:
        listed = image.run("jupyter", "server", "list", "--jsonlist")
        return [one["url"] for one in json.loads(listed) if one["pid"] == process.pid]

    try:
        yield wait_for(running, 60, "JupyterLab's start")[0]
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def test_visitors_find_the_panel_and_the_notebooks_open(lab: str) -> None:
    def get(path: str) -> dict[str, object]:
        request = urllib.request.Request(lab + path, headers={"Authorization": "token visitor"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return dict(json.loads(response.read()))

    layout = get("lab/api/workspaces/default")["data"]
    assert layout == json.loads((BINDER / "workspace.json").read_text())["data"]
    news = get("lab/api/settings/@jupyterlab/apputils-extension:notification")
    assert '"fetchNews": "false"' not in str(news.get("raw")), "an override, not a user's own"
    assert get("dasklab/api/clusters")["clusters"] == []
    for name in NOTEBOOKS:
        assert get(f"api/contents/binder/{name}?content=0")["type"] == "notebook"


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_leaves_nothing(name: str, image: Image, home: Path) -> None:
    image.run("jupyter", "execute", "--inplace", "--timeout=240", f"binder/{name}")

    notebook = nbformat.read(image.home / "binder" / name, as_version=4)
    ran = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in ran)
    assert [record.phase.ended for record in Registry(home).records()[0]]
    assert all(record.phase.ended for record in Registry(home).records()[0])
    text = nbformat.writes(notebook)
    for secret in ("Bearer", "token="):
        assert secret not in text


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_are_committed_without_outputs(name: str) -> None:
    notebook = nbformat.read(BINDER / name, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells)


PROMISED = {
    "quickstart.ipynb": (
        "%dask start", "%dask scale", "dasklab.progress", "%dask open", "%dask stop",
    ),
    "clusters.ipynb": (
        "--preview", "--adapt", "%dask list", "dasklab.progress", "raise ValueError", "%dask logs",
        "%dask keep", "dasklab.connect", "%dask use", "dasklab.profiles", "%dask stop",
    ),
    "tour.ipynb": (
        "%%dask", "--record", "%dask compare", ".persist()", "%dask plot", "%dask report",
        "%dask recordings", "telemetry.tasks", "%dask stop",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_show_what_they_promise(name: str) -> None:
    notebook = nbformat.read(BINDER / name, as_version=4)
    source = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert [line for line in PROMISED[name] if line not in source] == []
