"""What is said before a launch: whether it can be, what would be created, what to mind."""

from __future__ import annotations

import re
import sys
from importlib.util import find_spec
from typing import Any

from ...errors import DasklabError, InterpreterUnfit
from ...model.explanation import Advice
from ...model.scaling import Scaling
from .manifest import manifests

__all__ = ("availability", "name_of", "preview", "warnings")


def availability() -> DasklabError | None:
    """``None`` where dask-kubernetes with its operator's client is installed."""
    if find_spec("dask_kubernetes") is None or find_spec("kr8s") is None:
        return InterpreterUnfit(
            f"{sys.executable} has no dask-kubernetes.",
            f'Install it there: {sys.executable} -m pip install "dask-kubernetes>=2024.9"',
        )
    return None


def name_of(name: str, cluster_id: str) -> str:
    """The DaskCluster's name: readable, and with the id by which it is found again."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower())[:20].strip("-")
    return "-".join(part for part in ("dask", slug, cluster_id[:10]) if part)


def preview(options: dict[str, Any], scaling: Scaling | None) -> str:
    """The manifests, in YAML, or what an existing cluster is asked."""
    import yaml

    place = options.get("namespace")
    where = f"the namespace {place}" if place else "the context's own namespace"
    if options.get("existing"):
        return (
            f"# Nothing is created: connects to the DaskCluster {options['existing']} in {where}.\n"
        )
    lines = [f"# In {where}; the cluster's name and id take the place of NAME-ID."]
    if scaling is not None and scaling.adaptive:
        lines.append(f"# Then {scaling.minimum} to {scaling.maximum} workers, by load.")
    documents = manifests("dask-NAME-ID", place, options, scaling)
    text = yaml.safe_dump_all(documents, sort_keys=False, default_flow_style=False)
    return "\n".join(lines) + "\n" + text


def warnings(options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
    """What to mind; nothing is asked of the API."""
    if options.get("existing"):
        return []
    made = manifests("dask-NAME-ID", None, options, scaling)[0]
    cluster = made["spec"]["cluster"] if made["kind"] == "DaskJob" else made
    pods = {
        part: cluster["spec"][part]["spec"]["containers"][0] for part in ("scheduler", "worker")
    }
    found = []
    if not (pods["worker"].get("resources") or {}).get("limits", {}).get("memory"):
        found.append(
            Advice(
                "pod.unlimited",
                "Workers have no memory limit: each takes the whole node's for its own, and is "
                "ended without a word when the node is full.",
                "Set memory, such as 8Gi.",
            )
        )
    image = str(pods["worker"].get("image", ""))
    if "@" not in image and image.rpartition("/")[2].partition(":")[2] in ("", "latest"):
        import distributed

        found.append(
            Advice(
                "pod.latest",
                f"The image {image} is whatever is newest; this environment has distributed "
                f"{distributed.__version__}.",
                "Name a tag with the notebook's versions.",
            )
        )
    kind = cluster["spec"]["scheduler"]["service"].get("type", "ClusterIP")
    if kind == "ClusterIP":
        found.append(
            Advice(
                "pod.network",
                "Every pod of this Kubernetes that reaches the scheduler can run code on its "
                "workers: the operator's schedulers know no TLS and ask nobody who they are.",
                "Where others have pods, have a NetworkPolicy admit only those with this cluster's "
                "label dask.org/cluster-name.",
            )
        )
    else:
        found.append(
            Advice(
                "pod.open",
                f"A service of the type {kind} opens the scheduler beyond Kubernetes, and "
                "whoever reaches a scheduler runs code on its workers.",
                "ClusterIP is enough: dasklab forwards a port through the API.",
            )
        )
    return found
