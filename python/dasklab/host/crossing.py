"""From the host's event loop to the cluster's, which runs in another thread, and back."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Coroutine
from typing import Any, TypeVar

from ..errors import ClusterGone

__all__ = ("Crossing", "following")

T = TypeVar("T")


class Crossing:
    """Runs coroutines on the cluster's loop, and is awaited on the host's.

    Parameters
    ----------
    loop
        The cluster's.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._home = asyncio.get_running_loop()

    async def __call__(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine there.

        Raises
        ------
        ClusterGone
            The cluster's loop has ended: what ran on it was cancelled, which is not to be taken
            for a cancellation of ours.
        """
        try:
            future = asyncio.wrap_future(
                asyncio.run_coroutine_threadsafe(coroutine, self.loop), loop=self._home
            )
        except RuntimeError:
            coroutine.close()
            raise ClusterGone("The cluster has ended.") from None
        try:
            await asyncio.wait({future})
        except asyncio.CancelledError:
            future.cancel()
            never = inspect.getcoroutinestate(coroutine) == inspect.CORO_CREATED
            if never and not self.loop.is_running():
                coroutine.close()  # the loop ended with it still in its queue
            raise
        if future.cancelled():
            raise ClusterGone("The cluster has ended.")
        return future.result()


async def following(steps: Any) -> Any:
    """The next of an async generator, ``None`` at the end.

    StopAsyncIteration cannot cross a future.
    """
    async for checkpoint in steps:
        return checkpoint
    return None
