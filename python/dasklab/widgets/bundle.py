"""What a cell's output holds beside its pictures, for front ends that have dasklab themselves.

There an output of :data:`MIME` is drawn by the plots of the panes: live over the server, as long as
the cluster lives, which asks nothing of a kernel that is busy; later from the recording. Everybody
else takes the HTML that comes in the same bundle. ``src/outputs/payload.ts`` reads it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from ..client import AsyncCluster
from ..client.words import line
from ..errors import DasklabError
from .packing import notebook_recording
from .run import Run

__all__ = ("MIME", "STRIP", "payload")

MIME = "application/vnd.dasklab.plots+json"
VERSION = 1

STRIP = ("task-stream", "progress", "memory", "workers-memory")
"""Plots that a strip's recording is drawn as."""

logger = logging.getLogger(__name__)


def payload(
    kind: str,
    plots: Iterable[str],
    *,
    title: str = "",
    seconds: float | None = None,
    live: AsyncCluster | None = None,
    run: Run | None = None,
) -> dict[str, Any]:
    """The JSON of an output.

    Parameters
    ----------
    kind
        ``"plots"``, which are drawn as soon as they are seen, or ``"strip"``, which stays a picture
        until somebody asks.
    seconds
        How much of the time live plots show.
    live
        The cluster, while it lives.
    run
        What is recorded; a recording that is not possible is left out.
    """
    recording = None
    if run is not None:
        try:
            recording = notebook_recording(run)
        except DasklabError as error:
            logger.warning("%s %s", error.message, error.hint)
    return {
        "version": VERSION,
        "kind": kind,
        "title": line(title, 200),
        "plots": list(plots),
        "seconds": seconds,
        "cluster": None if live is None else {"id": live.id, "name": live.name},
        "recording": recording,
    }
