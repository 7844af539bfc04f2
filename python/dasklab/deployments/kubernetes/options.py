"""What can be said of a cluster on Kubernetes: the options, and a site's own defaults."""

from __future__ import annotations

import copy
import re
import shlex
from typing import Any

from ...errors import OptionsInvalid
from ..base import ENVIRON

__all__ = ("OPTIONS", "configured", "read_group", "with_site_defaults")

QUANTITY = r"^([0-9]*\.)?[0-9]+(m|[kMGTP]i?|e[0-9]+)?$"
NAME = r"^[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?$"

WORKERS = "Workers"
SCHEDULER = "Scheduler"
PODS = "Pods"
JOB = "Job"
PLACE = "Where"


def _text(title: str, help: str, group: str = "", **more: Any) -> dict[str, Any]:
    found = {"type": "string", "minLength": 1, "title": title, "description": help, **more}
    return {**found, "x-group": group} if group else found


OPTIONS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "image": _text(
            "Image",
            "Such as ghcr.io/dask/dask:2026.8.0; scheduler and workers run in it, so it should "
            "have the notebook's versions.",
        ),
        "cpu": _text(
            "Cores per worker",
            "Such as 2 or 500m; asked for, and the most it gets.",
            pattern=QUANTITY,
        ),
        "memory": _text(
            "Memory per worker",
            "Such as 8Gi; asked for, and the most it gets: a worker above it is ended.",
            pattern=QUANTITY,
        ),
        "threads": {
            "type": "integer",
            "title": "Threads per worker",
            "description": "Such as 2; tasks a worker runs at a time. Unset: its cores.",
            "minimum": 1,
            "maximum": 1024,
            "x-group": WORKERS,
        },
        "gpus": {
            "type": "integer",
            "title": "GPUs per worker",
            "description": "Such as 1; of the kind nvidia.com/gpu.",
            "minimum": 0,
            "maximum": 64,
            "x-group": WORKERS,
        },
        "worker_command": _text(
            "Worker command",
            "Such as dask cuda worker; what a worker's container runs.",
            WORKERS,
            default="dask worker",
        ),
        "groups": {
            "type": "object",
            "title": "Worker groups",
            "description": 'Such as gpu="gpus=1 memory=64Gi image=my/rapids:1"; workers with '
            "other resources, that are scaled by their name: %dask scale gpu=2.",
            "propertyNames": {"pattern": r"^(?!default$)[a-z0-9]{1,20}$"},
            "additionalProperties": {"type": "string", "minLength": 1},
            "x-group": WORKERS,
        },
        "scheduler_cpu": _text(
            "Cores", "Such as 1; of the scheduler.", SCHEDULER, pattern=QUANTITY
        ),
        "scheduler_memory": _text(
            "Memory", "Such as 4Gi; of the scheduler.", SCHEDULER, pattern=QUANTITY
        ),
        "service_type": {
            "title": "Service",
            "description": "Such as ClusterIP; how the scheduler can be reached. All but "
            "ClusterIP open it to others, without a password.",
            "enum": ["ClusterIP", "NodePort", "LoadBalancer"],
            "default": "ClusterIP",
            "x-group": SCHEDULER,
        },
        "idle_timeout": {
            "type": "integer",
            "title": "Idle timeout",
            "description": "Such as 3600; the operator removes a cluster that was idle for so "
            "long, whoever started it. 0: never.",
            "minimum": 0,
            "x-unit": "seconds",
            "default": 0,
            "x-group": SCHEDULER,
        },
        "environ": {
            **ENVIRON,
            "description": "Such as OMP_NUM_THREADS=4; of scheduler and workers.",
            "x-group": PODS,
        },
        "node_selector": {
            "type": "object",
            "title": "Node labels",
            "description": "Such as pool=batch; nodes that pods may run on have these labels.",
            "additionalProperties": {"type": "string"},
            "x-group": PODS,
        },
        "service_account": _text(
            "Service account", "Such as dask; what the pods may do with the API.", PODS
        ),
        "pull_secret": _text(
            "Image pull secret", "Such as regcred; the secret's name, for a private image.", PODS
        ),
        "manifest": _text(
            "Manifest",
            "Such as cluster.yaml; a DaskCluster of your own that what is given here is written "
            "into.",
            PODS,
        ),
        "job_command": _text(
            "Command",
            "Such as python etl.py; run in a pod beside the cluster, which ends with it (a "
            "DaskJob). Client() finds the cluster by itself there.",
            JOB,
        ),
        "job_image": _text(
            "Image of the job", "Such as my/etl:3; unset: the one of the workers.", JOB
        ),
        "namespace": _text(
            "Namespace",
            "Such as science; unset: that of the kubeconfig's context, or of this pod.",
            PLACE,
            pattern=r"^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$",
        ),
        "context": _text(
            "Context", "Such as research; of the kubeconfig. Unset: its current one.", PLACE
        ),
        "connect": {
            "title": "Connection",
            "description": "Such as forward; by a port forwarded through the API, or straight to "
            "the service, which only pods of the same Kubernetes reach.",
            "oneOf": [
                {"const": "auto", "title": "service within Kubernetes, else forward"},
                {"const": "forward", "title": "forward"},
                {"const": "service", "title": "service"},
            ],
            "default": "auto",
            "x-group": PLACE,
        },
        "existing": _text(
            "Existing cluster",
            "Such as analysis; a DaskCluster that runs already, also one of a DaskJob. It goes on "
            "when it is detached, and ends when it is stopped.",
            PLACE,
            pattern=NAME,
        ),
    },
}

