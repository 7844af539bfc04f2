"""Progress of Dask's single-machine schedulers, through Dask's own callbacks."""

from __future__ import annotations

import threading
import time
from typing import Any

from dask.callbacks import Callback

from .computation import Computation

__all__ = ("SingleMachineProgress",)


class SingleMachineProgress(Callback):  # type: ignore[misc]
    """Shows each computation that takes a while; register it with Dask, and unregister it.

    Parameters
    ----------
    shell
        IPython's shell.
    """

    def __init__(self, shell: Any) -> None:
        super().__init__()
        self._shell = shell
        self._lock = threading.Lock()
        self._state: Any = None
        self._began: dict[Any, float] = {}
        self._computation: Computation | None = None

    def _of(self, state: Any) -> Computation | None:
        return self._computation if self._state is state else None

    def _start_state(self, dsk: Any, state: Any) -> None:
        with self._lock:
            if self._computation is None:  # else one that a task of it has started
                self._state, self._began = state, {}
                self._computation = Computation(self._shell, state)

    def _pretask(self, key: Any, dsk: Any, state: Any) -> None:
        if self._of(state):
            self._began[key] = time.monotonic()

    def _posttask(self, key: Any, result: Any, dsk: Any, state: Any, worker_id: Any) -> None:
        if computation := self._of(state):
            now = time.monotonic()
            computation.ended(key, now - self._began.pop(key, now))

    def _finish(self, dsk: Any, state: Any, errored: bool) -> None:
        if computation := self._of(state):
            computation.close(errored)
            self._state = self._computation = None
