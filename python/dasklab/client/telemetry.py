"""What ran on a cluster and what it used, for programs: live, and after the cluster has ended.

``cluster.telemetry.tasks(since="60s")`` and its like, asynchronous here and blocking in
``blocking``. The server's websocket and the widgets read the same frames through :meth:`stream`.
"""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from ..errors import HostUnreachable, InputError
from ..telemetry.frames import FrameInvalid, split
from ..telemetry.history import History, printable
from ..telemetry.keys import Keys
from ..telemetry.levels import MOST_WIDTH, window
from ..telemetry.restoring import restore
from ..telemetry.views import Hello, View, read_hello
from .columns import Tables, frame_of, gather
from .transport import close

if TYPE_CHECKING:
    from tornado.websocket import WebSocketClientConnection

    from .asynchronous import AsyncCluster

__all__ = ("AsyncTelemetry", "Moment", "moment")

PATIENCE = 30.0
"""Seconds without a frame, while there is more to come."""

MEMORY = ("time", "used", "limit", "managed", "unmanaged", "spilled")

Moment: TypeAlias = "float | str | datetime | None"


def moment(value: Moment, name: str, default: float) -> float:
    """A time in epoch seconds.

    Parameters
    ----------
    value
        Epoch seconds, a ``datetime``, or a text such as ``"60s"``: so long ago.

    Raises
    ------
    InputError
    """
    from dask.utils import parse_timedelta

    try:
        if value is None:
            return default
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, str):
            return time.time() - float(parse_timedelta(value, default="s"))
        if not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    except (TypeError, ValueError, KeyError, OverflowError):
        pass
    raise InputError(
        f"{name} is {str(value)[:60]!r}, which is no time.",
        'Give seconds since 1970, a datetime, or how long ago, such as "60s".',
    )


