"""Log lines as they come: what ``tail -f`` does, for a scheduler or workers too."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import DasklabError
from ..processes import strip_ansi

if TYPE_CHECKING:
    from .blocking import Cluster

__all__ = ("Follower", "new_lines")

ASK_EVERY = 1.0
"""Seconds between questions to a scheduler: each costs it (and its workers) a message."""

LOOK_EVERY = 0.2
"""Seconds between looks at the host's log file."""

WINDOW = 500
"""Lines asked for while following: more than this within a second are skipped, and that said."""


class Follower:
    """Shows the log of a cluster.

    Parameters
    ----------
    source
        ``"host"``, ``"scheduler"`` or ``"workers"``.
    out
        Takes one line.
    """

    def __init__(self, cluster: Cluster, source: str, out: Callable[[str], object]) -> None:
        self._cluster = cluster
        self._source = source
        self._out = out

    def show(self, count: int, *, follow: bool = False) -> None:
        """The last lines; with ``follow`` those to come, until interrupted or the cluster ends.

        Raises
        ------
        DasklabError
            The cluster cannot be asked.
        """
        if not follow:
            lines = self._cluster.logs(self._source, count)
            for line in lines[-count:] if self._source != "workers" else lines:
                self._out(self._written(line))
            if not lines:
                self._out(f"Nothing is logged ({self._source} of {self._cluster.name}).")
            return
        try:
            if self._source == "host":
                self._follow_file(count)
            else:
                self._follow_by_asking(count)
        except KeyboardInterrupt:
            return  # the way to end it

    def _written(self, line: dict[str, Any]) -> str:
        text = str(line.get("text", ""))
        return f"{line.get('source')}  {text}" if self._source == "workers" else text

    def _follow_file(self, count: int) -> None:
        path = self._cluster.record.log
        position = _size(path)
        for line in self._cluster.logs("host", count):
            self._out(self._written(line))
        rest = b""
        while True:
            ended = self._cluster.record.phase.ended
            data, position = _read_on(path, position)
            *complete, rest = (rest + data).split(b"\n")
            for raw in complete:
                self._out(strip_ansi(raw.decode("utf-8", "replace"))[:2_000])
            if ended:
                self._out(f"{self._cluster.name} is {self._cluster.phase}.")
                return
            time.sleep(LOOK_EVERY)

    def _follow_by_asking(self, count: int) -> None:
        seen: dict[str, list[str]] = {}
        first = True
        while True:
            try:
                found = self._cluster.logs(self._source, count if first else WINDOW)
            except DasklabError:
                if not self._cluster.record.phase.ended:
                    raise
                self._out(f"{self._cluster.name} is {self._cluster.phase}.")
                return
            by_source: dict[str, list[dict[str, Any]]] = {}
            for line in found:
                by_source.setdefault(str(line.get("source")), []).append(line)
            for source, lines in by_source.items():
                texts = [str(line.get("text", "")) for line in lines]
                new, skipped = new_lines(seen.get(source, []), texts)
                if skipped and not first:
                    self._out(f"({source}: some lines are skipped here)")
                for line in lines[len(lines) - new :]:
                    self._out(self._written(line))
                seen[source] = texts[-WINDOW:]
            first = False
            time.sleep(ASK_EVERY)


def new_lines(before: list[str], now: list[str]) -> tuple[int, bool]:
    """How many lines at the end of ``now`` were not in ``before``, two windows on one log.

    Returns
    -------
    new, skipped
        ``skipped``: the windows do not overlap, so there were more in between.
    """
    if not before:
        return len(now), False
    for new in range(len(now) + 1):
        overlap = min(len(now) - new, len(before))
        if overlap == 0:
            break
        if now[len(now) - new - overlap : len(now) - new] == before[-overlap:]:
            return new, False
    return len(now), bool(now)


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _read_on(path: str, position: int) -> tuple[bytes, int]:
    """What was written to a file since; from its beginning when it has been cut or replaced."""
    try:
        with open(path, "rb") as file:
            if file.seek(0, os.SEEK_END) < position:
                position = 0
            file.seek(position)
            data = file.read(1_000_000)
            return data, position + len(data)
    except OSError:
        return b"", position
