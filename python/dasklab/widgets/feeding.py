"""The request for a feed: what a scheduler is to run, shipped by value."""

from __future__ import annotations

import functools
from typing import Any

__all__ = ("feed_request",)

ASK_EVERY = 0.1
"""Seconds between reports of the scheduler. Unchanged ones are empty; a cell that ends with its
work waits for the last one."""


@functools.lru_cache(maxsize=1)
def _parts() -> dict[str, bytes]:
    """The feed's function and teardown, by value: the scheduler may not have dasklab."""
    from ..telemetry import progress_feed

    return {"function": _by_value(progress_feed.report), "teardown": _by_value(progress_feed.close)}


def feed_request(keys: list[Any]) -> dict[str, Any]:
    """What asks a scheduler for a feed about keys."""
    from ..telemetry import progress_feed

    return {
        "op": "feed",
        "setup": _by_value(functools.partial(progress_feed.open_feed, keys=keys)),
        "interval": ASK_EVERY,
        **_parts(),
    }


def _by_value(function: Any) -> bytes:
    import cloudpickle

    from ..telemetry import progress_feed

    cloudpickle.register_pickle_by_value(progress_feed)
    try:
        return bytes(cloudpickle.dumps(function))
    finally:
        cloudpickle.unregister_pickle_by_value(progress_feed)
