"""IBM Spectrum LSF 10, through bjobs, bqueues and bparams."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Sequence
from typing import Any

from ...errors import QueueError
from ...model.explanation import Job
from .base import Queue, QueueLimits, Reason, in_order, match_first, sentence, tail_of
from .lsf_reasons import ENDINGS, REJECTIONS, UNKNOWN, WAITING

__all__ = ("LSFQueue",)

PENDING = {"PEND", "PSUSP", "WAIT", "PROV"}
RUNNING = {"RUN": "", "USUSP": "Is suspended.", "SSUSP": "Is suspended.", "ZOMBI": "Is lost."} | {
    "UNKWN": "Its machine does not answer."
}
FIELDS = (
    "jobid stat job_name pend_reason exit_code exit_reason exec_host pend_time run_time "
    "output_file error_file"
)


class LSFQueue(Queue):
    """Finished jobs are known for as long as LSF lists them: an hour, or what the site has set."""

    name = "lsf"
    cancelling = ("bkill",)
    rejections = REJECTIONS

    async def jobs(self, ids: Sequence[str]) -> list[Job]:
        rows = {row["JOBID"]: row for row in await self._rows("-a")}
        return in_order(ids, {i: _job(i, rows[i]) for i in ids if i in rows})

    async def find(self, name: str) -> list[str]:
        return [row["JOBID"] for row in await self._rows() if row["JOB_NAME"].startswith(name)]

    async def _rows(self, *arguments: str) -> list[dict[str, str]]:
        answer = await self.run(["bjobs", *arguments, "-json", "-o", FIELDS])
        if re.search(r"^No (unfinished )?job found", answer.out + answer.err, re.MULTILINE):
            return []
        try:
            records = json.loads(answer.out)["RECORDS"]
        except (ValueError, KeyError, TypeError) as error:
            raise QueueError(
                f"bjobs failed: {answer.said}", "Whether it works can be tried in a terminal."
            ) from error
        rows = [{key: str(value) for key, value in record.items()} for record in records]
        return [row for row in rows if {"JOBID", "STAT", "JOB_NAME"} <= set(row)]

    def reason(self, job: Job) -> Reason | None:
        return _meaning(job.state, job.reason)

    async def limits(self, options: dict[str, Any]) -> QueueLimits | None:
        name = str(options.get("queue") or "")
        if not name:
            told = re.search(r"^Default Queues:\s+(\S+)", await self.ask("bparams"), re.MULTILINE)
            name = told[1] if told else ""
        if not name:
            return None
        out = await self.ask("bqueues", "-l", name)
        # Under MAXIMUM LIMITS, after DEFAULT LIMITS where there are some.
        default, _, most = out.rpartition("MAXIMUM LIMITS")
        minutes = re.search(r"^\s*RUNLIMIT\s*\n\s*([\d.]+) min", most, re.MULTILINE)
        usual = re.search(r"^\s*RUNLIMIT\s*\n\s*([\d.]+) min", default, re.MULTILINE)
        return QueueLimits(
            name,
            walltime=float(minutes[1]) * 60 if minutes else None,
            default_walltime=float(usual[1]) * 60 if usual else None,
            certain=bool(options.get("queue")),  # of several default ones it takes one that fits
        )

    async def output(self, job_id: str) -> list[str]:
        rows = [row for row in await self._rows("-a") if row["JOBID"] == job_id]
        paths = [
            row.get(key, "").replace("%J", job_id)
            for row in rows
            for key in ("ERROR_FILE", "OUTPUT_FILE")
        ]
        return await asyncio.to_thread(tail_of, *paths) or await super().output(job_id)


def _meaning(state: str, words: str) -> Reason | None:
    if state == "ended":
        return match_first(words, ENDINGS)
    return match_first(words, WAITING) or UNKNOWN if state == "pending" else None


def _job(job_id: str, row: dict[str, str]) -> Job:
    state, now = row["STAT"], time.time()
    if state in PENDING:
        words = row.get("PEND_REASON", "").strip(" ;")
        if state == "PSUSP" and "suspended" not in words:
            words = f"The job was suspended while pending; {words}".strip(" ;")
        text = sentence(_meaning("pending", words))
        waited = _seconds(row.get("PEND_TIME", ""))
        return Job(job_id, "pending", words, text, since=None if waited is None else now - waited)
    # "4*node1:2*node2"
    node = re.sub(r"^\d+\*", "", row.get("EXEC_HOST", "").split(":")[0])
    if state in RUNNING:
        ran = _seconds(row.get("RUN_TIME", ""))
        since = None if ran is None else now - ran
        return Job(job_id, "running", state, RUNNING[state], node=node, since=since)
    words = f"{row.get('EXIT_REASON', '')} exit {row.get('EXIT_CODE') or '0'}".strip(" ;-")
    found = _meaning("ended", words)
    return Job(job_id, "ended", words, found.sentence if found is not None else "", node=node)


def _seconds(text: str) -> float | None:
    """Of ``12 second(s)``, ``12`` or ``00:00:12``."""
    if re.fullmatch(r"[\d:]+", text):
        seconds = 0
        for part in text.split(":"):
            seconds = seconds * 60 + int(part or 0)
        return float(seconds)
    match = re.match(r"\d+", text)
    return float(match[0]) if match else None