SETTINGS = {
    # An option, and the setting of dask-kubernetes that it is called elsewhere.
    "image": "image",
    "namespace": "namespace",
    "environ": "env",
    "worker_command": "worker-command",
    "service_type": "scheduler-service-type",
    "idle_timeout": "idle-timeout",
    "manifest": "custom-cluster-spec",
}


def configured(option: str) -> Any:
    """What a site's ``kubernetes`` section of Dask's configuration says of an option.

    ``dask-worker``, the default there, is a command that distributed has no more (2026.6); it
    counts as nothing said. A manifest counts when it is a file: forms have no place for more.
    """
    import dask

    # Dask's own defaults are there once the package has been imported; a site's files before it.
    value = dask.config.get(f"kubernetes.{SETTINGS[option]}", None)
    if option == "worker_command":
        if isinstance(value, (list, tuple)):
            value = " ".join(value)
        return None if value == "dask-worker" else value
    if option == "manifest" and not isinstance(value, str):
        return None
    return value or None


def with_site_defaults() -> dict[str, Any]:
    """The options, with the defaults that this interpreter's Dask configuration gives."""
    schema = copy.deepcopy(OPTIONS)
    for option, setting in SETTINGS.items():
        value = configured(option)
        if value is not None:
            schema["properties"][option] |= {"default": value, "x-from": f"kubernetes.{setting}"}
    schema["properties"]["image"].setdefault("default", "ghcr.io/dask/dask:latest")
    return schema


OF_A_GROUP = ("image", "cpu", "memory", "threads", "gpus", "worker_command")


def read_group(name: str, text: str) -> dict[str, Any]:
    """Options of a worker group from ``OPTION=VALUE OPTION=VALUE``.

    Raises
    ------
    OptionsInvalid
    """
    found: dict[str, Any] = {}
    for word in shlex.split(text):
        option, equals, value = word.partition("=")
        rule = OPTIONS["properties"].get(option) if option in OF_A_GROUP else None
        if not equals or rule is None:
            raise OptionsInvalid(
                f"groups[{name}]: {word[:80]!r} is not an option of a worker and its value.",
                'Such as gpu="gpus=1 memory=64Gi"; there are: ' + ", ".join(OF_A_GROUP) + ".",
            )
        number = rule["type"] == "integer"
        if (number and not value.isdigit()) or not re.search(rule.get("pattern", "."), value):
            raise OptionsInvalid(
                f"groups[{name}]: {value[:80]!r} does not do for {option}.", rule["description"]
            )
        found[option] = int(value) if number else value
    return found
