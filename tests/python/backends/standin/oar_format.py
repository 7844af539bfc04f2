"""OAR's commands and formats: oarsub, oarstat -J, oardel, as a real OAR 2.5.9 printed them."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from core import QUEUES, Job, cancel, jobs, refuse, seconds, settings, submit

VARIABLE = "OAR_JOB_ID"
STATES = {"Q": "Waiting", "H": "Hold", "R": "Running"}


def over(job: Job, ran: float) -> str:
    """What a job's output says when its wall time is over."""
    return f"## OAR [{job['name']}] Job {job['id']} KILLED ##\n"


def oarsub(arguments: list[str]) -> None:
    given: dict[str, object] = {}
    script = ""
    words = iter(arguments)
    for word in words:
        if word in ("-n", "-q"):
            given["name" if word == "-n" else "queue"] = next(words)
        elif word == "-l":
            given.update(resources(next(words)))
        elif word in ("-O", "-E"):
            given["out" if word == "-O" else "err"] = next(words).replace("%jobid%", "%J")
        elif word in ("-p", "-t", "--project"):
            next(words)
        elif word == "--hold":
            given["hold"] = True
        elif word.startswith("-"):
            refuse(f"Unknown option: {word.lstrip('-')}")
        else:
            script = word
    print("[ADMISSION RULE] Modify resource description with type constraints")
    if given.get("queue", next(iter(QUEUES))) not in QUEUES:
        refuse(f"ERROR : The queue {given['queue']} does not exist", 248)
    if int(str(given.get("cpus", 1))) > settings()["slots"]:
        print("OAR_JOB_ID=-5")
        refuse(
            "There are not enough resources for your request\n"
            "[ERROR] Oarsub failed, please verify your request syntax.",
            8,
        )
    name = given.get("name", "")
    files = {kind: str(Path.cwd() / f"OAR.{name}.%J.std{kind}") for kind in ("out", "err")}
    print(f"OAR_JOB_ID={submit(script, **{**files, **given})}")


def resources(text: str) -> dict[str, object]:
    """Of ``/nodes=1/core=2,walltime=00:30:00``."""
    cores, wall = re.search(r"core=(\d+)", text), re.search(r"walltime=([\d:]+)", text)
    return {
        "cpus": int(cores[1]) if cores else 1,
        "walltime": seconds(wall[1]) if wall else 7200.0,
    }


def full(job: Job) -> dict[str, object]:
    events = {"walltime": ["WALLTIME", "SEND_KILL_JOB", "SWITCH_INTO_ERROR_STATE"]}.get(
        job["killed"], ["FRAG_JOB_REQUEST", "SWITCH_INTO_ERROR_STATE"] if job["killed"] else []
    )
    state = STATES.get(job["state"], "Error" if job["killed"] else "Terminated")
    code = job.get("code", 0)
    planned = job["submitted"] + 3600 if job["state"] == "Q" and "wait" in job["why"] else None
    return {
        "Job_Id": int(job["id"]),
        "name": job["name"],
        "owner": job["user"],
        "state": state,
        "message": f"R={job['cpus']},J=B,N={job['name']} (Karma=0.000,quota_ok)",
        "queue": job["queue"],
        "submissionTime": int(job["submitted"]),
        "startTime": int(job.get("started", 0)),
        "stopTime": int(job.get("ended", 0)),
        "scheduledStart": None if planned is None else int(planned),
        "assigned_network_address": ["node1"] if "started" in job else [],
        "walltime": int(job["walltime"]),
        "exit_code": None if job["killed"] or job["state"] != "F" else code << 8,
        "events": [{"type": kind, "job_id": int(job["id"])} for kind in events],
        "launchingDirectory": job["cwd"],
        "stdout_file": job["out"],
        "stderr_file": job["err"],
    }


def oarstat(arguments: list[str]) -> None:
    wanted = [word for at, word in enumerate(arguments) if at and arguments[at - 1] == "-j"]
    found = {
        i: full(job)
        for i, job in jobs().items()
        if (i in wanted if wanted else job["state"] != "F")
    }
    if found:
        print(json.dumps(found, indent=3))


def oardel(arguments: list[str]) -> None:
    code = 0
    for word in arguments:
        if cancel(word):
            print(f"Deleting the job = {word} ...REGISTERED.")
        else:
            sys.stderr.write(f"Cannot frag {word} ; You are not the right user.\n")
            print(f"Deleting the job = {word} ...ERROR.")
            code = 1
    raise SystemExit(code)
