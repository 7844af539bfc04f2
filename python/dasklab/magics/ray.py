"""``%dask start ray``: this notebook's Dask collections, computed by Ray (Dask on Ray)."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import tempfile
from typing import Any

from ..errors import StartFailed, Unsupported, UsageError
from .single_machine import refuse_others, tasks_at_a_time
from .usage import Line

__all__ = ("RAY", "Ray")

RAY = "Ray's workers, of this machine or of the Ray cluster at --address"

REQUIREMENT = '"ray" "dask[dataframe]>=2024.11"'
"""Ray's own check says which Dask (``ray.util.dask``); it imports Dask's dataframes, too."""


class Ray:
    """Dask on Ray, from :meth:`enter` on this kernel's.

    Parameters
    ----------
    line
        What ``%dask start`` was given: ``-n`` (CPUs that a Ray started here has) or ``--address``
        (of a Ray cluster that runs; ``auto`` for the one of this machine).
    shell
        IPython's shell.
    """

    kind = "ray"

    def __init__(self, line: Line, shell: Any) -> None:
        refuse_others(line, "address")
        self.workers = tasks_at_a_time(line)
        given = dict(line.others).get("address", "")
        if given is None:
            raise UsageError("--address needs a value.", "Write: %dask start ray --address auto")
        self.address = given or os.environ.get("RAY_ADDRESS") or "local"
        if self.workers is not None and self.address != "local":
            raise UsageError(
                f"-n {self.workers} makes no sense: the Ray cluster at {self.address[:100]} has "
                "the CPUs that it was started with.",
                "Leave -n out, or --address (and RAY_ADDRESS) for a Ray of this machine.",
            )
        self._shell = shell
        self._undo = contextlib.ExitStack()
        self._cpus = 0

    @property
    def code(self) -> str:
        """The same without dasklab."""
        more = "" if self.workers is None else f", num_cpus={self.workers}"
        return (
            "import ray\nfrom ray.util.dask import enable_dask_on_ray\n\n"
            f"ray.init({self.address!r}{more})\nenable_dask_on_ray()"
        )

    @property
    def sentence(self) -> str:
        """What computes now."""
        where = "a Ray of this machine" if self.address == "local" else f"Ray at {self.address}"
        return f"Dask computes in this notebook with {where}, {self._cpus:g} CPUs."

    def enter(self) -> None:
        """Start or join Ray, and compute with it.

        Raises
        ------
        Unsupported
            Ray is missing, or not one for this Dask.
        StartFailed
            Ray cannot be started, or is not at the address.
        UsageError
            Ray runs in this kernel already, and something else was asked for.
        """
        with contextlib.ExitStack() as stack:
            self._begin(stack)
            self._undo = stack.pop_all()

    def _begin(self, stack: contextlib.ExitStack) -> None:
        import dask

        before = dask.persist, dask.base.DaskMethodsMixin.persist
        try:
            import ray
            from ray.util.dask import dataframe_optimize, ray_dask_persist, ray_dask_persist_mixin
        except ImportError as error:
            raise Unsupported(
                f"Dask cannot compute in Ray here: {error}.",
                f"Run: {sys.executable} -m pip install {REQUIREMENT}",
            ) from error
        from ..widgets.dask_on_ray import RayScheduler

        # Importing it replaces these two for good; without Ray they hand on an unknown option.
        stack.callback(_persisting, *before)
        _persisting(ray_dask_persist, ray_dask_persist_mixin)
        if ray.is_initialized():
            self._joined()
        else:
            self._init(ray)
            stack.callback(ray.shutdown)
        self._cpus = ray.cluster_resources().get("CPU", 0)  # type: ignore[no-untyped-call]
        scheduler = RayScheduler(self._shell)
        stack.callback(scheduler.close)
        settings = {
            "scheduler": scheduler,
            "dataframe_optimize": dataframe_optimize,
            # Through disks, Dask's default, shuffles need that all nodes have the same ones.
            "dataframe.shuffle.method": "tasks",
        }
        stack.enter_context(dask.config.set(settings))

    def _joined(self) -> None:
        """Ray runs in this kernel already, by the user's own ``ray.init``: it stays theirs."""
        if self.workers is not None or self.address not in ("local", "auto"):
            raise UsageError(
                "Ray runs in this kernel already, as ray.init started it.",
                "Write %dask start ray alone, or run ray.shutdown() first.",
            )
        self.address = "auto"

    def _init(self, ray: Any) -> None:
        try:
            ray.init(
                self.address, num_cpus=self.workers, include_dashboard=False,
                logging_level=logging.WARNING,
            )  # fmt: skip
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            what = "started" if self.address == "local" else f"reached at {self.address[:100]}"
            raise StartFailed(
                f"Ray cannot be {what}: {' '.join(str(error).split())[:500]}",
                f"Ray's own logs are in {tempfile.gettempdir()}/ray/session_latest/logs."
                if self.address == "local"
                else "Try: ray status --address ADDRESS",
            ) from error

    def leave(self) -> None:
        """Go back to what was before; end the Ray that :meth:`enter` started."""
        self._undo.close()


def _persisting(function: Any, method: Any) -> None:
    """Make these Dask's ways to persist."""
    import dask

    dask.persist = function
    dask.base.DaskMethodsMixin.persist = method
