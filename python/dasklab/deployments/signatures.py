"""What workers and jobs write when something is wrong, and what to change then.

Pure functions from lines to :class:`~dasklab.model.explanation.Advice`, for the output of a job,
a pod or a remote process alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..model.explanation import Advice

__all__ = ("recognise",)

NOT_THERE = r"(?:No such file|not found|Permission denied|Not a directory|cannot execute)"

CONNECTED = re.compile(r"Registered to:|Starting established connection")
"""A worker that has said so once has an interpreter, its packages and a way to the scheduler."""


UNPACKING = re.compile(r"pickle\.loads|deserializ", re.IGNORECASE)
"""In a traceback of a message that could not be read: a task's, mostly."""

TRACEBACK = 40
"""Lines of a traceback that may stand before its reason."""


@dataclass(frozen=True)
class Signature:
    """A pattern of one line, and its meaning.

    Parameters
    ----------
    message
        ``{0}`` is the pattern's first group.
    starting
        It is a reason only for a worker that has never connected.
    """

    code: str
    pattern: str
    message: str
    hint: str
    severity: str = "error"
    starting: bool = False


SIGNATURES = (
    Signature(
        "worker.interpreter",
        rf"(?:line \d+: |exec: |env: |sh: \d+: )['‘“\"]?(\S*?python[\w.]*)['’”\"]?: {NOT_THERE}",
        "The interpreter {0} is not there where the job runs.",
        "Give one that all nodes have (--python), on a file system that they share.",
    ),
    Signature(
        "worker.machine",
        r"(cannot execute binary file|Exec format error|Illegal instruction|GLIBC_[\d.]+['’]? not "
        r"found)",
        "The interpreter does not run on this kind of machine ({0}).",
        "Give one that is made for the nodes, or ask for nodes like those it was made on.",
    ),
    Signature(
        "worker.setup",
        r"(module: command not found|Unable to locate a modulefile|Lmod has detected"
        r"|conda: command not found|activate: No such file)",
        "A command before the worker has failed ({0}).",
        "Compare the commands before the worker with what works in a terminal of a node.",
    ),
    Signature(
        "worker.import",
        r"No module named ['‘\"]?([\w.]+)",
        "The interpreter of the workers has no module {0}.",
        "Install it in that environment, or give the interpreter of another one (--python).",
    ),
    Signature(
        "worker.arguments",
        r"Error: (No such option:? ['‘]?[\w-]+|Invalid value for .{1,80}|Got unexpected extra .+)",
        "dask worker does not understand its arguments ({0}).",
        "Compare the worker's arguments with: dask worker --help.",
    ),
    Signature(
        "worker.interface",
        r"['‘](\S+)['’] is not a valid network interface",
        "The node has no network interface {0}.",
        "Give one that the nodes have (--interface); they may differ from this machine's.",
    ),
    Signature(
        "worker.tls",
        r"(CERTIFICATE_VERIFY_FAILED|TLS handshake failed|WRONG_VERSION_NUMBER"
        r"|TLS expects a `\w+` argument|tls_\w+.{0,80}No such file)",
        "Worker and scheduler do not agree about TLS ({0}).",
        "The certificates must lie on a file system that the nodes share.",
    ),
    Signature(
        "worker.version",
        r"(Mismatched versions|unsupported pickle protocol|Could not (?:de)?serialize object"
        r"|incompatible (?:version|protocol)|unrecognized compression)",
        "Workers and scheduler have different versions of packages ({0}).",
        "Give workers the interpreter of the notebook (--python); see %dask versions.",
    ),
    Signature(
        "job.walltime",
        r"(DUE TO TIME LIMIT|TERM_RUNLIMIT|job killed: walltime|exceeded (?:the )?wall ?time"
        r"|hard limit.{0,20}h_rt|walltime .{0,40}exceeded)",
        "The queue has ended a job because its wall time was over.",
        "Ask for a longer wall time, and leave lifetime on, so that data moves before it.",
        "warning",
    ),
    Signature(
        "job.memory",
        r"(oom[-_ ]?kill|Out Of Memory|Exceeded job memory limit|TERM_MEMLIMIT"
        r"|job killed: v?mem|OOMKilled|Memory cgroup out of memory|line \d+: +\d+ Killed)",
        "A job was killed because it used more memory than it had asked for.",
        "Ask for more memory per job, or fewer processes in it.",
    ),
    Signature(
        "job.cancelled",
        r"(CANCELLED AT \S+ DUE TO (?:PREEMPTION|NODE FAILURE)|TERM_PREEMPT)",
        "The queue has taken a job's place away ({0}).",
        "Another queue may not do so.",
        "warning",
    ),
    Signature(
        "worker.memory",
        r"exceeded (\d+)% memory budget",
        "A worker used more than {0} % of its memory, and its nanny has restarted it.",
        "Ask for more memory per process, or for smaller chunks of data.",
        "warning",
    ),
    Signature(
        "worker.died",
        r"Worker process \d+ (was killed by (?:unknown signal|signal (?!15\b)\d+)"
        r"|exited with status [1-9]\d*)",
        "The process of a worker {0}; its nanny starts another one.",
        "Signal 9 is the system's, as a rule, for want of memory; else its last words say why: "
        "%dask logs host for workers of this machine, %dask logs workers.",
        "warning",
    ),
    Signature(
        "worker.disk",
        r"(Disk quota exceeded|No space left on device)",
        "A disk that the worker writes to is full, or your quota of it ({0}).",
        "Make room, or choose another scratch folder (--local-directory).",
    ),
    Signature(
        "worker.folder",
        r"(?:PermissionError|FileNotFoundError|NotADirectoryError).*: ['‘\"](\S+)['’\"]",
        "The worker cannot write to, or does not find, {0}.",
        "Choose a scratch folder that the nodes have (--local-directory).",
        starting=True,
    ),
    Signature(
        "pod.image",
        r"(ErrImagePull|ImagePullBackOff|InvalidImageName|[Ff]ailed to pull (?:and unpack )?image"
        r"|manifest unknown|pull access denied)",
        "The image cannot be pulled ({0}).",
        "Check its name and tag, and that the cluster may read from that registry.",
    ),
    Signature(
        "pod.quota",
        r"(exceeded quota: [\w.-]+|quota exceeded for|QuotaExceeded|LimitExceeded)",
        "More was asked for than your quota allows ({0}).",
        "Ask for fewer or smaller workers, or for a larger quota.",
    ),
    Signature(
        "worker.unreachable",
        r"(?:Waiting to connect to|Timed out trying to connect to|Timed out starting worker"
        r"|failure-to-start-<class '[\w.]*TimeoutError'>|Connection refused|No route to host"
        r"|Network is unreachable)[: ]*['‘]?((?:tcp|tls|ucx)://[\w.:\[\]-]+)?",
        "The worker runs and does not reach the scheduler {0}.",
        "Nodes may not reach that address: give another interface (--interface), or ask which "
        "ports the firewall leaves open (--scheduler-port).",
        starting=True,
    ),
)


