"""Grid Engine (Son of, Univa, Altair), through qstat, qalter, qacct and qconf.

``qstat -xml`` is read with patterns: several versions of it are not well-formed.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Sequence
from typing import Any

from ...errors import QueueError
from ...model.explanation import Job
from .base import Queue, QueueLimits, Reason, in_order, match_first, sentence, user
from .sge_reasons import ENDINGS, REJECTIONS, UNKNOWN, WAITING

__all__ = ("GridEngineQueue",)

DETAILED = 20
"""Pending jobs that are asked about one by one; a cluster's others are like them."""

VERIFIED = 2
"""Jobs of which it is asked, each time, whether they could ever run."""


class GridEngineQueue(Queue):
    """Where ``schedd_job_info`` is off, only ``qalter -w v`` says that a job can never run."""

    name = "sge"
    cancelling = ("qdel",)
    rejections = REJECTIONS

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._verdicts: dict[str, str] = {}
        self._ends: dict[str, Job] = {}
        self._accounting = True

    async def jobs(self, ids: Sequence[str]) -> list[Job]:
        rows = {row["JB_job_number"]: row for row in await self._rows()}
        pending = [i for i in ids if i in rows and _pending(rows[i])]
        messages = await self._messages(pending[:DETAILED])
        unsure = [i for i in pending if i not in self._verdicts]
        for job_id in unsure[:VERIFIED]:
            self._verdicts[job_id] = await self._verify(job_id)
        found = {}
        for job_id in ids:
            if job_id in pending:
                lines = [self._verdicts.get(job_id, ""), *messages.get(job_id, [])]
                found[job_id] = _waiting(job_id, rows[job_id], [line for line in lines if line])
            elif job_id in rows:
                found[job_id] = _running(job_id, rows[job_id])
            else:
                found[job_id] = await self._end(job_id)
        return in_order(ids, found)

    async def find(self, name: str) -> list[str]:
        rows = await self._rows()
        return [row["JB_job_number"] for row in rows if row["JB_name"].startswith(name)]

    async def _rows(self) -> list[dict[str, str]]:
        out = await self.ask("qstat", "-u", user(), "-xml")
        blocks = re.findall(r"<job_list\b.*?</job_list>", out, re.DOTALL)
        rows = [
            {tag: html.unescape(text) for tag, text in re.findall(r"<(\w+)>([^<]*)</\1>", block)}
            for block in blocks
        ]
        return [row for row in rows if {"JB_job_number", "JB_name", "state"} <= set(row)]

    async def _messages(self, ids: Sequence[str]) -> dict[str, list[str]]:
        """What the scheduler, or a failed attempt, says of each job."""
        if not ids:
            return {}
        # Fails when one of the jobs has ended meanwhile, and tells of the others all the same.
        out = (await self.run(["qstat", "-j", ",".join(ids)])).out
        found = {}
        for block in re.split(r"^=+$", out, flags=re.MULTILINE):
            number = re.search(r"^job_number:\s+(\d+)", block, re.MULTILINE)
            if number is None:
                continue
            errors = re.findall(r"^error reason\s+\d+:\s+(.*)", block, re.MULTILINE)
            told = re.search(r"^scheduling info:(.*(?:\n\s+.*)*)", block, re.MULTILINE)
            lines = told[1].splitlines() if told else []
            found[number[1]] = errors + [line.strip() for line in lines if line.strip()]
        return found

    async def _verify(self, job_id: str) -> str:
        """Why a job could not run even if all was free; empty if it could."""
        answer = await self.run(["qalter", "-w", "v", job_id])
        if "no suitable queues" not in answer.out + answer.err:
            return ""
        lines = [line for line in answer.out.splitlines() if "cannot run" in line]
        # Values that machines measure (mem_free) are left out of this check, so not "unknown".
        if not lines or any("unknown resource" in line for line in lines):
            return ""
        return f"unsatisfiable: {lines[0].strip()}"

    async def _end(self, job_id: str) -> Job:
        """How a job ended, from the accounting file, which comes a moment after the end."""
        if job_id not in self._ends and self._accounting:
            try:
                answer = await self.run(["qacct", "-j", job_id])
            except QueueError:  # not there, or its file is too large to be searched each time
                self._accounting = False
            else:
                if answer.code == 0:
                    self._ends[job_id] = _accounted(job_id, answer.out)
        return self._ends.get(job_id) or in_order([job_id], {})[0]

    def reason(self, job: Job) -> Reason | None:
        if job.state == "ended":
            return match_first(job.reason, ENDINGS)
        return match_first(job.reason, WAITING) or UNKNOWN if job.state == "pending" else None

    async def limits(self, options: dict[str, Any]) -> QueueLimits | None:
        name = str(options.get("queue") or "")
        if not name:
            return None  # it has no default queue: any that fits takes the job
        out = await self.ask("qconf", "-sq", name)
        limit = re.search(r"^h_rt\s+(\S+)", out, re.MULTILINE)
        return QueueLimits(name, walltime=_seconds(limit[1]) if limit else None)


def _pending(row: dict[str, str]) -> bool:
    return "q" in row["state"] or "E" in row["state"]


def _waiting(job_id: str, row: dict[str, str], lines: list[str]) -> Job:
    if "E" in row["state"]:
        lines = ["in error state: " + line for line in lines[:1]] or ["in error state"]
    elif "h" in row["state"]:
        lines = ["in hold state"]
    # The one that says most, in the order of the table.
    telling = next((line for one in WAITING for line in lines if match_first(line, [one])), "")
    text = (match_first(telling, WAITING) or UNKNOWN).sentence
    since = _at(row.get("JB_submission_time", ""))
    return Job(job_id, "pending", telling, text, since=since)


def _running(job_id: str, row: dict[str, str]) -> Job:
    node = row.get("queue_name", "").partition("@")[2]
    state = row["state"]
    text = "Is being ended." if "d" in state else "Is suspended." if set(state) & set("sST") else ""
    since = _at(row.get("JAT_start_time", ""))
    return Job(job_id, "running", state, text, node=node, since=since)


def _accounted(job_id: str, out: str) -> Job:
    values = dict(re.findall(r"^(\w+)\s+(.*?)\s*$", out, re.MULTILINE))
    failed, code = values.get("failed", "0"), values.get("exit_status", "0").split()[0]
    words = f"exit {code}" if failed.split()[0] == "0" else f"failed {failed}, exit {code}"
    limit = re.search(r"\bh_rt=(\d+)", values.get("category", ""))
    ran = re.match(r"[\d.]+", values.get("ru_wallclock", ""))
    if limit and ran and float(ran[0]) >= float(limit[1]):
        words = f"h_rt={limit[1]} reached, {words}"
    text = sentence(match_first(words, ENDINGS))
    return Job(job_id, "ended", words, text, node=values.get("hostname", ""))


def _at(text: str) -> float | None:
    """Epoch seconds of local time such as ``2026-11-22T17:15:09``."""
    try:
        return time.mktime(time.strptime(text, "%Y-%m-%dT%H:%M:%S"))
    except ValueError:
        return None


def _seconds(text: str) -> float | None:
    """Of ``24:00:00`` or seconds; of several, for single machines, the first counts."""
    parts = text.split(",", maxsplit=1)[0].split(":")
    if not all(part.isdigit() for part in parts):
        return None  # INFINITY
    seconds = 0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return float(seconds)
