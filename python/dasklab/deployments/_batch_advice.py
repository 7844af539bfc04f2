"""What to mind before jobs are submitted: units, times, places, and what the queue allows."""

from __future__ import annotations

import asyncio
import ipaddress
import os
import re
import shutil
import socket
from pathlib import Path
from typing import Any

from ..errors import QueueError
from ..model.explanation import Advice
from ..tls import is_loopback
from ._batch_request import Request
from .queues.base import Queue, QueueLimits

__all__ = ("find_warnings", "on_network", "times", "units")

ASKING = 6.0
"""Seconds for the queue's answer; a preview waits for it."""

NETWORK = {"nfs", "nfs4", "lustre", "gpfs", "cifs", "smb3", "beegfs", "ceph", "fuse.sshfs", "afs"}
"""File systems (as the kernel calls them) on which spilling is slow, and hard on others."""

BRIDGES = re.compile(r"(docker|virbr|veth|lxcbr|lxdbr|podman|cni|vmnet|vboxnet)|br-[0-9a-f]{12}$")
"""Names of interfaces that lead to what runs on the machine itself."""

ELSEWHERE = ("/tmp/", "/dev/shm/", "/run/", "/var/tmp/")  # noqa: S108
"""Beginnings of paths that every machine has for itself."""


def find_warnings(
    title: str, requests: dict[str, Request], options: dict[str, Any], queue: Queue, host: str = ""
) -> list[Advice]:
    """Everything worth saying of a launch: errors first, notes last.

    Parameters
    ----------
    host
        Where the scheduler is to listen, if that is known.
    """
    found: list[Advice] = []
    for group, request in requests.items():
        limits = _limits(queue, {**options, "queue": request.queue or None})
        own = [*units(request), *times(request, title, limits), *places(request)]
        own += fits(request, limits)
        if group:
            own = [_of_group(group, advice) for advice in own if advice.severity != "note"]
        found += own
    found += reachable(host)
    if options.get("tls") == "off":
        found.append(
            Advice(
                "tls.off",
                "Whoever can reach the scheduler's port can run programs as you.",
                "Leave tls at auto in a network that others use.",
            )
        )
    order = ("error", "warning", "note")
    return sorted(found, key=lambda advice: order.index(advice.severity))


def reachable(host: str) -> list[Advice]:
    """Whether jobs on other machines can reach a scheduler there.

    Also by a name that this machine's own file of hosts gives an address of loopback, as Debian's
    does with 127.0.1.1. Nor are addresses reached that a machine gives itself for want of another,
    and those of its bridges to its own containers and virtual machines.
    """
    if not host:
        return []
    try:
        address = socket.getaddrinfo(host, None)[0][4][0]
    except OSError:
        return []  # a name that only others know
    address = str(address).partition("%")[0]
    bridge = _bridge(address)
    if is_loopback([address]):
        code, of = "interface.loopback", ""
    elif ipaddress.ip_address(address).is_link_local:
        code, of = "interface.link-local", ", an address of this machine's own making"
    elif bridge:
        code, of = "interface.bridge", f", of {bridge}, which leads to what runs on this machine"
    else:
        return []
    where = host if host == address else f"{host}, which is {address} here"
    return [
        Advice(
            code,
            f"Workers on other machines cannot reach a scheduler on {where}{of}.",
            "Give an interface that the nodes reach, such as ib0; leave it only if all jobs run on "
            "this machine.",
        )
    ]


def _bridge(address: str) -> str:
    """The interface with that address, if it leads only to containers or virtual machines."""
    import psutil

    for name, addresses in psutil.net_if_addrs().items():
        if BRIDGES.match(name) and address in [one.address for one in addresses]:
            return str(name)
    return ""


def _of_group(group: str, advice: Advice) -> Advice:
    return Advice(
        advice.code,
        f"Group {group}: {advice.message}",
        advice.hint,
        advice.severity,
        advice.evidence,
    )


def _limits(queue: Queue, options: dict[str, Any]) -> QueueLimits | None:
    try:
        return asyncio.run(asyncio.wait_for(queue.limits(options), ASKING))
    except (QueueError, asyncio.TimeoutError):
        return None  # the launch itself will say what is wrong with it


# -- what a job's size means ---------------------------------------------------------------------
def units(request: Request) -> list[Advice]:
    """What each worker gets, in numbers."""
    import dask

    pause = dask.config.get("distributed.worker.memory.pause")
    each = request.memory / request.processes
    threads = request.cores // request.processes
    share = (
        f"{request.processes} processes share {gigabytes(request.memory)}: {gigabytes(each)} each"
        if request.processes > 1
        else f"One process has {gigabytes(each)}"
    )
    message = f"{share}, {threads} thread{'s' * (threads != 1)}"
    if pause:
        message += f", paused at {gigabytes(each * pause)}"
    found = [Advice("memory.share", f"{message}.", severity="note")]
    left = request.cores - threads * request.processes
    if left:
        found.append(
            Advice(
                "cores.left",
                f"{left} of {request.cores} cores have nothing to do: "
                f"{request.processes} processes have {threads} threads each.",
                "Let the processes divide the cores.",
            )
        )
    if each < 500e6:
        found.append(
            Advice(
                "memory.small",
                f"A worker has {gigabytes(each)}, of which an empty one needs about 0.2 GB.",
                "Ask for more memory, or fewer processes.",
            )
        )
    return found


def gigabytes(count: float) -> str:
    """``2.4 GB``: decimal, as memory is asked for here."""
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if count >= size:
            return f"{count / size:.3g} {unit}"
    return f"{count:.0f} B"


