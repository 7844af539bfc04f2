"""Shells to type ``%dask`` into: one like a notebook's, one like a terminal's."""

from __future__ import annotations

import atexit
import io
import sys
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from dasklab.magics import register, warmth

from .kernels import Kernel


@dataclass
class Shown:
    """What a line did."""

    out: str = ""
    err: str = ""
    displays: list[dict[str, Any]] = field(default_factory=list)
    error: BaseException | None = None
    traceback: list[str] | None = None

    @property
    def html(self) -> str:
        """The last HTML."""
        return str(self.displays[-1]["data"]["text/html"]) if self.displays else ""

    @property
    def said(self) -> str:
        """All that the user reads of an error."""
        return "\n".join(self.traceback or []) + self.err


class Notebook(InteractiveShell):
    """A shell as ipykernel's: it has a kernel, and keeps what it would send."""

    kernel = object()

    def __init__(self, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.shown = Shown()
        self.display_pub.publish = self._publish

    def _publish(self, data: Any, metadata: Any = None, **more: Any) -> None:
        self.shown.displays.append({"data": data, "metadata": metadata, **more})

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        self.shown.traceback = list(stb)


class Typist:
    """Types lines into a shell."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell

    def __call__(self, line: str) -> Shown:
        shown = Shown()
        self.shell.shown = shown
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            result = self.shell.run_cell(line)
        shown.out, shown.err = out.getvalue(), err.getvalue()
        shown.error = result.error_before_exec or result.error_in_exec
        return shown

    @property
    def names(self) -> dict[str, Any]:
        """The user's variables."""
        return dict(self.shell.user_ns)


def _typist(kind: type[InteractiveShell], monkeypatch: pytest.MonkeyPatch) -> Iterator[Typist]:
    monkeypatch.setattr(warmth, "_begun", True)  # it would outlive the test
    config = Config()
    config.HistoryManager.enabled = False
    shell = kind(config=config)
    register(shell)
    hook = sys.displayhook
    typist = Typist(shell)
    yield typist
    client = typist.names.get("client")
    if client is not None:
        client.close(timeout=2)
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)
    sys.displayhook = hook


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Typist]:
    """A notebook's shell with ``%dask`` in it."""
    yield from _typist(Notebook, monkeypatch)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Typist]:
    """A terminal's shell with ``%dask`` in it."""
    yield from _typist(InteractiveShell, monkeypatch)


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    """A real kernel in a process of its own."""
    with Kernel() as found:
        yield found
