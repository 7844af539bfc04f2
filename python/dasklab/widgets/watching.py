"""Following a feed from the scheduler on a thread of its own, and showing what it says.

Not on the kernel's main thread, which the cell blocks, and not on the client's loop, which stops
in the very moment when the end has to be shown: when the client is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import sys
import threading
import time
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import InputError
from .feeding import feed_request
from .showing import NotebookView, View, choose_view
from .state import State, Tracker
from .view import headline

if TYPE_CHECKING:
    from distributed import Client

__all__ = ("Progress", "watch")

DRAW_EVERY = 0.25
"""Seconds between drawings: at most five messages a second to the front end."""

LOOK_EVERY = 0.25
"""Seconds between looks at the client while the scheduler is silent."""

CLOSED = ("closing", "closed")
CLIENT_CLOSED = "The client was closed."

SETTLE = 1.5
"""Seconds that a cell waits at its end for the last state of work that is done."""


@functools.cache
def background_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="dasklab-progress", daemon=True).start()
    return loop


def watch(obj: Any, *, client: Client | None, wait: bool) -> Progress:
    """See :func:`dasklab.widgets.progress`."""
    from distributed.client import futures_of

    futures = futures_of(obj)
    if not futures:
        raise InputError(
            f"There is nothing to watch in this {type(obj).__name__}: it holds no futures.",
            "Start the work first, with .persist(), client.compute() or client.submit().",
        )
    found = client or futures[0].client
    keys = list(dict.fromkeys(future.key for future in futures))
    shell = _shell()
    progress = Progress(keys, found, choose_view(shell), shell)
    progress._begin()
    if wait or progress._view.waits:
        progress.wait()
    return progress


def _shell() -> Any:
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return get_ipython()


class Progress:
    """Work that is being watched; from :func:`dasklab.progress`.

    It holds keys, not futures: watching keeps no data alive.
    """

    def __init__(self, keys: list[Any], client: Client, view: View, shell: Any) -> None:
        self._keys = keys
        self._client = weakref.ref(client)
        self._address = str(client.scheduler.address)
        self._arguments = dict(client.connection_args)
        self._serializers = client._serializers
        self._deserializers = client._deserializers
        self._view = view
        self._shell = shell
        self._cell = getattr(shell, "execution_count", None)
        self._tracker = Tracker(time.monotonic())
        self._ended = threading.Event()
        self._ending = threading.Lock()
        self._task: Any = None
        self._drawn = 0.0

    def __repr__(self) -> str:
        return f"<progress: {headline(self.state)}>"

    def _ipython_display_(self) -> None:
        """It is shown already; shown again only in another cell."""
        if self._shell is None or self._shell.execution_count == self._cell:
            return
        if isinstance(self._view, NotebookView):
            NotebookView(self._shell).close(self.state)

    @property
    def state(self) -> State:
        """How it stands."""
        return self._tracker.state

    @property
    def done(self) -> bool:
        """Whether it has ended: all is computed, failed or cancelled, or nobody can tell."""
        return self._ended.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end.

        Parameters
        ----------
        timeout
            Seconds.

        Returns
        -------
        bool
            Whether it has come.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        try:
            # In short waits: an interrupt comes through between them on every platform.
            while not self._ended.wait(0.2):
                if deadline is not None and time.monotonic() > deadline:
                    return False
        except KeyboardInterrupt:
            if self._view.waits:
                self.stop("No longer watched; the work goes on.")
            raise
        return True

    def stop(self, why: str = "No longer watched.") -> None:
        """Stop watching; the work goes on."""
        if self._task is not None:
            self._task.cancel()
        self._end(self._tracker.close(why, time.monotonic()))

    # -- on the thread -------------------------------------------------------------------------
    def _begin(self) -> None:
        # On the caller's thread, while the keys are at hand: the loop is for following.
        request = feed_request(self._keys)
        self._view.draw(self.state)
        if isinstance(self._view, NotebookView):
            _settle_with_cells(self._shell, self)
        self._task = asyncio.run_coroutine_threadsafe(self._run(request), background_loop())

    async def _run(self, request: dict[str, Any]) -> None:
        try:
            why = await self._follow(request)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the work itself goes on
            words = " ".join(str(error).split())[:300] or type(error).__name__
            why = f"The scheduler cannot be asked: {words}"
        await asyncio.sleep(max(0.0, self._drawn + DRAW_EVERY - time.monotonic()))
        self._end(self._tracker.close(why, time.monotonic()))

    def _end(self, state: State) -> None:
        with self._ending:
            if not self._ended.is_set():
                self._view.close(state)
                self._ended.set()

    async def _follow(self, request: dict[str, Any]) -> str:
        """Read the feed until it says that all has come to an end; else why it stopped."""
        from distributed.core import connect

        comm = await connect(self._address, **self._arguments)
        reading: asyncio.Task[Any] | None = None
        try:
            await comm.write(request, serializers=self._serializers)
            while True:
                if reading is None:
                    reading = asyncio.ensure_future(comm.read(deserializers=self._deserializers))
                await asyncio.wait({reading}, timeout=LOOK_EVERY)
                if reading.done():
                    try:
                        message = reading.result()
                    except (OSError, EOFError):  # CommClosedError is an OSError
                        return self._why_lost()
                    reading = None
                    if message is not None and self._heard(message):
                        return ""
                gone = self._look_at_client()
                if gone:
                    return gone
                self._draw_if_due()
        finally:
            if reading is not None:
                reading.cancel()
            comm.abort()

    def _heard(self, message: Any) -> bool:
        """Take in a report; whether it was the last one."""
        if not isinstance(message, dict) or "groups" not in message:
            text = message.get("text") if isinstance(message, dict) else message
            raise ValueError(str(text or message)[:300])
        state = self._tracker.read(message, time.monotonic())
        client = self._client()
        if state.end == "cancelled" and (client is None or client.status in CLOSED):
            self._tracker.state = replace(state, end=CLIENT_CLOSED)
        return state.end is not None

    def _draw_if_due(self) -> None:
        now = time.monotonic()
        if now - self._drawn >= DRAW_EVERY:
            self._drawn = now
            self._view.draw(self.state)

    def _why_lost(self) -> str:
        return self._look_at_client() or "The scheduler has gone."

    def _look_at_client(self) -> str:
        """Why there is nothing more to come, if there is not."""
        client = self._client()
        if client is None or client.status in CLOSED:
            return CLIENT_CLOSED
        if self.state.missing and not self._awaited(client):
            return "cancelled"
        return ""

    def _awaited(self, client: Client) -> bool:
        """Whether the client itself still waits for any of the keys."""
        futures = client.futures
        return any(
            getattr(futures.get(key), "status", "cancelled") == "pending" for key in self._keys
        )

    # -- at the end of a cell --------------------------------------------------------------------
    def _settle(self) -> None:
        """The cell ends: have the output say how it stands, for the last one if work is done."""
        client = self._client()
        if client is not None and client.status == "running" and not self._awaited(client):
            self._ended.wait(SETTLE)
        if not self._ended.is_set():
            self._view.draw(self.state)


_alive: weakref.WeakSet[Progress] = weakref.WeakSet()


def _settle_with_cells(shell: Any, progress: Progress) -> None:
    """Have a shell call :meth:`Progress._settle` at the end of each cell, while it is needed.

    A notebook that is executed headless keeps what was sent before its cell ended, and nothing
    that comes later.
    """
    if not _alive:
        with contextlib.suppress(ValueError):
            shell.events.unregister("post_run_cell", _cell_ended)
        shell.events.register("post_run_cell", _cell_ended)
    _alive.add(progress)


def _cell_ended(_result: Any = None) -> None:
    for progress in list(_alive):
        progress._settle()
        if progress.done:
            _alive.discard(progress)
