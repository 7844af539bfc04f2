"""dask-cloudprovider's clusters of virtual machines, put right where they are wrong.

Beneath ec2, azure and gcp. Made when they are used, because their package is imported then. What is
changed, and why, stands with it; everything else is the package's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

__all__ = ("LOOK", "short", "until_it_listens", "vm_cluster")

LOOK = 1.0
"""Seconds between two looks at a machine that boots."""


def short(cluster_id: str) -> str:
    """What stands for a cluster in the names of its machines: ``dask-…-scheduler``."""
    return cluster_id[:12]


def vm_cluster(
    base: type[Any], cluster_id: str, tell: Callable[[str], None], machine: type[Any] = object
) -> Any:
    """A subclass of one of the package's classes.

    Parameters
    ----------
    cluster_id
        Comes into the names of machines, where the class has a random number: so that they are
        found again when the process that made them is gone.
    tell
        Is told what the class logs.
    machine
        More to mix into its scheduler and workers.
    """

    class Scheduler:
        async def wait_for_scheduler(self: Any) -> None:
            """The class blocks the loop with each try, minutes long where a firewall drops it."""
            place = urlsplit(self.external_address or self.address).netloc
            self.cluster._log(f"Waiting for scheduler to run at {place}")
            await until_it_listens(self, getattr(self, "look_after", None))

    class Worker:
        """The class gives it a name of its own, which the cluster does not know.

        So neither its data was moved before it was closed, nor was it known to adaptive scaling.
        """

        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            name = kwargs["name"]
            self.command = self.command.replace(self.name, name)
            self.name = name

    class Cluster(base):  # type: ignore[misc]
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.uuid = short(cluster_id)
            more = () if machine is object else (machine,)
            theirs: Any = vars(self)
            self.scheduler_class = type("S", (Scheduler, *more, theirs["scheduler_class"]), {})
            self.worker_class = type("W", (Worker, *more, theirs["worker_class"]), {})

        def _new_worker_name(self, number: int) -> str:
            # Never one that was there: a cloud may take minutes to let go of it.
            return f"dask-{self.uuid}-worker-{uuid.uuid4().hex[:8]}"

        def _log(self, text: str) -> None:
            super()._log(text)
            tell(text)

    Cluster.__name__ = Cluster.__qualname__ = base.__name__
    return Cluster


async def until_it_listens(process: Any, look: Callable[[], Awaitable[None]] | None) -> None:
    """Wait for a scheduler elsewhere; ``look`` raises where that is in vain."""
    place = urlsplit(process.external_address or process.address)
    while not await _listens(place.hostname, place.port):
        if look is not None:
            await look()
        await asyncio.sleep(LOOK)


async def _listens(host: str | None, port: int | None) -> bool:
    """Whether something answers there, by now."""
    with contextlib.suppress(OSError, asyncio.TimeoutError):
        _, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 2 * LOOK)
        writer.close()
        return True
    return False
