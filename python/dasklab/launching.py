"""Launching: from what a user asks for to a host that has accepted it.

Used by magics, the Python API and the server alike; blocking, and back within a fraction of a
second, because the host answers before it imports anything. Must not import distributed, a
deployment or the host: what an interpreter can launch is asked of that interpreter.
"""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import re
import selectors
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from . import config, options
from .environments import environ_for, resolve
from .errors import (
    ClusterExists,
    ClusterUnknown,
    DasklabError,
    DeadlinePassed,
    DeploymentUnknown,
    InputError,
    InterpreterMissing,
    InterpreterUnfit,
    OptionsInvalid,
    Refused,
    RequestMalformed,
    from_wire,
)
from .model.record import Environment, Identity, Record
from .model.scaling import Scaling
from .model.spec import PRE_SPAWN, Lease, Spec, check_name
from .processes import end, identify, is_alive, spawn_detached, strip_ansi
from .registry import Registry

__all__ = ("LaunchRequest", "catalogue", "ensure_standby", "launch", "preview", "profiles")

BOOTSTRAP = str(Path(__file__).parent / "host" / "bootstrap.py")

ID = re.compile(r"[A-Za-z0-9]{8,64}")

HANDSHAKE = 30.0
"""Seconds in which a host must have accepted: it takes a twentieth of one on a quiet machine."""

FIXED_AT_START = (
    "LD_",
    "MALLOC_",
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "NUMEXPR_",
    "PYTHON",
    "DASK_",
    "CUDA_",
)
"""Variables that take effect when a process starts: a standby must have been started with them."""


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


# -- what can be launched --------------------------------------------------------------------------
def profiles() -> dict[str, dict[str, Any]]:
    """The saved profiles by name: deployment, workers, options, environment.

    Raises
    ------
    InputError
        The configuration has something else there.
    """
    found = config.get("profiles") or {}
    if not isinstance(found, dict):
        raise InputError(
            "dasklab.profiles is not a section in Dask's configuration.",
            "Write it as NAME: {deployment: local, workers: 4, options: {...}}.",
        )
    for name, value in found.items():
        if not isinstance(value or {}, dict) or not isinstance(
            (value or {}).get("options") or {}, dict
        ):
            raise InputError(
                f"The profile {str(name)[:60]!r} in Dask's configuration is not a section.",
                "Write it as NAME: {deployment: local, workers: 4, options: {...}}.",
            )
    return {str(name): dict(value or {}) for name, value in found.items()}


def catalogue(environment: str | None = None, *, manager: Any = None) -> list[dict[str, Any]]:
    """The deployments of an environment: what they are called, their schema, what is missing.

    Asked of the interpreter itself, since each has its own packages, and remembered until one of
    the folders it imports from changes.
    """
    found, variables = resolve(environment, manager)
    return _catalogue(found, environ_for(found, variables), Registry())


def _catalogue(
    environment: Environment, environ: dict[str, str], registry: Registry
) -> list[dict[str, Any]]:
    registry.open()
    cache = registry.folder / f"catalogue-{_mark(environment.python, environ)}.json"
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError, AttributeError):
        kept = json.loads(cache.read_bytes())
        if all(_changed_at(path) == at for path, at in kept["watch"].items()):
            return list(kept["deployments"])
    answer = _ask(environment, {"mode": "catalogue", "registry": str(registry.folder)}, environ)
    content = {
        "watch": {path: _changed_at(path) for path in (*answer["watch"], environment.python)},
        "deployments": answer["deployments"],
    }
    with contextlib.suppress(OSError):
        temporary = cache.with_suffix(f".{os.getpid()}")
        with open(os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "w") as file:
            json.dump(content, file)
        os.replace(temporary, cache)
    return list(answer["deployments"])


def _changed_at(path: str) -> float | None:
    try:
        return os.stat(path).st_mtime
    except OSError:
        return None


def _row(rows: list[dict[str, Any]], name: str) -> dict[str, Any]:
    for row in rows:
        if row["name"] == name:
            return row
    import difflib

    names = [row["name"] for row in rows] + list(profiles())
    near = difflib.get_close_matches(name, names, 1)
    raise DeploymentUnknown(
        f"There is no deployment or profile {name[:80]!r}.",
        f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(names)}.",
        details={"names": names},
    )


# -- from request to spec --------------------------------------------------------------------------
@dataclass(frozen=True)
class _Plan:
    spec: Spec
    environment: Environment
    environ: dict[str, str]


