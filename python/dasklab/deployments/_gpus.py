"""The GPUs of this machine, and a LocalCluster whose workers have one each. Beneath ``local``."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from typing import Any

__all__ = ("OPTION", "VISIBLE", "gpus", "with_gpus")

VISIBLE = "CUDA_VISIBLE_DEVICES"
"""The variable by which CUDA is told which devices a process may see."""

DEADLINE = 5.0
"""Seconds for nvidia-smi: it takes one or two where the driver is not kept loaded."""

OPTION: dict[str, Any] = {
    "type": "integer",
    "title": "GPUs",
    "description": "Such as 2; with a worker for each, that sees only its own and has the resource "
    "GPU=1. More workers than GPUs share them.",
    "minimum": 0,
    "default": 0,
}


def gpus() -> list[str]:
    """What CUDA calls the devices that this process may use; none where there is no driver."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return []
    try:
        answer = subprocess.run(
            [command, "--query-gpu=index", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=DEADLINE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return []
    found = answer.stdout.split()
    said = os.environ.get(VISIBLE)
    if not found or said is None:
        return found
    visible = [name.strip() for name in said.split(",")]
    # CUDA takes what comes before the first that is none.
    end = next((place for place, name in enumerate(visible) if name in ("", "-1")), len(visible))
    return visible[:end]


def with_gpus(base: type[Any], devices: list[str]) -> type[Any]:
    """A subclass of LocalCluster whose workers see one of these devices each."""

    class OnGpus(base):  # type: ignore[misc]
        def new_worker_spec(self) -> dict[Any, Any]:
            used = Counter(spec["options"]["env"][VISIBLE] for spec in self.worker_spec.values())
            device = min(devices, key=lambda one: used[one])
            found = {}
            for name, spec in super().new_worker_spec().items():
                options = spec["options"]
                environ = {**(options.get("env") or {}), VISIBLE: device}
                found[name] = {**spec, "options": {**options, "env": environ}}
            return found

    return OnGpus
