"""A run as telemetry's own frames, in few bytes: what recordings are, in files and in notebooks.

Whatever reads frames can draw them: pictures here, and the plots of JupyterLab, with no kernel and
no cluster.
"""

from __future__ import annotations

import base64
import json
import struct
import uuid
import zlib
from array import array
from dataclasses import replace
from typing import Any

from .. import config
from ..errors import InputError
from ..telemetry.frames import encode, join
from ..telemetry.tables import TABLES
from .run import Run
from .standing import group_names, standing, standing_groups

__all__ = ("newest", "notebook_recording", "pack")

SAMPLES = 20_000
"""Rows of samples of a recording."""

EVENTS = 500
PREFIXES = 200
"""Whose progress is kept, as in live telemetry."""

GROUPS = 200
"""The same of groups: those that took the most time."""

HEADER = 1_000_000
"""Bytes of a frame's header: the front end reads no longer ones."""

ANSWER = 300_000
"""Bytes of what is kept of a task graph or a profile; larger ones stay a picture."""

LEAST = 100
"""Fewer rows of tasks than that are no recording."""


def newest(run: Run, most: int) -> Run:
    """The run with its newest rows only, and without names that nothing in it has."""
    rows = run.rows[-most:] if most > 0 else []
    kinds = {kind: place for place, kind in enumerate(sorted({row[4] for row in rows}))}
    busy = {row[3] for row in rows}
    # Threads that had nothing to do are part of the picture, those that were gone before are not.
    there = {run.people[worker]["address"] for worker in set(run.workers.get("worker", ()))}
    lanes = {
        lane: place
        for place, lane in enumerate(
            number
            for number, entry in enumerate(run.lanes)
            if number in busy or entry["worker"] in there
        )
    }
    return replace(
        run,
        rows=[(*row[:3], lanes[row[3]], kinds[row[4]], row[5]) for row in rows],
        kinds=[run.kinds[kind] for kind in kinds],
        prefixes=[run.prefixes[kind] for kind in kinds],
        lanes=[run.lanes[lane] for lane in lanes],
        progress=_progress(run),
        groups=_groups(run),
        settled=True,
        left_out=run.left_out + len(run.rows) - len(rows),
        earlier={},
        earlier_groups={},
    )


def _progress(run: Run) -> dict[str, dict[str, Any]]:
    """Of the whole run: who draws the rows that are left could not count the others."""
    found = standing(run)
    largest = sorted(found, key=lambda name: -sum(found[name].values()))[:PREFIXES]
    return {name: _entry(run.progress.get(name, {}), found[name]) for name in largest}


def _groups(run: Run) -> dict[str, dict[str, Any]]:
    """The same by group, with what it is of."""
    found, names = standing_groups(run), group_names(run)
    spent = {name: sum(sums.spent) for name, sums in run.earlier_groups.items()}
    prefixes = {name: str(entry.get("prefix", name)) for name, entry in run.groups.items()}
    called = zip(names, run.prefixes, strict=True)
    prefixes |= {name: prefix for name, prefix in called if name is not None}
    for row in run.rows:
        if (name := names[row[4]]) is not None:
            spent[name] = spent.get(name, 0.0) + row[1]
    dearest = sorted(found, key=lambda name: (-spent.get(name, 0.0), -sum(found[name].values())))
    return {
        name: {"prefix": prefixes.get(name, name), **_entry(run.groups.get(name, {}), found[name])}
        for name in dearest[:GROUPS]
    }


def _entry(said: dict[str, Any], counted: dict[str, int]) -> dict[str, Any]:
    """What is counted, which has all that a scheduler calls forgotten; and the mean duration."""
    return {**counted, "duration": said["duration"]} if "duration" in said else {**counted}


def _answers(run: Run) -> dict[str, Any]:
    """What the cluster said when it was asked, as far as there is room for it."""
    return {name: said for name, said in run.answers.items() if len(json.dumps(said)) <= ANSWER}


