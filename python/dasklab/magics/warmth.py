"""What the first ``%dask start`` will need, imported while the user is still typing."""

from __future__ import annotations

import _thread
import logging
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import _Entry

__all__ = ("warm_soon",)

DELAY = 0.05
"""Seconds after ``%load_ext``: its cell must be back first."""

LATER = 5.0
"""Seconds more until what is seldom needed: a first ``%dask start`` has come back by then."""

logger = logging.getLogger(__name__)
_begun = False


def warm_soon(entry: _Entry) -> None:
    """Warm up in a daemon thread, once a process; it never prints and never raises."""
    global _begun
    if _begun:
        return
    _begun = True
    # Not threading.Thread, whose start() waits until the thread has been given a turn: a
    # millisecond or more of the five that loading may take. Like a daemon, it holds up no exit.
    _thread.start_new_thread(_warm, (entry,))


def _warm(entry: _Entry) -> None:
    time.sleep(DELAY)
    for step in (_imports, _standby, _knowledge, _validation):
        try:
            step(entry)
        except Exception:
            logger.debug("Warming up: %s failed", step.__name__, exc_info=True)


def _imports(_entry: _Entry) -> None:
    import distributed  # noqa: F401
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


def _validation(_entry: _Entry) -> None:
    # Last and later: beside Jupyter it takes three times the CPU of distributed (a grammar that is
    # built for one of its formats), and only a start with options needs it.
    time.sleep(LATER)
    import jsonschema  # noqa: F401
