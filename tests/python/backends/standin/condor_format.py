"""HTCondor's commands: submit descriptions in, ClassAds as JSON out, in the words of 23.9."""

from __future__ import annotations

import json
import os
import re
import shlex
import time
from pathlib import Path
from typing import Any

from core import FOLDER, Job, cancel, jobs, refuse, settings, submit

VARIABLE = "CONDOR_JOB"
STATES = {"Q": 1, "R": 2, "F": 4, "H": 5}


def over(job: Job, lived: float) -> str:
    """A pool ends no job because of its time."""
    return ""


def read(text: str) -> dict[str, str]:
    """The lines ``name = value`` of a submit description."""
    lines = re.findall(r"^\s*([\w.]+)\s*=\s*(.*?)\s*$", text, re.MULTILINE)
    return {name.lower(): value for name, value in lines}


def words(arguments: str) -> list[str]:
    """Of ``"-c 'it''s ""one"" word'"``: its new syntax of arguments."""
    text = arguments[1:-1].replace('""', '"')
    return [
        part[1:-1].replace("''", "'") if part.startswith("'") else part
        for part in re.findall(r"'(?:[^']|'')*'|\S+", text)
    ]


def condor_submit(arguments: list[str]) -> None:
    text = Path(arguments[-1]).read_text(encoding="utf-8")
    given = read(text)
    command = shlex.join([given["executable"], *words(given["arguments"])])
    folder = given.get("logdirectory", "")
    paths = {
        option: given[name].replace("$(LogDirectory)", folder).replace("$F(MY.JobId)", "%J.0")
        for option, name in (("out", "output"), ("err", "error"))
        if name in given
    }
    job_id = submit(
        f"#!/bin/sh\nexec {command}\n",
        name=given["batch_name"],
        cpus=int(given["my.daskworkercores"]),
        memory=int(given["my.daskworkermemory"]),
        walltime=1e6,
        **paths,
    )
    (FOLDER / f"{job_id}.submitted").write_text(text, encoding="utf-8")
    print(f"Submitting job(s).\n1 job(s) submitted to cluster {job_id}.")


def advertised(job: Job) -> dict[str, Any]:
    """What a job's ClassAd says of it; requests are expressions, as dask-jobqueue writes them."""
    found = {
        "ClusterId": int(job["id"]),
        "ProcId": 0,
        "JobStatus": 3 if job["killed"] == "cancelled" else STATES[job["state"]],
        "JobBatchName": job["name"],
        "QDate": int(job["submitted"]),
        "EnteredCurrentStatus": int(job.get("ended") or job.get("started") or job["submitted"]),
        "RequestCpus": "/Expr(MY.DaskWorkerCores)/",
        "RequestMemory": "/Expr(floor(MY.DaskWorkerMemory / 1048576))/",
        "DaskWorkerCores": job["cpus"],
        "DaskWorkerMemory": job["memory"],
        "Iwd": job["cwd"],
        "Out": job["out"] or "/dev/null",
        "Err": job["err"] or "/dev/null",
    }
    if job["state"] == "R":
        found["RemoteHost"] = "slot1_1@node1"
    if job["state"] == "F":
        found |= {"ExitBySignal": False, "ExitCode": job["code"], "LastRemoteHost": "slot1@node1"}
    return found


def _print(found: list[dict[str, Any]]) -> None:
    """As HTCondor does: nothing at all where there is nothing."""
    if found:
        print(json.dumps(found, indent=2))


def _chosen(arguments: list[str], states: str) -> list[dict[str, Any]]:
    wanted = {word.partition(".")[0] for word in arguments if re.fullmatch(r"\d+(\.0)?", word)}
    return [
        advertised(job)
        for job in jobs().values()
        if job["state"] in states and (not wanted or job["id"] in wanted)
    ]


def condor_q(arguments: list[str]) -> None:
    if "-better-analyze" in arguments:
        print("No successful match recorded.")
        return
    _print(_chosen(arguments, "QHR"))


def condor_history(arguments: list[str]) -> None:
    if "-limit" in arguments:
        place = arguments.index("-limit")
        arguments = arguments[:place] + arguments[place + 2 :]
    _print(_chosen(arguments, "F"))


def condor_status(arguments: list[str]) -> None:
    have = settings()
    disk = os.statvfs("/tmp").f_bavail * os.statvfs("/tmp").f_frsize // 2**10
    machine = {"TotalCpus": float(have["slots"]), "TotalMemory": have["memory"] // 2**20}
    _print([{"Name": "slot1@node1", "TotalDisk": disk, **machine}])


def condor_rm(arguments: list[str]) -> None:
    for word in arguments:
        if not cancel(word.partition(".")[0]):
            refuse(f"Couldn't find/remove all jobs matching constraint (ClusterId == {word})")
        print(f"Job {word} marked for removal ({time.strftime('%H:%M:%S')})")
