"""Standbys: hosts without a cluster, warmed up so that a launch takes a tenth of the time.

A standby serves one interpreter, with the variables that take effect when a process starts; it
ends by itself when nobody needs it.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
import uuid
from dataclasses import replace
from typing import Any

from .. import config
from ..environments import environ_for, resolve
from ..errors import DasklabError, Refused, from_wire
from ..model.record import Identity
from ..model.spec import Spec
from ..processes import end, is_alive
from ..profile_file import profiles
from ..registry import Registry
from . import interpreter
from .available import catalogue, mark
from .planning import LaunchRequest, Plan

__all__ = ("ensure_standby", "hand_over", "replenish", "standby_mark", "warm")


def standby_mark(plan: Plan) -> str:
    """What a standby must match; its scratch folder is made already."""
    folder = plan.environ.get("TMPDIR", "")
    return mark(plan.environment.python, {**plan.environ, "PYTHON_TMPDIR": folder})


def _standbys(plan: Plan, registry: Registry) -> list[tuple[Identity, dict[str, Any]]]:
    found = []
    for path in registry.standbys.glob(f"{standby_mark(plan)}-*.json"):
        try:
            data = json.loads(path.read_bytes())
            identity = Identity(data["pid"], data["start"], data["boot"], data["hostname"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if is_alive(identity):
            found.append((identity, data))
    return found


def hand_over(plan: Plan, registry: Registry) -> dict[str, Any] | None:
    """Hand the spec to a standby; ``None`` when there is none to be had."""
    spec = replace(plan.spec, environ=plan.environ)
    for identity, standby in _standbys(plan, registry):
        try:
            control = standby["control"]
            connection = http.client.HTTPConnection(control["host"], control["port"], timeout=10)
            connection.request(
                "POST",
                "/launch",
                json.dumps(spec.to_wire()),
                {"Authorization": f"Bearer {control['token']}"},
            )
            answer = json.loads(connection.getresponse().read())
            connection.close()
        except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
            continue
        except BaseException:  # interrupted: it may have taken the cluster on, which nobody wants
            threading.Thread(target=end, args=(identity,), name="dasklab-reap").start()
            raise
        if "error" not in answer:
            return dict(answer)
        error = from_wire(answer["error"])
        if not isinstance(error, Refused):  # taken by somebody else in between
            raise error
    return None


def ensure_standby(environment: str | None = None, *, manager: Any = None) -> bool:
    """Have a standby for an environment, if the configuration wants one.

    Returns
    -------
    bool
        Whether one was started now. It takes some seconds of CPU in the background to warm up.
    """
    try:
        found, variables = resolve(environment, manager)
        registry = Registry()
        plan = Plan(
            Spec("", "", str(registry.folder.absolute())), found, environ_for(found, variables)
        )
        return _start_standby(plan, registry)
    except (DasklabError, OSError):
        return False  # the launch that needs it says what is wrong


def warm(request: LaunchRequest, *, manager: Any = None) -> bool:
    """Have a standby that this launch would find; see :func:`ensure_standby`.

    And know what can be launched there. Else the first launch would have to ask the interpreter
    before it could be in the list.
    """
    profile = profiles().get(request.deployment) or {}
    environment = request.environment or profile.get("environment")
    started = ensure_standby(environment, manager=manager)
    with contextlib.suppress(DasklabError, OSError):  # the launch says what is wrong
        catalogue(
            environment,
            manager=manager,
            wanted=str(profile.get("deployment", request.deployment)),
        )
    return started


def _start_standby(plan: Plan, registry: Registry) -> bool:
    idle = config.seconds("standby.idle") or 600.0
    if not config.get("standby.enabled"):
        return False
    with registry.lock():
        mark = standby_mark(plan)
        warming = registry.standbys / f"{mark}.warming"
        with contextlib.suppress(OSError):
            if time.time() - warming.stat().st_mtime < 20:
                return False  # somebody has just started one
        if _standbys(plan, registry):
            return False
        warming.touch(mode=0o600)
    interpreter.ask(
        plan.environment,
        {
            "mode": "standby",
            "registry": str(registry.folder.absolute()),
            "log": f"{uuid.uuid4().hex}.log",
            "python": plan.environment.python,
            "mark": mark,
            "idle": idle,
        },
        plan.environ,
    )
    return True


REPLENISH_AFTER = 3.0
"""Seconds before the next standby is warmed up: the launch just made needs the cores first."""


def replenish(plan: Plan, registry: Registry) -> None:
    """Start the next standby a little later, in the background."""
    if not config.get("standby.enabled"):
        return

    def start() -> None:
        with contextlib.suppress(DasklabError, OSError):
            _start_standby(plan, registry)

    timer = threading.Timer(REPLENISH_AFTER, start)
    timer.daemon = True
    timer.start()
