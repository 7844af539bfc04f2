"""The queue of the stand-in: a file of jobs under a lock, and a process that watches over each job.

Standard library only: its commands are short-lived processes. Jobs are children of its daemon, as
those of a real system: whoever submits them may be killed with all that descends from it.
"""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

FOLDER = Path(os.environ.get("STANDIN", "."))
MAIN = str(Path(__file__).with_name("main.py"))

QUEUES = {"batch": 86_400.0, "short": 60.0}
"""Names, and the most seconds that a job of it may run; the first is the default."""

PATIENCE = 5.0
"""Seconds from SIGTERM to SIGKILL."""

Job = dict[str, Any]


def settings() -> dict[str, Any]:
    """What :class:`StandIn` was made with."""
    return dict(json.loads((FOLDER / "settings.json").read_text(encoding="utf-8")))


@contextlib.contextmanager
def state() -> Iterator[dict[str, Any]]:
    """All jobs, for reading and changing, by one process at a time."""
    path = FOLDER / "jobs.json"
    with open(FOLDER / "lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        found.setdefault("next", 1)
        found.setdefault("jobs", {})
        yield found
        new = path.with_suffix(".new")
        new.write_text(json.dumps(found), encoding="utf-8")
        new.replace(path)


def jobs() -> dict[str, Job]:
    """All jobs as they are, those of the past too."""
    schedule()
    with state() as found:
        return dict(found["jobs"])


def submit(script: str, **options: Any) -> str:
    """Queue a job script; its id.

    Parameters
    ----------
    options
        Of :data:`DEFAULTS`; what is none of them is a mistake here.
    """
    given = {name: value for name, value in options.items() if value is not None}
    with state() as found:
        job_id = str(found["next"])
        found["next"] += 1
        (FOLDER / f"{job_id}.sh").write_text(script, encoding="utf-8")
        for key in ("out", "err"):
            if key in given:
                given[key] = str(given[key]).replace("%J", job_id)
        found["jobs"][job_id] = {
            "id": job_id, "name": "STDIN", "queue": next(iter(QUEUES)), "cpus": 1, "memory": 0,
            "walltime": 3600.0, "out": None, "err": None, "hold": False,
            **given,
            "state": "H" if given.get("hold") else "Q", "submitted": time.time(),
            "cwd": os.getcwd(), "user": getpass.getuser(), "why": "", "killed": "",
        }  # fmt: skip
    schedule()
    return job_id


def fits(job: Job, cpus: float, memory: float) -> str:
    """Which resource of so much is not enough for a job; empty if all is."""
    return "ncpus" if job["cpus"] > cpus else "mem" if job["memory"] > memory else ""


def schedule() -> None:
    """Start what can be started, first come, first served; say why of the rest."""
    have = settings()
    with state() as found:
        running = [job for job in found["jobs"].values() if job["state"] == "R"]
        cpus = have["slots"] - sum(job["cpus"] for job in running)
        memory = have["memory"] - sum(job["memory"] for job in running)
        for job in sorted(found["jobs"].values(), key=lambda job: int(job["id"])):
            if job["state"] != "Q":
                continue
            if lacking := fits(job, have["slots"], have["memory"]):
                job["why"] = f"never {lacking}"
            elif (FOLDER / "closed").exists():
                job["why"] = "closed"
            elif lacking := fits(job, cpus, memory):
                job["why"] = f"wait {lacking}"
            else:
                job.update(state="R", started=time.time(), why="")
                (FOLDER / "starts").write_text(f"{job['id']}\n", encoding="ascii")
                cpus, memory = cpus - job["cpus"], memory - job["memory"]


def serve() -> None:
    """The daemon: start a process that watches over each job that is to run."""
    watching: list[subprocess.Popen[bytes]] = []
    with os.fdopen(os.open(FOLDER / "starts", os.O_RDWR), encoding="ascii") as starts:
        for line in starts:
            watching = [process for process in watching if process.poll() is None]
            command = [sys.executable, "-I", "-B", MAIN, "watch", line.strip()]
            watching.append(subprocess.Popen(command, start_new_session=True))


def cancel(job_id: str) -> bool:
    """Cancel a job; false if there is none (any more)."""
    with state() as found:
        job = found["jobs"].get(job_id)
        if job is None or job["state"] == "F":
            return False
        job["killed"] = "cancelled"
        if job["state"] == "R":
            if "pid" in job:  # else who is about to watch over it sees that
                with contextlib.suppress(ProcessLookupError):
                    os.kill(job["pid"], signal.SIGTERM)
        else:
            job.update(state="F", ended=time.time(), code=0)
    return True


def watch(job_id: str, variable: str, told: Callable[[Job, float], str]) -> None:
    """Run a job to its end, its wall time, or until it is cancelled.

    Parameters
    ----------
    variable
        The environment variable in which a job finds its id.
    told
        What is written into a job's output when its time is over.
    """

    def asked(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with state() as found:
        job = found["jobs"][job_id]
    killed = ""
    process = None
    with (
        open(job["out"] or os.devnull, "ab") as out,
        open(job["err"] or job["out"] or os.devnull, "ab") as err,
    ):
        try:
            signal.signal(signal.SIGTERM, asked)
            with state() as found:
                found["jobs"][job_id]["pid"] = os.getpid()  # from now on it can be asked
                if found["jobs"][job_id]["killed"]:
                    raise KeyboardInterrupt
            process = subprocess.Popen(
                ["/bin/bash", str(FOLDER / f"{job_id}.sh")],
                stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                cwd=job["cwd"], start_new_session=True, env={**os.environ, variable: job_id},
            )  # fmt: skip
            process.wait(job["walltime"])
        except subprocess.TimeoutExpired:
            killed = "walltime"
            err.write(told(job, time.time() - job["started"]).encode())
        except KeyboardInterrupt:
            killed = "cancelled"
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if process is not None:
            _end(process)
    code = process.returncode if process is not None else 0
    with state() as found:
        found["jobs"][job_id].update(state="F", ended=time.time(), code=code, killed=killed)
    schedule()


def _end(process: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(PATIENCE)


# -- what several systems need -------------------------------------------------------------------
def seconds(text: str, first: float = 1.0) -> float:
    """Of ``H:M:S``, ``M:S`` or a number; ``first`` is what the last part counts."""
    total = 0.0
    for part in text.split(":"):
        total = total * 60 + float(part)
    return total * first


def size(text: str, plain: int = 1) -> int:
    """Bytes of ``4gb``; powers of 1024."""
    match = re.fullmatch(r"(\d+)([kmgt]?)b?", text.lower())
    if match is None:
        refuse(f"illegal size {text}")
    unit = {"": plain, "k": 2**10, "m": 2**20, "g": 2**30, "t": 2**40}[match[2]]
    return int(match[1]) * unit


def clock(value: float) -> str:
    """``HH:MM:SS``."""
    return f"{int(value) // 3600:02}:{int(value) // 60 % 60:02}:{int(value) % 60:02}"


def date(value: float) -> str:
    """``Sun Nov 22 17:15:09 2026``."""
    return time.strftime("%a %b %d %H:%M:%S %Y", time.localtime(value))


def elapsed(job: Job) -> float:
    """Seconds that a job has run."""
    return float((job.get("ended") or time.time()) - job["started"]) if "started" in job else 0.0


def refuse(text: str, code: int = 1) -> Any:
    """End this command with an error."""
    sys.stderr.write(f"{text}\n")
    raise SystemExit(code)
