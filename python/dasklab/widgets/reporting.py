"""One page about one run: nothing in it runs, and it needs nothing from anywhere."""

from __future__ import annotations

import contextlib
import html
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..client import AsyncCluster
from ..client import find as find_cluster
from ..client.words import line
from ..errors import DiskFull, InputError
from .comparing import prefix_table
from .live import LiveStrip
from .pictures import PICTURES, TITLES
from .recording import Recording
from .strip import left_out_note, split_bar
from .summary import figures

if TYPE_CHECKING:
    from ..client import Cluster

__all__ = ("page", "report", "write_report")

WIDTH = 960

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
        f"<p>{html.escape(' · '.join(figures(recording.summary)))}</p>",
        f"<div>{split_bar(recording.summary).image()}</div>",
    ]
    for plot, draw in PICTURES.items():
        height = 320 if plot == "task-stream" else 180
        image = draw(recording.run, WIDTH, height).image()
        parts.append(f"<h2>{html.escape(TITLES[plot])}</h2><div>{image}</div>")
        if plot == "task-stream" and recording.run.left_out:
            parts.append(f"<p>{html.escape(left_out_note(recording.run))}</p>")
    parts.append(f"<h2>By prefix</h2>{prefix_table(recording.summary)}")
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'\">"
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{name}</title><style>{STYLE}</style></head><body>{''.join(parts)}</body></html>"
    )


def write_report(path: str, recording: Recording) -> Path:
    """Write the page.

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


@contextlib.contextmanager
def report(
    filename: str = "dask-report.html", cluster: Cluster | str | None = None
) -> Iterator[Any]:
    """Write a page about what runs in the ``with`` block, also when that fails.

    The same as ``performance_report`` does, with pictures of every task and nothing that has to
    be fetched or run to be seen.

    Parameters
    ----------
    filename
        Where to write it; it ends in ``.html``.
    cluster
        The cluster, or its name; the newest by default.

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
    found = find_cluster(cluster) if cluster is None or isinstance(cluster, str) else cluster
    watched = AsyncCluster(found.record)
    strip = LiveStrip(None, lambda: (watched, None), None, quiet=True)
    end = "failed"
    try:
        yield strip
        end = "done"
    finally:
        strip.finish(end)
        if strip.run is not None and strip.summary is not None:
            name = Path(filename).stem
            write_report(filename, Recording(name, watched.name, strip.run, strip.summary))
