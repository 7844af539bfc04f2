"""Dask on Ray with progress, through Ray's own callbacks for Dask.

Ray's workers tell an actor of each task that has ended: they need not have dasklab, and holding
on to the tasks' references here instead would keep every result in memory.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import ray
from ray.util.dask import RayDaskCallback, ray_dask_get
from ray.util.dask.scheduler import ray_get_unpack

from .computation import GAP, Computation

__all__ = ("RayScheduler",)


class RayScheduler:
    """What Dask's setting ``scheduler`` may be: computes in Ray, and shows how far it is.

    Parameters
    ----------
    shell
        IPython's shell.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._tally = _tally()
        self._runs = itertools.count()
        self._free = threading.Lock()

    def close(self) -> None:
        """End the actor."""
        ray.kill(self._tally)

    def __call__(self, dsk: Any, keys: Any, **kwargs: Any) -> Any:
        # What is persisted comes back at once; of several threads' computations one is shown.
        if kwargs.get("ray_persist") or not self._free.acquire(blocking=False):
            return ray_dask_get(dsk, keys, **kwargs)
        run, errored = _Run(self._shell, self._tally, next(self._runs)), True
        try:
            with run.callback:
                found = ray_dask_get(dsk, keys, ray_persist=True, **kwargs)
            run.follow(found)
            result = ray_get_unpack(found)
            errored = False
            return result
        finally:
            run.close(errored)
            self._free.release()


class _Run:
    """One computation: its callbacks, and the wait for its end."""

    def __init__(self, shell: Any, tally: Any, number: int) -> None:
        self._shell, self._tally, self._number = shell, tally, number
        self._thread = threading.get_ident()
        self._shown: Computation | None = None
        before, after = _hooks(tally, number)
        self.callback = RayDaskCallback(  # type: ignore[no-untyped-call]
            start_state=self._begun, ray_pretask=before, ray_posttask=after
        )

    def _begun(self, dsk: Any, state: Any) -> None:
        if threading.get_ident() == self._thread and self._shown is None:
            self._shown = Computation(self._shell, state)

    def follow(self, found: Any) -> None:
        """Draw until everything has ended, whether well or not."""
        left = list(dict.fromkeys(_references(found)))
        while left and self._shown is not None:
            _, left = ray.wait(left, num_returns=len(left), timeout=GAP, fetch_local=False)
            try:
                counts = ray.get(self._tally.so_far.remote(self._number), timeout=5 * GAP)
            except ray.exceptions.RayError:
                return  # the picture stays behind; the computation is not to suffer from it
            self._shown.so_far(counts)

    def close(self, errored: bool) -> None:
        if self._shown is not None:
            self._shown.close(errored)
        self._tally.forget.remote(self._number)


def _references(found: Any) -> Iterator[Any]:
    """Ray's references in what a computation is to give: lists and tuples, one in another."""
    if isinstance(found, ray.ObjectRef):
        yield found
    elif isinstance(found, (list, tuple)):
        for item in found:
            yield from _references(item)


def _hooks(tally: Any, number: int) -> tuple[Callable[..., float], Callable[..., None]]:
    """What runs before and after a task in Ray's workers: local functions travel by value."""

    def before(key: Any, references: Any) -> float:
        import time

        return time.monotonic()

    def after(key: Any, result: Any, began: float) -> None:
        import time

        from dask.utils import key_split

        tally.ended.remote(number, key_split(key), time.monotonic() - began)

    return before, after


def _tally() -> Any:
    """Start the actor that counts."""

    class Tally:
        def __init__(self) -> None:
            self.runs: dict[int, dict[str, tuple[int, float]]] = {}

        def ended(self, number: int, name: str, seconds: float) -> None:
            run = self.runs.setdefault(number, {})
            count, before = run.get(name, (0, 0.0))
            run[name] = (count + 1, before + seconds)

        def so_far(self, number: int) -> dict[str, tuple[int, float]]:
            return self.runs.get(number, {})

        def forget(self, number: int) -> None:
            self.runs.pop(number, None)

    return ray.remote(num_cpus=0)(Tally).remote()
