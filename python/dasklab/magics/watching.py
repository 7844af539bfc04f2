"""``%dask watch``, which ``%%dask`` is short for."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

from ..client import AsyncCluster
from ..errors import DasklabError, UsageError
from ..widgets.live import LiveStrip
from ..widgets.recording import Recording, check_name, save, save_last
from ..widgets.run import Run
from ..widgets.summary import Summary
from .cells import current_cell, first_submission, named
from .display import say
from .subcommands import SUBCOMMANDS
from .usage import read

if TYPE_CHECKING:
    from .session import Session

__all__ = ("begin", "find_cluster", "watch")


def find_cluster(session: Session) -> tuple[AsyncCluster, Any] | None:
    """The current cluster and a client of it, also one that only Dask knows as its default."""
    module = sys.modules.get("distributed.client")
    default = module._get_global_client() if module is not None else None
    cluster = session.cluster
    with contextlib.suppress(DasklabError, AttributeError):
        if cluster is not None and not cluster.record.phase.ended:
            client = session.client or default
            return AsyncCluster(cluster.record, registry=session.registry), client
        if default is not None:
            record = session.registry.find(str(default.scheduler.address))
            if not record.phase.ended:
                return AsyncCluster(record, registry=session.registry), default
    return None


def watch(session: Session, tokens: list[str]) -> None:
    """A live strip beneath the cell, until that ends."""
    line = read(SUBCOMMANDS["watch"], tokens)
    if session.watching:
        raise UsageError("This cell is watched already.", "Write %%dask or %dask watch once.")
    name = line.values.get("record")
    if name is not None:
        check_name(name, session.registry)  # before an hour's work, not after it
    begin(session, name)


def begin(session: Session, name: str | None = None, *, counting: bool = True) -> None:
    """Show a strip until the cell ends.

    Parameters
    ----------
    name
        Of the recording that it becomes.
    counting
        Whether workers are asked for the bytes that they move, which takes a moment.
    """
    cell = current_cell() if named() else None
    strip = LiveStrip(
        session.shell,
        lambda: find_cluster(session),
        cell,
        counting=counting,
        submitted=lambda: first_submission(cell),
    )
    session.watching = True
    events = session.shell.events

    def ended(result: Any = None) -> None:
        events.unregister("post_run_cell", ended)
        session.watching = False
        error = getattr(result, "error_in_exec", None) or getattr(result, "error_before_exec", None)
        stopped = isinstance(error, KeyboardInterrupt)
        strip.finish("stopped" if stopped else "failed" if error is not None else "done")
        if strip.run is not None and strip.summary is not None and strip.cluster is not None:
            _keep(session, strip.cluster.name, strip.run, strip.summary, name)

    events.register("post_run_cell", ended)


def _keep(session: Session, cluster: str, run: Run, summary: Summary, name: str | None) -> None:
    """Keep the run: as the last one, and by name where that was asked for."""
    session.last_run = Recording("last", cluster, run, summary)
    try:
        if summary.tasks:
            save_last(cluster, run, summary, session.registry)
        if name is not None:
            save(name, cluster, run, summary, session.registry)
    except DasklabError as error:
        say(f"{error.message} {error.hint}")
