"""Who takes back what dead hosts have left elsewhere, and when. The real thing: test_slurm."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dasklab.launching import undo, undo_all, undoing
from dasklab.model.record import Environment, Identity, Phase, Record
from dasklab.registry import Registry

from .support import make_record, wait_for

THERE = Identity(1, "1", "", "another-node")


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Processes that were to be started; none is."""
    found: list[Any] = []

    def spawn(argv: list[str], **keywords: Any) -> Any:
        found.append(argv)
        raise OSError("a double")

    monkeypatch.setattr(undoing, "spawn_detached", spawn)
    monkeypatch.setattr(undoing, "_begun", set())
    return found


def left(registry: Registry, silent: float = 0.0, **changes: Any) -> Record:
    """A record with something to undo, whose file was written so many seconds ago."""
    given = {"phase": Phase.LOST, "checkpoint": {"name": "dask-x"}, "host": THERE, **changes}
    record = make_record(**given)
    registry.write(record)
    at = time.time() - silent
    os.utime(registry.path(record.id), (at, at))
    return record


def test_what_belongs_to_no_machine_is_undone_on_any(begun: list[Any], registry: Registry) -> None:
    """Jupyter ran in a job, and the next one is on another node."""
    assert undo(left(registry, undone_anywhere=True), registry)
    assert len(begun) == 1


def test_what_belongs_to_its_machine_is_left_to_it(begun: list[Any], registry: Registry) -> None:
    assert not undo(left(registry), registry)
    assert not undo(left(registry, undone_anywhere=True, checkpoint={}), registry)
    assert not undo(left(registry, undone_anywhere=True, phase=Phase.RUNNING), registry)
    assert begun == []


@pytest.mark.parametrize(
    ("phase", "silent", "undone"),
    [
        (Phase.LOST, 400.0, False),  # its file system may be away, and the host alive
        (Phase.LOST, 7200.0, True),
        (Phase.STOPPED, 0.0, True),  # it says itself that it has ended
    ],
)
def test_without_being_asked_only_when_it_is_dead_for_certain(
    begun: list[Any], registry: Registry, phase: Phase, silent: float, undone: bool
) -> None:
    record = left(registry, silent, undone_anywhere=True, phase=phase)
    undo_all([record, record], registry)

    assert len(begun) == undone, "once in a process"
    undo(replace(record, phase=Phase.LOST), registry)
    assert len(begun) == undone + 1, "the user has asked"


def test_it_has_its_own_commands_and_no_secrets(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs another interpreter, and may be begun by a Jupyter server."""
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
    monkeypatch.setenv("MINE", "kept")
    python = tmp_path / "python"
    seen = tmp_path / "seen"
    python.write_text(f"#!/bin/sh\ncat > /dev/null\nenv -0 > {seen}.new\nmv {seen}.new {seen}\n")
    python.chmod(0o700)
    record = make_record(
        phase=Phase.LOST, checkpoint={"job": 1}, environment=Environment(str(python))
    )
    registry.write(record)

    assert undo(record, registry)
    wait_for(seen.exists)
    environ = dict(line.split("=", 1) for line in seen.read_text().split("\0") if line)
    assert "JUPYTERHUB_API_TOKEN" not in environ
    assert "secret" not in environ.values()
    assert environ["MINE"] == "kept"
    assert environ["PATH"].startswith(f"{tmp_path}:")