class AsyncTelemetry:
    """One cluster's telemetry.

    Get it from :attr:`dasklab.AsyncCluster.telemetry`.
    """

    def __init__(self, cluster: AsyncCluster) -> None:
        self._cluster = cluster

    async def connect(self) -> WebSocketClientConnection:
        """The websocket of frames, for a relay; the caller closes it.

        Raises
        ------
        ClusterGone, HostUnreachable
        """
        return await self._cluster.open("telemetry")

    async def stream(
        self,
        tables: tuple[str, ...] = (),
        *,
        since: dict[str, Any] | None = None,
        seconds: float | None = None,
    ) -> AsyncIterator[bytes]:
        """Frames: all there is, then what is new, until the cluster has ended.

        Parameters
        ----------
        tables
            Of ``tasks``, ``workers``, ``cluster``, ``progress``, ``events``; all by default.
        since
            Where an earlier stream was.
        seconds
            How far the first frames go back.

        Raises
        ------
        ClusterGone, HostUnreachable
        """
        from tornado.websocket import WebSocketClosedError

        connection = await self.connect()
        try:
            hello = {"tables": list(tables), "since": since, "seconds": seconds}
            await connection.write_message(json.dumps({"hello": hello}))
            while isinstance(frame := await connection.read_message(), bytes):
                yield frame
                await connection.write_message('{"credit":1}')
        except WebSocketClosedError:
            return  # the host ended meanwhile: with a last frame, or killed
        finally:
            await close(connection)

    async def recorded(self, hello: str = "{}") -> AsyncIterator[bytes]:
        """Frames of a cluster that has ended, as its host has left them.

        Parameters
        ----------
        hello
            What a reader said, as to a host.
        """
        kept = await self._kept()
        if kept is None:
            return
        history, left = kept
        try:
            view = View(history, read_hello(json.loads(hello)["hello"]), left=left)
        except (ValueError, KeyError, TypeError):
            view = View(history, Hello(), left=left)
        while (frame := view.next()) is not None:
            yield frame

    async def _kept(self) -> tuple[History, float] | None:
        """The history that the host of a cluster that has ended has left, and when."""
        try:
            data = await asyncio.to_thread(self._cluster.recorded().read_bytes)
            history, left = await asyncio.to_thread(restore, split(data))
        except (FileNotFoundError, FrameInvalid, KeyError):
            return None  # it never ran, was killed, or was told to keep nothing
        return (history, left) if left else None

    async def read(self, *tables: str) -> Tables:
        """All there is of some tables; of a cluster that has ended, what its host has left.

        Raises
        ------
        HostUnreachable, ClusterUnknown
        """
        found = Tables()
        if self._cluster.refresh().phase.ended:
            async for frame in self.recorded():
                found.add(frame)
            return found
        async with aclosing(self.stream(tables)) as stream:  # type: ignore[type-var]
            while True:
                try:
                    frame = await asyncio.wait_for(anext(stream), PATIENCE)
                except StopAsyncIteration:
                    break
                except asyncio.TimeoutError:
                    raise HostUnreachable(
                        f"The host of {self._cluster.name!r} sends no telemetry.",
                        "It may be very busy; try again.",
                    ) from None
                if not found.add(frame)["more"]:
                    break
        return found

    # -- tables ------------------------------------------------------------------------------
    async def tasks(
        self,
        since: Moment = None,
        until: Moment = None,
        *,
        keys: bool = False,
        width: int | None = None,
    ) -> Any:
        """What finished tasks spent their time on, a row each for computing, moving, reading.

        Parameters
        ----------
        since, until
            Epoch seconds, a ``datetime``, or how long ago (``"60s"``); rows that reach into the
            time in between belong to it.
        keys
            Whether to fetch the tasks' keys as well.
        width
            Only as finely as so many pixels can show, for a picture of a long history: what is
            shorter than a pixel is one row for each of them and thread, of what there was most.

        Returns
        -------
        DataFrame
            ``row``, ``start``, ``duration`` (s), ``action``, ``prefix``, ``group``, ``span``,
            ``cell``, ``name``, ``worker``, ``thread``, ``nbytes``, ``erred``, ``retried``. Where
            pandas is not installed: a dict of lists, with ``start`` in epoch seconds.

        Raises
        ------
        InputError, HostUnreachable
        """
        if keys and width is not None:
            raise InputError("Rows of a picture have no keys.", "Leave out keys or width.")
        low, high = moment(since, "since", 0.0), moment(until, "until", math.inf)
        if width is not None:
            columns = gather(await self._seen(since, until, width)).tasks(low, high)
            del columns["row"]  # of some it would be the number of many
        else:
            columns = (await self.read("tasks")).tasks(low, high)
        if keys:
            columns["key"] = await self._keys(columns["row"])
        return await asyncio.to_thread(frame_of, columns)

    async def _seen(self, since: Moment, until: Moment, width: Any) -> list[bytes]:
        """Frames of a time, as finely as a width can show; of a cluster that has ended as well."""
        low = None if since is None else moment(since, "since", 0.0)
        high = None if until is None else moment(until, "until", 0.0)
        if not self._cluster.refresh().phase.ended:
            return list(split(await self.window(low, high, width)))
        if isinstance(width, bool) or not isinstance(width, int) or not 1 <= width <= MOST_WIDTH:
            raise InputError(f"width is {str(width)[:40]!r}.", f"Give 1 to {MOST_WIDTH} pixels.")
        kept = await self._kept()
        if kept is None:
            return []
        first, last = kept[0].span
        bounds = (first if low is None else low, last if high is None else high)
        return await window(kept[0], *bounds, width)

    async def workers(self, since: Moment = None, until: Moment = None) -> Any:
        """What each worker used, a row for each sample; memory in bytes, ``cpu`` in cores."""
        return await self._samples("workers", since, until)

    async def cluster(self, since: Moment = None, until: Moment = None) -> Any:
        """Numbers of tasks by state, and what all workers used together."""
        return await self._samples("cluster", since, until)

    async def memory(self, since: Moment = None, until: Moment = None) -> Any:
        """The cluster's memory over time, in bytes."""
        return await self._samples("cluster", since, until, MEMORY)

    async def transfers(self, since: Moment = None, until: Moment = None) -> Any:
        """What workers received from each other, as they have logged it.

        Parameters
        ----------
        since, until
            As in :meth:`tasks`.

        Returns
        -------
        DataFrame
            A row for each pair of workers and heartbeat of the receiver: ``time`` (when the last
            of them had come), ``sender``, ``receiver``, ``count``, ``nbytes``, ``busy`` (seconds
            of all of them together), ``span`` (seconds from the first to the last),
            ``sender_name``, ``receiver_name``. What a shuffle moves by itself (p2p) is not there.

        Raises
        ------
        InputError, HostUnreachable
        """
        return await self._samples("transfers", since, until)

    async def _samples(
        self, table: str, since: Moment, until: Moment, names: tuple[str, ...] | None = None
    ) -> Any:
        low, high = moment(since, "since", 0.0), moment(until, "until", math.inf)
        columns = (await self.read(table)).samples(table, low, high)
        chosen = columns if names is None else {name: columns[name] for name in names}
        return await asyncio.to_thread(frame_of, chosen)

    async def events(self) -> Any:
        """What happened: workers that came and left, failures, restarts, scaling."""
        found = (await self.read("events")).events
        names = ("time", "kind", "text", "worker")
        columns = {name: [event.get(name) for event in found] for name in names}
        return await asyncio.to_thread(frame_of, columns)

    async def totals(self) -> dict[str, Any]:
        """Exact sums over the cluster's life: tasks, seconds by action, bytes, failures."""
        return (await self.read("events")).totals

    async def progress(self, by: str = "prefix") -> Any:
        """How many tasks are in which state, and how long they take (mean, seconds).

        Parameters
        ----------
        by
            ``"prefix"``, or ``"group"`` for those that the scheduler has not forgotten.
        """
        if by not in ("prefix", "group"):
            raise InputError(f"{str(by)[:40]!r} is no kind of tasks.", "Use prefix or group.")
        found = await self.read("progress" if by == "prefix" else "groups")
        return await asyncio.to_thread(frame_of, found.standing(by))

    # -- on demand -----------------------------------------------------------------------------
    async def keys(self, cursor: int, rows: int = 1) -> dict[str, Any]:
        """The keys of rows of ``tasks``: ``{"cursor", "keys"}``, null where kept no more.

        Of a cluster that has ended, as its host has left them.
        """
        if self._cluster.refresh().phase.ended:
            kept = await asyncio.to_thread(self._kept_keys)
            return {"cursor": cursor, "keys": [printable(key) for key in kept.find(cursor, rows)]}
        return await self._cluster.ask("keys", {"from": cursor, "rows": rows})

    def _kept_keys(self) -> Keys:
        try:
            return Keys.load(self._cluster.recorded().with_suffix(".keys").read_bytes())
        except OSError:
            return Keys.load(b"")

    async def profile(
        self, since: Moment = None, until: Moment = None, prefix: str | None = None
    ) -> dict[str, Any]:
        """Where tasks spent their time, as Dask's workers have seen it: a tree of calls.

        Parameters
        ----------
        since, until
            As in :meth:`tasks`; workers keep a thousand seconds.
        prefix
            Of the tasks that are meant; all of them by default.

        Returns
        -------
        dict
            ``samples``, ``interval`` (seconds between two), ``left_out`` (nodes too small to be
            seen) and ``nodes``, each with ``parent`` (the number of another node, which comes
            before it; -1 at the top), ``name``, ``file``, ``line``, ``code`` and ``samples``.

        Raises
        ------
        InputError, ClusterGone, HostUnreachable
        """
        body = {
            "since": None if since is None else moment(since, "since", 0.0),
            "until": None if until is None else moment(until, "until", 0.0),
            "prefix": prefix,
        }
        return await self._cluster.ask("profile", body)

    async def graph(self, known: str | None = None) -> dict[str, Any]:
        """The task graph of the current computation, with the states that tasks are in now.

        Parameters
        ----------
        known
            The ``id`` of an earlier answer: nodes and edges that are still the same are ``None``.

        Returns
        -------
        dict
            As :func:`dasklab.telemetry.task_graph.task_graph` gives it: task by task up to some
            thousands, group by group beyond.

        Raises
        ------
        Unsupported, ClusterGone, HostUnreachable
        """
        return await self._cluster.ask("graph", {"known": known})

    async def _keys(self, rows: list[int]) -> list[str | None]:
        if not rows:
            return []
        begin, end = min(rows), max(rows) + 1
        if self._cluster.record.phase.ended:
            keys = (await self.keys(begin, end - begin))["keys"]
            return [keys[row - begin] for row in rows]
        found: dict[int, str | None] = {}
        for cursor in range(begin, end, 1_000):
            answer = await self.keys(cursor, min(1_000, end - cursor))
            found.update(zip(range(cursor, cursor + 1_000), answer["keys"], strict=False))
        return [found.get(row) for row in rows]

    async def window(
        self, since: float | None, until: float | None, width: int | None = None
    ) -> bytes:
        """The tasks of a time, as finely as ``width`` pixels can show: frames behind their lengths.

        Raises
        ------
        RequestMalformed, ClusterGone, HostUnreachable
        """
        body = {"since": since, "until": until, **({"width": width} if width else {})}
        return await self._cluster.fetch("window", body)
