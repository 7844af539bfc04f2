"""Bringing the collector into a scheduler: added here, or shipped by value to one elsewhere."""

from __future__ import annotations

from typing import Any

from .collector import HANDLER, PLUGIN, Collector

__all__ = ("ask_elsewhere", "ask_here", "by_value")


async def ask_here(scheduler: Any, since: dict[str, Any] | None) -> dict[str, Any]:
    """Ask a scheduler of this process; on its own loop."""
    collector = scheduler.plugins.get(PLUGIN)
    if collector is None:
        collector = _collector()
        await collector.start(scheduler)
        scheduler.add_plugin(collector, name=PLUGIN)
    found: dict[str, Any] = collector.collect(since)
    return found


async def ask_elsewhere(comm: Any, since: dict[str, Any] | None) -> dict[str, Any]:
    """Ask a scheduler over its comm; on the comm's loop.

    Raises
    ------
    Exception
        Whatever the scheduler raises: it takes no plugins, runs another Python, is gone.
    """
    answer = None
    if since is not None:
        answer = await getattr(comm, HANDLER)(since=since)
    if not isinstance(answer, dict):
        # The first time; or another scheduler listens there now, or the plugin was taken out.
        await _ship(comm)
        answer = await getattr(comm, HANDLER)(since=since)
    if not isinstance(answer, dict):
        raise ValueError("The scheduler takes the collector, but does not answer for it.")
    return answer


async def _ship(comm: Any) -> None:
    plugin = by_value(_collector())
    try:
        await comm.register_scheduler_plugin(plugin=plugin, name=PLUGIN, idempotent=True)
    except TypeError:  # a distributed before 2023.9, that does not ask whether to do it twice
        await comm.register_scheduler_plugin(plugin=plugin, name=PLUGIN)


def _collector() -> Collector:
    from .worker_log import install, uninstall

    return Collector(by_value(install), by_value(uninstall))


def by_value(obj: Any) -> bytes:
    """An object and the code of this package that it needs: the scheduler may not have dasklab."""
    import cloudpickle

    from . import collector, origins, ring, sampling, task_graph, transfers, worker_log

    modules = (collector, origins, ring, sampling, task_graph, transfers, worker_log)
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        return bytes(cloudpickle.dumps(obj))
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)
