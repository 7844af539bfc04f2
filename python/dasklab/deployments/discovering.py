"""What runs already: each deployment is asked, and what other packages know of.

Asked in an interpreter of its own when somebody wants to know, never by itself. One that does not
answer in time, or fails, is named and costs the others nothing.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.metadata import EntryPoint, entry_points
from inspect import isawaitable
from typing import Any

from ..errors import DasklabError
from ._scheduler_files import scheduler_files

__all__ = ("discover",)

logger = logging.getLogger(__name__)

PATIENCE = 8.0
"""Seconds for each source."""

GROUP = "dask_cluster_discovery"
"""Entry points with which packages tell dask-ctl of their clusters: functions that yield pairs of a
name and a class with ``from_name``."""

ASKED_ALREADY = {"dask_kubernetes": "kubernetes"}
"""Packages whose clusters a deployment of ours tells of: with the namespace to attach to, which an
entry point does not say. One of dask-kubernetes also names a module that it has no more."""

Found = dict[str, Any]


async def discover() -> dict[str, list[Found]]:
    """Ask everybody at once.

    Returns
    -------
    dict
        ``found``: a row for each cluster (see :meth:`.base.Deployment.discover`) with its
        ``deployment`` and ``source``; ``silent``: what did not answer, an error each.
    """
    from . import load

    sources: list[tuple[str, Callable[[], Awaitable[list[Found]]]]] = []
    for name, cls in load().items():
        sources.append((cls.title, _of_deployment(name, cls.discover)))
    if "existing" in load():
        sources.append(("Scheduler files", _of_deployment("existing", scheduler_files)))
    sources += [
        (entry.name, _of_package(entry))
        for entry in entry_points(group=GROUP)
        if ASKED_ALREADY.get(entry.module.partition(".")[0]) not in load()
    ]
    answers = await asyncio.gather(*(_answer(title, ask) for title, ask in sources))
    found = [row for rows, _ in answers for row in rows]
    silent = [error.to_wire() for _, error in answers if error is not None]
    return {"found": found, "silent": silent}


async def _answer(
    source: str, ask: Callable[[], Awaitable[list[Found]]]
) -> tuple[list[Found], DasklabError | None]:
    try:
        rows = await asyncio.wait_for(ask(), PATIENCE)
    except asyncio.TimeoutError:
        error = DasklabError(f"{source} has not answered within {PATIENCE:g} seconds.")
    except DasklabError as failure:
        error = DasklabError(f"{source}: {failure.message}", failure.hint)
    except Exception as failure:  # of another package, or its server
        logger.exception("%s could not be asked for its clusters", source)
        error = DasklabError(f"{source} could not be asked: {type(failure).__name__}: {failure}")
    else:
        return [{"source": source, **row} for row in rows], None
    return [], error


def _of_deployment(
    name: str, ask: Callable[[], Awaitable[list[Found]]]
) -> Callable[[], Awaitable[list[Found]]]:
    async def rows() -> list[Found]:
        return [{"deployment": name, **row} for row in await ask()]

    return rows


def _of_package(entry: EntryPoint) -> Callable[[], Awaitable[list[Found]]]:
    """The clusters that another package tells of, attached to by ``from_name`` of their class."""

    async def rows() -> list[Found]:
        # Its import may take long, and must not keep the others from answering.
        tell = await asyncio.to_thread(entry.load)
        found = []
        async for name, cls in _each(tell()):
            path = f"{cls.__module__}:{cls.__qualname__}"
            options = {"cluster_class": f"{path}.from_name", "args": [str(name)], "attach": True}
            found.append(
                {
                    "deployment": "class",
                    "name": str(name),
                    "text": f"{cls.__name__}, as the package of {entry.name} says.",
                    "options": options,
                }
            )
        return found

    return rows


async def _each(told: Any) -> AsyncIterator[tuple[str, Any]]:
    """What a discovery function gives: a list, a generator, or either of them asynchronous."""
    if isawaitable(told):
        told = await told
    if hasattr(told, "__aiter__"):
        async for pair in told:
            yield pair
    else:
        for pair in told:
            yield pair