# -- times ---------------------------------------------------------------------------------------
def span(seconds: float) -> str:
    """``4 h``, ``55 min``."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, second = divmod(rest, 60)
    parts = [(hours, "h"), (minutes, "min"), (second, "s")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def times(request: Request, title: str, limits: QueueLimits | None = None) -> list[Advice]:
    """Wall time and lifetime."""
    found = []
    if request.walltime is None:
        usual = limits.default_walltime if limits is not None else None
        found.append(
            Advice(
                "walltime.none",
                f"The jobs have no wall time: the queue {limits.queue} gives them {span(usual)}."
                if limits is not None and usual
                else "The jobs have no wall time that is known here; the queue's own ends them.",
                "Give one, such as --walltime 4h; workers then leave in time.",
            )
        )
    elif request.default_walltime:
        found.append(
            Advice(
                "walltime.default",
                f"Nobody has set a wall time: jobs end after {span(request.walltime)}, which is "
                "dask-jobqueue's default.",
                "Give one, such as --walltime 4h.",
            )
        )
    if request.lifetime is None and request.walltime is not None:
        found.append(
            Advice(
                "lifetime.none",
                f"Without a lifetime, {title} kills workers at the wall time with their data.",
                "Leave lifetime at auto: they hand it on and leave before.",
            )
        )
    elif request.lifetime is not None and request.lifetime_from == "site":
        found += _lifetime_of_site(request, title)
    elif request.lifetime is not None and request.lifetime_from == "walltime":
        found.append(
            Advice(
                "lifetime.auto",
                f"Workers hand their data on and leave after about {span(request.lifetime)}, "
                "before the wall time; other jobs follow.",
                severity="note",
            )
        )
    return found


def _lifetime_of_site(request: Request, title: str) -> list[Advice]:
    """What to mind of a lifetime among the arguments for workers, which nobody has checked."""
    found = []
    lifetime = request.lifetime or 0.0
    if request.walltime is not None and lifetime + request.stagger >= request.walltime:
        found.append(
            Advice(
                "lifetime.late",
                f"Workers leave after {span(lifetime)} by the site's --lifetime, and {title} kills "
                f"them with their data at the wall time, after {span(request.walltime)}.",
                "Give a longer wall time, or a shorter --lifetime.",
            )
        )
    if not request.stagger:
        found.append(
            Advice(
                "lifetime.together",
                "The site's --lifetime has no --lifetime-stagger: jobs that start together end "
                "together, and nobody is left to take their data.",
                "Give --lifetime, or add --lifetime-stagger to the site's arguments.",
            )
        )
    return found


# -- places --------------------------------------------------------------------------------------
def places(request: Request) -> list[Advice]:
    """The interpreter, and the folders."""
    found = []
    python = os.path.expanduser(request.python)
    if "/" not in python or "$" in python:
        pass  # found on the node's PATH, or by its variables
    elif shutil.which(python) is None:
        found.append(
            Advice(
                "python.missing",
                f"There is no interpreter {python} on this machine.",
                "If the nodes have none either, jobs end at once.",
            )
        )
    elif os.path.realpath(os.path.dirname(python)).startswith(ELSEWHERE):
        found.append(
            Advice(
                "python.local",
                f"The interpreter {python} lies on a disk that only this machine has.",
                "Give one that the nodes have too (--python).",
            )
        )
    import dask

    scratch = request.local_directory or dask.config.get("temporary-directory", None) or ""
    kind = on_network(scratch) if scratch else ""
    if kind:
        found.append(
            Advice(
                "scratch.network",
                f"The scratch folder {scratch} is on a network file system "
                f"({kind}), where spilling is slow.",
                "Choose a disk of the node's own, such as --local-directory $TMPDIR.",
            )
        )
    return found


def on_network(path: str, mounts: str = "/proc/self/mounts") -> str:
    """The kind of network file system that a path is on; empty if it is on none."""
    try:
        lines = Path(mounts).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    wanted = os.path.realpath(path)
    best, kind = "", ""
    for line in lines:
        fields = line.split()
        if len(fields) < 3:
            continue
        point = re.sub(r"\\(\d{3})", lambda m: chr(int(m[1], 8)), fields[1])
        inside = wanted == point or wanted.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, fields[2]
    return kind if kind in NETWORK else ""


# -- what the queue allows -----------------------------------------------------------------------
def fits(request: Request, limits: QueueLimits | None) -> list[Advice]:
    """Whether the queue has a place for such a job at all.

    An error, which the launch refuses, is only what is certain.
    """
    if limits is None:
        return []
    found = []
    certain = limits.certain and not request.own_words
    severity, never = ("error", "would never") if certain else ("warning", "may never")
    if limits.walltime and request.walltime and request.walltime > limits.walltime:
        found.append(
            Advice(
                "walltime.above",
                f"The wall time of {span(request.walltime)} is above what the queue "
                f"{limits.queue} allows, {span(limits.walltime)}: its jobs {never} start.",
                f"Give --walltime {round(limits.walltime)}s or less, or another queue.",
                severity,
            )
        )
    if limits.memory and request.memory > limits.memory:
        found.append(
            Advice(
                "memory.above",
                f"A job of {gigabytes(request.memory)} fits on no machine of the queue "
                f"{limits.queue}, of which the largest has {gigabytes(limits.memory)}.",
                "Ask for less memory per job; more jobs have as much together.",
                severity,
            )
        )
    if limits.cores and request.cores > limits.cores:
        found.append(
            Advice(
                "cores.above",
                f"A job of {request.cores} cores fits on no machine of the queue {limits.queue}, "
                f"of which the largest has {limits.cores}.",
                "Ask for fewer cores per job; more jobs have as many together.",
                severity,
            )
        )
    return found
