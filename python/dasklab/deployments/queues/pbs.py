"""PBS Professional, OpenPBS and Torque, through qstat and qselect."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from typing import Any

from ...model.explanation import Job
from .base import (
    AT_ONCE,
    Queue,
    QueueLimits,
    Reason,
    in_order,
    match_first,
    sentence,
    tail_of,
    user,
)
from .pbs_reasons import ENDINGS, REJECTIONS, UNKNOWN, WAITING

__all__ = ("PBSQueue", "attributes", "clock", "size")

PENDING, RUNNING = set("QWHTMB"), set("RSU")
UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40, "p": 2**50}


class PBSQueue(Queue):
    """Jobs of the past are known where the server keeps a history (``-x``; Torque for minutes)."""

    name = "pbs"
    cancelling = ("qdel",)
    rejections = REJECTIONS

    _history: tuple[str, ...] | None = None

    async def jobs(self, ids: Sequence[str]) -> list[Job]:
        rows = await self._rows(ids)
        return in_order(ids, {i: _job(i, rows[_bare(i)]) for i in ids if _bare(i) in rows})

    async def find(self, name: str) -> list[str]:
        ids = (await self.ask("qselect", "-u", user())).split()
        rows = await self._rows(ids)
        return [i for i, row in rows.items() if row.get("Job_Name", "").startswith(name)]

    async def _rows(self, ids: Sequence[str]) -> dict[str, dict[str, str]]:
        """The attributes of these jobs, as far as the server knows them, by bare number."""
        if self._history is None:
            # Torque's -x means XML; only the other family says pbs_version.
            told = await self.run(["qstat", "--version"])
            self._history = ("-x",) if "pbs_version" in told.out + told.err else ()
        found: dict[str, dict[str, str]] = {}
        for start in range(0, len(ids), AT_ONCE):
            part = ids[start : start + AT_ONCE]
            # 153, 35: it does not know one of them (any more), and tells of the others.
            out = await self.ask("qstat", *self._history, "-f", *part, accept=(0, 153, 35))
            found |= {_bare(job_id): row for job_id, row in attributes(out, "Job Id")}
        return found

    def reason(self, job: Job) -> Reason | None:
        return meaning(job.state, job.reason)

    async def limits(self, options: dict[str, Any]) -> QueueLimits | None:
        name = str(options.get("queue") or "")
        if not name:
            server = attributes(await self.ask("qstat", "-B", "-f"), "Server")
            name = next((row["default_queue"] for _, row in server if "default_queue" in row), "")
        if not name:
            return None
        for found, row in attributes(await self.ask("qstat", "-Q", "-f", name), "Queue"):
            cores = row.get("resources_max.ncpus", "")
            return QueueLimits(
                found,
                walltime=clock(row.get("resources_max.walltime", "")),
                default_walltime=clock(row.get("resources_default.walltime", "")),
                memory=size(row.get("resources_max.mem", "")),
                cores=int(cores) if cores.isdigit() else None,
            )
        return None

    async def output(self, job_id: str) -> list[str]:
        row = (await self._rows([job_id])).get(_bare(job_id), {})
        paths = [row.get(key, "").partition(":")[2] for key in ("Error_Path", "Output_Path")]
        return await asyncio.to_thread(tail_of, *paths) or await super().output(job_id)


def meaning(state: str, words: str) -> Reason | None:
    """What a state and the server's comment mean."""
    if state == "ended":
        return match_first(words, ENDINGS)
    return match_first(words, WAITING) or UNKNOWN if state == "pending" else None


def attributes(out: str, kind: str) -> list[tuple[str, dict[str, str]]]:
    """What ``qstat -f`` prints: names, each with its attributes; long lines go on after a tab."""
    found: list[tuple[str, dict[str, str]]] = []
    for line in out.replace("\n\t", "").splitlines():
        if line.startswith(f"{kind}:"):
            found.append((line.partition(":")[2].strip(), {}))
        elif found and " = " in line:
            key, _, value = line.partition(" = ")
            found[-1][1][key.strip()] = value.strip()
    return found


def _bare(job_id: str) -> str:
    """Without the server's name: dask-jobqueue keeps the number only."""
    return job_id.partition(".")[0]


def _job(job_id: str, row: dict[str, str]) -> Job:
    state, comment = row.get("job_state", ""), row.get("comment", "")
    if state in PENDING:
        words = (
            f"held ({row.get('Hold_Types', '')}). {comment}".strip() if state == "H" else comment
        )
        found = meaning("pending", words)
        return Job(
            job_id,
            "pending",
            words,
            found.sentence if found is not None else "",
            since=_at(row.get("qtime", "")),
            expected=_at(row.get("estimated.start_time", "")),
        )
    node = re.split(r"[/+]", row.get("exec_host", ""))[0]
    if state in RUNNING:
        text = "" if state == "R" else "Is suspended."
        return Job(job_id, "running", comment, text, node=node, since=_at(row.get("stime", "")))
    # Exiting (E) too: its processes are being ended.
    words = f"exit {row.get('Exit_status', '0')}"
    used, limit = (
        clock(row.get(f"{of}.walltime", "")) for of in ("resources_used", "Resource_List")
    )
    if used and limit and used >= limit:
        words = f"walltime {limit:.0f} s reached, {words}"
    text = sentence(meaning("ended", words))
    return Job(job_id, "ended", words, text, node=node, since=_at(row.get("mtime", "")))


def _at(text: str) -> float | None:
    """Epoch seconds of local time such as ``Sun Nov 22 17:15:09 2026``."""
    if text.isdigit():
        return float(text)
    try:
        return time.mktime(time.strptime(text, "%a %b %d %H:%M:%S %Y"))
    except ValueError:
        return None


def clock(text: str) -> float | None:
    """Seconds of ``hours:minutes:seconds``, ``minutes:seconds`` or seconds."""
    parts = text.split(":")
    if not all(part.isdigit() for part in parts):
        return None
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return float(seconds)


def size(text: str) -> int | None:
    """Bytes of ``64gb``, ``1048576kb``: its units are powers of 1024."""
    match = re.fullmatch(r"(\d+)([kmgtp]?)b?", text.lower())
    return int(match[1]) * UNITS[match[2]] if match else None
