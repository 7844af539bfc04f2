"""One page about one run: nothing in it runs, and it needs nothing from anywhere."""

from __future__ import annotations

import asyncio
import contextlib
import html
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..client import AsyncCluster
from ..client import find as find_cluster
from ..client.words import line, plural
from ..errors import ClusterUnknown, DiskFull, InputError
from .answers import ask_once
from .comparing import prefix_table, table
from .hot_spots import hot_spots
from .live import LiveStrip
from .pictures import ASKED, HEIGHTS, PICTURES, TITLES
from .recording import Recording
from .strip import left_out_note, split_bar
from .summary import figures

if TYPE_CHECKING:
    from ..client import Cluster

__all__ = ("Report", "page", "report", "write_report")

WIDTH = 960

SAMPLED = (
    "As Dask's workers have seen their tasks at work, in the last thousand seconds at the most."
)

STYLE = (
    ":root{color-scheme:light dark}body{font:14px/1.5 system-ui,sans-serif;max-width:980px;"
    "margin:24px auto;padding:0 12px}h1{font-size:20px}h2{font-size:15px;margin:20px 0 4px}"
    "th,td{text-align:left}"
)


def page(recording: Recording) -> str:
    """The page of a run."""
    name = html.escape(line(recording.name, 120))
    when = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(recording.since))
    parts = [
        f"<h1>{name}</h1>",
        f"<p>{html.escape(line(recording.cluster, 120))}, {when}</p>",
        f"<p>{html.escape(_made_with(recording))}</p>",
        f"<p>{html.escape(' · '.join(figures(recording.summary)))}</p>",
        f"<div>{split_bar(recording.summary).image()}</div>",
    ]
    for plot, draw in PICTURES.items():
        if plot in ASKED and plot not in recording.run.answers:
            continue
        height = 320 if plot == "task-stream" else max(180, HEIGHTS.get(plot, 0))
        image = draw(recording.run, WIDTH, height).image()
        parts.append(f"<h2>{html.escape(TITLES[plot])}</h2><div>{image}</div>")
        if plot == "task-stream" and recording.run.left_out:
            parts.append(f"<p>{html.escape(left_out_note(recording.run))}</p>")
    parts.append(f"<h2>By prefix</h2>{prefix_table(recording.summary)}")
    profile = recording.run.answers.get("profile")
    spots = [] if profile is None else hot_spots(profile)
    if spots:
        rows = [
            (line(spot.name, 60), f"{spot.itself:.0%}", f"{spot.whole:.0%}", line(spot.place, 90))
            for spot in spots
        ]
        head = ("function", "itself", "with what it calls", "where")
        parts.append(f"<h2>By function</h2><p>{SAMPLED}</p>{table(head, [*rows])}")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{name}</title><style>{STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def _made_with(recording: Recording) -> str:
    """The version of Dask, and on how much it ran."""
    summary = recording.summary
    size = f"{plural(summary.workers, 'worker')}, {plural(summary.threads, 'thread')} in all"
    return " · ".join([*([f"Dask {line(recording.dask, 40)}"] if recording.dask else []), size])


def write_report(path: str, recording: Recording) -> Path:
    """Write the page; see :func:`page`.

    Raises
    ------
    InputError, DiskFull
    """
    file = Path(path).expanduser()
    if file.suffix.lower() not in (".html", ".htm"):
        raise InputError(
            f"A report is a page: {path[:80]!r} does not end in .html.", "Call it report.html."
        )
    try:
        file.write_text(page(recording), encoding="utf-8")
    except OSError as error:
        raise DiskFull(
            f"The report {file} cannot be written: {error.strerror or error}.",
            "Give another place.",
        ) from error
    return file


def report(filename: str = "dask-report.html", cluster: Cluster | str | None = None) -> Report:
    """Write a page about what runs in the ``with`` block, also when that fails.

    Made for what ``performance_report`` is for, with pictures of every plot and nothing that has to
    be fetched or run to be seen. That one has, beyond this, plots to zoom into, the profiles of the
    scheduler and of what workers do beside tasks, bandwidth by type, and the code of the block; it
    goes on working beside this one. ``async with`` works as well.

    Parameters
    ----------
    filename
        Where to write it; it ends in ``.html``.
    cluster
        The cluster, or its name; by default that of Dask's current client, or where there is none
        the newest.

    Raises
    ------
    InputError, ClusterUnknown, DiskFull

    Examples
    --------
    >>> with dasklab.report("run.html"):  # doctest: +SKIP
    ...     x.compute()
    """
    if Path(filename).suffix.lower() not in (".html", ".htm"):
        raise InputError(
            f"A report is a page: {filename[:80]!r} does not end in .html.", "Call it report.html."
        )
    return Report(filename, cluster)


class Report:
    """What :func:`report` gives: a context, of either kind."""

    def __init__(self, filename: str, cluster: Cluster | str | None) -> None:
        self._filename, self._given = filename, cluster
        self._strip: LiveStrip | None = None
        self._cluster: AsyncCluster | None = None

    def __enter__(self) -> LiveStrip:
        client = _current_client()
        address = None if client is None else str(client.scheduler.address)
        found = self._given
        if found is None and address is not None:
            found = _of_client(address)
        if found is None or isinstance(found, str):
            found = find_cluster(found)
        watched = self._cluster = AsyncCluster(found.record)
        if address != (found.record.scheduler or {}).get("address") or client.asynchronous:
            client = None  # of another cluster, or of this very loop: it could not be asked here
        self._strip = LiveStrip(None, lambda: (watched, client), None, quiet=True)
        return self._strip

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        self._end("done" if error is None else "failed")

    async def __aenter__(self) -> LiveStrip:
        return await asyncio.to_thread(self.__enter__)

    async def __aexit__(self, kind: object, error: object, traceback: object) -> None:
        await asyncio.to_thread(self._end, "done" if error is None else "failed")

    def _end(self, end: str) -> None:
        strip, cluster = self._strip, self._cluster
        if strip is None or cluster is None:
            return
        strip.finish(end)
        if strip.run is not None and strip.summary is not None:
            name = Path(self._filename).stem
            strip.run.answers = ask_once(cluster, strip.run)
            write_report(self._filename, Recording(name, cluster.name, strip.run, strip.summary))


def _of_client(address: str) -> Cluster:
    """The cluster that Dask's current client is connected to: no other one is meant."""
    with contextlib.suppress(ClusterUnknown):
        found = find_cluster(address)
        if not found.record.phase.ended:
            return found
    raise ClusterUnknown(
        f"The cluster of your client, {address}, is in no list.",
        "Publish it, dasklab.publish(client), or name one: report(FILE, cluster=NAME).",
    )


def _current_client() -> Any:
    """Dask's, where there is one that is connected."""
    module = sys.modules.get("distributed")
    try:
        client = None if module is None else module.Client.current()
    except ValueError:
        return None
    return client if client is not None and client.status == "running" else None
