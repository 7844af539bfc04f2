"""What runs already: entry points of other packages, scheduler files, and what does not answer."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import dask
import pytest

import dasklab
from dasklab.client.found import found_text
from dasklab.deployments._scheduler_files import scheduler_files
from dasklab.errors import ClusterUnknown
from dasklab.launching import Discovery, discover, pick

from .magics.conftest import Typist, notebook
from .support import make_record, wait_for

__all__ = ("notebook",)

PATIENCE = 60.0


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch) -> str:
    """Hosts find the package in ``fixtures/discovery``; the name of its one cluster.

    Kubernetes is not asked: what other tests leave there would be found, too.
    """
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "fixtures" / "discovery"))
    return "standing-1"


@pytest.mark.usefixtures("catalogued")
def test_packages_tell_of_their_clusters_and_those_that_fail_are_named(standing: str) -> None:
    answer = discover()

    [row] = [row for row in answer.found if row["source"] == "standing"]
    assert (row["deployment"], row["name"], row["label"]) == ("class", standing, "class-standing-1")
    assert row["text"] == "Standing, as the package of standing says."
    silent = sorted(error.message for error in answer.silent)
    broken, missing = [text for text in silent if text.startswith(("broken", "missing"))]
    assert broken == "broken could not be asked: RuntimeError: The cloud is down."
    assert missing.startswith("missing could not be asked: AttributeError: ")
    assert "Not asked: broken could not be asked" in found_text(answer)
    sources = {entry.name for entry in entry_points(group="dask_cluster_discovery")}
    assert {"kubecluster", "helmcluster"} <= sources, "dask-kubernetes brings its own"
    assert not [text for text in silent if text.startswith(("kubecluster", "helmcluster"))]
    assert not {row["source"] for row in answer.found} & {"kubecluster", "helmcluster"}


@pytest.mark.usefixtures("catalogued")
def test_attached_to_in_a_notebook(notebook: Typist, standing: str, registry: Any) -> None:
    shown = notebook("%dask discover")
    assert shown.error is None, shown.said
    assert f"{standing}  (standing)" in shown.out
    assert f"Attach to one: %dask use {standing}" in shown.out

    shown = notebook(f"%dask use {standing}")
    assert shown.error is None, shown.said
    assert notebook.names["client"].submit(lambda: 5).result(timeout=PATIENCE) == 5
    [record] = registry.records()[0]
    assert (record.name, "detach" in record.can) == ("class-standing-1", True)
    assert standing not in notebook("%dask discover").out, "it is in the list"

    shown = notebook("%dask detach")
    assert shown.out.strip() == "class-standing-1: let go of; it goes on where it runs."
    wait_for(lambda: registry.get(record.id).phase.value == "stopped")
    assert registry.get(record.id).reason["code"] == "detached"

    notebook(f"%dask use {standing}")
    shown = notebook("%dask stop --all")
    assert shown.out.strip() == "class-standing-1: let go of; it goes on where it runs."

    notebook(f"%dask use {standing}")
    shown = notebook("%dask stop")
    assert "is stopped: the cluster itself, which was found running." in shown.out


@pytest.mark.usefixtures("catalogued")
def test_names_that_nobody_has(notebook: Typist) -> None:
    assert "Nothing that runs is called 'nowhere'" in notebook("%dask use nowhere").said
    assert "cannot detach" in notebook("%dask start local -n 0\n%dask detach").said


def test_the_beginning_of_a_name_is_enough_if_it_is_the_only_one() -> None:
    rows = tuple({"name": name} for name in ("9d348e80", "9d34ffff", "night"))

    assert pick(rows, "9d348")["name"] == "9d348e80"
    assert pick(rows, "night")["name"] == "night"
    for name in ("9d34", "nig", "other"):
        with pytest.raises(ClusterUnknown):
            pick(rows, name)
    assert found_text(Discovery((), ())) == (
        "Nothing was found that runs and is not in %dask list."
    )


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[Path]:
    """A real ``dask scheduler`` that has left its address in a file."""
    file = tmp_path / "scheduler.json"
    command = [sys.executable, "-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", "0"]
    options = ["--no-dashboard", "--scheduler-file", str(file)]
    with subprocess.Popen(
        [*command, *options], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            wait_for(lambda: json.loads(file.read_text())["address"], PATIENCE, "its file")
            yield file
        finally:
            process.terminate()
            process.wait(PATIENCE)


def test_scheduler_files_that_lead_to_somebody(
    scheduler: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = json.loads(scheduler.read_text())["address"]
    (tmp_path / "more").mkdir()
    left_behind = {"address": "tcp://127.0.0.1:9"}
    for name, text in {"a": json.dumps(left_behind), "b": "no JSON", "c": '["x"]'}.items():
        (tmp_path / "more" / f"{name}.json").write_text(text)
    monkeypatch.chdir(tmp_path)
    with dask.config.set({"dasklab.discovery.scheduler-files": [str(tmp_path / "more" / "*")]}):
        rows = asyncio.run(scheduler_files())

    assert rows == [
        {
            "name": "scheduler.json",
            "text": f"A scheduler at {address}, by {scheduler}.",
            "address": address,
            "options": {"scheduler_file": str(scheduler), "shut_down": True},
        }
    ]


@pytest.mark.usefixtures("catalogued")
def test_what_is_in_the_list_is_not_found_again(
    standing: str, registry: Any, launch: Callable[..., Any]
) -> None:
    options = {
        "cluster_class": "dasklab_found:Standing.from_name",
        "args": [standing],
        "attach": True,
    }
    registry.open()
    registry.write(make_record(deployment="class", options=options))

    assert standing not in [one.name for one in dasklab.discover()]
