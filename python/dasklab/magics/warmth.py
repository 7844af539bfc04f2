"""What the first ``%dask start`` will need, imported while the user is still typing."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import _Entry

__all__ = ("warm_soon",)

DELAY = 0.05
"""Seconds after ``%load_ext``: its cell must be back first."""

logger = logging.getLogger(__name__)
_begun = False


def warm_soon(entry: _Entry) -> None:
    """Warm up in a daemon thread, once a process; it never prints and never raises."""
    global _begun
    if _begun:
        return
    _begun = True
    timer = threading.Timer(DELAY, _warm, [entry])
    timer.daemon = True
    timer.name = "dasklab-warm"
    timer.start()


def _warm(entry: _Entry) -> None:
    for step in (_imports, _standby, _knowledge):
        try:
            step(entry)
        except Exception:
            logger.debug("Warming up: %s failed", step.__name__, exc_info=True)


def _imports(_entry: _Entry) -> None:
    import distributed  # noqa: F401
    import jsonschema  # noqa: F401
    import tornado.websocket  # noqa: F401

    from . import commands, completion  # noqa: F401


def _standby(entry: _Entry) -> None:
    # Not beside a launch, which needs the cores itself and has the next standby started after it:
    # "Run all" comes here with the second cell running.
    if not entry.session.launched:
        from ..launching import ensure_standby

        ensure_standby()


def _knowledge(entry: _Entry) -> None:
    entry.session.learn()
