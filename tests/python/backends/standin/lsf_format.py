"""LSF's commands and formats: bsub, bjobs -json, bkill, bqueues -l, bparams."""

from __future__ import annotations

import json
import shlex
import sys
import time
from pathlib import Path

from core import QUEUES, Job, cancel, elapsed, jobs, refuse, seconds, submit

VARIABLE = "LSB_JOBID"
TAKES = {"-J": "name", "-q": "queue", "-n": "cpus", "-M": "memory", "-W": "walltime"} | {
    "-o": "out",
    "-e": "err",
}
REASONS = {
    "never ncpus": "There are no suitable hosts for the job;",
    "never mem": "There are no suitable hosts for the job;",
    "wait ncpus": "Job slot limit reached: 1 host;",
    "wait mem": "Job requirements for reserving resource (mem) not satisfied: 1 host;",
    "closed": "The queue is inactivated by the administrator;",
    "": "New job is waiting for scheduling;",
}


def over(job: Job, ran: float) -> str:
    """What a job's output says when its wall time is over."""
    return "TERM_RUNLIMIT: job killed after reaching LSF run time limit.\n"


def bsub(arguments: list[str]) -> None:
    files = [word for word in arguments if Path(word).is_file()]
    text = Path(files[-1]).read_text(encoding="utf-8") if files else sys.stdin.read()
    lines = [line[6:] for line in text.splitlines() if line.startswith("#BSUB ")]
    words = iter([word for line in lines for word in shlex.split(line)])
    given: dict[str, object] = {}
    for word in words:
        if word in TAKES:
            given[TAKES[word]] = next(words)
        elif word == "-H":
            given["hold"] = True
        elif word in ("-R", "-P", "-G", "-app"):
            next(words)
        else:
            refuse(f"{word}: Illegal option. Job not submitted.", 255)
    queue = str(given.get("queue") or next(iter(QUEUES)))
    if queue not in QUEUES:
        refuse(f"{queue}: No such queue. Job not submitted.", 255)
    # -W counts minutes, or hours:minutes; -M kilobytes, as where nothing is configured.
    if "walltime" in given:
        given["walltime"] = seconds(str(given["walltime"]), 60)
        if float(str(given["walltime"])) > QUEUES[queue]:
            refuse("RUNLIMIT: Cannot exceed queue's hard limit(s). Job not submitted.", 255)
    if "memory" in given:
        given["memory"] = int(str(given["memory"])) * 1000
    if "cpus" in given:
        given["cpus"] = int(str(given["cpus"]))
    job_id = submit(text, **given)
    kind = "queue" if given.get("queue") else "default queue"
    print(f"Job <{job_id}> is submitted to {kind} <{queue}>.")


def record(job: Job) -> dict[str, str]:
    """The fields of a job that were asked for, as ``-o`` names them."""
    killed = {"walltime": "TERM_RUNLIMIT", "cancelled": "TERM_OWNER"}.get(job["killed"], "")
    ended = job["state"] == "F"
    good = ended and not killed and job.get("code") == 0
    state = {"Q": "PEND", "H": "PSUSP", "R": "RUN", "F": "DONE" if good else "EXIT"}[job["state"]]
    code = job.get("code", 0)
    return {
        "JOBID": job["id"],
        "STAT": state,
        "JOB_NAME": job["name"],
        "PEND_REASON": REASONS[job["why"]] if job["state"] == "Q" else "",
        "EXIT_CODE": "" if not ended or good else str(128 - code if code < 0 else code),
        "EXIT_REASON": f"{killed}: job killed" if killed else "",
        "EXEC_HOST": "node1" if "started" in job else "",
        "PEND_TIME": f"{(job.get('started') or time.time()) - job['submitted']:.0f}",
        "RUN_TIME": f"{elapsed(job):.0f} second(s)",
        "OUTPUT_FILE": job["out"] or "",
        "ERROR_FILE": job["err"] or "",
    }


def bjobs(arguments: list[str]) -> None:
    found = [job for job in jobs().values() if "-a" in arguments or job["state"] != "F"]
    if not found:
        refuse("No job found" if "-a" in arguments else "No unfinished job found", 0)
    fields = arguments[arguments.index("-o") + 1].upper().split()
    records = [{name: record(job)[name] for name in fields} for job in found]
    print(json.dumps({"COMMAND": "bjobs", "JOBS": len(records), "RECORDS": records}, indent=2))


def bkill(arguments: list[str]) -> None:
    code = 0
    for word in arguments:
        if cancel(word):
            print(f"Job <{word}> is being terminated")
        else:
            sys.stderr.write(f"Job <{word}>: Job has already finished\n")
            code = 255
    raise SystemExit(code)


def bparams(arguments: list[str]) -> None:
    print(
        f"Default Queues:  {next(iter(QUEUES))}\nMBD_SLEEP_TIME used for calculations:  10 seconds"
    )


def bqueues(arguments: list[str]) -> None:
    name = arguments[-1]
    if name not in QUEUES:
        refuse(f"{name}: No such queue", 255)
    print(
        f"QUEUE: {name}\n  -- For jobs.\n\nPARAMETERS/STATISTICS\nPRIO NICE STATUS\n"
        f" 30    0  Open:Active\n\nMAXIMUM LIMITS:\n RUNLIMIT\n {QUEUES[name] / 60:.1f} min of node1\n"
    )
