"""Moab and Maui, through showq and checkjob."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from typing import Any

from ...model.explanation import Job
from .base import Queue, Reason, in_order, match_first, sentence, user
from .pbs import clock

__all__ = ("MoabQueue",)

DETAILED = 20
"""Pending jobs that are asked about one by one; a cluster's others are like them."""

RUNNING = {"Running", "Starting", "Suspended"}
ENDED = {"Completed", "Removed", "Vacated", "Canceling", "Exiting"}

ASK_LESS = "Ask for less per job, or choose another queue."

WAITING: tuple[tuple[str, Reason], ...] = (
    (
        r"^(user|system|batch)?hold|holds:\s*user|^userhold",
        Reason("queue.held", "is held", "Release it: releasehold JOB.", "warning"),
    ),
    (
        r"batchhold|^deferred|holds:\s*(batch|defer)|hold reason",
        Reason(
            "queue.launch",
            "could not be started, and is held back",
            "checkjob JOB says more; mended, it goes on with: releasehold JOB.",
            "error",
        ),
    ),
    (
        r"(exceeds|violates).*(max|limit|policy)|does not have access",
        Reason("queue.impossible", "asks for more than is allowed", ASK_LESS, "error"),
    ),
    (r"dependen", Reason("queue.dependency", "waits for another job to end")),
    (
        r"do not meet requirements",
        Reason(
            "queue.nodes",
            "waits for nodes that have what it asks for: of those that are free, none has",
            "If it stays so, ask for less per job, or for another queue.",
            "warning",
        ),
    ),
    (
        r"idle procs|insufficient|procs found|not available",
        Reason(
            "queue.resources",
            "waits until enough is free",
            "It comes by itself; fewer or smaller jobs start sooner.",
        ),
    ),
    (
        r"active (job|proc)|limit|policy",
        Reason(
            "queue.share",
            "waits because you already use what you may have",
            "It starts as other jobs end.",
        ),
    ),
)

UNKNOWN = Reason("queue.waiting", "waits")

ENDINGS: tuple[tuple[str, Reason], ...] = (
    (
        r"wall ?clock|walltime",
        Reason(
            "job.walltime",
            "was ended by the queue at its wall time",
            "Set a longer wall time, or a lifetime below it, so that workers leave in time.",
            "warning",
        ),
    ),
    (r"removed|cancel|exit (271|143)\b", Reason("job.cancelled", "was cancelled")),
    (
        r"exit -?[1-9]",
        Reason("job.failed", "failed", "What it wrote says why: %dask logs workers.", "warning"),
    ),
)

REJECTIONS: tuple[tuple[str, Reason], ...] = (
    (
        r"invalid class|unknown queue|class .*not",
        Reason("queue.unknown", "asks for a queue (class) that there is not", "See: showq -c."),
    ),
    (
        r"wall ?clock|walltime",
        Reason("queue.walltime", "asks for more wall time than is allowed", "Set a shorter one."),
    ),
    (
        r"insufficient|exceeds|resource",
        Reason("queue.impossible", "asks for more than is allowed", ASK_LESS),
    ),
    (r"account", Reason("queue.account", "uses an account that it may not use", "Choose another.")),
    (
        r"cannot connect|connection|not running",
        Reason("queue.down", "cannot be handed to Moab, which does not answer"),
    ),
)


class MoabQueue(Queue):
    """``showq`` knows states and ids; names and reasons only ``checkjob``, job by job."""

    name = "moab"
    cancelling = ("canceljob",)
    rejections = REJECTIONS

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._ends: dict[str, Job] = {}
        self._names: dict[str, str] = {}

    async def jobs(self, ids: Sequence[str]) -> list[Job]:
        states = await self._states()
        pending = [i for i in ids if i in states and states[i] not in RUNNING | ENDED]
        found = {i: _job(i, states[i], "") for i in ids if i in states}
        for job_id in pending[:DETAILED]:
            found[job_id] = _job(job_id, states[job_id], await self._check(job_id))
        for job_id in ids:
            if job_id in self._ends:
                found[job_id] = self._ends[job_id]
            elif job_id not in found or found[job_id].state == "ended":
                found[job_id] = _job(job_id, "Completed", await self._check(job_id))
                self._ends[job_id] = found[job_id]
        return in_order(ids, found)

    async def find(self, name: str) -> list[str]:
        for job_id in (
            ids := [i for i, state in (await self._states()).items() if state not in ENDED]
        ):
            if job_id not in self._names:
                told = re.search(r"^AName:\s*(\S+)", await self._check(job_id), re.MULTILINE)
                self._names[job_id] = told[1] if told else ""
        return [job_id for job_id in ids if self._names[job_id].startswith(name)]

    async def _states(self) -> dict[str, str]:
        """State by id; a prefix such as ``Moab.`` is left out, as dask-jobqueue does."""
        out = await self.ask("showq", "-w", f"user={user()}")
        rows = re.findall(rf"^(?:[A-Za-z]+\.)?(\d+)\S*\s+{re.escape(user())}\s+(\w+)", out, re.M)
        return dict(rows)

    async def _check(self, job_id: str) -> str:
        return (await self.run(["checkjob", job_id])).out

    async def cancel(self, ids: Sequence[str]) -> list[str]:
        left = []
        for job_id in ids:  # it takes one
            left += await super().cancel([job_id])
        return left

    def reason(self, job: Job) -> Reason | None:
        return _meaning(job.state, job.reason)


def _meaning(state: str, words: str) -> Reason | None:
    if state == "ended":
        return match_first(words, ENDINGS)
    return match_first(words, WAITING) or UNKNOWN if state == "pending" else None


def _job(job_id: str, state: str, told: str) -> Job:
    notes = re.findall(
        r"^\s*(?:NOTE:|BLOCK MSG:|Holds:|Message\[\d+\]|job cannot|idle procs:).*",
        told,
        re.M | re.I,
    )
    if state not in RUNNING | ENDED:
        words = " ".join([state, *(" ".join(note.split()) for note in notes)])
        waited = re.search(r"Time Queued\s+Total:\s*([\d:]+)", told)
        seconds = _seconds(waited[1]) if waited else None
        since = None if seconds is None else time.time() - seconds
        return Job(job_id, "pending", words, sentence(_meaning("pending", words)), since=since)
    node = re.search(r"^\[([^:\]]+)", told, re.MULTILINE)
    where = node[1] if node else ""
    if state in RUNNING:
        return Job(job_id, "running", state, "Is suspended." if state == "Suspended" else "")
    code = re.search(r"^Completion Code:\s*(-?\d+)", told, re.MULTILINE)
    used = re.search(r"^WallTime:\s*(\S+) of (\S+)", told, re.MULTILINE)
    words = f"exit {code[1]}" if code else ""
    if used and (_seconds(used[1]) or 0) >= (_seconds(used[2]) or float("inf")):
        words = f"walltime {used[2]} reached, {words}"
    return Job(job_id, "ended", words, sentence(_meaning("ended", words)), node=where)


def _seconds(text: str) -> float | None:
    """Of ``days:hours:minutes:seconds`` and shorter."""
    parts = text.split(":")
    if len(parts) == 4 and all(part.isdigit() for part in parts):
        return int(parts[0]) * 86_400 + (clock(":".join(parts[1:])) or 0)
    return clock(text)
