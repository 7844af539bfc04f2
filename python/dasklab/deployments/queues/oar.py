"""OAR 2.5, through oarstat."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Sequence
from typing import Any

from ...errors import QueueError
from ...model.explanation import Job
from .base import AT_ONCE, Queue, Reason, in_order, match_first, sentence, tail_of, user

__all__ = ("OARQueue",)

PENDING = {"Waiting", "Hold", "toLaunch", "toAckReservation", "Launching"}
RUNNING = {"Running", "Suspended", "Resuming"}

WAITING: tuple[tuple[str, Reason], ...] = (
    (r"^hold", Reason("queue.held", "is held", "Release it: oarresume JOB.", "warning")),
    (
        r"quota(?!_ok)|limit",
        Reason(
            "queue.share",
            "waits because you already use what you may have",
            "It starts as other jobs end.",
        ),
    ),
    (r"^(launching|tolaunch)", Reason("queue.starting", "is being prepared by its node")),
    (r"FIFO|priority|best ?effort", Reason("queue.priority", "waits behind other jobs")),
)
RESOURCES = Reason(
    "queue.resources",
    "waits until enough is free",
    "It comes by itself; fewer, smaller or shorter jobs start sooner.",
)

NEVER = Reason(
    "queue.impossible",
    "has not been given a time to start: nodes that could run it are missing, or its wall time "
    "is beyond what is planned",
    "Ask for less, or for a shorter wall time.",
    "warning",
)

ENDINGS: tuple[tuple[str, Reason], ...] = (
    (
        "WALLTIME",
        Reason(
            "job.walltime",
            "was ended by the queue at its wall time",
            "Set a longer wall time, or a lifetime below it, so that workers leave in time.",
            "warning",
        ),
    ),
    (r"FRAG_JOB_REQUEST", Reason("job.cancelled", "was cancelled")),
    (
        r"_ERROR\b|EXTERMINATE|CANNOT|SUSPECT|_TIMEOUT",
        Reason("job.node", "could not be run by its node", "", "warning"),
    ),
    (
        r"exit (?!0\b)|Error",
        Reason("job.failed", "failed", "What it wrote says why: %dask logs workers.", "warning"),
    ),
)

REJECTIONS: tuple[tuple[str, Reason], ...] = (
    (
        r"not enough resources",
        Reason(
            "queue.impossible",
            "asks for more than there is",
            "Ask for less per job; what there is: oarnodes.",
        ),
    ),
    (
        r"queue \S+ does not exist",
        Reason("queue.unknown", "asks for a queue that there is not", "Leave it at the default."),
    ),
    (
        r"column .* does not exist|bad resource request",
        Reason(
            "queue.impossible",
            "asks for a property that nodes do not have",
            "Which they have: oarnodes. For memory it is the memory-per-core property.",
        ),
    ),
    (
        r"walltime",
        Reason("queue.walltime", "asks for more wall time than is allowed", "Set a shorter one."),
    ),
    (r"must not be run as root", Reason("queue.account", "may not be submitted by root")),
    (
        r"cannot connect|connection",
        Reason("queue.down", "cannot be handed to the server, which does not answer"),
    ),
)


class OARQueue(Queue):
    """Its database knows all jobs of the past too."""

    name = "oar"
    cancelling = ("oardel",)
    rejections = REJECTIONS

    async def jobs(self, ids: Sequence[str]) -> list[Job]:
        rows: dict[str, dict[str, Any]] = {}
        for start in range(0, len(ids), AT_ONCE):
            chosen = [word for i in ids[start : start + AT_ONCE] for word in ("-j", i)]
            rows |= await self._rows("-f", *chosen)
        return in_order(ids, {i: _job(i, rows[i]) for i in ids if i in rows})

    async def find(self, name: str) -> list[str]:
        rows = await self._rows("-u", user())
        return [i for i, row in rows.items() if str(row.get("name") or "").startswith(name)]

    async def _rows(self, *arguments: str) -> dict[str, dict[str, Any]]:
        out = await self.ask("oarstat", "-J", *arguments)
        if not out.strip():  # it knows none of them
            return {}
        try:
            rows = json.loads(out)
        except ValueError as error:
            raise QueueError("oarstat answered something that is not JSON.") from error
        return {str(i): row for i, row in rows.items() if isinstance(row, dict)}

    def reason(self, job: Job) -> Reason | None:
        return _meaning(job.state, job.reason, job.expected)

    async def output(self, job_id: str) -> list[str]:
        row = (await self._rows("-f", "-j", job_id)).get(job_id, {})
        folder = str(row.get("launchingDirectory") or ".")
        paths = [str(row.get(key) or "") for key in ("stderr_file", "stdout_file")]
        places = [os.path.join(folder, path.replace("%jobid%", job_id)) for path in paths if path]
        return await asyncio.to_thread(tail_of, *places) or await super().output(job_id)


def _meaning(state: str, words: str, expected: float | None) -> Reason | None:
    if state == "ended":
        return match_first(words, ENDINGS)
    if state != "pending":
        return None
    # Its scheduler gives every job that can run a time; one that it has looked at says its karma.
    known = match_first(words, WAITING)
    looked_at = "karma" in words.lower()
    return known or (NEVER if looked_at and expected is None else RESOURCES)


def _job(job_id: str, row: dict[str, Any]) -> Job:
    state, message = str(row.get("state")), str(row.get("message") or "")
    if state in PENDING:
        words = message if state == "Waiting" else f"{state} {message}"
        expected = float(row.get("scheduledStart") or 0) or None
        text = sentence(_meaning("pending", words, expected))
        since = float(row.get("submissionTime") or 0) or None
        return Job(job_id, "pending", words, text, since=since, expected=expected)
    node = str(next(iter(row.get("assigned_network_address") or []), ""))
    if state in RUNNING:
        text = "" if state == "Running" else "Is suspended."
        since = float(row.get("startTime") or 0) or None
        return Job(job_id, "running", state, text, node=node, since=since)
    # Finishing and the like too: its processes are being ended.
    events = [str(event.get("type")) for event in row.get("events") or []]
    # As of wait(): the status is in the higher byte.
    code = int(row.get("exit_code") or 0)
    words = " ".join([state, *events, f"exit {code >> 8 or code}"])
    found = _meaning("ended", words, None)
    since = float(row.get("stopTime") or 0) or None
    text = found.sentence if found is not None else ""
    return Job(job_id, "ended", words, text, node=node, since=since)