def _plan(request: LaunchRequest, registry: Registry, manager: Any) -> _Plan:
    """Check all of a request; nothing is started before all of it is sound."""
    for name in ("deployment", "name", "environment", "id", "cwd"):
        value = getattr(request, name)
        if not isinstance(value, str) and not (value is None and name != "deployment"):
            raise RequestMalformed(f"The {name} is a {type(value).__name__}, not text.")
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
    row = _row(_catalogue(environment, environ, registry), deployment)
    if row["missing"] is not None:
        raise from_wire(row["missing"])
    limit = _limit("workers")
    if row.get("limit") is not None:
        limit = min(limit, int(row["limit"]))
    scaling = None if workers is None else Scaling.parse(workers, limit=limit)
    checked = options.check(deployment, row["schema"], given)
    if request.name is not None:
        check_name(request.name)
    if request.id is not None and not ID.fullmatch(request.id):
        raise RequestMalformed("The id is not 8 to 64 letters and digits.")
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
        config=_dask_config() if request.inherit and same else {},
        deadline=config.seconds("launch.deadline") or 86_400.0,
        limit=limit,
    )
    return _Plan(spec, environment, environ)


def _limit(what: str) -> int:
    limit = config.get(f"limits.{what}")
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise InputError(
            f"dasklab.limits.{what} is {str(limit)[:40]!r} in Dask's configuration.",
            "Give a whole number above 0.",
        )
    return limit


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


def _dask_config() -> dict[str, Any]:
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


# -- launching -------------------------------------------------------------------------------------
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
    plan = _plan(request, registry, manager)
    live = [record for record in registry.records()[0] if not record.phase.ended]
    if len(live) >= _limit("clusters"):
        raise Refused(
            f"There are {len(live)} clusters already, as many as are allowed here.",
            "Stop one, or raise dasklab.limits.clusters in Dask's configuration.",
        )
    if request.name is not None and any(record.name == request.name for record in live):
        raise ClusterExists(  # said again under the registry's lock; here it costs no process
            f"A cluster named {request.name!r} is there already.",
            f"Use it with %dask use {request.name}, stop it, or choose another name.",
            details={"name": request.name},
        )
    answer = _launch_in_standby(plan, registry)
    if answer is None:
        answer = _ask(
            plan.environment,
            {
                "mode": "launch",
                "registry": plan.spec.registry,
                "log": f"{uuid.uuid4().hex}.log",
                "spec": plan.spec.to_wire(),
            },
            plan.environ,
        )
    _replenish(plan, registry)
    return Record.from_wire(answer["record"])


def preview(request: LaunchRequest, *, manager: Any = None) -> str:
    """Exactly what a launch would run, as text; raises what :func:`launch` would raise."""
    registry = Registry()
    plan = _plan(request, registry, manager)
    answer = _ask(
        plan.environment,
        {"mode": "preview", "registry": plan.spec.registry, "spec": plan.spec.to_wire()},
        plan.environ,
    )
    return f"# {plan.environment.python}\n{answer['text']}"


def _ask(
    environment: Environment, request: dict[str, Any], environ: dict[str, str]
) -> dict[str, Any]:
    """Run the bootstrap, give it a request on stdin, take one line of JSON from stdout."""
    python = environment.python
    try:
        process = spawn_detached([python, BOOTSTRAP], cwd=None, environ=environ)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else None
        raise InterpreterMissing(
            f"{python} cannot be run: {why or error}.",
            "The environment may have been removed; choose another one.",
        ) from error
    answer = None
    try:
        answer = _exchange(process, (json.dumps(request) + "\n").encode())
        words = "" if answer is not None else _last_words(process)
    finally:
        for stream in (process.stdin, process.stdout, process.stderr):
            with contextlib.suppress(OSError):
                stream.close()  # type: ignore[union-attr]
        threading.Thread(
            target=_let_go, args=(process, answer is None), name="dasklab-reap", daemon=True
        ).start()
    if answer is None:
        raise InterpreterUnfit(
            f"{python} did not behave like a Python interpreter" + (f": {words}" if words else "."),
            "Choose another environment.",
        )
    if "error" in answer:
        raise from_wire(answer["error"])
    return answer


def _let_go(process: subprocess.Popen[bytes], useless: bool) -> None:
    """Collect a process when it ends; one that was of no use, or not waited for, ends now.

    A warden that is told to end takes its host with it, so an interrupted launch leaves nothing.
    """
    if useless:
        with contextlib.suppress(ProcessLookupError):
            end(identify(process.pid))
    process.wait()


ANSWERS = frozenset({"error", "record", "standby", "deployments", "text"})
"""One of these is in every answer; other lines (a wrapper's greeting) are not for us."""

CHATTER = 2_000_000
"""Bytes that are read at the most: a catalogue takes some ten thousand."""


