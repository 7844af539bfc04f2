"""HTCondor, through condor_q, condor_status and condor_history."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Sequence
from functools import partial
from typing import Any

from ...errors import QueueError
from ...model.explanation import Job
from .base import AT_ONCE, Queue, QueueLimits, Reason, in_order, match_first, sentence, tail_of
from .condor_reasons import ENDINGS, REJECTIONS, UNKNOWN, WAITING

__all__ = ("CondorQueue",)

IDLE, RUNNING, REMOVED, COMPLETED, HELD, SENDING, SUSPENDED = range(1, 8)

ATTRIBUTES = (
    "ClusterId,ProcId,JobStatus,JobBatchName,HoldReason,RemoteHost,LastRemoteHost,QDate,"
    "EnteredCurrentStatus,RequestCpus,RequestMemory,RequestDisk,DaskWorkerCores,DaskWorkerMemory,DaskWorkerDisk,Iwd,Out,Err,ExitCode,"
    "ExitBySignal,ExitSignal,RemoveReason,LastRejMatchReason"
)

WANTED = (
    ("RequestMemory", "DaskWorkerMemory", 2**20, "TotalMemory", "MiB of memory"),
    ("RequestCpus", "DaskWorkerCores", 1, "TotalCpus", "cores"),
    ("RequestDisk", "DaskWorkerDisk", 2**10, "TotalDisk", "KiB of disk"),
)
"""What a job asks for; where that is an expression, what dask-jobqueue puts there, in which unit;
what a machine has, and what it is."""


class CondorQueue(Queue):
    """A pool gives a job no time limit; a job is called ``cluster.process``."""

    name = "htcondor"
    cancelling = ("condor_rm",)
    rejections = REJECTIONS

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._ends: dict[str, Job] = {}

    async def jobs(self, ids: Sequence[str]) -> list[Job]:
        rows: dict[str, dict[str, Any]] = {}
        for start in range(0, len(ids), AT_ONCE):
            rows |= await self._rows("condor_q", *ids[start : start + AT_ONCE])
        idle = [row for row in rows.values() if row.get("JobStatus") == IDLE]
        largest = await self._largest() if idle else {}
        impossible = await self._unmatched(idle[0]) if idle else ""
        found = {i: _job(i, row, largest, impossible) for i, row in rows.items()}
        for job_id in ids:
            if job_id not in found:
                found[job_id] = await self._end(job_id)
        return in_order(ids, found)

    async def find(self, name: str) -> list[str]:
        rows = await self._rows("condor_q")
        alive = (IDLE, RUNNING, HELD, SENDING, SUSPENDED)
        return [
            i
            for i, row in rows.items()
            if str(row.get("JobBatchName", "")).startswith(name) and row.get("JobStatus") in alive
        ]

    async def _rows(self, command: str, *arguments: str) -> dict[str, dict[str, Any]]:
        rows = await self._json(command, *arguments, "-attributes", ATTRIBUTES)
        return {f"{row['ClusterId']}.{row['ProcId']}": row for row in rows if "ProcId" in row}

    async def _history(self, job_id: str) -> dict[str, dict[str, Any]]:
        """What is known of a job that has left the queue; nothing where no history is kept."""
        try:
            return await self._rows("condor_history", job_id, "-limit", "1")
        except QueueError:  # also while its file is turned over: asked again with the next look
            return {}

    async def _json(self, command: str, *arguments: str) -> list[dict[str, Any]]:
        out = await self.ask(command, *arguments, "-json")
        try:
            return (
                list(json.loads(out)) if out.strip() else []
            )  # nothing at all where there is none
        except ValueError as error:
            raise QueueError(f"{command} answered something that is not JSON.") from error

    async def _largest(self) -> dict[str, float]:
        """The most that any machine of the pool has of each resource, in use or not."""
        has = [attribute for *_, attribute, _ in WANTED]
        rows = await self._json("condor_status", "-attributes", ",".join(["Name", *has]))
        return {name: max((float(row.get(name) or 0) for row in rows), default=0) for name in has}

    async def _unmatched(self, row: dict[str, Any]) -> str:
        """A condition that no machine meets, beyond resources, which may only be in use."""
        job_id = f"{row['ClusterId']}.{row['ProcId']}"
        out = (await self.run(["condor_q", "-better-analyze", job_id])).out
        steps = re.findall(r"^\[\d+\]\s+(\d+)\s+(.+)$", out, re.MULTILINE)
        failing = [
            condition.strip()
            for matched, condition in steps
            # "[0] && [1]" only repeats others
            if matched == "0" and "Request" not in condition and not condition.startswith("[")
        ]
        return failing[0] if failing else ""

    async def _end(self, job_id: str) -> Job:
        if job_id not in self._ends:
            rows = await self._history(job_id)
            if job_id in rows:
                self._ends[job_id] = _job(job_id, rows[job_id], {}, "")
        return self._ends.get(job_id) or in_order([job_id], {})[0]

    def reason(self, job: Job) -> Reason | None:
        return _meaning(job.state, job.reason)

    async def limits(self, options: dict[str, Any]) -> QueueLimits | None:
        largest = await self._largest()
        return QueueLimits(
            "the pool",
            memory=int(largest["TotalMemory"]) * 2**20 or None,
            cores=int(largest["TotalCpus"]) or None,
            certain=False,  # of the machines that are in it now
        )

    async def output(self, job_id: str) -> list[str]:
        for ask in (partial(self._rows, "condor_q"), self._history):
            row = (await ask(job_id)).get(job_id, {})
            paths = [str(row.get(key) or "") for key in ("Err", "Out")]
            places = [os.path.join(str(row.get("Iwd", "")), path) for path in paths if path]
            if lines := await asyncio.to_thread(tail_of, *places):
                return lines
        return await super().output(job_id)


def _meaning(state: str, words: str) -> Reason | None:
    if state == "ended":
        return match_first(words, ENDINGS)
    return match_first(words, WAITING) or UNKNOWN if state == "pending" else None


def _waiting(row: dict[str, Any], largest: dict[str, float], impossible: str) -> str:
    """Why a job that is idle or held waits."""
    if row["JobStatus"] == HELD:
        return f"held: {row.get('HoldReason', '')}".strip()
    for wanted, by_dask, unit, has, what in WANTED:
        asked, most = row.get(wanted), largest.get(has, 0)
        if not isinstance(asked, (int, float)):
            asked = float(row.get(by_dask) or 0) // unit
        if most and asked > most:
            return f"asks for {asked:.0f} {what}, the largest machine has {most:.0f}"
    if impossible:
        return f"no machine meets {impossible}"
    return str(row.get("LastRejMatchReason") or "").strip()


def _job(job_id: str, row: dict[str, Any], largest: dict[str, float], impossible: str) -> Job:
    status = row.get("JobStatus")
    since = float(row.get("EnteredCurrentStatus") or 0) or None
    if status in (IDLE, HELD):
        words = _waiting(row, largest, impossible)
        found = _meaning("pending", words)
        return Job(
            job_id, "pending", words, found.sentence if found is not None else "", since=since
        )
    node = str(row.get("RemoteHost") or row.get("LastRemoteHost") or "").partition("@")[2]
    if status in (RUNNING, SENDING, SUSPENDED):
        text = "Is suspended." if status == SUSPENDED else ""
        return Job(job_id, "running", "", text, node=node, since=since)
    if status == REMOVED:
        words = f"removed: {row.get('RemoveReason', '')}"
    elif row.get("ExitBySignal"):
        words = f"signal {row.get('ExitSignal')}"
    else:
        words = f"exit {row.get('ExitCode', 0)}"
    text = sentence(_meaning("ended", words))
    return Job(job_id, "ended", words, text, node=node, since=since)
