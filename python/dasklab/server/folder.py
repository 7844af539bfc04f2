"""What changes in a folder, told to the event loop; for the watcher.

watchfiles has an asynchronous form of its own, whose thread Python waits for when it ends. A server
that is interrupted (a Hub stops its users' servers so) ends without closing what runs on its loop,
and then waits for ever. The thread here is none that is waited for.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

__all__ = ("GLANCE", "folder_changes")

STEP = 25
"""Milliseconds between looks at what inotify has gathered, and of quiet before it is passed on."""

DEBOUNCE = 100
"""Milliseconds after which changes are passed on even if there is no quiet."""

GLANCE = 30.0
"""Seconds after which the folder is read without being told: network file systems tell nothing of
what other machines write, and a host can die together with the process that would bury it."""

Tell = Callable[[BaseException | None], None]

LAST_LOOK = 1.0
"""Seconds that the thread is given to end before Python does."""


async def folder_changes(folder: Path, polling: bool) -> AsyncGenerator[None, None]:
    """Once after each change of a record or of the folder itself, and after :data:`GLANCE`.

    Not for the temporary files beside the records.

    Raises
    ------
    OSError, RuntimeError
        The folder cannot be watched.
    """
    told: asyncio.Queue[BaseException | None] = asyncio.Queue()
    ending = threading.Event()
    loop = asyncio.get_running_loop()

    def tell(what: BaseException | None) -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(told.put_nowait, what)

    thread = threading.Thread(
        target=_watch, args=(folder, polling, ending, tell), name="dasklab-folder", daemon=True
    )

    def end() -> None:
        ending.set()
        thread.join(LAST_LOOK)  # it must not be inside watchfiles when Python takes itself apart

    atexit.register(end)
    thread.start()
    try:
        while True:
            what = await told.get()
            while what is None and not told.empty():  # one look is enough for all of them
                what = told.get_nowait()
            if what is not None:
                raise what
            yield
    finally:
        atexit.unregister(end)
        ending.set()


def _watch(folder: Path, polling: bool, ending: threading.Event, tell: Tell) -> None:
    from watchfiles import watch

    inside = f"{folder}{os.sep}"
    try:
        for _ in watch(
            folder,
            watch_filter=lambda _, path: path.endswith(".json") or not path.startswith(inside),
            step=STEP,
            debounce=DEBOUNCE,
            stop_event=ending,
            rust_timeout=int(GLANCE * 1000),
            yield_on_timeout=True,
            force_polling=polling,
            poll_delay_ms=200,
            recursive=False,
        ):
            tell(None)
    except (OSError, RuntimeError) as error:
        tell(error)