def recognise(lines: Iterable[str], python: str = "") -> list[Advice]:
    """What is known of these lines: each kind once, in the order of :data:`SIGNATURES`.

    Parameters
    ----------
    lines
        Of one job's output, or several, oldest first.
    python
        The workers' interpreter, for lines that name it.
    """
    lines = [line for line in lines if line.strip()]
    # Of several starts in one output, the last is the one that matters.
    last = max((place for place, line in enumerate(lines) if CONNECTED.search(line)), default=-1)
    found = []
    for signature in SIGNATURES:
        match = _match(signature, lines[last + 1 :] if signature.starting else lines, python)
        if match is not None and signature.code == "worker.import" and _of_task(match, lines):
            found.append(_not_importable(match))
        elif match is not None:
            what = (match[1] if match.re.groups else None) or ""
            message = re.sub(r" +(?=[.)])", "", signature.message.format(what))
            found.append(
                Advice(
                    signature.code,
                    message.replace(" ()", ""),
                    signature.hint,
                    signature.severity,
                    (match.string.strip()[:500],),
                )
            )
    return found


def _of_task(match: re.Match[str], lines: list[str]) -> bool:
    """Whether a module was missed while a task was unpacked: the worker itself had begun."""
    place = lines.index(match.string)
    before = lines[max(0, place - TRACEBACK) : place + 1]
    return any(UNPACKING.search(line) for line in before)


def _not_importable(match: re.Match[str]) -> Advice:
    module = match[1].rstrip(".")
    return Advice(
        "task.import",
        f"Tasks need the module {module}, which the workers cannot import.",
        f"If it is a file of your own: client.upload_file('{module.partition('.')[0]}.py'); if it "
        f"is a package: %dask install {module.partition('.')[0]}, or have it in their environment.",
        "error",
        (match.string.strip()[:500],),
    )


def _match(signature: Signature, lines: list[str], python: str) -> re.Match[str] | None:
    """In the last line that it is found in."""
    patterns = [signature.pattern]
    if signature.code == "worker.interpreter" and python:
        patterns.append(rf"({re.escape(python)})['’\"]?: {NOT_THERE}")
    for line in reversed(lines):
        for pattern in patterns:
            if match := re.search(pattern, line, re.IGNORECASE):
                return match
    return None
