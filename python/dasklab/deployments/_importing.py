"""Imports of packages that take a signal over while they are imported."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator

__all__ = ("keeping_signals",)


@contextlib.contextmanager
def keeping_signals() -> Iterator[None]:
    """Have imports set no handler.

    dask_jobqueue takes SIGINT over for its runner, and fails where that cannot be done, in any
    thread but the first: a host has other plans with that signal.
    """
    original = signal.signal
    signal.signal = lambda *_: None
    try:
        yield
    finally:
        signal.signal = original
