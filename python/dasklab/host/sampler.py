"""Looks at a cluster: at each change, and twice a second, on the cluster's own loop.

What it finds is handed to the host's loop. Used by the host only.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from typing import Any

from ..deployments.base import Deployment, Sample
from ..errors import ClusterGone
from ..model.record import Endpoint, Phase, Record
from ..model.scaling import Scaling

__all__ = ("SAMPLE_EVERY", "Sampler", "changes", "news")

logger = logging.getLogger(__name__)

SAMPLE_EVERY = 0.5
"""Seconds between samples: what workers' heartbeats give (distributed's default)."""


RESTARTING = 60.0
"""Seconds after which workers that are gone have not gone for a restart."""


class Sampler:
    """Samples one deployment for as long as its cluster lives.

    Parameters
    ----------
    loop
        The cluster's, running in another thread.
    sampled
        Called on the host's loop, with each sample and where the dashboard listens.
    gone
        Called on the host's loop when the cluster has been closed by others, or its loop has ended.
    note
        Adds a line to the cluster's history, from any thread.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sampled: Callable[[Sample, Endpoint | None], None],
        gone: Callable[[], None],
        note: Callable[[str, str], None],
    ) -> None:
        self._cluster_loop = loop
        self._loop = asyncio.get_running_loop()
        self._hear = sampled
        self._gone = gone
        self._note = note
        self._changed = asyncio.Event()
        self._running: Any = None

    @property
    def running(self) -> bool:
        """Whether the cluster is being looked at."""
        return self._running is not None

    def start(self, deployment: Deployment) -> None:
        """Begin."""
        self._running = asyncio.run_coroutine_threadsafe(
            self._sample_forever(deployment), self._cluster_loop
        )
        self._running.add_done_callback(self._ended)

    def stop(self) -> None:
        """End, if it had begun."""
        if self._running is not None:
            self._running.cancel()

    def poke(self) -> None:
        """Sample soon (from any thread)."""
        if not self._cluster_loop.is_closed():
            with contextlib.suppress(RuntimeError):  # closed in between
                self._cluster_loop.call_soon_threadsafe(self._changed.set)

    async def _sample_forever(self, deployment: Deployment) -> None:
        silent = False
        while True:
            if deployment.closed:
                return
            try:
                sample = await asyncio.wait_for(deployment.sample(), 30)
            except (OSError, asyncio.TimeoutError) as error:
                if not silent:  # once, not twice a second
                    silent = True
                    why = str(error) or type(error).__name__
                    self._note("silent", f"The scheduler does not answer: {why}")
            except ClusterGone:
                pass  # in between: the next look finds it closed
            except Exception:
                # Whatever a deployment stumbles over, without samples no lease would end it.
                logger.exception("The cluster could not be looked at")
            else:
                silent = False
                self._loop.call_soon_threadsafe(self._hear, sample, deployment.place())
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._changed.wait(), SAMPLE_EVERY)
            self._changed.clear()
            await asyncio.sleep(0.02)  # workers arrive in bursts

    async def watch_loop(self) -> None:
        """On the host's loop: see the end of the cluster's loop also while nothing runs on it.

        What was given to it just then is never answered.
        """
        while not self._cluster_loop.is_closed():
            await asyncio.sleep(SAMPLE_EVERY)
        self._gone()

    def _ended(self, _: Any) -> None:
        """In its thread: nobody but the end of the cluster ends it before we do."""
        with contextlib.suppress(RuntimeError):  # our own loop is closed: we have ended
            self._loop.call_soon_threadsafe(self._gone)


def changes(before: Record, sample: Sample, target: Scaling | None) -> dict[str, Any]:
    """What a sample changes in a record.

    Parameters
    ----------
    target
        What was asked for and is not yet done.
    """
    workers: dict[str, Any]
    if target is None:
        workers = {
            "wanted": sample.wanted,
            "minimum": sample.minimum,
            "maximum": sample.maximum,
            "running": sample.running,
        }
    else:
        workers = {**target.to_wire(), "running": sample.running}
    if sample.groups:
        workers = {**workers, "groups": sample.groups}
    phase, reason = Phase.RUNNING, None
    if sample.running == 0 and workers["wanted"]:
        phase = Phase.WAITING
        found = before.advice[0] if before.advice else None
        reason = {
            "code": found.code if found else "workers.missing",
            "message": f"None of {workers['wanted']} workers is there yet."
            + (f" {found.message}" if found else ""),
            "hint": found.hint
            if found
            else "They are being started; %dask why says what is known of them.",
            "details": {},
        }
    memory = {"used": sample.memory_used, "limit": sample.memory_limit}
    cpu = round(sample.cpu, 1)
    if before.memory.get("limit") == memory["limit"] and abs(
        memory["used"] - before.memory.get("used", 0)
    ) <= max(0.01 * memory["limit"], 1_000_000):
        memory = before.memory  # noise: an idle cluster must cause no traffic
    if abs(cpu - before.cpu) < 0.15:
        cpu = before.cpu
    return {
        "phase": phase,
        "reason": reason,
        "workers": workers,
        "scheduler": {
            "address": sample.address,
            "id": sample.scheduler_id,
            **({"security": sample.security} if sample.security else {}),
        },
        "cores": sample.cores,
        "memory": memory,
        "cpu": cpu,
        "tasks": sample.tasks,
        "clients": sample.clients,
    }


def news(before: Record, seen: dict[str, Any]) -> list[tuple[str, str]]:
    """Kinds and sentences of what a sample adds to the history.

    Parameters
    ----------
    seen
        What the sample changes, of :func:`changes`.
    """
    found = []
    if before.scheduler is None:
        found.append(("started", f"The scheduler is at {seen['scheduler']['address']}."))
    last = before.events[-1] if before.events else None
    restarts = last is not None and last.kind == "restart" and time.time() - last.at < RESTARTING
    if before.workers.get("running") and seen["phase"] is Phase.WAITING and not restarts:
        # Asked by whoever stops it: a cluster that waits for its first worker has nothing to lose.
        found.append(("workers-gone", "None of its workers is left."))
    return found
