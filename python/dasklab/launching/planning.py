"""From what a user asks for to all that a host needs: nothing is started before it is sound."""

from __future__ import annotations

import json
import os
import re
import sys
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

from .. import config, options
from ..environments import environ_for, resolve
from ..errors import InputError, OptionsInvalid, RequestMalformed, WorkersInvalid, from_wire
from ..limits import limit_of
from ..locked import apply
from ..model.record import Environment
from ..model.scaling import Scaling
from ..model.spec import Lease, Spec, check_name
from ..model.worker_counts import WorkerCounts
from ..profile_file import profiles
from ..registry import Registry
from .available import deployment as find_deployment
from .available import deployments

__all__ = ("LaunchRequest", "Plan", "dask_config", "make_plan")

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{7,63}")


@dataclass(frozen=True)
class LaunchRequest:
    """What a user asks for.

    Parameters
    ----------
    deployment
        A deployment or a profile.
    workers
        A number or a range (see :class:`~dasklab.model.scaling.Scaling`); ``None`` leaves it to
        the profile or the deployment.
    name
        ``None`` for the next free ``DEPLOYMENT-N``.
    environment
        Kernelspec or interpreter; ``None`` for the profile's, else this one.
    options
        The deployment's options.
    id
        Chosen by the asker to make a repeated request harmless; a new one by default.
    cwd
        Working folder of host and workers; the current one by default.
    lease
        Overrides of the configured limits, in seconds.
    inherit
        Whether the host gets this process's Dask configuration (a kernel's, not a server's).
    """

    deployment: str = "local"
    workers: object = None
    name: str | None = None
    environment: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    id: str | None = None
    cwd: str | None = None
    lease: dict[str, Any] | None = None
    inherit: bool = True


@dataclass(frozen=True)
class Plan:
    spec: Spec
    environment: Environment
    environ: dict[str, str]


def make_plan(request: LaunchRequest, registry: Registry, manager: Any) -> Plan:
    """Check all of a request; nothing is started before all of it is sound."""
    for name in ("deployment", "name", "environment", "id", "cwd"):
        value = getattr(request, name)
        if not isinstance(value, str) and not (value is None and name != "deployment"):
            raise RequestMalformed(f"{name} is not text.")
    if not isinstance(request.options, dict):
        raise OptionsInvalid("The options are not an object.", 'Give {"threads_per_worker": 2}.')
    profile = profiles().get(request.deployment)
    deployment, given, workers = request.deployment, dict(request.options), request.workers
    wanted_environment = request.environment
    if profile is not None:
        deployment = str(profile.get("deployment", "local"))
        given = {**(profile.get("options") or {}), **given}
        workers = profile.get("workers") if workers is None else workers
        wanted_environment = wanted_environment or profile.get("environment")
    environment, variables = resolve(wanted_environment, manager)
    environ = environ_for(environment, variables)
    row = find_deployment(deployments(environment, environ, registry, deployment), deployment)
    if row["missing"] is not None:
        raise from_wire(row["missing"])
    limit = limit_of("workers")
    if row.get("limit") is not None:
        limit = min(limit, int(row["limit"]))
    scaling = None if workers is None else Scaling.parse(workers, limit=limit)
    WorkerCounts.from_wire(row["workers"]).check(scaling)
    checked = options.check(deployment, row["schema"], apply(deployment, row["schema"], given))
    for group in scaling.groups if scaling is not None else ():
        if group not in checked.get("groups", {}):
            raise WorkersInvalid(
                f"There is no worker group {group[:60]!r}.", "Name it in the option groups."
            )
    if request.name is not None:
        check_name(request.name)
    if request.id is not None and not ID.fullmatch(request.id):
        raise RequestMalformed("The id is not 8 to 64 letters, digits and dashes.")
    lease = config.lease()
    if request.lease:
        chosen = Lease.from_wire(request.lease)
        lease = replace(lease, **{name: getattr(chosen, name) for name in request.lease})
    same = os.path.realpath(environment.python) == os.path.realpath(sys.executable)
    spec = Spec(
        id=request.id or uuid.uuid4().hex,
        deployment=deployment,
        registry=str(registry.folder.absolute()),
        name=request.name,
        profile=request.deployment if profile is not None else None,
        options=checked,
        scaling=scaling,
        lease=lease,
        environment=environment,
        cwd=_folder(request.cwd),
        config=dask_config() if request.inherit and same else {},
        deadline=config.seconds("launch.deadline") or 86_400.0,
        limit=limit,
    )
    return Plan(spec, environment, environ)


def _folder(cwd: str | None) -> str:
    """The working folder: the one that was asked for must be there."""
    if cwd is None:
        try:
            return os.getcwd()
        except FileNotFoundError:  # this process's own has been removed
            return os.path.expanduser("~")
    found = os.path.abspath(os.path.expanduser(cwd))
    if not os.path.isdir(found):
        raise InputError(f"There is no folder {cwd[:200]!r} to work in.", "Give one that is there.")
    return found


def dask_config() -> dict[str, Any]:
    """This process's Dask configuration, as far as it is plain data."""
    module = sys.modules.get("dask.config")
    if module is None:
        return {}

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {str(key): plain(item) for key, item in value.items() if _is_plain(item)}
        return str(value) if isinstance(value, str) else value

    found = plain(module.config)
    # How this kernel links to dashboards is no business of a host's.
    found.get("distributed", {}).get("dashboard", {}).pop("link", None)
    return dict(found)


def _is_plain(value: Any) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return isinstance(value, dict)
    return True
