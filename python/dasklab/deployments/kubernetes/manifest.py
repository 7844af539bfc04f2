"""Options to manifests: the DaskCluster and worker groups exactly as they are created.

Written here, not by ``make_cluster_spec`` of dask-kubernetes: that gives scheduler and workers the
same resources, and commands (``dask-worker``) that distributed has no more since 2026.6.
"""

from __future__ import annotations

import copy
import shlex
from typing import Any

from ...errors import OptionsInvalid
from ...model.scaling import Scaling
from .options import configured, read_group
from .own_manifest import onto, read, write

__all__ = ("API", "CLUSTER_LABEL", "GROUP_LABEL", "MANAGER", "manifests")

API = "kubernetes.dask.org/v1"
CLUSTER_LABEL = "dask.org/cluster-name"
GROUP_LABEL = "dask.org/workergroup-name"
MANAGER = {"app.kubernetes.io/managed-by": "dasklab"}
IMAGE = "ghcr.io/dask/dask:latest"
PORTS = (("tcp-comm", 8786), ("http-dashboard", 8787))


def manifests(
    name: str, namespace: str | None, options: dict[str, Any], scaling: Scaling | None
) -> list[dict[str, Any]]:
    """A DaskCluster, or the DaskJob that makes it, and a DaskWorkerGroup for each further group.

    Raises
    ------
    OptionsInvalid
        The file of ``manifest`` is none, or a group or the job's command says what it cannot.
    """
    said = {**_site(), **options}
    place = {"namespace": namespace} if namespace else {}
    count = 0 if scaling is None else scaling.wanted
    cluster: dict[str, Any] = {
        "apiVersion": API,
        "kind": "DaskCluster",
        "metadata": {"name": name, **place, "labels": {**MANAGER, CLUSTER_LABEL: name}},
        "spec": {
            "idleTimeout": said.get("idle_timeout", 0),
            "scheduler": {"spec": _scheduler(said), "service": _service(name, said)},
            "worker": {"replicas": count, "spec": _worker(said)},
        },
    }
    own_worker = None
    if said.get("manifest"):
        cluster = onto(read(said["manifest"]), cluster, said, options)
        own_worker = cluster["spec"]["worker"]["spec"]
    found = [_job(cluster, said) if said.get("job_command") else cluster]
    wanted = {} if scaling is None else scaling.groups
    for group, text in (said.get("groups") or {}).items():
        own = read_group(group, text)
        found.append(
            {
                "apiVersion": API,
                "kind": "DaskWorkerGroup",
                "metadata": {
                    "name": f"{name}-{group}",
                    **place,
                    "labels": {**MANAGER, CLUSTER_LABEL: name},
                },
                "spec": {
                    "cluster": name,
                    "worker": {
                        "replicas": wanted.get(group, 0),
                        "spec": _worker({**said, **own})
                        if own_worker is None
                        else write("worker", own_worker, _worker({**said, **own}), own),
                    },
                },
            }
        )
    return found


def _job(cluster: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    """The DaskJob of a cluster and a program beside it, which the operator tells the scheduler's
    address."""
    try:
        args = shlex.split(said["job_command"])
    except ValueError as error:
        raise OptionsInvalid(
            f"job_command: {said['job_command'][:80]!r} is no command: {error}.",
            "It is split as a shell does, and not run by one.",
        ) from error
    pod = _pod(said, {"name": "job", "args": args})
    image = said.get("job_image") or said.get("image")
    pod["containers"][0]["image"] = (
        image or cluster["spec"]["scheduler"]["spec"]["containers"][0]["image"]
    )
    # Of the cluster the operator takes over these only (one of a job is never idle for too long);
    # its labels and annotations are the job's.
    parts = {part: cluster["spec"][part] for part in ("scheduler", "worker")}
    return {
        "apiVersion": API,
        "kind": "DaskJob",
        "metadata": cluster["metadata"],
        "spec": {
            "job": {"spec": {**pod, "restartPolicy": "Never"}},
            "cluster": {"spec": parts},
        },
    }


def _site() -> dict[str, Any]:
    names = ("image", "environ", "worker_command", "service_type", "idle_timeout", "manifest")
    found = {name: configured(name) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _pod(said: dict[str, Any], container: dict[str, Any]) -> dict[str, Any]:
    environ = said.get("environ") or {}
    listed = environ if isinstance(environ, list) else [
        {"name": name, "value": value} for name, value in environ.items()
    ]  # fmt: skip
    pod: dict[str, Any] = {
        "containers": [
            {**container, "image": said.get("image", IMAGE), "env": copy.deepcopy(listed)}
        ]
    }
    if said.get("node_selector"):
        pod["nodeSelector"] = dict(said["node_selector"])
    if said.get("service_account"):
        pod["serviceAccountName"] = said["service_account"]
    if said.get("pull_secret"):
        pod["imagePullSecrets"] = [{"name": said["pull_secret"]}]
    return pod


def _resources(cpu: str | None, memory: str | None, gpus: int | None = None) -> dict[str, Any]:
    wanted = {"cpu": cpu, "memory": memory, "nvidia.com/gpu": str(gpus) if gpus else None}
    found = {name: value for name, value in wanted.items() if value}
    return {"requests": dict(found), "limits": found} if found else {}


def _scheduler(said: dict[str, Any]) -> dict[str, Any]:
    probe = {"path": "/health", "port": "http-dashboard"}
    return _pod(
        said,
        {
            "name": "scheduler",
            "args": ["dask", "scheduler", "--host", "0.0.0.0"],  # noqa: S104 - of its pod
            "ports": [{"name": name, "containerPort": port} for name, port in PORTS],
            "resources": _resources(said.get("scheduler_cpu"), said.get("scheduler_memory")),
            "readinessProbe": {"httpGet": dict(probe), "periodSeconds": 1, "timeoutSeconds": 10},
            "livenessProbe": {"httpGet": probe, "initialDelaySeconds": 15, "periodSeconds": 20},
        },
    )


def _worker(said: dict[str, Any]) -> dict[str, Any]:
    threads = ["--nthreads", str(said["threads"])] if said.get("threads") else []
    return _pod(
        said,
        {
            "name": "worker",
            "args": [
                *str(said.get("worker_command", "dask worker")).split(),
                "--name",
                "$(DASK_WORKER_NAME)",  # the operator sets it, and where the scheduler is
                *threads,
                "--dashboard-address",
                "8788",
            ],
            "ports": [{"name": "http-dashboard", "containerPort": 8788}],
            "resources": _resources(said.get("cpu"), said.get("memory"), said.get("gpus")),
        },
    )


def _service(name: str, said: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": said.get("service_type", "ClusterIP"),
        "selector": {CLUSTER_LABEL: name, "dask.org/component": "scheduler"},
        "ports": [{"name": n, "port": port, "targetPort": n} for n, port in PORTS],
    }
