"""Growing and shrinking a DaskCluster by pods, group by group, without losing what workers hold.

A Deployment is deleted when all workers in its pod have handed on their data. What is wanted is
kept apart from what the operator was asked for: pods that end at once are taken away again
(:mod:`.guarding`), and leave a gap that everybody sees.
"""

from __future__ import annotations

from typing import Any

from ...errors import WorkersInvalid
from ...model.explanation import Advice
from ...model.scaling import Scaling
from .._cluster import ClusterDeployment
from ..base import Context
from .explaining import Seen
from .guarding import Guards
from .pool import DEFAULT, Pool

__all__ = ("PodScaling",)


class PodScaling(ClusterDeployment):
    """The part of a DaskCluster's deployment that has to do with the number of its workers."""

    def __init__(self, options: dict[str, Any], context: Context) -> None:
        super().__init__(options, context)
        self._pool: Pool | None = None
        self._guards = Guards()
        self._withheld: dict[str, int] = {}  # pods of a group that are not asked for any more

    @property
    def pool(self) -> Pool:
        assert self._pool is not None
        return self._pool

    @property
    def wanted(self) -> dict[str, int]:
        """Pods by group: those that there are to be, and those that are withheld."""
        return {
            group: count + self._withheld.get(group, 0) for group, count in self.pool.wanted.items()
        }

    async def scale(self, scaling: Scaling) -> None:
        groups = scaling.groups
        async with self._scaling:
            self._stop_adapting()
            await self.pool.look()
            unknown = [name for name in groups if name not in self.pool.wanted or name == DEFAULT]
            if unknown:
                there = ", ".join(name for name in self.pool.wanted if name != DEFAULT)
                raise WorkersInvalid(
                    f"There is no worker group {unknown[0][:60]!r}.",
                    f"There are: {there}." if there else "The option groups names them.",
                )
            self._guards.again()
            self._withheld.clear()
            wanted = dict(groups)
            if not scaling.adaptive:
                wanted[DEFAULT] = scaling.wanted
            nothing = not any(wanted.get(name, n) for name, n in self.pool.wanted.items())
            for group, count in wanted.items():
                await self._resize(group, count, nothing)
            if scaling.adaptive:
                assert scaling.minimum is not None
                assert scaling.maximum is not None
                self._adapt(scaling.minimum, scaling.maximum)
        self.context.changed()

    async def restart(self) -> None:
        self._guards.again()
        withheld, self._withheld = self._withheld, {}
        await super().restart()
        for group, count in withheld.items():
            await self.pool.set(group, self.pool.wanted.get(group, 0) + count)

    async def _resize(self, group: str, count: int, nothing: bool) -> None:
        """A group's pods to a number; those leave that have no worker yet, or cost least."""
        if count >= self.pool.wanted[group]:
            await self.pool.set(group, count)
            return
        await self.pool.settle()
        surplus = len(self.pool.names[group]) - count
        if surplus > 0:
            await self._release((await self._cheapest(group))[:surplus], force=nothing)
        if len(self.pool.names[group]) <= count != self.pool.wanted[group]:
            await self.pool.set(group, count)

    async def _members(self) -> dict[str, list[str]]:
        """Addresses of workers by Deployment, as both are now."""
        identity = await self.cluster.scheduler_comm.identity(n_workers=-1)
        await self.pool.look_at_pods()
        return self.pool.members(identity["workers"])

    async def _cheapest(self, group: str) -> list[str]:
        """A group's Deployments in the order in which to delete them."""
        members = await self._members()
        most = sum(map(len, members.values()))
        order = await self.cluster.scheduler_comm.workers_to_close(n=most, attribute="address")
        rank = {address: number for number, address in enumerate(order)}

        def cost(name: str) -> tuple[int, int]:
            there = members.get(name, [])
            if not there:
                return (0 if self._is_absent(name, members) else 2), 0
            return 1, max(rank.get(address, most) for address in there)

        return sorted(sorted(self.pool.names[group]), key=cost)

    def _is_absent(self, name: str, members: dict[str, list[str]]) -> bool:
        """Whether a Deployment without a known worker has none.

        Where there are workers of which nobody knows whose they are, one may run in a pod that is
        ready.
        """
        return not members.get(name) and not (members.get("") and name in self.pool.ready)

    async def _release(self, names: list[str], *, force: bool = False) -> None:
        """Delete Deployments, all of whose workers' data has found another place.

        Parameters
        ----------
        force
            Nobody is left to take the data: none is wanted.
        """
        if not force:
            await self.pool.prepare(names)
        members = {} if force else await self._members()
        leaving = [address for name in names for address in members.get(name, ())]
        retired: set[str] = set()
        if leaving:
            retired = set(
                await self.cluster.scheduler_comm.retire_workers(
                    workers=leaving, remove=False, close_workers=False
                )
            )
        going = [
            name
            for name in names
            if force
            or self._is_absent(name, members)
            or (members.get(name) and retired.issuperset(members[name]))
        ]
        kept = len(names) - len(going)
        if kept:
            unknown = any(name not in going and not members.get(name) for name in names)
            why = "it is not known which workers are theirs" if unknown else (
                "their data finds no room elsewhere"
            )  # fmt: skip
            self.context.note("kept", f"{kept} of {len(names)} workers stay: {why}.")
        await self.pool.remove(going)

    # -- adaptive --------------------------------------------------------------------------------
    def _adapt(self, minimum: int, maximum: int) -> None:
        from distributed.deploy.adaptive import Adaptive

        deployment = self

        class ByPods(Adaptive):  # type: ignore[misc]
            """Thinks and acts in pods without a group; named groups stay as they are.

            Dask's own chooses among all workers that the scheduler has.
            """

            @property
            def plan(self) -> set[Any]:
                return set(deployment.pool.names.get(DEFAULT, ()))

            @property
            def requested(self) -> set[Any]:
                return self.plan

            @property
            def observed(self) -> set[Any]:
                workers = deployment.cluster.scheduler_info["workers"]
                return self.plan & deployment.pool.members(workers).keys()

            async def workers_to_close(self, target: int) -> list[str]:
                names = await deployment._cheapest(DEFAULT)
                return names[: max(0, len(names) - target)]

            async def scale_up(self, n: int) -> None:
                async with deployment._scaling:
                    await deployment.pool.look()
                    closed = deployment._guards.closed(DEFAULT)
                    more = n > deployment.pool.wanted.get(DEFAULT, 0)
                    if deployment._adaptive and more and not closed:
                        await deployment.pool.set(DEFAULT, n)

            async def scale_down(self, workers: Any) -> None:
                async with deployment._scaling:
                    await deployment.pool.look()
                    there = deployment.pool.names.get(DEFAULT, set()).intersection(workers)
                    if deployment._adaptive and there:
                        await deployment._release(sorted(there))

        self.cluster._adaptive = ByPods(self.cluster, minimum=minimum, maximum=maximum)
        self._adaptive = (minimum, maximum)

    # -- pods that end at once -------------------------------------------------------------------
    async def guard(self, seen: Seen) -> list[Advice]:
        """Take away pods that end again and again; what is to be said of that."""
        async with self._scaling:
            for group, names in self._guards.look(seen).items():
                there = self.pool.names.get(group, set()).intersection(names)
                if there:
                    self._withheld[group] = self._withheld.get(group, 0) + len(there)
                    await self.pool.remove(sorted(there))
        return self._guards.advice()
