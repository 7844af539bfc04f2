"""Clusters under other interpreters: a real second environment that has distributed, not dasklab.

It has the oldest distributed that pyproject.toml allows, under the oldest Python that is here: what
a kernel's environment may be.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dasklab.client import Cluster
from dasklab.errors import InterpreterMissing, InterpreterUnfit, Unsupported
from dasklab.launching import LaunchRequest, catalogue, launch, preview
from dasklab.launching.interpreter import BOOTSTRAP

from ..environments import environment_with_pip, floors, oldest_python, pythons, run
from ..support import alive, marked, wait_for

OLD = [path for version, path in pythons() if version < (3, 10)]


@pytest.fixture(scope="session")
def other(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of a new environment with the oldest distributed that is supported."""
    python = str(environment_with_pip(tmp_path_factory.mktemp("other"), oldest_python()))
    run(python, "-m", "pip", "install", "--quiet", floors()["distributed"])
    return python


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The interpreter of a new environment with nothing in it."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return str(folder / "bin" / "python")


ASK_WORKER = """
import json, sys
from distributed import Client

def seen():
    import importlib.util, os, sys
    spec = importlib.util.find_spec("dasklab")
    return sys.executable, str(spec), os.environ.get("OF_THE_KERNELSPEC"), os.getcwd()

with Client(sys.argv[1]) as client:
    total = client.submit(sum, client.map(lambda n: n + 1, range(10))).result(timeout=30)
    print(json.dumps([total, *client.submit(seen).result(timeout=30)]))
"""


