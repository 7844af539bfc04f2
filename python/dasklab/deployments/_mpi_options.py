"""The options of a launch through MPI, as data."""

from __future__ import annotations

from typing import Any

__all__ = ("OPTIONS",)

PLACES = "Hosts and network"

OPTIONS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "nthreads": {
            "type": "integer",
            "title": "Threads per worker",
            "description": "Such as 4; tasks that a worker runs at a time.",
            "minimum": 1,
            "maximum": 1024,
            "default": 1,
        },
        "memory_limit": {
            "type": "string",
            "title": "Memory per worker",
            "description": "Such as 4GB; at 95 % of it a worker is restarted. auto: the "
            "machine's memory, shared out by threads.",
            "pattern": r"^\s*([0-9]*\.?[0-9]+)\s*([kKmMgGtT]i?)?[bB]?\s*$|^auto$",
            "default": "auto",
        },
        "launcher": {
            "type": "string",
            "title": "Launcher",
            "description": "Such as mpirun; or srun --mpi=pmix, or mpiexec.hydra with its "
            "own options. The number of ranks is added to it.",
            "minLength": 1,
            "default": "mpirun",
        },
        "hosts": {
            "type": "array",
            "title": "Hosts",
            "x-group": PLACES,
            "description": "Such as node1:4; with the ranks each may run. Unset: those of "
            "the allocation, or this one.",
            "items": {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9._-]*(:[0-9]+)?$"},
        },
        "interface": {
            "type": "string",
            "title": "Network interface",
            "x-group": PLACES,
            "description": "Such as ib0; on which scheduler and workers listen. Unset: lo, "
            "which other machines cannot reach.",
            "pattern": r"^[A-Za-z0-9._:-]{1,15}$",
            "default": "lo",
        },
        "tls": {
            "title": "Encryption",
            "x-group": PLACES,
            "description": "Such as on; whoever reaches a scheduler without TLS runs programs as "
            "you.",
            "oneOf": [
                {"const": "auto", "title": "TLS beyond this machine"},
                {"const": "on", "title": "TLS always"},
                {"const": "off", "title": "None"},
            ],
            "default": "auto",
        },
        "shared_directory": {
            "type": "string",
            "title": "Shared folder",
            "x-group": PLACES,
            "description": "Such as ~/dask; where the scheduler leaves its address and its "
            "certificate, seen by all hosts. Unset: folders of this cluster's own.",
            "minLength": 1,
        },
        "local_directory": {
            "type": "string",
            "title": "Scratch folder",
            "x-group": PLACES,
            "description": "Such as /local/scratch; where workers spill to, best not shared.",
            "minLength": 1,
        },
        "oversubscribe": {
            "type": "boolean",
            "title": "More ranks than slots",
            "description": "Such as true on a laptop; Open MPI refuses it otherwise.",
            "default": False,
        },
    },
}
