"""One output of a cell that is changed in place: HTML in a notebook, text elsewhere."""

from __future__ import annotations

import contextvars
import sys
import threading
import uuid
from typing import Any

__all__ = ("Output",)


class Output:
    """Where something is shown; from any thread, also while the cell runs.

    Parameters
    ----------
    shell
        IPython's shell, or ``None``.
    """

    def __init__(self, shell: Any) -> None:
        self.notebook = shell is not None and hasattr(shell, "kernel")
        self._publisher = shell.display_pub if self.notebook else None
        self._id = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._shown: dict[str, Any] | None = None
        self.closed = False

    def show(
        self, html: str, text: str, more: dict[str, Any] | None = None, *, last: bool = False
    ) -> None:
        """Show this instead of what was shown; in a terminal only the ``last``.

        Parameters
        ----------
        more
            The same for front ends that know other types, by MIME type.
        """
        with self._lock:
            if self.closed:
                return
            self.closed = last
            if self._publisher is None:
                if last:
                    sys.stdout.write(f"{text}\n")
                    sys.stdout.flush()
                return
            bundle = {"text/html": html, "text/plain": text, **(more or {})}
            if bundle == self._shown:
                return
            update, self._shown = self._shown is not None, bundle
            # In an empty context, so that the kernel names the cell that runs now (see showing).
            contextvars.Context().run(
                self._publisher.publish,
                bundle,
                transient={"display_id": self._id},
                update=update,
            )
