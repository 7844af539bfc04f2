"""The options of ``ssh``, as data."""

from __future__ import annotations

from typing import Any

from .base import ENVIRON
from .local import BYTES

__all__ = ("LOGIN", "OPTIONS")

ACCESS = "Login"
NETWORK = "Network"
WORKERS = "Worker processes"

LOGIN: dict[str, Any] = {
    "key": {
        "type": "string",
        "title": "Private key",
        "x-group": ACCESS,
        "description": "Such as ~/.ssh/id_ed25519. Unset: those of ~/.ssh and of an agent.",
        "minLength": 1,
    },
    "known_hosts": {
        "type": "string",
        "title": "Known hosts",
        "x-group": ACCESS,
        "description": "Such as ~/.ssh/known_hosts, which is read if unset; unknown hosts are "
        "refused.",
        "minLength": 1,
    },
}
"""Who logs in: also what a tunnel asks for."""

OPTIONS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["hosts"],
    "properties": {
        "hosts": {
            "type": "array",
            "title": "Hosts",
            "description": "Such as anna@node1 and node2:2222; workers are spread evenly.",
            "items": {"type": "string", "minLength": 1},
            "minItems": 1,
            "examples": [["node1", "node2"]],
        },
        "python": {
            "type": "string",
            "title": "Python there",
            "description": "Such as /opt/conda/bin/python. Unset: the path that the scheduler's "
            "own has here.",
            "minLength": 1,
        },
        "threads_per_worker": {
            "type": "integer",
            "title": "Threads per worker",
            "x-group": WORKERS,
            "description": "Tasks a worker runs at a time. Unset: its host's cores, shared out.",
            "minimum": 1,
            "maximum": 1024,
        },
        "memory_limit": {
            "type": "string",
            "title": "Memory per worker",
            "x-group": WORKERS,
            "description": "Such as 4GiB; at 95 % of it a worker is restarted. auto: its host's "
            "memory, shared out by threads.",
            "pattern": BYTES,
            "default": "auto",
        },
        "python_on": {
            "type": "object",
            "title": "Python on single hosts",
            "x-group": WORKERS,
            "description": "Such as node2=/usr/bin/python3.12, where it differs.",
            "additionalProperties": {"type": "string"},
        },
        "environ": {
            **ENVIRON,
            "x-group": WORKERS,
            "description": "Such as OMP_NUM_THREADS=4.",
        },
        "preload": {
            "type": "array",
            "title": "Preload on workers",
            "x-group": WORKERS,
            "description": "Modules or files that each worker imports at its start.",
            "items": {"type": "string", "minLength": 1},
        },
        "resources": {
            "type": "object",
            "title": "Resources per worker",
            "x-group": WORKERS,
            "description": "What a worker has and tasks may ask for, such as GPU=1.",
            "additionalProperties": {"type": "number", "minimum": 0},
        },
        "local_directory": {
            "type": "string",
            "title": "Scratch folder there",
            "x-group": WORKERS,
            "description": "Such as /scratch/anna; a fast local disk is best. Unset: a folder of "
            "each worker's own, removed with it.",
            "minLength": 1,
        },
        **LOGIN,
        "tls": {
            "title": "TLS",
            "x-group": NETWORK,
            "description": "Such as on; auto encrypts as soon as the scheduler is reached from "
            "other machines, with keys that live as long as the cluster.",
            "oneOf": [
                {"const": "auto", "title": "auto"},
                {"const": "on", "title": "on"},
                {"const": "off", "title": "off"},
            ],
            "default": "auto",
        },
        "scheduler_host": {
            "type": "string",
            "title": "Scheduler address",
            "x-group": NETWORK,
            "description": "Such as 10.0.0.5; an address of this machine that the hosts reach. "
            "Unset: the one that ssh itself uses.",
            "minLength": 1,
        },
        "scheduler_port": {
            "type": "integer",
            "title": "Scheduler port",
            "x-group": NETWORK,
            "description": "Such as 8786, if a firewall has it open. 0: any free one.",
            "minimum": 0,
            "maximum": 65535,
            "default": 0,
        },
        "interface": {
            "type": "string",
            "title": "Network interface there",
            "x-group": NETWORK,
            "description": "Such as ib0; what workers talk over. Unset: where ssh came in.",
            "minLength": 1,
        },
    },
}