def computed(cluster: Cluster, python: str) -> list[Any]:
    """What a kernel of that environment gets from the cluster."""
    argv = [python, "-c", ASK_WORKER, str(cluster.scheduler_address)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def gone(home: Path) -> bool:
    return not [pid for pid in marked(f"DASKLAB_HOME={home}") if alive(pid)]


@pytest.mark.timeout(180)  # the environment is made first
def test_life_in_another_environment(other: str, home: Path, tmp_path: Path) -> None:
    cluster = Cluster(launch(LaunchRequest(workers=1, environment=other, cwd=str(tmp_path))))
    cluster.wait(timeout=60)
    info = cluster.info
    assert info["environment"]["python"] == other

    total, python, dasklab, _, folder = computed(cluster, other)
    assert total == 55
    assert python == other
    assert dasklab == "None", "our folder is not put on the path of anybody's tasks"
    assert folder == str(tmp_path)

    cluster.scale(3, wait=True, timeout=60)
    cluster.scale(1, wait=True, timeout=60)
    cluster.restart()
    wait_for(lambda: cluster.info["events"][-1]["kind"] == "restart")
    wait_for(lambda: cluster.info["workers"]["running"] == 1, 30)
    cluster.scale((0, 2))
    wait_for(lambda: cluster.info["workers"]["running"] == 0, 30, "adaptive scaling")
    assert computed(cluster, other)[0] == 55
    kinds = [event["kind"] for event in cluster.info["events"]]
    assert not [kind for kind in kinds if kind.endswith(("failed", "lost"))]
    assert cluster.logs("scheduler", 10)

    with pytest.raises(Unsupported) as caught:
        cluster.mount_dashboard()
    assert f"The dashboard needs Bokeh, which {other} does not have" in caught.value.message
    assert caught.value.hint == f'Run: {other} -m pip install "bokeh>=3.8.2"'

    cluster.stop()
    wait_for(lambda: gone(home), what="the end of its processes")


@pytest.mark.timeout(180)
def test_kernelspec_of_another_environment(
    other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "share" / "kernels" / "elsewhere"
    folder.mkdir(parents=True)
    spec = {
        "argv": [other, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Elsewhere",
        "language": "python",
        "env": {"OF_THE_KERNELSPEC": "yes"},
    }
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "share"))
    cluster = Cluster(launch(LaunchRequest(workers=1, environment="elsewhere")))
    cluster.wait(timeout=60)

    assert cluster.info["environment"] == {
        "python": other,
        "name": "elsewhere",
        "title": "Elsewhere",
    }
    assert computed(cluster, other)[1:4] == [other, "None", "yes"]
    cluster.stop()


@pytest.mark.timeout(180)
def test_catalogue_and_preview_of_another_environment(other: str) -> None:
    rows = {row["name"]: row for row in catalogue(other)}

    assert rows["local"]["available"] is True
    assert preview(LaunchRequest(environment=other, workers=2))["text"].startswith(f"# {other}\n")


def test_environment_without_distributed(bare: str, registry: Any) -> None:
    rows = {row["name"]: row for row in catalogue(bare)}
    assert rows["local"]["available"] is False
    assert rows["local"]["missing"]["code"] == "interpreter.unfit"

    with pytest.raises(InterpreterUnfit) as caught:
        launch(LaunchRequest(environment=bare))

    assert f"{bare} cannot import distributed" in caught.value.message
    assert caught.value.hint == f'Install it there: {bare} -m pip install "distributed"'
    assert registry.records() == ([], [])


def test_distributed_is_installed_there_after_all(bare: str) -> None:
    """What was missing is not remembered for longer than it is."""
    assert catalogue(bare)[0]["available"] is False
    out = subprocess.run(
        [bare, "-c", "import site; print(site.getsitepackages()[0])"],
        capture_output=True,
        text=True,
        check=True,
    )
    package = Path(out.stdout.strip()) / "distributed"
    package.mkdir()
    (package / "__init__.py").write_text("raise ImportError('libzstd.so: no such file')")
    try:
        assert catalogue(bare)[0]["available"] is True
        record = launch(LaunchRequest(environment=bare))
        with pytest.raises(InterpreterUnfit, match="cannot import distributed"):
            Cluster(record).wait(timeout=30)
    finally:
        shutil.rmtree(package)


OLD_WORDS = "a cluster's host needs 3.10 or newer."


@pytest.mark.parametrize("python", OLD, ids=lambda path: path.split("/")[-3])
def test_old_python(python: str, registry: Any) -> None:
    with pytest.raises(InterpreterUnfit) as caught:
        launch(LaunchRequest(environment=python))

    assert OLD_WORDS in caught.value.message
    assert python.rsplit("/", maxsplit=1)[-1] in caught.value.message
    assert "newer Python" in caught.value.hint
    assert registry.records() == ([], [])


def test_python_that_says_it_is_old(tmp_path: Path) -> None:
    """For machines that have no old one: this Python, saying that it is 3.9."""
    pretender = tmp_path / "python"
    code = f"import sys, runpy; sys.version_info = (3, 9, 1); runpy.run_path({BOOTSTRAP!r}, run_name='__main__')"
    pretender.write_text(f'#!/bin/sh\nexec {sys.executable} -c "{code}"\n')
    pretender.chmod(0o700)

    with pytest.raises(InterpreterUnfit, match=rf"is Python 3\.9\.1; {OLD_WORDS}"):
        launch(LaunchRequest(environment=str(pretender)))


def test_environment_that_has_been_removed(
    tmp_path: Path, setting: Callable[..., None], registry: Any
) -> None:
    setting("profiles", {"mine": {"environment": str(tmp_path / "removed" / "bin" / "python")}})

    with pytest.raises(InterpreterMissing, match="There is no interpreter") as caught:
        launch(LaunchRequest("mine"))
    assert "may have been removed" in caught.value.hint
    assert registry.records() == ([], [])


def test_environment_with_a_broken_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sitecustomize that prints is no obstacle; one that ends the interpreter is said."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "sitecustomize.py").write_text("print('welcome', flush=True)")
    assert catalogue()
    (tmp_path / "sitecustomize.py").write_text("import os; os.write(2, b'no!'); os._exit(3)")
    os.utime(tmp_path, (1, 1))

    with pytest.raises(InterpreterUnfit, match="did not behave like a Python interpreter: no!"):
        launch(LaunchRequest())


@pytest.mark.timeout(180)  # the environment is made first
def test_telemetry_of_the_oldest_dask(other: str, tmp_path: Path) -> None:
    """Without numpy and pandas there; plugins and heartbeats are those of its day."""
    cluster = Cluster(launch(LaunchRequest(workers=1, environment=other, cwd=str(tmp_path))))
    cluster.wait(timeout=60)
    computed(cluster, other)
    wait_for(lambda: cluster.telemetry.totals().get("tasks", 0) == 12, what="12 tasks")
    cluster.stop()
    found = cluster.telemetry.tasks()

    assert (found["action"] == "compute").sum() == 12
    assert found["erred"].sum() == 0
    assert cluster.telemetry.workers()["process"].max() > 1e6
    assert list(cluster.telemetry.events()["kind"])[:1] == ["worker-added"]
