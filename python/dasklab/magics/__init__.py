"""The ``%dask`` line magic.

:func:`register` runs at ``%load_ext dasklab`` and costs a kernel about a millisecond: it imports
nothing but its own few lines. Everything else is imported by the first command, or a moment later
by a thread in the background (:mod:`.warmth`).
"""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .session import Session

__all__ = ("register", "unregister")

_sessions: dict[int, _Entry] = {}


class _Entry:
    """One shell's ``%dask``; its session is made by the first command."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self._lock = threading.Lock()
        self._session: Session | None = None

    @property
    def session(self) -> Session:
        """What ``%dask`` remembers in this shell."""
        with self._lock:
            if self._session is None:
                from .session import Session

                self._session = Session(self.shell)
            return self._session

    def magic(self, line: str = "") -> None:
        """Dask clusters: start, find, scale, watch and stop them.

        %dask start local -n 2     a cluster in a process of its own, and `client` connected to it
        %dask list                 all your clusters
        %dask                      the current one
        %dask help                 everything else
        """
        try:
            from .commands import run

            session = self.session
        except KeyboardInterrupt as interrupt:  # of the first command: the imports take a moment
            shown: Any = interrupt
            shown._render_traceback_ = lambda: ["Interrupted."]
            raise
        run(session, line)

    def cell_magic(self, line: str, cell: str) -> None:
        """Run a cell with a live strip beneath it that ends as its summary: time, tasks, memory.

        %%dask
        %%dask --record NAME       keep the run: %dask compare, %dask report
        """
        # Only where it is not the first line: there it is %dask watch (see _first_line).
        from ..errors import UsageError

        raise UsageError("%%dask is not the first line of its cell.", "Put it there, alone.")

    def note(self, _info: Any = None, again: bool = True) -> None:
        """Write down what the kernel computes on, for who asks while a cell runs."""
        from .cells import kernel_id

        if kernel_id() and "distributed" in sys.modules:
            from ..current import note_current

            note_current(kernel_id(), again)

    def begin(self, info: Any = None) -> None:
        """A cell begins: what it would wait for in vain is said first."""
        if self._session is not None and "distributed" in sys.modules:
            said = self._session.bury()
            # Commands say it themselves.
            if said and not str(getattr(info, "raw_cell", "")).lstrip().startswith("%dask"):
                sys.stderr.write(f"{said}\n")
        self.note()

    def submitted(self) -> None:
        """The running cell uses Dask: it is watched, if all of them are to be."""
        from .. import config
        from ..shared import read_shared

        self.note(again=False)
        if self.session.watching:
            return
        if config.get("strips") is True or read_shared(self.session.registry)["strips"]:
            from .watching import begin

            begin(self.session, counting=False)

    def match(self, context: Any) -> dict[str, Any]:
        """What may follow, as one of IPython's matchers; alone where it knows anything.

        Not the ``complete_command`` hook: next to that, Jedi offers Python's built-in names.
        """
        text = context.text_until_cursor
        found: list[Any] = []
        if text.lstrip().startswith("%dask"):
            from IPython.core.completer import SimpleCompletion

            from .completion import complete

            words = complete(self.session, text, context.token)
            found = [SimpleCompletion(text=word, type="magic") for word in words]
        return {"completions": found, "suppress": bool(found), "ordered": True}


def _first_line(lines: list[str]) -> list[str]:
    """``%%dask`` as the first line is ``%dask watch``, and the cell below an ordinary one.

    So errors, line numbers, ``await`` and the last value are what they always are.
    """
    if lines and lines[0].split(None, 1)[:1] == ["%%dask"] and len(lines) > 1:
        return [f"%dask watch {lines[0].strip()[6:].strip()}\n", *lines[1:]]
    return lines


def _matcher(entry: _Entry) -> Any:
    def dasklab_matcher(context: Any) -> dict[str, Any]:
        return entry.match(context)

    matcher: Any = dasklab_matcher
    matcher.matcher_api_version = 2
    matcher.matcher_identifier = "dasklab"
    matcher.matcher_priority = 1_000  # before Jedi, which takes its time
    return matcher


def register(shell: Any) -> None:
    """Add ``%dask`` to an IPython shell.

    Parameters
    ----------
    shell
        The shell of a kernel or a terminal. Registering twice does no harm.
    """
    from ..imports import after_import
    from .cells import follow_cells, name_submissions, submitted
    from .warmth import warm_soon

    entry = _sessions.get(id(shell))
    if entry is None:
        entry = _sessions[id(shell)] = _Entry(shell)
        matchers = getattr(shell.Completer, "custom_matchers", None)
        if matchers is not None:  # IPython 8.6 has them
            matchers.append(_matcher(entry))
        shell.input_transformers_cleanup.append(_first_line)
    if entry.submitted not in submitted:
        follow_cells(shell)
        submitted.append(entry.submitted)
        shell.events.register("pre_run_cell", entry.begin)
    shell.register_magic_function(entry.magic, "line", "dask")
    shell.register_magic_function(entry.cell_magic, "cell", "dask")
    after_import("distributed", _link)
    after_import("distributed", name_submissions)
    warm_soon(entry)


def unregister(shell: Any) -> None:
    """Name the tasks of a shell's cells no longer, and leave Dask and threads as they were.

    ``%dask`` itself stays, as magics do.
    """
    from .cells import forget_cells, submitted

    entry = _sessions.get(id(shell))
    if entry is not None and entry.submitted in submitted:
        submitted.remove(entry.submitted)
        shell.events.unregister("pre_run_cell", entry.begin)
    forget_cells(shell)


def _link(_module: object) -> None:
    """Dask's own reprs link through the proxy."""
    from ..links import install_dask_links

    install_dask_links()
