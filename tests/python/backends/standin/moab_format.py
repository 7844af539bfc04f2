"""Moab's commands and formats over Torque's directives: msub, showq, checkjob, canceljob."""

from __future__ import annotations

import contextlib
import io
import sys
import time

import pbs_format
from core import Job, cancel, clock, date, elapsed, jobs, refuse, settings

VARIABLE = "PBS_JOBID"
STATES = {"Q": "Idle", "H": "Hold", "R": "Running", "F": "Completed"}
over = pbs_format.over


def msub(arguments: list[str]) -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        pbs_format.qsub(arguments, "msub")
    print("\n" + said.getvalue().partition(".")[0])


def row(job: Job) -> str:
    times = f"{clock(max(job['walltime'] - elapsed(job), 0)):>11}  {date(job['submitted'])}"
    return f"{job['id']:<18} {job['user']:>8} {STATES[job['state']]:>10} {job['cpus']:>5} {times}"


def showq(arguments: list[str]) -> None:
    found = [job for job in jobs().values() if job["state"] != "F"]
    head = "JOBID              USERNAME      STATE PROCS   REMAINING            STARTTIME\n"
    for title, states in (("active", "R"), ("eligible", "Q"), ("blocked", "H")):
        rows = [row(job) for job in found if job["state"] in states]
        print(f"{title} jobs{'-' * 24}\n{head}\n" + "\n".join(rows))
        print(f"\n{len(rows)} {title} jobs\n")
    print(f"Total jobs:  {len(found)}")


def note(job: Job) -> str:
    have = settings()["slots"]
    kind, _, _ = str(job["why"]).partition(" ")
    if kind == "never":
        return f"NOTE:  job cannot run in partition base (idle procs do not meet requirements : 0 of {job['cpus']} procs found)\nidle procs: {have:3}  feasible procs:   0"
    if kind == "wait":
        return f"NOTE:  job cannot run in partition base (insufficient idle procs available: 0 < {job['cpus']})"
    return "BLOCK MSG: class is not started" if kind == "closed" else ""


def checkjob(arguments: list[str]) -> None:
    job = jobs().get(arguments[-1])
    if job is None:
        refuse(f"ERROR:  invalid job specified: '{arguments[-1]}'")
        return
    waited = clock((job.get("started") or time.time()) - job["submitted"])
    print(f"job {job['id']}\n\nAName: {job['name']}\nState: {STATES[job['state']]}")
    if job["state"] == "F":
        print(f"Completion Code: {pbs_format.status(job)}  Time: {date(job['ended'])}")
    print(f"Creds:  user:{job['user']}  class:{job['queue']}")
    print(f"WallTime:   {clock(elapsed(job))} of {clock(job['walltime'])}")
    print(
        f"SubmitTime: {date(job['submitted'])}\n  (Time Queued  Total: {waited}  Eligible: {waited})\n"
    )
    if "started" in job:
        print("Allocated Nodes:\n[node1:1]\n")
    if job["state"] == "H":
        print("Holds:          User")
    if job["state"] == "Q":
        print(note(job))


def canceljob(arguments: list[str]) -> None:
    if not cancel(arguments[-1]):
        sys.stderr.write(f"ERROR:  invalid job specified: '{arguments[-1]}'\n")
        raise SystemExit(1)
    print(f"\njob '{arguments[-1]}' cancelled")
