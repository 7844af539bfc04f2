"""A launch and its preview: the plan is given to a standby, or to a new process."""

from __future__ import annotations

import contextlib
import uuid
from typing import Any

from ..errors import ClusterExists, ClusterUnknown, Refused
from ..limits import limit_of
from ..model.record import Record
from ..registry import Registry
from . import interpreter, standbys
from .planning import LaunchRequest, make_plan
from .undoing import undo_all

__all__ = ("check", "launch", "preview")


def launch(
    request: LaunchRequest, *, registry: Registry | None = None, manager: Any = None
) -> Record:
    """Have a host for a new cluster; back as soon as it is in the list, ``starting``.

    Parameters
    ----------
    request
        What is wanted. The same ``id`` twice gives the same cluster.
    registry
        Where it is entered; the user's by default.
    manager
        A KernelSpecManager to find environments with; the server passes its own.

    Raises
    ------
    InputError, ClusterExists, Refused, LaunchError, RegistryError
        Nothing was started; each says what to do.
    """
    registry = registry or Registry()
    if isinstance(request.id, str):
        with contextlib.suppress(ClusterUnknown):
            return registry.get(request.id)
    plan = make_plan(request, registry, manager)
    records = registry.records()[0]
    undo_all(records, registry)
    live = [record for record in records if not record.phase.ended]
    if len(live) >= limit_of("clusters"):
        raise Refused(
            f"There are {len(live)} clusters already, as many as are allowed here.",
            "Stop one: dasklab.limits.clusters in Dask's configuration allows no more.",
        )
    if request.name is not None and any(record.name == request.name for record in live):
        raise ClusterExists(  # said again under the registry's lock; here it costs no process
            f"A cluster named {request.name!r} is there already.",
            f"Use it with %dask use {request.name}, stop it, or choose another name.",
            details={"name": request.name},
        )
    answer = standbys.hand_over(plan, registry)
    if answer is None:
        answer = interpreter.ask(
            plan.environment,
            {
                "mode": "launch",
                "registry": plan.spec.registry,
                "log": f"{uuid.uuid4().hex}.log",
                "spec": plan.spec.to_wire(),
            },
            plan.environ,
        )
    standbys.replenish(plan, registry)
    return Record.from_wire(answer["record"])


def check(request: LaunchRequest, *, manager: Any = None) -> None:
    """Nothing, if it could be launched; raises what :func:`launch` would raise beforehand."""
    make_plan(request, Registry(), manager)


def preview(request: LaunchRequest, *, manager: Any = None) -> dict[str, Any]:
    """Exactly what a launch would run; raises what :func:`launch` would raise.

    Returns
    -------
    dict
        ``text``, and ``advice``: what to mind (see :class:`~dasklab.model.explanation.Advice`).
    """
    registry = Registry()
    plan = make_plan(request, registry, manager)
    answer = interpreter.ask(
        plan.environment,
        {"mode": "preview", "registry": plan.spec.registry, "spec": plan.spec.to_wire()},
        plan.environ,
    )
    return {
        "text": f"# {plan.environment.python}\n{answer['text']}",
        "advice": list(answer["advice"]),
    }
