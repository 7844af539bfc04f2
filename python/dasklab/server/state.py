"""What is known of each cluster now: its record on disk, and what its host has said since.

A host writes its record at most ten times a second and never for load alone; over its websocket it
says more, sooner. The newer of the two counts, except that an end is final. Used by the watcher and
by the REST list; knows nothing of Jupyter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any

from ..errors import DasklabError
from ..model.record import Phase, Record
from ..registry import Registry
from .wire import clean, dumps

__all__ = ("State", "Wire")

Wire = dict[str, Any]
"""One cluster's JSON."""

ENDED = frozenset(phase.value for phase in Phase if phase.ended)


class State:
    """All clusters of one registry.

    Parameters
    ----------
    registry
        Read by this object only, in a thread, one reader at a time.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._reading = asyncio.Lock()
        self._records: dict[str, Record] = {}
        self._said: dict[str, Wire] = {}
        self._clean: dict[str, tuple[Record, Wire]] = {}
        self._text: dict[str, tuple[Wire, str]] = {}

    async def read(self, alive: Collection[str] = ()) -> tuple[list[Record], list[DasklabError]]:
        """Read the registry; files that did not change are not read again.

        A live cluster whose file has been damaged is still there: its host answers, and writes
        the file anew at its next change.

        Parameters
        ----------
        alive
            Ids of clusters whose hosts need not be looked for.
        """
        async with self._reading:
            records, problems = await asyncio.to_thread(self._registry.records, alive)
            found = {record.id: record for record in records}
            for cluster_id in self._said.keys() - found.keys():
                if problems and cluster_id in self._records and self._damaged(cluster_id):
                    found[cluster_id] = self._records[cluster_id]
            self._records = found
        for known in (self._said, self._clean, self._text):
            for gone in known.keys() - found.keys():
                known.pop(gone)
        return list(found.values()), problems

    def _damaged(self, cluster_id: str) -> bool:
        alive = self._said[cluster_id]["phase"] not in ENDED
        return alive and self._registry.path(cluster_id).exists()

    def hear(self, data: Wire) -> None:
        """Take in what a host says of itself."""
        self._said[str(data["id"])] = clean(data)

    def silent(self, cluster_id: str) -> None:
        """Its host cannot be heard any more: only the record counts."""
        self._said.pop(cluster_id, None)

    def record(self, cluster_id: str) -> Record | None:
        """A cluster's record as it was read last."""
        return self._records.get(cluster_id)

    def now(self, record: Record) -> Wire:
        """One cluster's JSON at this moment."""
        cached = self._clean.get(record.id)
        if cached is None or cached[0] is not record:
            cached = self._clean[record.id] = (record, clean(record.to_wire()))
        written, said = cached[1], self._said.get(record.id)
        if said is None or written["phase"] in ENDED:
            return written
        return said if _updated(said) >= _updated(written) else written

    def text(self, record: Record) -> str:
        """The same as JSON text, made once for each state: a list of fifty costs little."""
        wire = self.now(record)
        cached = self._text.get(record.id)
        if cached is None or cached[0] is not wire:
            cached = self._text[record.id] = (wire, dumps(wire))
        return cached[1]


def _updated(wire: Wire) -> float:
    value = wire.get("updated")
    return float(value) if isinstance(value, (int, float)) else 0.0
