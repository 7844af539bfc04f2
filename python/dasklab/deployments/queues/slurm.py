"""Slurm, through squeue, scontrol, sinfo and sacct."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any

from ...errors import QueueError
from ...model.explanation import Job
from .base import Queue, QueueLimits, Reason, in_order, tail_of, user
from .slurm_reasons import ENDINGS, REJECTIONS, meaning

__all__ = ("SlurmQueue",)

PENDING = {"PENDING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESV_DEL_HOLD", "SPECIAL_EXIT"}
RUNNING = {"RUNNING", "CONFIGURING", "SUSPENDED", "STOPPED", "RESIZING", "SIGNALING", "STAGE_OUT"}

FORMAT = "%A|%T|%r|%S|%V|%e|%N|%j"
"""Id, state, reason, start (perhaps to come), submission, end, nodes, name."""


class SlurmQueue(Queue):
    """Slurm 20.02 or newer; ``sacct`` is asked for jobs of long ago, where there is accounting."""

    name = "slurm"
    cancelling = ("scancel",)
    rejections = REJECTIONS

    accounting = True

    async def jobs(self, ids: Sequence[str]) -> list[Job]:
        found = {
            row[0]: _job(*row[:7]) for row in await self._squeue("--states=all") if row[0] in ids
        }
        missing = [job_id for job_id in ids if job_id not in found]
        if missing and self.accounting:
            found |= await self._history(missing)
        return in_order(ids, found)

    async def find(self, name: str) -> list[str]:
        return [row[0] for row in await self._squeue() if row[7].startswith(name)]

    async def _squeue(self, *arguments: str) -> list[list[str]]:
        out = await self.ask("squeue", "--noheader", "-u", user(), *arguments, "-o", FORMAT)
        rows = (line.split("|", 7) for line in out.splitlines())
        return [[part.strip() for part in row] for row in rows if len(row) == 8]

    async def _history(self, ids: Sequence[str]) -> dict[str, Job]:
        """How jobs ended that squeue has forgotten (after five minutes by default)."""
        columns = "JobIDRaw,State,ExitCode,End,NodeList"
        listed = ",".join(ids)
        try:
            out = await self.ask("sacct", "-n", "-X", "-P", "-j", listed, "-o", columns)
        except QueueError:
            self.accounting = False  # most small sites have none, and say so only in this way
            return {}
        found = {}
        for line in out.splitlines():
            row = line.split("|")
            if len(row) == 5:
                state = row[1].split()[0] if row[1] else ""  # "CANCELLED by 1000"
                found[row[0]] = _job(row[0], state, f"ExitCode {row[2]}", "", "", row[3], row[4])
        return found

    def reason(self, job: Job) -> Reason | None:
        if job.state == "ended":
            return ENDINGS.get(job.reason.split(" ")[0])
        return meaning(job.reason) if job.state == "pending" else None

    async def limits(self, options: dict[str, Any]) -> QueueLimits | None:
        wanted = options.get("queue")
        only = ("-p", str(wanted)) if wanted else ()
        out = await self.ask("sinfo", "-h", "-e", *only, "-o", "%P|%l|%L|%m|%c")
        rows = [line.strip().split("|") for line in out.splitlines() if line.count("|") == 4]
        rows = [row for row in rows if wanted or row[0].endswith("*")]
        if not rows:
            return None
        # Of several partitions (``a,b``) Slurm takes the one that has room and allows it; one
        # that sets no limit has none here either.
        times = [_seconds(row[1]) for row in rows]
        usual = {_seconds(row[2]) for row in rows}
        return QueueLimits(
            ",".join(dict.fromkeys(row[0].rstrip("*") for row in rows)),
            walltime=None if None in times else max(time for time in times if time is not None),
            default_walltime=usual.pop() if len(usual) == 1 else None,
            memory=max(_number(row[3]) for row in rows) * 2**20 or None,
            cores=max(_number(row[4]) for row in rows) or None,
        )

    async def output(self, job_id: str) -> list[str]:
        answer = await self.run(["scontrol", "show", "job", "-o", job_id])
        paths = re.findall(r"\b(?:StdErr|StdOut)=(\S+)", answer.out)
        return await asyncio.to_thread(tail_of, *paths) or await super().output(job_id)


def _job(
    job_id: str, state: str, word: str, start: str, submitted: str, end: str, node: str
) -> Job:
    word = "" if word == "None" else word
    if state in PENDING:
        text = meaning(word).sentence
        return Job(job_id, "pending", word, text, since=_at(submitted), expected=_at(start))
    if state in RUNNING:
        text = "" if state == "RUNNING" else f"Is {state.lower().replace('_', ' ')}."
        return Job(job_id, "running", word, text, node=node, since=_at(start))
    # COMPLETING too: its processes are being ended.
    found = ENDINGS.get(state)
    word = f"{state} {word}".strip()
    return Job(
        job_id,
        "ended",
        word,
        found.sentence if found is not None else "",
        node=node,
        since=_at(end),
    )


def _at(text: str) -> float | None:
    """Epoch seconds: SLURM_TIME_FORMAT asks for them."""
    return float(text) if text.isdigit() and int(text) else None


def _number(text: str) -> int:
    """Of ``64000+`` and the like."""
    match = re.match(r"\d+", text)
    return int(match[0]) if match else 0


def _seconds(text: str) -> float | None:
    """Of ``[days-]hours:minutes:seconds``, ``minutes:seconds``, ``infinite``, ``n/a``."""
    match = re.fullmatch(r"(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+)", text.strip())
    if match is None:
        return None
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return float(((days * 24 + hours) * 60 + minutes) * 60 + seconds)
