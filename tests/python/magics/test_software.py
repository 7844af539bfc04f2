"""``%dask versions``, ``install``, and ``use`` of a scheduler that only ssh reaches."""

from __future__ import annotations

import shlex
from typing import Any

from ..backends.schedulers import RunningScheduler, running_scheduler
from ..backends.sshd import Sshd, sshd

__all__ = ("running_scheduler", "sshd")


def test_use_through_a_tunnel_and_versions(
    notebook: Any, sshd: Sshd, running_scheduler: RunningScheduler, registry: Any
) -> None:
    login = " ".join(
        f"--{name.replace('_', '-')} {shlex.quote(path)}" for name, path in sshd.login.items()
    )
    shown = notebook(f"%dask use {running_scheduler.address} --via ssh://{sshd.place()} {login}")
    assert shown.error is None, shown.said
    client = notebook.shell.user_ns["client"]
    assert client.submit(sum, (2, 3)).result(timeout=30) == 5
    assert client.scheduler.address != running_scheduler.address
    assert registry.records()[0][0].deployment == "existing"

    shown = notebook("%dask versions")
    assert "packages that are imported somewhere differ" in shown.out
    only = next(line for line in shown.out.splitlines() if line.startswith("Only in this notebook"))
    assert "python (module)" in only, "the tests themselves"
    shown = notebook("%dask install no-such-package --pip-options='--no-index'")
    assert "pip could not install no-such-package" in shown.said
    assert "is stopped" in notebook("%dask stop").out
    assert running_scheduler.alive


def test_one_that_cannot_be_reached(notebook: Any) -> None:
    shown = notebook("%dask use tcp://127.0.0.1:1")
    assert "%dask use tcp://127.0.0.1:1 --via ssh://user@host" in shown.said
    shown = notebook("%dask use tcp://127.0.0.1:1 --via ssh://127.0.0.1:1")
    assert "No SSH server listens at 127.0.0.1:1" in shown.said
