"""What ``%dask`` shows: HTML where the front end can, lines of text in a terminal."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

from ..client.render import card_html, card_text, scaling_text
from ..links import direct_link

if TYPE_CHECKING:
    from .session import Session

__all__ = ("Live", "say", "show", "show_card")

GAP = 0.2
"""Seconds between two drawings of a live card: five messages a second to the front end."""


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def show(session: Session, html: str, text: str, more: dict[str, Any] | None = None) -> None:
    """Show something: all its forms in a notebook, text in a terminal."""
    if session.notebook:
        session.shell.display_pub.publish({"text/html": html, "text/plain": text, **(more or {})})
    else:
        say(text)


def show_card(session: Session, info: dict[str, Any]) -> None:
    """Show one cluster."""
    if session.notebook:
        show(session, card_html(info), card_text(info))
    else:
        say(_terminal_card(session, info))


def _terminal_card(session: Session, info: dict[str, Any]) -> str:
    link = None
    cluster = session.cluster
    if cluster is not None and cluster.id == info.get("id"):
        link = direct_link(cluster.record)
    return card_text(info, link=link)


class Live:
    """A card that changes while a command waits, in one output of the cell.

    :meth:`seen` is called by the thread that follows the cluster, the rest by the command.

    Parameters
    ----------
    starting
        Whether the cluster starts: a terminal is told of its steps.
    """

    def __init__(self, session: Session, starting: bool = True) -> None:
        self._session = session
        self._starting = starting
        self._publisher = session.shell.display_pub
        self._id = uuid.uuid4().hex
        self._shown: str | None = None
        self._drawn = float("-inf")
        self._latest: dict[str, Any] | None = None
        self._later: asyncio.TimerHandle | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._said: set[str] = set()

    def seen(self, info: dict[str, Any]) -> None:
        """Draw the cluster as it is now, or a moment later when it was drawn just before."""
        with self._lock:
            if self._closed:
                return
            self._latest = info
            if self._later is not None:
                return
            pause = self._drawn + GAP - time.monotonic()
            if pause <= 0:
                self._draw(info)
            else:
                self._later = asyncio.get_running_loop().call_later(pause, self._draw_latest)

    def _draw_latest(self) -> None:
        with self._lock:
            self._later = None
            if not self._closed and self._latest is not None:
                self._draw(self._latest)

    def show(self, info: dict[str, Any]) -> None:
        """Draw at once."""
        with self._lock:
            self._draw(info)

    def close(self, info: dict[str, Any] | None) -> None:
        """Draw the last state; nothing is drawn after it."""
        with self._lock:
            self._closed = True
            if info is not None:
                self._draw(info, last=True)

    def _draw(self, info: dict[str, Any], last: bool = False) -> None:
        self._drawn = time.monotonic()
        if not self._session.notebook:
            self._say(info, last)
            return
        html = card_html(info)
        if html == self._shown and not last:
            return
        cluster = self._session.cluster if last else None
        connected = cluster is not None and cluster.id == info.get("id")
        self._publisher.publish(
            {"text/html": html, "text/plain": card_text(info)},
            # JupyterLab's status bar speaks of this cluster from now on, also while cells compute.
            metadata={"dasklab": {"connected": info["id"]}} if connected else {},
            transient={"display_id": self._id},
            update=self._shown is not None,
        )
        self._shown = html

    def _say(self, info: dict[str, Any], last: bool) -> None:
        """In a terminal: one line for each step, and the card at the end."""
        name = info.get("name", "")
        # All of them, also those that were over before they could be drawn.
        steps = info.get("steps") or () if self._starting else ()
        lines = [f"{name}: {step.get('title')}" for step in steps]
        if not last and info.get("phase") in ("running", "waiting") and info.get("workers"):
            lines.append(f"{name}: {scaling_text(info)}")
        for text in lines:
            if text not in self._said:
                self._said.add(text)
                say(text)
        if last:
            say(_terminal_card(self._session, info))
