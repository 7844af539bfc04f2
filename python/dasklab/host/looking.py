"""What is asked of the scheduler when somebody looks: Dask's profile, the task graph."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from ..errors import DeadlinePassed, RequestMalformed
from ..telemetry.call_tree import flatten
from .requests import Request
from .streaming import read_time

__all__ = ("Graph", "Profile")

PATIENCE = 30.0
"""Seconds for the scheduler to answer."""

TEXT = 1_000
"""Characters of a prefix, or of the id of a graph."""


class Profile(Request):
    """Where tasks spent their time, by call stack."""

    async def post(self) -> None:
        """``{"since", "until", "prefix"}`` → see :func:`~dasklab.telemetry.call_tree.flatten`."""
        from dask import config
        from dask.utils import parse_timedelta

        body = self.body()
        which = (read_time(body, "since"), read_time(body, "until"), _text(body, "prefix"))
        host = await self.control.host()
        tree = await _soon(host.look(lambda deployment: deployment.profile(*which)))
        every = parse_timedelta(config.get("distributed.worker.profile.interval"), default="ms")
        self.finish({**flatten(tree), "interval": float(every)})


class Graph(Request):
    """The task graph of the current computation."""

    async def post(self) -> None:
        """``{"known"}`` → see :func:`~dasklab.telemetry.task_graph.task_graph`."""
        known = _text(self.body(), "known")
        host = await self.control.host()
        self.finish(await _soon(host.look(lambda deployment: deployment.graph(known))))


async def _soon(asking: Coroutine[Any, Any, dict[str, Any]]) -> dict[str, Any]:
    try:
        return await asyncio.wait_for(asking, PATIENCE)
    except asyncio.TimeoutError:
        raise DeadlinePassed("The scheduler does not answer.", "It may be busy.") from None


def _text(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not (isinstance(value, str) and 0 < len(value) <= TEXT):
        raise RequestMalformed(f"{name} is no text of 1 to {TEXT} characters.")
    return value
