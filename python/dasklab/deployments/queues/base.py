"""A batch system, asked through its own commands: which jobs there are, why they wait, their end.

Nothing here knows of Dask. Every answer is in words that a user can act on.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ...errors import QueueError
from ...model.explanation import Advice, Job
from ...processes import strip_ansi, tail
from .runner import Answer, Runner

__all__ = (
    "Answer",
    "Queue",
    "QueueLimits",
    "Reason",
    "Runner",
    "in_order",
    "match_first",
    "sentence",
    "tail_of",
    "user",
)

CANCEL_DEADLINE = 20.0

AT_ONCE = 200
"""Jobs named on one command line."""


@dataclass(frozen=True)
class QueueLimits:
    """What a queue (partition, class) allows a job; ``None`` where it does not say.

    Parameters
    ----------
    queue
        Its name.
    walltime, default_walltime
        Seconds a job may run at the most, and does if it asks for no time.
    memory, cores
        Of its largest machine, in bytes and cores.
    certain
        Whether a job beyond them never runs: not where machines come and go, or where the batch
        system may choose another queue.
    """

    queue: str
    walltime: float | None = None
    default_walltime: float | None = None
    memory: int | None = None
    cores: int | None = None
    certain: bool = True


@dataclass(frozen=True)
class Reason:
    """What a queue's own word for a state means.

    Parameters
    ----------
    code
        For programs: ``"queue.resources"``.
    text
        What a job does or did, such as ``"waits behind others"``: no capital, no full stop.
    hint, severity
        As in :class:`~dasklab.model.explanation.Advice`.
    """

    code: str
    text: str
    hint: str = ""
    severity: str = "note"

    @property
    def sentence(self) -> str:
        """The text as it stands beside one job."""
        return f"{self.text[:1].upper()}{self.text[1:]}."


class Queue(ABC):
    """One batch system.

    Parameters
    ----------
    run
        With what its commands are run.
    folder
        Where jobs write their output, as far as the queue does not say so itself.
    """

    name: ClassVar[str]
    cancelling: ClassVar[tuple[str, ...]]
    """The command that cancels, before the ids."""

    rejections: ClassVar[tuple[tuple[str, Reason], ...]] = ()
    """Patterns of what the command that submits says when it refuses."""

    def __init__(self, run: Runner, folder: str = ".") -> None:
        self.run = run
        self.folder = folder

    @abstractmethod
    async def jobs(self, ids: Sequence[str]) -> list[Job]:
        """The jobs as they are now, in the order of ``ids``; unknown ones have ended."""

    @abstractmethod
    async def find(self, name: str) -> list[str]:
        """Ids of the user's jobs, waiting or running, whose name begins with ``name``."""

    @abstractmethod
    def reason(self, job: Job) -> Reason | None:
        """What the job's state and the queue's word for it mean; ``None``: nothing of note."""

    async def cancel(self, ids: Sequence[str]) -> list[str]:
        """Cancel jobs; those that were neither cancelled nor had ended are returned."""
        doubtful: list[str] = []
        for start in range(0, len(ids), AT_ONCE):
            part = list(ids[start : start + AT_ONCE])
            if not await self._cancel(*part):
                doubtful += part
        if not doubtful:
            return []
        # One that has ended makes the whole command fail: each on its own, then.
        living = [job.id for job in await self.jobs(doubtful) if job.state != "ended"]
        left = [job_id for job_id in living if not await self._cancel(job_id)]
        return [job.id for job in await self.jobs(left) if job.state != "ended"]

    async def _cancel(self, *ids: str) -> bool:
        return (await self.run([*self.cancelling, *ids], CANCEL_DEADLINE)).code == 0

    async def explain(self, jobs: Sequence[Job]) -> list[Advice]:
        """What keeps jobs from running, or has ended them: most severe first."""
        return summarized((job, self.reason(job)) for job in jobs)

    async def limits(self, options: dict[str, Any]) -> QueueLimits | None:
        """What the queue of these options allows; ``None`` if it cannot be asked that."""
        return None

    async def output(self, job_id: str) -> list[str]:
        """The last lines of what a job has written, where that can be read from here."""
        return await asyncio.to_thread(output_in, self.folder, job_id)

    def rejection(self, text: str) -> Advice:
        """Why a submission was refused, from what the command said."""
        said = tuple(line for line in map(str.strip, strip_ansi(text).splitlines()) if line)
        if reason := match_first(text, self.rejections):
            message = f"The batch system refused the job: it {reason.text}."
            return Advice(reason.code, message, reason.hint, "error", said[-5:])
        return Advice(
            "queue.refused",
            f"The batch system refused the job: {said[-1] if said else 'it did not say why'}"[:400],
            "The job script is in the preview.",
            "error",
            said[-5:],
        )

    # -- for the subclasses ------------------------------------------------------------------
    async def ask(self, *argv: str, accept: Iterable[int] = (0,)) -> str:
        """What a command prints.

        Raises
        ------
        QueueError
            It failed, with what it said.
        """
        answer = await self.run(argv)
        if answer.code not in accept:
            raise QueueError(
                f"{argv[0]} failed: {answer.said}", "Whether it works can be tried in a terminal."
            )
        return answer.out


def user() -> str:
    """Whose jobs are meant."""
    return getpass.getuser()


def sentence(reason: Reason | None) -> str:
    """What stands beside a job with that reason."""
    return "" if reason is None else reason.sentence


def ended(job_id: str) -> Job:
    """A job that the queue does not know any more."""
    return Job(job_id, "ended", text="The queue does not know it any more.")


def in_order(ids: Sequence[str], found: dict[str, Job]) -> list[Job]:
    """One job for each id."""
    return [found.get(job_id) or ended(job_id) for job_id in ids]


def output_in(folder: str, job_id: str) -> list[str]:
    """The last lines of a job's output: all these systems put its id into the file's name."""
    mark = re.compile(rf"(?<!\d){re.escape(job_id.split('.', maxsplit=1)[0])}(?!\d)")
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if mark.search(entry.name) and entry.is_file()]
        found.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
    except OSError:
        return []
    return tail_of(*(entry.path for entry in found))


def match_first(text: str, table: Iterable[tuple[str, Reason]]) -> Reason | None:
    """The first reason whose pattern is found in a queue's own words."""
    return next((r for pattern, r in table if re.search(pattern, text, re.IGNORECASE)), None)


def tail_of(*paths: str, lines: int = 40) -> list[str]:
    """The last lines of the first of these files that has any."""
    for path in paths:
        if path and path != "/dev/null" and (found := tail(path, lines)):
            return found
    return []


SEVERITIES = ("error", "warning", "note")


def summarized(reasons: Iterable[tuple[Job, Reason | None]]) -> list[Advice]:
    """One finding for each kind of reason, with the jobs it is about."""
    found: dict[str, list[tuple[Job, Reason]]] = {}
    for job, reason in reasons:
        if reason is not None:
            found.setdefault(f"{reason.code} {reason.text}", []).append((job, reason))
    advice = []
    for pairs in found.values():
        reason, count = pairs[0][1], len(pairs)
        advice.append(
            Advice(
                reason.code,
                f"{'A job' if count == 1 else f'Each of {count} jobs'} {reason.text}.",
                reason.hint,
                reason.severity,
                tuple(f"{job.id} {job.state} {job.reason}".strip() for job, _ in pairs[:5]),
            )
        )
    return sorted(advice, key=lambda one: SEVERITIES.index(one.severity))
