"""Clusters of the service Coiled, in one's own cloud account."""

from __future__ import annotations

from typing import Any, ClassVar

from ._cloud_options import environ, options, switch, text
from ._wrapped import Wrapped

__all__ = ("Coiled",)


class Coiled(Wrapped):
    """What ``coiled.Cluster`` makes; Coiled ends it when its object is closed."""

    name = "coiled"
    title = "Coiled"
    description = "Machines in your own cloud account, managed by Coiled."
    factory = "coiled:Cluster"
    needs = ("coiled",)
    requirement = "coiled"
    section = "coiled"
    stop_patience = 180.0
    by_hand = "It is named dasklab-{id}: coiled cluster list, then coiled cluster stop."
    options: ClassVar[dict[str, Any]] = options(
        worker_vm_types={
            "type": "array",
            "title": "Machines of workers",
            "description": "Such as m6i.xlarge; the first that is to be had is taken.",
            "items": {"type": "string", "minLength": 1},
        },
        worker_memory=text("Memory per worker", "Such as 16 GiB; instead of naming machines."),
        region=text("Region", "Such as eu-central-1; unset: your account's."),
        scheduler_vm_types={
            "type": "array",
            "title": "Machines",
            "description": "Such as m6i.large; of the scheduler.",
            "items": {"type": "string", "minLength": 1},
            "x-group": "Scheduler",
        },
        idle_timeout=text(
            "Idle timeout", "Such as 20 minutes; Coiled ends a cluster that was idle for so long.",
            "Scheduler",
        ),
        software=text(
            "Software environment",
            "Such as my-env; unset: Coiled copies the packages of this environment.",
            "Software",
        ),
        container=text("Image", "Such as ghcr.io/dask/dask:2026.8.0.", "Software"),
        environ=environ(),
        spot_policy={
            "title": "Spot",
            "description": "Such as spot_with_fallback; cheaper, and taken away when needed.",
            "enum": ["on-demand", "spot", "spot_with_fallback"],
            "x-group": "Cost",
        },
        arm=switch("ARM", "Such as on; machines with ARM processors.", "Cost"),
        workspace=text("Workspace", "Such as my-team; in whose name.", "Access"),
    )  # fmt: skip

    @classmethod
    def keywords(cls, options: dict[str, Any], cluster_id: str) -> dict[str, Any]:
        return {**options, "name": f"dasklab-{cluster_id}"}