def _columns(run: Run, base: float) -> dict[str, dict[str, Any]]:
    """Of each table, by name."""
    found = [list(values) for values in zip(*run.rows, strict=True)] or [[] for _ in range(6)]
    tasks = dict(zip(TABLES["tasks"].names, found, strict=True))
    tasks["start"] = [start - base for start in tasks["start"]]
    return {
        "tasks": tasks,
        "workers": {name: values[-SAMPLES:] for name, values in run.workers.items()},
        "cluster": {name: values[-SAMPLES:] for name, values in run.cluster.items()},
        "transfers": {name: values[-SAMPLES:] for name, values in run.transfers.items()},
    }


def _frame(run: Run, meta: dict[str, Any]) -> bytes:
    base = float(int(run.since))
    columns = _columns(run, base)
    tables = {
        name: [array(column.code, columns[name].get(column.name, ())) for column in table.columns]
        for name, table in TABLES.items()
        if name in columns
    }
    entries: dict[str, dict[str, Any]] = {
        name: {"rows": len(values[0]), "cursor": 0, "dropped": 0} for name, values in tables.items()
    }
    entries["tasks"].update(base=base, cursor=run.left_out, dropped=run.left_out)
    header = {
        "run": uuid.uuid4().hex,
        "seq": 0,
        "time": run.until,
        "snapshot": True,
        "more": False,
        "recording": {**meta, "since": run.since, "until": run.until, "answers": _answers(run)},
        "tables": entries,
        "dictionaries": {
            "lanes": {"from": 0, "items": run.lanes},
            "kinds": {"from": 0, "items": run.kinds},
            "workers": {"from": 0, "items": run.people},
        },
        "totals": {},
        "progress": run.progress,
        "groups": {"whole": True, "items": run.groups},
        "events": run.events[-EVENTS:],
        "end": {"phase": "recorded", "reason": ""},
    }
    return encode(header, tables)


def pack(run: Run, meta: dict[str, Any], most: int) -> bytes:
    """The run with at most so many rows, compressed.

    Parameters
    ----------
    meta
        What else is to be known of it.
    most
        Rows of tasks; the newest ones stay.
    """
    return zlib.compress(join([_frame(newest(run, most), meta)]), 6)


def notebook_limit() -> int:
    """Bytes that a recording may take of a notebook; 0 for none.

    Raises
    ------
    InputError
        The configured value is no size.
    """
    from dask.utils import parse_bytes

    value = config.get("recordings.notebook")
    try:
        return int(parse_bytes(value)) if value else 0
    except (ValueError, TypeError, AttributeError) as error:
        raise InputError(
            f"dasklab.recordings.notebook is {str(value)[:60]!r}, which is no size.",
            'Write it like "900kB", or 0 for no recordings in notebooks.',
        ) from error


def notebook_recording(run: Run) -> dict[str, Any] | None:
    """What stays of a run in a notebook's output, or ``None`` where nothing is to stay.

    As JSON: ``data`` (base64), ``bytes`` (unpacked), ``rows``, ``since`` and ``until``. As many of
    the newest rows as the configuration has room for.
    """
    limit, rows = notebook_limit(), min(len(run.rows), int(config.get("recordings.rows")))
    while limit > 0 and (rows >= LEAST or rows == len(run.rows)):
        part = newest(run, rows)
        frame = _frame(part, {})
        whole = join([frame])
        packed = base64.b64encode(zlib.compress(whole, 6)).decode()
        (header,) = struct.unpack_from("<I", frame)
        if len(packed) <= limit and header <= HEADER:
            return {
                "data": packed,
                "bytes": len(whole),
                "rows": rows,
                "since": run.since,
                "until": run.until,
            }
        if rows < LEAST:
            break
        share = min(limit / len(packed), HEADER / header)
        rows = min(int(rows * share * 0.95), rows * 3 // 4)
    return None
