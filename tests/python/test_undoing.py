"""The process that takes back what a dead host has left elsewhere, as a reader begins it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dasklab.launching import undo
from dasklab.model.record import Environment, Phase
from dasklab.registry import Registry

from .support import make_record, wait_for


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
