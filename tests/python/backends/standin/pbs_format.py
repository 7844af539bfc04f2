"""PBS Professional's commands and formats: qsub, qstat, qselect, qdel."""

from __future__ import annotations

import getpass
import shlex
import sys
from pathlib import Path

from core import (
    QUEUES,
    Job,
    cancel,
    clock,
    date,
    elapsed,
    jobs,
    refuse,
    seconds,
    settings,
    size,
    submit,
)  # fmt: skip

VARIABLE = "PBS_JOBID"
SERVER = "standin"
LETTERS = {"Q": "Q", "H": "H", "R": "R", "F": "F"}


def over(job: Job, ran: float) -> str:
    """What a job's output says when its wall time is over."""
    return f"=>> PBS: job killed: walltime {ran:.0f} exceeded limit {job['walltime']:.0f}\n"


def read(words: list[str], command: str) -> dict[str, object]:
    """Options of a command line, or of the directives of a script."""
    found: dict[str, object] = {}
    rest = iter(words)
    for word in rest:
        letter, value = word[:2], word[2:]
        if letter in ("-V", "-h"):
            found.update({"hold": True} if letter == "-h" else {})
            continue
        if not letter.startswith("-"):
            found["script"] = word
            continue
        value = value or next(rest, "")
        names = {"-N": "name", "-q": "queue", "-o": "out", "-e": "err"}
        if letter in names:
            found[names[letter]] = value
        elif letter == "-l":
            found.update(resources(value))
        elif letter not in ("-A", "-P", "-j", "-m", "-M", "-S", "-v", "-W"):
            refuse(f"{command}: invalid option -- '{letter[1:]}'", 2)
    return found


def resources(text: str) -> dict[str, object]:
    """Of ``select=1:ncpus=2:mem=4gb`` or ``walltime=…,mem=…``."""
    found: dict[str, object] = {}
    for one in (
        text.replace("select=1:", "").replace("nodes=1:", "").replace(":", ",", 0).split(",")
    ):
        for part in [one] if one.startswith("walltime") else one.split(":"):
            name, _, value = part.partition("=")
            if name == "walltime":
                found["walltime"] = seconds(value)
            elif name in ("ncpus", "ppn"):
                found["cpus"] = int(value)
            elif name == "mem":
                found["memory"] = size(value)
            elif name != "nodes":
                refuse(f"qsub: Unknown resource Resource_List.{name}", 171)
    return found


def qsub(arguments: list[str], command: str = "qsub") -> None:
    given = read(arguments, command)
    script = given.pop("script", None)
    text = Path(str(script)).read_text(encoding="utf-8") if script else sys.stdin.read()
    lines = [line[5:] for line in text.splitlines() if line.startswith("#PBS ")]
    options = {**read([word for line in lines for word in shlex.split(line)], command), **given}
    queue = str(options.get("queue") or next(iter(QUEUES)))
    if queue not in QUEUES:
        refuse("qsub: Unknown queue", 170)
    if float(str(options.get("walltime", 0))) > QUEUES[queue]:
        refuse("qsub: Job violates queue and/or server resource limits", 188)
    job_id = submit(text, **{**options, "out": place(options, "out"), "err": place(options, "err")})
    print(f"{job_id}.{SERVER}")


def place(options: dict[str, object], key: str) -> str | None:
    """The output file, if a folder was named: ``dask.o12`` in it."""
    folder = options.get(key)
    if not folder:
        return None
    name = options.get("name", "STDIN")
    return str(Path(str(folder)) / f"{name}.{key[0]}%J")


def comment(job: Job) -> str:
    """The scheduler's word for why a job waits."""
    have = settings()
    kind, _, resource = str(job["why"]).partition(" ")
    total = have["slots"] if resource == "ncpus" else f"{have['memory'] // 2**20}mb"
    asked = job["cpus"] if resource == "ncpus" else f"{job['memory'] // 2**20}mb"
    if kind == "never":
        return f"Can Never Run: Insufficient amount of resource: {resource} (R: {asked} A: {total} T: {total})"
    if kind == "wait":
        return (
            f"Not Running: Insufficient amount of resource: {resource} (R: {asked} A: 0 T: {total})"
        )
    return "Not Running: Queue not started." if kind == "closed" else ""


def full(job: Job) -> list[str]:
    """What ``qstat -f`` says of a job; long lines are folded as the real one folds them."""
    rows = {
        "Job_Name": job["name"],
        "Job_Owner": f"{job['user']}@{SERVER}",
        "resources_used.walltime": clock(elapsed(job)) if "started" in job else "",
        "job_state": LETTERS[job["state"]],
        "queue": job["queue"],
        "server": SERVER,
        "Error_Path": f"{SERVER}:{job['err']}" if job["err"] else "",
        "exec_host": "node1/0" if "started" in job else "",
        "Hold_Types": "u" if job["state"] == "H" else "n",
        "mtime": date(job.get("ended") or job.get("started") or job["submitted"]),
        "Output_Path": f"{SERVER}:{job['out']}" if job["out"] else "",
        "qtime": date(job["submitted"]),
        "Resource_List.mem": f"{job['memory'] // 2**20}mb",
        "Resource_List.ncpus": job["cpus"],
        "Resource_List.walltime": clock(job["walltime"]),
        "stime": date(job["started"]) if "started" in job else "",
        "comment": comment(job) if job["state"] == "Q" else "",
        "Exit_status": status(job) if job["state"] == "F" else "",
    }
    lines = [f"Job Id: {job['id']}.{SERVER}"]
    for name, value in rows.items():
        text = f"    {name} = {value}"
        while len(text) > 78:
            lines.append(text[:78])
            text = "\t" + text[78:]
        if value != "":
            lines.append(text)
    return [*lines, ""]


def status(job: Job) -> int:
    """``Exit_status``: negative for limits, 256 and more for signals."""
    if job["killed"] == "walltime":
        return -29
    if job["killed"] or job["code"] < 0:
        return 256 - min(job["code"], -15)
    return int(job["code"])


def qstat(arguments: list[str]) -> None:
    if arguments == ["--version"]:
        print("pbs_version = 23.06.06")
        return
    if "-B" in arguments:
        print(
            f"Server: {SERVER}\n    server_state = Active\n    default_queue = {next(iter(QUEUES))}"
        )
        return
    wanted = [word for word in arguments if not word.startswith("-")]
    if "-Q" in arguments:
        for name in wanted or QUEUES:
            print(f"Queue: {name}\n    queue_type = Execution")
            print(f"    resources_max.walltime = {clock(QUEUES[name])}\n    enabled = True\n")
        return
    found, code = jobs(), 0
    for word in wanted or list(found):
        job = found.get(word.partition(".")[0])
        if job is None:
            sys.stderr.write(f"qstat: Unknown Job Id {word}\n")
            code = 153
        elif job["state"] == "F" and "-x" not in arguments:
            sys.stderr.write(
                f"qstat: {word} Job has finished, use -x or -H to obtain historical job information\n"
            )
            code = 35
        else:
            print("\n".join(full(job)))
    raise SystemExit(code)


def qselect(arguments: list[str]) -> None:
    user = arguments[arguments.index("-u") + 1] if "-u" in arguments else getpass.getuser()
    for job in jobs().values():
        if job["state"] != "F" and job["user"] == user:
            print(f"{job['id']}.{SERVER}")


def qdel(arguments: list[str]) -> None:
    code = 0
    for word in arguments:
        if not cancel(word.partition(".")[0]):
            sys.stderr.write(f"qdel: Unknown Job Id {word}\n")
            code = 153
    raise SystemExit(code)