def _exchange(process: subprocess.Popen[bytes], request: bytes) -> dict[str, Any] | None:
    """Write the request, read the answer; ``None`` when the process has none.

    Raises
    ------
    DeadlinePassed
        None came in :data:`HANDSHAKE` seconds.
    """
    assert process.stdin
    assert process.stdout
    deadline = time.monotonic() + HANDSHAKE
    text, read = b"", 0
    os.set_blocking(process.stdin.fileno(), False)
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        selector.register(process.stdin, selectors.EVENT_WRITE)
        while read + len(text) < CHATTER:
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if not ready or time.monotonic() > deadline:
                raise DeadlinePassed(
                    f"The interpreter did not answer in {HANDSHAKE:g} seconds.",
                    "The machine may be overloaded; try again.",
                )
            for key, _ in ready:
                if key.fileobj is process.stdin:
                    try:
                        request = request[os.write(key.fd, request) :]
                    except BrokenPipeError:
                        request = b""
                    if not request:
                        selector.unregister(process.stdin)
                    continue
                data = os.read(key.fd, 1_000_000)
                if not data:
                    return None
                *lines, text = (text + data).split(b"\n")
                for line in lines:
                    answer = _answer(line)
                    if answer is not None:
                        return answer
                    read += len(line) + 1
    return None


def _answer(line: bytes) -> dict[str, Any] | None:
    with contextlib.suppress(ValueError, RecursionError):
        answer = json.loads(line)
        if isinstance(answer, dict) and ANSWERS & answer.keys():
            return answer
    return None


def _last_words(process: subprocess.Popen[bytes]) -> str:
    """The end of what it wrote to its standard error, as far as it has done so within a second."""
    assert process.stderr is not None
    text = b""
    deadline = time.monotonic() + 1.0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stderr, selectors.EVENT_READ)
        while selector.select(max(0.0, deadline - time.monotonic())):
            data = os.read(process.stderr.fileno(), 64_000)
            if not data:
                break
            text = (text + data)[-4_000:]
    return strip_ansi(text.decode("utf-8", "replace")).strip()[-300:]


# -- standbys --------------------------------------------------------------------------------------
def _mark(python: str, environ: dict[str, str]) -> str:
    """What an answer holds for: interpreter, this very dasklab, and what processes start with."""
    fixed = sorted(
        (name, value)
        for name, value in environ.items()
        if name.startswith(FIXED_AT_START) and PRE_SPAWN.get(name) != value
    )
    text = json.dumps([python, BOOTSTRAP, os.stat(BOOTSTRAP).st_mtime, fixed])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _standby_mark(plan: _Plan) -> str:
    """What a standby must match; its scratch folder is made already."""
    folder = plan.environ.get("TMPDIR", "")
    return _mark(plan.environment.python, {**plan.environ, "PYTHON_TMPDIR": folder})


def _standbys(plan: _Plan, registry: Registry) -> list[tuple[Identity, dict[str, Any]]]:
    found = []
    for path in registry.standbys.glob(f"{_standby_mark(plan)}-*.json"):
        try:
            data = json.loads(path.read_bytes())
            identity = Identity(data["pid"], data["start"], data["boot"], data["hostname"])
        except (OSError, ValueError, KeyError, TypeError):
            continue
        if is_alive(identity):
            found.append((identity, data))
    return found


def _launch_in_standby(plan: _Plan, registry: Registry) -> dict[str, Any] | None:
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
        plan = _Plan(
            Spec("", "", str(registry.folder.absolute())), found, environ_for(found, variables)
        )
        return _start_standby(plan, registry)
    except (DasklabError, OSError):
        return False  # the launch that needs it says what is wrong


def _start_standby(plan: _Plan, registry: Registry) -> bool:
    idle = config.seconds("standby.idle") or 600.0
    if not config.get("standby.enabled"):
        return False
    with registry.lock():
        mark = _standby_mark(plan)
        warming = registry.standbys / f"{mark}.warming"
        with contextlib.suppress(OSError):
            if time.time() - warming.stat().st_mtime < 20:
                return False  # somebody has just started one
        if _standbys(plan, registry):
            return False
        warming.touch(mode=0o600)
    _ask(
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


def _replenish(plan: _Plan, registry: Registry) -> None:
    """Start the next standby a little later, in the background."""
    if not config.get("standby.enabled"):
        return

    def start() -> None:
        with contextlib.suppress(DasklabError, OSError):
            _start_standby(plan, registry)

    timer = threading.Timer(REPLENISH_AFTER, start)
    timer.daemon = True
    timer.start()
