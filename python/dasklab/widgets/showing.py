"""Where progress is shown: one output of a notebook's cell, a terminal, or a log."""

from __future__ import annotations

import contextvars
import sys
import threading
import uuid
from typing import Any, Protocol

from ..client.words import amount, duration, line, rate
from .state import State
from .view import colour, headline, notes, progress_html, progress_text, shown_groups

__all__ = ("LogView", "NotebookView", "TerminalView", "View", "choose_view")


class View(Protocol):
    """Shows states, the last one for good."""

    waits: bool
    """Whether the caller must wait for the end: a prompt would come in between."""

    def draw(self, state: State) -> None:
        """Show a state; from any thread."""
        ...

    def close(self, state: State) -> None:
        """Show the last state."""
        ...


class NotebookView:
    """One output of a cell, changed from any thread, also while the cell runs.

    Parameters
    ----------
    shell
        The kernel's shell.
    """

    waits = False

    def __init__(self, shell: Any) -> None:
        self._publisher = shell.display_pub
        self._id = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._shown: str | None = None
        self._closed = False
        self.sent = 0

    def draw(self, state: State) -> None:
        self._publish(state, last=False)

    def close(self, state: State) -> None:
        self._publish(state, last=True)

    def _publish(self, state: State, *, last: bool) -> None:
        with self._lock:
            text = progress_html(state)
            if self._closed or text == self._shown:
                self._closed = self._closed or last
                return
            self._closed = last
            update, self._shown = self._shown is not None, text
            self.sent += 1
            # In an empty context: the kernel then names the cell that runs now as the parent of
            # the message, and not for ever the one that this thread began in. Front ends find
            # the output by its id; nbclient listens to the running cell only.
            contextvars.Context().run(
                self._publisher.publish,
                {"text/html": text, "text/plain": progress_text(state)},
                transient={"display_id": self._id},
                update=update,
            )


class TerminalView:
    """A table that is redrawn in place, by rich."""

    waits = True

    def __init__(self) -> None:
        from rich.live import Live

        self._live = Live(auto_refresh=False, transient=False)
        self._live.start()

    def draw(self, state: State) -> None:
        self._live.update(self._table(state), refresh=True)

    def close(self, state: State) -> None:
        self.draw(state)
        self._live.stop()

    @staticmethod
    def _table(state: State) -> Any:
        from rich.console import Group as Stack
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
        groups = shown_groups(state)
        for group in groups:
            left = "" if group.left is None or state.end else f"{duration(group.left)} left"
            table.add_row(
                Text(line(group.name, 40)),
                ProgressBar(group.total or 1, group.done, 24, complete_style=colour(group.name)),
                Text(f"{group.done:,} / {group.total:,}", justify="right"),
                Text(rate(group.rate) if group.rate else "", justify="right"),
                Text(left, justify="right"),
                Text(amount(group.nbytes) if group.nbytes else "", justify="right"),
                Text(", ".join(notes(group)), style="red" if group.erred else ""),
            )
        parts: list[Any] = [Text(line(headline(state), 600))]
        if groups:
            parts.append(table)
        if state.error is not None:
            key, text = state.error
            words = f"The first failure, in {line(key, 120)}: {line(text, 600)}"
            parts.append(Text(words, style="red"))
        return Stack(*parts)


class LogView:
    """Nothing until the end, then a few lines: for scripts whose output is a file."""

    waits = True

    def draw(self, state: State) -> None:
        """Nothing: a log does not move."""

    def close(self, state: State) -> None:
        sys.stdout.write(progress_text(state) + "\n")
        sys.stdout.flush()


def choose_view(shell: Any) -> View:
    """The view for this process.

    Parameters
    ----------
    shell
        IPython's shell, if there is one.
    """
    if shell is not None and hasattr(shell, "kernel"):
        return NotebookView(shell)
    try:
        if sys.stdout.isatty():
            return TerminalView()
    except (AttributeError, ValueError, ImportError):
        pass  # no rich, or a stream that is none
    return LogView()
