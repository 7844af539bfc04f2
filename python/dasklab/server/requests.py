"""From requests to what launching is asked for: creating, previews, looking for what runs."""

from __future__ import annotations

import asyncio
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DeploymentUnknown, InputError, OptionsInvalid, Refused, RequestMalformed
from .base import READ_ONLY
from .specs import KnownSpecs, default_environment, known_specs

if TYPE_CHECKING:
    from ..launching import Discovery, LaunchRequest
    from ..model.record import Record
    from .extension import DasklabServer

__all__ = ("LAUNCH_FIELDS", "discover_here", "folder_of", "launch_here", "launch_request")

LAUNCH_FIELDS = (
    "deployment",
    "name",
    "workers",
    "options",
    "environment",
    "profile",
    "id",
    "cwd",
)

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}")


async def launch_here(body: dict[str, Any], dasklab: DasklabServer) -> Record:
    """Launch a cluster, if this server may; back when its host has accepted.

    Raises
    ------
    DasklabError
        As :func:`launch_request` and :func:`dasklab.launching.launch`.
    """
    from ..launching import launch

    if dasklab.read_only:
        raise Refused(READ_ONLY)
    if not dasklab.allow_launch:
        raise Refused("Launching is turned off on this server.")
    assert dasklab.serverapp is not None
    specs = await known_specs(dasklab.serverapp.kernel_spec_manager)
    request = await launch_request(body, dasklab, specs)
    return await asyncio.to_thread(launch, request, registry=dasklab.registry, manager=specs)


async def launch_request(
    body: dict[str, Any], dasklab: DasklabServer, specs: KnownSpecs
) -> LaunchRequest:
    """What to launch. The server's own Dask configuration is no business of a cluster's.

    Raises
    ------
    InputError, DeploymentUnknown
    """
    from ..launching import LaunchRequest, profiles

    assert dasklab.serverapp is not None
    for field in ("deployment", "name", "environment", "profile", "id", "cwd"):
        if body.get(field) is not None and not isinstance(body[field], str):
            raise RequestMalformed(f"{field} is not text.")
    if body.get("id") is not None and not ID.fullmatch(body["id"]):
        raise RequestMalformed("The id is not 8 to 64 letters, digits and dashes.")
    options = {} if body.get("options") is None else body["options"]
    if not isinstance(options, dict):
        raise OptionsInvalid("The options are not an object.", 'Give {"threads_per_worker": 2}.')
    saved = await asyncio.to_thread(profiles)
    deployment = body.get("profile") or body.get("deployment") or "local"
    if body.get("profile") and deployment not in saved:
        raise DeploymentUnknown(
            f"There is no profile {deployment[:80]!r}.", f"There are: {', '.join(saved) or 'none'}."
        )
    environment = body.get("environment") or None
    if environment is None and not saved.get(deployment, {}).get("environment"):
        environment = default_environment(specs, dasklab.serverapp.kernel_manager)
    return LaunchRequest(
        deployment=deployment,
        workers=body.get("workers"),
        name=body.get("name") or None,
        environment=environment,
        options=options,
        id=body.get("id"),
        cwd=folder_of(body.get("cwd") or "", dasklab.serverapp.root_dir),
        inherit=False,
    )


async def discover_here(environment: str, cwd: str, dasklab: DasklabServer) -> Discovery:
    """What runs already, as far as an environment (new notebooks' by default) knows of it.

    Raises
    ------
    DasklabError
        As :func:`dasklab.launching.discover`.
    """
    from ..launching import discover

    assert dasklab.serverapp is not None
    specs = await known_specs(dasklab.serverapp.kernel_spec_manager)
    return await asyncio.to_thread(
        discover,
        environment or default_environment(specs, dasklab.serverapp.kernel_manager),
        cwd=folder_of(cwd, dasklab.serverapp.root_dir),
        inherit=False,
        manager=specs,
        registry=dasklab.registry,
    )


def folder_of(path: str, root: str) -> str:
    """A folder below the server's root, named as JupyterLab's file browser names it.

    Compared part by part: a comparison of beginnings would take ``/home/ann-private`` for a part
    of ``/home/ann``. Links that lie inside are followed, as they are for notebooks.

    Raises
    ------
    InputError
        It leads outside, or is not there.
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if any(part == ".." or "\\" in part or "\0" in part for part in parts):
        raise InputError(
            f"The folder {path[:200]!r} is not below the one this server shows.",
            "Give a path as the file browser shows it.",
        )
    folder = Path(os.path.abspath(root), *parts)
    if not folder.is_dir():
        raise InputError(
            f"There is no folder {path[:200]!r}.", "Give a path as the file browser shows it."
        )
    return str(folder)
