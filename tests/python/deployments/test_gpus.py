"""GPU workers, with a double of nvidia-smi: no machine of ours has a GPU."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import dasklab
from dasklab.deployments._gpus import VISIBLE, gpus
from dasklab.deployments.local import Local
from dasklab.errors import OptionsInvalid


@pytest.fixture
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program by the name of nvidia-smi, that knows two devices, and nothing else of them."""
    monkeypatch.delenv(VISIBLE, raising=False)
    command = tmp_path / "nvidia-smi"
    command.write_text("#!/bin/sh\nprintf '0\\n1\\n'\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return command


def test_there_are_none() -> None:
    assert gpus() == []
    assert "gpus" not in Local.schema()["properties"]


def test_devices_that_may_be_seen(pretended: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gpus() == ["0", "1"]
    assert Local.schema()["properties"]["gpus"]["maximum"] == 2
    for said, seen in (("1", ["1"]), ("GPU-a, GPU-b", ["GPU-a", "GPU-b"]), ("0,-1,1", ["0"])):
        monkeypatch.setenv(VISIBLE, said)
        assert gpus() == seen
    monkeypatch.setenv(VISIBLE, "")
    assert gpus() == []
    monkeypatch.delenv(VISIBLE)
    pretended.write_text("#!/bin/sh\necho No devices were found; exit 6\n")
    assert gpus() == [], "a driver without a device"


def test_what_a_launch_amounts_to() -> None:
    found = Local.arguments({"gpus": 2, "resources": {"A": 1}}, None)

    assert (found["n_workers"], found["resources"]) == (2, {"GPU": 1, "A": 1})
    assert f"one of 2 GPUs, by {VISIBLE}" in Local.preview({"gpus": 2}, None)
    with pytest.raises(OptionsInvalid, match="threads of one process"):
        Local.arguments({"gpus": 2, "processes": False}, None)


@pytest.mark.usefixtures("pretended", "home")
def test_each_worker_sees_its_own() -> None:
    cluster = dasklab.launch("local", workers=2, timeout=60, gpus=2, environ={"A": "b"})

    def seen(variable: str) -> list[Any]:
        return sorted(client.run(lambda: os.environ.get(variable)).values())

    with cluster.client(set_as_default=False) as client:
        assert (seen(VISIBLE), seen("A")) == (["0", "1"], ["b", "b"])
        cluster.scale(1, wait=True, timeout=60)
        cluster.scale(2, wait=True, timeout=60)
        assert seen(VISIBLE) == ["0", "1"], "the one that is free is given again"
        assert client.submit(int, resources={"GPU": 1}).result(timeout=60) == 0
    cluster.stop()
