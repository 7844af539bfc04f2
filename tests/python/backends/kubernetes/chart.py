"""What ``helm install RELEASE dask`` leaves in Kubernetes, as far as Dask has to do with it.

Written after the templates of the ``dask`` chart (dask/helm-chart) with its default values: names,
labels, selectors, arguments and the lack of probes are theirs. Its Jupyter is left out, and nothing
is rendered by Helm.
"""

from __future__ import annotations

from typing import Any

__all__ = ("CHART", "release")

CHART = "2026.6.0"
IMAGE = "ghcr.io/dask/dask:2025.11.0"


def release(name: str, workers: int = 3, groups: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """The objects of a release; each group of ``additional_worker_groups`` has one worker."""
    full = name if "dask" in name else f"{name}-dask"
    service = f"{full}-scheduler"
    found = [_service(name, full)]
    found.append(
        _deployment(
            name,
            service,
            "scheduler",
            1,
            ["dask-scheduler", "--port=8786", "--dashboard-address=:8787"],
        )
    )
    for group, count in {"": workers, **dict.fromkeys(groups, 1)}.items():
        own = f"{full}-worker-{group}" if group else f"{full}-worker"
        args = ["dask-worker", f"{service}:8786", "--no-dashboard", "--dashboard-address", "8790"]
        found.append(_deployment(name, own, "worker", count, args))
    return found


def _labels(name: str, part: str) -> dict[str, str]:
    return {"app": "dask", "release": name, "component": part}


def _made(name: str, part: str) -> dict[str, str]:
    return {**_labels(name, part), "heritage": "Helm", "chart": f"dask-{CHART}"}


def _service(name: str, full: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": f"{full}-scheduler", "labels": _made(name, "scheduler")},
        "spec": {
            "type": "ClusterIP",
            "selector": _labels(name, "scheduler"),
            "ports": [
                {"name": f"{full}-scheduler", "port": 8786, "targetPort": 8786},
                {"name": f"{full}-webui", "port": 80, "targetPort": 8787},
            ],
        },
    }


def _deployment(name: str, own: str, part: str, count: int, args: list[str]) -> dict[str, Any]:
    container = {"name": own, "image": IMAGE, "args": args}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": own, "labels": _made(name, part)},
        "spec": {
            "replicas": count,
            "selector": {"matchLabels": _labels(name, part)},
            "template": {
                "metadata": {"labels": _labels(name, part)},
                "spec": {"containers": [container]},
            },
        },
    }
