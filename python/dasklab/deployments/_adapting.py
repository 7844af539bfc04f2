"""Adaptive scaling that loses no data, leaves nothing in a queue, and ends when it is switched off.

Beneath ``_cluster``.
"""

from __future__ import annotations

from collections.abc import Collection
from inspect import isawaitable
from typing import TYPE_CHECKING, Any

from ._shrinking import choose, workers_of

if TYPE_CHECKING:
    from ._cluster import ClusterDeployment

__all__ = ("moving_data",)


def moving_data(deployment: ClusterDeployment) -> type[Any]:
    """A class for ``Cluster.adapt(Adaptive=…)``.

    It takes turns with the numbers that users give: who asks for three workers while some are
    being emptied gets three, when that is done; and what was decided before counts no more.
    """
    from distributed.deploy.adaptive import Adaptive

    class MovesData(Adaptive):  # type: ignore[misc]
        """Closes only workers whose data has found another place, or that have not come yet.

        Dask's own closes all that it chose, also those that could not be emptied.
        """

        @property
        def in_force(self) -> bool:
            """Whether it has not been switched off, or replaced by another range."""
            return getattr(self.cluster, "_adaptive", None) is self

        async def workers_to_close(self, target: int) -> list[Any]:
            jobs = workers_of(self.cluster) if hasattr(self.cluster, "worker_spec") else {}
            if all(len(names) == 1 for names in jobs.values()):
                found: list[Any] = await super().workers_to_close(target)
                return found
            # Dask's own names single workers, and a job closes with all that it runs.
            chosen = await choose(deployment, target)
            return [worker for name in chosen for worker in jobs[name]]

        async def scale_up(self, n: int) -> None:
            async with deployment._scaling:
                if self.in_force:
                    await super().scale_up(n)

        async def scale_down(self, workers: Any) -> None:
            async with deployment._scaling:
                if workers and self.in_force:
                    await self._close(list(workers))

        async def _close(self, names: list[Any]) -> None:
            names = self._whole(names, await deployment.arrived())
            retired = await self.scheduler.retire_workers(
                names=names, remove=False, close_workers=False
            )
            empty = {str(info.get("name")) for info in retired.values()}
            # Asked anew: who has come meanwhile was not retired, and may hold something.
            here = await deployment.arrived()
            closing = [name for name in names if str(name) in empty or str(name) not in here]
            closing = self._whole(closing, here)
            if closing:
                result = self.cluster.scale_down(closing)
                if isawaitable(result):
                    await result

        def _whole(self, names: list[Any], here: Collection[str]) -> list[Any]:
            """Without workers of jobs of which others are here and stay."""
            jobs = workers_of(self.cluster) if hasattr(self.cluster, "worker_spec") else {}
            leaving = set(map(str, names))
            staying = set(here) - leaving
            kept = {name for found in jobs.values() if staying & {*found} for name in found}
            return [name for name in names if str(name) not in kept]

    return MovesData
