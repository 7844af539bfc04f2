"""The options that all batch systems share, as data, with the defaults that a site has set.

A site's ``jobqueue.yaml`` shows through: what it sets is a default here, and needs not be given.
"""

from __future__ import annotations

import copy
from typing import Any

__all__ = ("BATCH", "with_site")

JOB = "Job"
WORKERS = "Workers of a job"
PLACES = "Files and network"

MEMORY = r"^\s*[0-9]*\.?[0-9]+\s*([kKmMgGtTpP]i?)?[bB]?\s*$"
TIME = (
    r"^\s*((\d+-)?\d+(:\d{1,2}){1,2}"
    r"|\d+(\.\d+)?\s*(s|sec|m|min|h|d|(second|minute|hour|day)s?))\s*$"
)

BATCH: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["memory"],
    # Processes alone do, with a core each.
    "if": {"not": {"required": ["processes"]}},
    "then": {"required": ["cores"]},
    "properties": {
        "cores": {
            "type": "integer",
            "title": "Cores per job",
            "description": "Such as 8; the processes of a job share them as threads. Unset: one "
            "for each process.",
            "examples": [8],
            "minimum": 1,
            "maximum": 4096,
        },
        "memory": {
            "type": "string",
            "title": "Memory per job",
            "description": "Such as 30GB; the processes of a job share it. 1 GiB is 1.074 GB.",
            "examples": ["30GB"],
            "pattern": MEMORY,
        },
        "walltime": {
            "type": "string",
            "title": "Wall time",
            "description": "Such as 4h or 04:00:00; when it is over, the queue ends the job.",
            "pattern": TIME,
        },
        "queue": {
            "type": "string",
            "title": "Queue",
            "description": "Where jobs are submitted to. Unset: the system's default.",
            "minLength": 1,
        },
        "processes": {
            "type": "integer",
            "title": "Processes per job",
            "x-group": WORKERS,
            "description": "Each is a worker, with its part of cores and memory. Unset: as many as "
            "give each about as many threads as there are processes.",
            "minimum": 1,
            "maximum": 1024,
        },
        "lifetime": {
            "type": "string",
            "title": "Lifetime",
            "x-group": WORKERS,
            "description": "Such as 55m; after it a worker hands its data on and leaves, and "
            "another job follows. auto: five minutes before the wall time. none: until killed.",
            "pattern": TIME[:-1] + r"|^(auto|none)$",
            "default": "auto",
        },
        "python": {
            "type": "string",
            "title": "Python",
            "x-group": WORKERS,
            "description": "Path of the interpreter on the nodes. Unset: the cluster's own.",
            "minLength": 1,
        },
        "worker_extra_args": {
            "type": "array",
            "title": "Arguments of dask worker",
            "x-group": WORKERS,
            "description": "Such as --resources, then GPU=1.",
            "items": {"type": "string", "minLength": 1},
        },
        "death_timeout": {
            "type": "integer",
            "title": "Patience of workers",
            "x-group": WORKERS,
            "x-unit": "seconds",
            "description": "How long a worker looks for the scheduler before its job ends.",
            "minimum": 1,
            "default": 60,
        },
        "groups": {
            "type": "object",
            "title": "Worker groups",
            "x-group": WORKERS,
            "description": 'Such as gpu="queue=gpu memory=64GB"; workers with other resources, '
            "that are scaled by their name: %dask scale gpu=2.",
            "additionalProperties": {"type": "string", "minLength": 1},
            "propertyNames": {"pattern": "^[A-Za-z][A-Za-z0-9_]{0,30}$"},
        },
        "account": {
            "type": "string",
            "title": "Account",
            "x-group": JOB,
            "description": "Who is charged for the jobs.",
            "minLength": 1,
        },
        "job_script_prologue": {
            "type": "array",
            "title": "Commands before the worker",
            "x-group": JOB,
            "description": "Lines of the job script, such as module load python.",
            "items": {"type": "string", "minLength": 1},
        },
        "job_extra_directives": {
            "type": "array",
            "title": "Further directives",
            "x-group": JOB,
            "description": "Such as --gres=gpu:1; each a line at the head of the job script.",
            "items": {"type": "string", "minLength": 1},
        },
        "job_directives_skip": {
            "type": "array",
            "title": "Directives to leave out",
            "x-group": JOB,
            "description": "Such as --mem, where a site refuses it.",
            "items": {"type": "string", "minLength": 1},
        },
        "interface": {
            "type": "string",
            "title": "Network interface",
            "x-group": PLACES,
            "description": "Such as ib0; scheduler and workers use it. Unset: the address by which "
            "this machine reaches others.",
            "minLength": 1,
        },
        "scheduler_port": {
            "type": "integer",
            "title": "Scheduler port",
            "x-group": PLACES,
            "description": "0: any free one.",
            "minimum": 0,
            "maximum": 65535,
            "default": 0,
        },
        "tls": {
            "title": "Encryption",
            "x-group": PLACES,
            "description": "Whoever reaches a scheduler without TLS runs programs as you.",
            "oneOf": [
                {"const": "auto", "title": "TLS beyond this machine"},
                {"const": "on", "title": "TLS always"},
                {"const": "off", "title": "None"},
            ],
            "default": "auto",
        },
        "local_directory": {
            "type": "string",
            "title": "Scratch folder",
            "x-group": PLACES,
            "description": "Where workers spill to: a disk of the node's own, such as $TMPDIR.",
            "minLength": 1,
        },
        "log_directory": {
            "type": "string",
            "title": "Output of jobs",
            "x-group": PLACES,
            "description": "A folder that all nodes see. Unset: one of the cluster's own, in "
            "dasklab's state folder.",
            "minLength": 1,
        },
    },
}
"""Of one job, and of the cluster. Those named as dask-jobqueue names them are handed to it."""


def with_site(schema: dict[str, Any], section: str) -> dict[str, Any]:
    """The options with the defaults of ``jobqueue.SECTION`` in Dask's configuration.

    An option with such a default need not be given; ``x-from`` names the setting.
    """
    import dask

    found = copy.deepcopy(schema)
    for name, rule in found["properties"].items():
        setting = f"jobqueue.{section}.{name.replace('_', '-')}"
        value = dask.config.get(setting, None)
        if value is None or value == []:
            continue
        if rule.get("type") == "string":
            value = str(value)
        rule["default"] = value
        rule["x-from"] = setting
    found["required"] = [
        name
        for name in found.get("required", ())
        if "x-from" not in found["properties"].get(name, {})
    ]
    if not found["required"]:
        del found["required"]
    if any("x-from" in found["properties"].get(name, {}) for name in ("cores", "processes")):
        found.pop("if", None)
        found.pop("then", None)
    return found
