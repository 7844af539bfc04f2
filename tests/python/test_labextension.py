"""What dask-labextension's configuration amounts to."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask.config
import pytest

from dasklab import labextension
from dasklab.errors import DasklabError, InputError, OptionsInvalid
from dasklab.launching import LaunchRequest, launch, profiles

STOCK = {
    "factory": {"module": "dask.distributed", "class": "LocalCluster", "args": [], "kwargs": {}},
    "default": {"workers": None, "adapt": None},
    "initial": [],
}
"""What it sets itself as soon as it is imported."""


@pytest.fixture
def section() -> Iterator[dict[str, Any]]:
    """The section ``labextension`` of Dask's configuration; empty before the test fills it."""
    values: dict[str, Any] = {}
    with dask.config.set(labextension=values):
        yield values


@pytest.mark.parametrize("values", [{}, STOCK, {"default": None, "factory": None, "initial": None}])
def test_nothing_that_was_configured(section: dict[str, Any], values: dict[str, Any]) -> None:
    section.update(values)

    assert labextension.profiles() == {}
    assert labextension.initial() == []
    assert labextension.launch_fields({}) == {"deployment": "local"}
    assert "labextension" not in profiles()


@pytest.mark.parametrize(
    ("values", "profile"),
    [
        ({"default": {"workers": 4}}, {"deployment": "local", "workers": 4}),
        (
            {"default": {"workers": 4, "adapt": {"minimum": 1, "maximum": 8, "interval": "2s"}}},
            {"deployment": "local", "workers": {"minimum": 1, "maximum": 8}},
        ),
        (
            {"factory": {"kwargs": {"n_workers": 2}}},
            {
                "deployment": "class",
                "options": {
                    "cluster_class": "dask.distributed:LocalCluster",
                    "kwargs": {"n_workers": 2},
                },
                "workers": None,
            },
        ),
        (
            {"factory": {"module": "dask_jobqueue", "class": "SLURMCluster", "args": ["q"]}},
            {
                "deployment": "class",
                "options": {"cluster_class": "dask_jobqueue:SLURMCluster", "args": ["q"]},
                "workers": None,
            },
        ),
    ],
)
def test_profile(section: dict[str, Any], values: dict[str, Any], profile: dict[str, Any]) -> None:
    section.update(values)

    assert labextension.profiles() == {"labextension": profile}
    assert profiles()["labextension"] == profile
    with dask.config.set({"dasklab.profiles": {"labextension": {"deployment": "local"}}}):
        assert profiles()["labextension"] == {"deployment": "local"}, "the user's own wins"


def test_a_factory_that_makes_no_sense_is_said_by_the_launch(
    section: dict[str, Any], registry: Any
) -> None:
    section["factory"] = {"module": 7, "class": "no class", "args": "text", "kwargs": [1]}
    with pytest.raises(OptionsInvalid) as caught:
        launch(LaunchRequest("labextension"), registry=registry)

    errors = [error["option"] for error in caught.value.details["errors"]]
    assert sorted(errors) == ["args", "cluster_class", "kwargs"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("text", "labextension is not a section"),
        (7, "labextension is not a section"),
        ({"factory": "text"}, "labextension.factory is not a section"),
        ({"default": [1]}, "labextension.default is not a section"),
        ({"initial": "x"}, "labextension.initial is not a list"),
    ],
)
def test_what_is_no_section_hurts_nobody_else(values: Any, message: str) -> None:
    def read() -> None:
        labextension.profiles()
        labextension.initial()

    with dask.config.set(labextension=values):
        with pytest.raises(InputError, match=message):
            read()
        assert profiles() == {}


def test_initial_clusters(section: dict[str, Any]) -> None:
    section["default"] = {"adapt": {"minimum": 0, "maximum": 4}}
    section["initial"] = [
        {"name": "My Big Cluster", "workers": 100},
        {"name": "Adaptive", "adapt": {"minimum": 0, "maximum": 50}},
        "nonsense",
        {},
        {"name": "My Big Cluster"},
        {"name": "名前"},
    ]
    first = labextension.initial()
    again = labextension.initial()

    entries = [entry for entry in first if isinstance(entry, dict)]
    assert [entry.get("name") for entry in entries] == [
        "My-Big-Cluster", "Adaptive", None, "My-Big-Cluster-2", None,
    ]  # fmt: skip
    assert [entry.get("workers") for entry in entries] == [
        100, {"minimum": 0, "maximum": 50}, None, None, None,
    ]  # fmt: skip
    assert {entry["deployment"] for entry in entries} == {"labextension"}
    assert [entry["id"] for entry in entries] == [
        entry["id"] for entry in again if isinstance(entry, dict)
    ]
    assert len({uuid.UUID(entry["id"]) for entry in entries}) == 5
    assert isinstance(first[2], DasklabError)
    assert "Entry 3 of labextension.initial is 'nonsense'." in first[2].message


# -- without importing Dask ------------------------------------------------------------------------
def look(folder: Path, **environ: str) -> bool:
    code = (
        "import sys, dasklab.labextension as found; print(found.configured());"
        "assert 'dask' not in sys.modules"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env={"HOME": str(folder / "home"), "DASK_CONFIG": str(folder), **environ},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return ran.stdout.strip() == "True"


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.yaml", "labextension:\n  default: {workers: 2}\n", True),
        ("a.yml", "dasklab: {}\n'labextension' : {default: {workers: 2}}\n", True),
        ("a.json", json.dumps({"labextension": {"initial": []}}), True),
        ("a.json", json.dumps({"dasklab": {}, "labextension": {}}, indent=1), True),
        ("a.yaml", "# labextension:\n#   factory:\n", False),
        ("a.yaml", "distributed: {}\n", False),
        ("a.txt", "labextension: {}\n", False),
    ],
)
def test_whether_there_is_anything(tmp_path: Path, name: str, text: str, found: bool) -> None:
    (tmp_path / name).write_text(text)

    assert look(tmp_path) is found


def test_whether_there_is_anything_elsewhere(tmp_path: Path) -> None:
    assert look(tmp_path, DASK_LABEXTENSION__FACTORY__CLASS="X") is True
    assert look(tmp_path / "nowhere") is False
    (tmp_path / "one.yaml").write_text("labextension: {}")
    assert look(tmp_path / "one.yaml") is True
    (tmp_path / "home" / ".config" / "dask").mkdir(parents=True)
    (tmp_path / "one.yaml").rename(tmp_path / "home" / ".config" / "dask" / "one.yaml")
    assert look(tmp_path) is True
