"""What an ``mpirun`` that ended says, in words: it says much, and the reason is one line of it."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..errors import StartFailed

__all__ = ("explain_failure",)


class Known(NamedTuple):
    """One line of an output that is a reason."""

    pattern: str
    meaning: str
    hint: str


KNOWN = (
    Known(
        r"not enough slots",
        "Open MPI has fewer slots than the {ranks} ranks that were asked for",
        "Ask for fewer workers, give --hosts with their slots, or --oversubscribe to run more "
        "ranks than cores.",
    ),
    Known(
        r"as root",
        "Open MPI does not run as root",
        "Run Jupyter as a user; in a container that is yours, set OMPI_ALLOW_RUN_AS_ROOT=1 and "
        "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1.",
    ),
    Known(
        r"WorldTooSmallException",
        "The launcher started too few ranks: each was a world of its own",
        "It must belong to the MPI that mpi4py was built for; see MPI4PY_MPIABI, or --launcher.",
    ),
    Known(
        r"No module named '?([\w.]+)",
        "A rank's Python has no {0}",
        "It must be the same environment on all hosts, best in a shared folder.",
    ),
    Known(
        r"'(\w+)' is not a valid network interface",
        "A host has no network interface {0}",
        "Give --interface with one that all hosts have, such as ib0 or eth0.",
    ),
    Known(
        r"(cannot load MPI library|libmpi\S*: cannot open)",
        "mpi4py finds no MPI library",
        "Load your site's MPI module where Jupyter starts, or install one: "
        "apt-get install openmpi-bin",
    ),
    Known(
        r"(?:not able to|cannot) launch|ssh: (.+)|unable to reliably start",
        "It could not start ranks on another host",
        "Between the hosts ssh must work without a password, as MPI itself needs it to.",
    ),
)
DECORATION = re.compile(r"^[-=*\s]*$")


def explain_failure(what: str, code: int | None, said: list[str], ranks: int) -> StartFailed:
    """The reason that can be read in an output, else its last lines.

    Parameters
    ----------
    what
        What happened to it, without a full stop.
    code
        Its exit code.
    said
        The last lines of its output.
    ranks
        How many were asked for.
    """
    text = "\n".join(said)
    lines = [line for line in said if not DECORATION.match(line)]
    for known in KNOWN:
        found = re.search(known.pattern, text, re.IGNORECASE)
        if found:
            words = [group for group in found.groups() if group]
            sentence = known.meaning.format(*words, ranks=ranks)
            return StartFailed(f"{what}: {sentence}.", known.hint, details={"log": lines})
    last = lines[-1].strip()[:300] if lines else "it said nothing"
    return StartFailed(
        f"{what} (exit code {code}): {last}".rstrip(".") + ".",
        "The log of its host has all that it said: %dask logs host.",
        details={"log": lines},
    )
