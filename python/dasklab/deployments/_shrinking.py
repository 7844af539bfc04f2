"""Closing workers down to a number without losing what they hold. Beneath ``_cluster``.

SpecCluster's own scale-down gives names where addresses are expected (distributed #4532), so that
nothing is moved: 3 to 1 workers lost 6 of 9 arrays. Here workers are retired by address first,
which copies what only they hold, and closed when they are empty. What is planned may be a job with
several workers: it closes as a whole, or stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ._cluster import ClusterDeployment

__all__ = ("choose", "planned", "shrink", "workers_of")


def workers_of(cluster: Any) -> dict[Any, list[str]]:
    """Names of the workers of all that a SpecCluster has planned: one each, or those of a job."""
    return {
        name: [f"{name}{suffix}" for suffix in spec.get("group", ("",))]
        for name, spec in cluster.worker_spec.items()
    }


def planned(cluster: Any) -> int:
    """How many workers there will be."""
    return sum(map(len, workers_of(cluster).values()))


async def choose(deployment: ClusterDeployment, wanted: int) -> list[Any]:
    """Whom to close to have so many: those not yet there, then the ones that cost least."""
    jobs = workers_of(deployment.cluster)
    surplus = sum(map(len, jobs.values())) - wanted
    if surplus <= 0:
        return []
    here = await deployment.arrived()
    ranked = await deployment.cluster.scheduler_comm.workers_to_close(
        n=len(here), attribute="address"
    )
    rank = {address: number for number, address in enumerate(ranked)}

    def cost(name: Any) -> int:
        return max((rank.get(here[w], len(rank)) for w in jobs[name] if w in here), default=-1)

    chosen = []
    for name in sorted(jobs, key=cost):
        if len(jobs[name]) <= surplus:
            chosen.append(name)
            surplus -= len(jobs[name])
    return chosen


async def shrink(deployment: ClusterDeployment, wanted: int) -> None:
    """Close workers down to a number, or as far as their data finds room elsewhere."""
    cluster = deployment.cluster
    chosen = await choose(deployment, wanted)
    if not chosen:
        return
    here, jobs = await deployment.arrived(), workers_of(cluster)
    addresses = {name: {here[w] for w in jobs[name] if w in here} for name in chosen}
    leaving = set().union(*addresses.values())
    deployment._leaving.update(leaving)
    staying: set[str] = set()
    if leaving and wanted:  # else nobody is left to take the data, and that was asked for
        retired = await cluster.scheduler_comm.retire_workers(
            workers=list(leaving), remove=False, close_workers=False
        )
        full = [name for name in chosen if not addresses[name] <= set(retired)]
        staying = set().union(*(addresses.pop(name) for name in full))
    if staying:
        deployment._leaving.difference_update(staying)
        deployment.context.note(
            "kept",
            f"{len(staying)} of {len(leaving)} workers stay: their data finds no room elsewhere.",
        )
    for name in addresses:
        cluster.worker_spec.pop(name, None)
    await cluster._correct_state()
