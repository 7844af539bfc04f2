"""What a process takes over and imports before it hosts: its environment, Dask, a fork server."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import Any

from ..model.spec import PRE_SPAWN, Spec

__all__ = (
    "PRELOAD",
    "PRELOAD_STANDBY",
    "first_child",
    "prepare_dask",
    "start_fork_server",
    "use_environment",
    "use_folder",
)

PRELOAD = ["distributed", "distributed.nanny", "distributed.worker", "distributed.scheduler"]
"""What the fork server imports before it forks workers. Without these each worker imports
distributed by itself: 0.4 s of CPU."""

PRELOAD_STANDBY = [*PRELOAD, "numpy", "pandas"]
"""A standby has the time to spare every worker these two as well, where they are installed."""


def use_environment(spec: Spec) -> None:
    """Take over the launcher's working folder, environment variables and Dask configuration."""
    if spec.environ:
        for name in os.environ.keys() - spec.environ.keys():
            os.environ.pop(name, None)
        os.environ.update(spec.environ)
    use_folder(spec.cwd)


def use_folder(cwd: str) -> None:
    """Work in a folder; modules that lie there are found, as they are beside a notebook."""
    with contextlib.suppress(OSError):
        os.chdir(cwd or os.path.expanduser("~"))
    sys.path.insert(0, os.getcwd())


def start_fork_server(preload: list[str], scratch: str) -> None:
    """Have a fork server import Dask while this process does the same on another core."""
    import multiprocessing.forkserver
    import multiprocessing.process

    if scratch:
        # Where multiprocessing keeps the fork server's socket. It removes a folder of its own
        # only in an exit hook, and this process ends without those, or is killed.
        config = multiprocessing.process.current_process()._config  # type: ignore[attr-defined]
        config["tempdir"] = scratch
    for name, value in PRE_SPAWN.items():
        os.environ.setdefault(name, value)
    multiprocessing.set_forkserver_preload(preload)
    multiprocessing.forkserver.ensure_running()


def prepare_dask(config: dict[str, Any]) -> None:
    """Import distributed and set it up for a host.

    Raises
    ------
    InterpreterUnfit
        This interpreter has no distributed.
    """
    try:
        import dask
        import distributed
        import distributed.nanny
        import distributed.utils
    except ImportError as error:
        from ..deployments import no_distributed

        raise no_distributed(str(error)) from error
    if config:
        dask.config.update(dask.config.config, config)
    routes = dask.config.get("distributed.scheduler.http.routes", [])
    if dask.config.get("distributed.admin.tick.interval", None) == "20ms":
        # Dask's default: fifty times a second it looks how late the event loop is, which is two
        # thirds of the CPU that an idle scheduler takes (13 ms a second against 5).
        dask.config.set({"distributed.admin.tick.interval": "200ms"})
    dask.config.set(
        {
            # Its proxy reaches any port of any worker's host without asking who is there, and
            # importing it brings jupyter_server in.
            "distributed.scheduler.http.routes": [
                route for route in routes if route != "distributed.http.proxy"
            ]
        }
    )
    # Dask's own preload imports every optional package; ours is set already.
    distributed.utils._forkserver_preload_set = True
    # How often a nanny looks whether its worker is up: 50 ms of a launch that takes 100.
    distributed.nanny.WorkerProcess._init_msg_interval = 0.003


def first_child() -> None:
    """Have the fork server fork once: it answers only when its imports are done.

    The target is the standard library's: children know nothing of this package.
    """
    import multiprocessing

    child = multiprocessing.get_context("forkserver").Process(
        target=time.sleep, args=(0,), daemon=True
    )
    child.start()
    child.join(30)
