"""The first word of a host: its cluster is in the list.

A launcher waits for nothing else, so this imports no deployment and no asyncio: they would more
than double the time until a launch is to be seen where no standby was.
"""

from __future__ import annotations

import os
import sys
import time

from ..model.record import Endpoint, Phase, Record, Step
from ..model.spec import Spec
from ..processes import identify
from ..registry import Registry

__all__ = ("claim",)


def claim(
    spec: Spec, registry: Registry, log: str, scratch: str, control: Endpoint | None = None
) -> tuple[Record, bool]:
    """Enter the cluster into the registry: from now on everybody sees it, ``starting``."""
    now = time.time()
    record = Record(
        id=spec.id,
        name=spec.name or "",
        deployment=spec.deployment,
        profile=spec.profile,
        phase=Phase.STARTING,
        steps=(Step("import", "Importing Dask", "active", now),),
        environment=spec.environment,
        options=spec.options,
        workers={
            **(spec.scaling.to_wire() if spec.scaling else {"wanted": None}),
            "running": 0,
        },
        created=now,
        updated=now,
        log=log,
        scratch=scratch,
        cwd=spec.cwd,
        host=identify(),
        warden=identify(os.getppid()),
        control=control,
        can=(),
    ).with_event("launched", f"Launched with {sys.executable}.", now)
    return registry.claim(record, automatic=spec.name is None)
