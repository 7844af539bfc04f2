"""What workers and jobs write when something is wrong, and what to change then.

Pure functions from lines to :class:`~dasklab.model.explanation.Advice`; used for jobs of batch
systems, and for whatever else has the output of a worker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..model.explanation import Advice

__all__ = ("recognise",)


@dataclass(frozen=True)
class Signature:
    """A pattern of one line, and its meaning; ``{0}`` is the pattern's first group."""

    code: str
    pattern: str
    message: str
    hint: str
    severity: str = "error"


SIGNATURES = (
    Signature(
        "worker.interpreter",
        r"(?:line \d+: |exec: |env: )['‘“\"]?(\S*?python[\w.]*)['’”\"]?: (?:No such file|not found|"
        r"command not found|Permission denied|cannot execute)",
        "The interpreter {0} is not there where the job runs.",
        "Give one that all nodes have (--python), on a file system that they share.",
    ),
    Signature(
        "worker.import",
        r"(?:ModuleNotFoundError: No module named|No module named) '?([\w.]+)'?",
        "The interpreter of the workers has no module {0}.",
        "Install it in that environment, or give the interpreter of another one (--python).",
    ),
    Signature(
        "worker.version",
        r"(?:Mismatched versions|version mismatch|unsupported pickle protocol|Unable to unpickle)",
        "Workers and scheduler have different versions of packages.",
        "Give workers the interpreter of the notebook (--python).",
    ),
    Signature(
        "worker.tls",
        r"(CERTIFICATE_VERIFY_FAILED|TLS handshake failed|WRONG_VERSION_NUMBER|"
        r"tls_?\w*.*No such file)",
        "Worker and scheduler do not agree about TLS ({0}).",
        "The certificates must lie on a file system that the nodes share.",
    ),
    Signature(
        "worker.memory",
        r"(?:oom[-_ ]?kill|Out Of Memory|Exceeded job memory limit|exceeded memory limit|"
        r"MemoryError)",
        "A job was killed because it used more memory than it asked for.",
        "Ask for more memory, or fewer processes per job.",
    ),
    Signature(
        "worker.budget",
        r"Worker exceeded (\d+)% memory budget",
        "A worker exceeded {0} % of its memory and is restarted by its nanny.",
        "Ask for more memory per process, or for smaller chunks of data.",
        "warning",
    ),
    Signature(
        "worker.walltime",
        r"(?:DUE TO TIME LIMIT|TERM_RUNLIMIT|walltime .* exceeded|exceeded (?:the )?wall ?time|"
        r"hard resource limit .*h_rt)",
        "The queue has ended a job because its wall time was over.",
        "Ask for a longer wall time, and leave lifetime on, so that data moves before it.",
        "warning",
    ),
    Signature(
        "worker.quota",
        r"(?:Disk quota exceeded|No space left on device)",
        "A disk that the worker writes to is full, or a quota is used up.",
        "Free some space, or choose another scratch folder (--local-directory).",
    ),
    Signature(
        "worker.interface",
        r"(?:ValueError: )?'(\S+)' is not a valid network interface",
        "The node has no network interface {0} as the scheduler's machine does.",
        "Give one that both have (--interface).",
    ),
    Signature(
        "worker.unreachable",
        r"(?:Timed out trying to connect to|Waiting to connect to:?|Connection refused|"
        r"No route to host|Network is unreachable|Could not connect to)\s*:?\s*"
        r"'?((?:tcp|tls)://[\w.:\[\]-]+)?",
        "The worker runs and does not reach the scheduler {0}.",
        "Nodes may not reach that address: give another interface (--interface), or ask which "
        "ports the firewall leaves open (--scheduler-port).",
    ),
    Signature(
        "worker.module",
        r"(?:module: command not found|Unable to locate a modulefile|Lmod has detected)",
        "A `module` command in the job script has failed.",
        "Compare the commands before the worker with what works in a terminal.",
    ),
)


def recognise(lines: Iterable[str], python: str = "") -> list[Advice]:
    """What is known of these lines, the surest first; each kind once.

    Parameters
    ----------
    python
        The workers' interpreter, for lines that name it.
    """
    lines = list(lines)
    found = []
    for signature in SIGNATURES:
        for line in reversed(lines):
            match = re.search(signature.pattern, line, re.IGNORECASE)
            if match is None and signature.code == "worker.interpreter" and python:
                gone = r": (No such file|not found|Permission denied|Not a directory)"
                match = re.search(f"({re.escape(python)}){gone}", line)
            if match is None:
                continue
            what = (match[1] if match.re.groups else None) or ""
            message = " ".join(signature.message.format(what).split()).replace(" .", ".")
            found.append(
                Advice(signature.code, message, signature.hint, signature.severity, (line.strip(),))
            )
            break
    return found
