"""The record of a host: written again if it is lost, but not once it has been forgotten."""

from __future__ import annotations

import asyncio
from typing import Any

from dasklab.host.keeper import Keeper
from dasklab.model.record import Phase

from ..support import make_record


def test_a_record_that_is_lost_comes_back_and_one_that_is_forgotten_does_not(registry: Any) -> None:
    async def test() -> None:
        keeper = Keeper(make_record(phase=Phase.RUNNING), registry)
        path = registry.path(keeper.record.id)
        keeper.save()
        path.unlink()
        keeper.save()
        assert path.exists(), "somebody has damaged the registry, and the cluster lives"

        keeper.update(phase=Phase.STOPPED)
        keeper.save()
        registry.forget(keeper.record.id)
        keeper.note("late", "A last word.")
        keeper.save()
        assert not path.exists()

    asyncio.run(test())
