"""``%dask why``: what keeps the workers that are missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..client.render import scaling_text
from ..client.words import advice_text, clock, line
from .display import say
from .subcommands import SUBCOMMANDS
from .usage import read

if TYPE_CHECKING:
    from .session import Session

__all__ = ("why", "why_text")

MOST_JOBS = 20


def why(session: Session, tokens: list[str]) -> None:
    """Ask now, and say what is known."""
    read(SUBCOMMANDS["why"], tokens)
    cluster = session.require()
    found = cluster.why()
    say(why_text({**cluster.info, **found}))


def why_text(info: dict[str, Any]) -> str:
    """The workers, the advice, what to mind, and the jobs that are not there yet."""
    lines = [f"{info['name']}: {scaling_text(info)}."]
    workers = info["workers"]
    jobs = [job for job in info.get("jobs", ()) if job["state"] != "running"]
    complete = (workers.get("running") or 0) >= (workers.get("wanted") or 0) and not jobs
    advice = info.get("advice", ())  # also of jobs that have died and been replaced
    # Whose workers others start: how many there should be is not known.
    if complete and not any(str(found["code"]).startswith("scheduler.") for found in advice):
        lines[0] += " None is missing."
    lines += [advice_text(found) for found in advice]
    if not advice and not complete:
        lines.append("They are being started; nothing is known that keeps them.")
    lines += [f"To mind: {advice_text(found)}" for found in info.get("warnings", ())]
    lines += [_job(job) for job in jobs[:MOST_JOBS]]
    if len(jobs) > MOST_JOBS:
        lines.append(f"... and {len(jobs) - MOST_JOBS} jobs more.")
    return "\n".join(lines)


def _job(job: dict[str, Any]) -> str:
    text = f"  job {line(job['id'], 60)}  {line(job['state'], 20)}"
    why = line(job.get("text") or job.get("reason") or "", 300)
    if why:
        text += f": {why}"
    if job.get("expected"):
        text += f" (expected to start at {clock(job['expected'])})"
    return text
