"""dask-cloudprovider's clusters of virtual machines, put right where they are wrong.

Beneath ec2, azure and gcp. Made when they are used, because their package is imported then. What is
changed, and why, stands with it; everything else is the package's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

__all__ = ("LOOK", "lean", "short", "until_it_listens", "vm_cluster")

LAUNCHING = frozenset(
    {
        "cloudprovider",
        "coiled",
        "dasklab",
        "gateway",
        "jobqueue",
        "kubernetes",
        "labextension",
        "yarn",
    }
)
"""Sections of Dask's configuration that only who launches clusters reads."""

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

    class Lean:
        command: str
        set_env: str

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            """What is sent along of the configuration must fit beside the rest: see ``lean``."""
            super().__init__(*args, **kwargs)
            before, self.set_env = self.set_env, lean(self.set_env)
            self.command = self.command.replace(before, self.set_env)

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
            self.scheduler_class = type(
                "S", (Scheduler, Lean, *more, theirs["scheduler_class"]), {}
            )
            self.worker_class = type("W", (Worker, Lean, *more, theirs["worker_class"]), {})

        def _new_worker_name(self, number: int) -> str:
            # Never one that was there: a cloud may take minutes to let go of it.
            return f"dask-{self.uuid}-worker-{uuid.uuid4().hex[:8]}"

        def _log(self, text: str) -> None:
            super()._log(text)
            tell(text)

    Cluster.__name__ = Cluster.__qualname__ = base.__name__
    return Cluster


def lean(setting: str) -> str:
    """The setting of a machine's configuration without what only launches read.

    The class sends all that differs from the defaults that its process knows. A host has the whole
    configuration of who launched, and of other packages' sections not their defaults; with those,
    what EC2 takes as user data (16 KiB) is not enough.
    """

    import dask.config

    def shorten(found: re.Match[str]) -> str:
        config = dask.config.deserialize(found[2])
        kept = {key: value for key, value in config.items() if key not in LAUNCHING}
        return f"{found[1]}{dask.config.serialize(kept)}{found[3]}"

    return re.sub(r'(DASK_INTERNAL_INHERIT_CONFIG=")([^"]*)(")', shorten, setting)


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
