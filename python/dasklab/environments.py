"""Environments: the interpreters that clusters can run under.

A kernelspec's interpreter, any Python by path, or the one that asks. The environment variables a
host gets are chosen here too.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from string import Template
from typing import Any

from .errors import EnvironmentUnknown, InterpreterMissing
from .model.record import Environment

__all__ = ("environ_for", "environments", "resolve")

PYTHON = re.compile(r"python(\d+(\.\d+)?)?(\.exe)?")
SECRET = re.compile(r"JPY_.*|JUPYTER_TOKEN|CONFIGPROXY_AUTH_TOKEN|JUPYTERHUB_.*TOKEN.*")
"""Variables of a Jupyter server that give access to it: tasks of a cluster must not see them."""

KERNEL_ONLY = ("MPLBACKEND", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "PAGER", "GIT_PAGER")
"""Set by ipykernel for itself; its matplotlib backend may not even exist elsewhere."""


def _specs(manager: Any = None) -> dict[str, Any]:
    """Python kernelspecs by name, empty where Jupyter is not installed."""
    if manager is None:
        try:
            from jupyter_client.kernelspec import KernelSpecManager
        except ImportError:
            return {}
        manager = KernelSpecManager()
    found = manager.get_all_specs()
    return {
        name: entry["spec"]
        for name, entry in found.items()
        if entry["spec"].get("language", "").lower() == "python" and entry["spec"].get("argv")
    }


def _interpreter(argv0: str) -> str | None:
    """The interpreter that a kernelspec names, as jupyter_client would start it."""
    major, minor = sys.version_info[:2]
    names = {"python", f"python{major}", f"python{major}.{minor}"}
    if argv0 in names:
        return sys.executable
    return argv0 if PYTHON.fullmatch(os.path.basename(argv0)) else None


def environments(manager: Any = None) -> list[dict[str, Any]]:
    """The kernelspecs whose interpreter can host a cluster: name, title, python.

    Parameters
    ----------
    manager
        A KernelSpecManager; the server passes its own.
    """
    rows = []
    for name, spec in _specs(manager).items():
        python = _interpreter(spec["argv"][0])
        if python is not None:
            rows.append({"name": name, "title": spec.get("display_name", name), "python": python})
    if not any(os.path.realpath(row["python"]) == os.path.realpath(sys.executable) for row in rows):
        rows.insert(0, {"name": sys.executable, "title": "This Python", "python": sys.executable})
    return sorted(rows, key=lambda row: row["name"] != "python3")


def resolve(name: str | None, manager: Any = None) -> tuple[Environment, dict[str, str]]:
    """Find an interpreter and the variables that its kernelspec sets.

    Parameters
    ----------
    name
        A kernelspec's name, the path of an interpreter, a command, or ``None`` for this one.

    Raises
    ------
    EnvironmentUnknown
        Neither a kernelspec nor a path.
    InterpreterMissing
        A path at which nothing can be run.
    """
    if name is None:
        return Environment(sys.executable, None, _title(sys.executable)), {}
    specs = _specs(manager)
    if name in specs:
        spec = specs[name]
        python = _interpreter(spec["argv"][0])
        if python is None:
            raise EnvironmentUnknown(
                f"The kernelspec {name!r} starts {spec['argv'][0]!r}, not a Python interpreter.",
                "Give the path of the interpreter instead.",
            )
        title = str(spec.get("display_name", name))
        variables = {str(key): str(value) for key, value in (spec.get("env") or {}).items()}
        return Environment(_runnable(python), name, title), variables
    if os.sep in name or name.startswith("~"):
        python = _runnable(os.path.abspath(os.path.expanduser(name)))
        return Environment(python, None, _title(python)), {}
    found = shutil.which(name) if PYTHON.fullmatch(name) else None
    if found is not None:
        return Environment(found, None, _title(found)), {}
    import difflib

    near = difflib.get_close_matches(name, list(specs), 1)
    raise EnvironmentUnknown(
        f"There is no kernelspec {name[:80]!r}.",
        f"Did you mean {near[0]!r}?"
        if near
        else f"There are: {', '.join(specs) or 'none'}. A path to a Python works as well.",
        details={"names": list(specs)},
    )


def _runnable(python: str) -> str:
    found = python if os.path.dirname(python) else (shutil.which(python) or python)
    if os.path.isdir(found):
        inside = os.path.join(found, "bin", "python")  # the folder of an environment
        found = inside if os.path.exists(inside) else found
    if not os.path.exists(found):
        raise InterpreterMissing(
            f"There is no interpreter {python}.",
            "The environment may have been removed; choose another one.",
        )
    if os.path.isdir(found) or not os.access(found, os.X_OK):
        raise InterpreterMissing(f"{found} is not a program that can be run.", "Choose a Python.")
    return found


def _title(python: str) -> str:
    folder = os.path.dirname(os.path.dirname(python))
    return os.path.basename(folder) or python


def environ_for(environment: Environment, variables: dict[str, str]) -> dict[str, str]:
    """The environment variables of a host: ours, without a server's secrets.

    With an interpreter of another environment its programs come first on ``PATH``. What a
    kernelspec sets may name others, such as ``${PATH}``: they are put in, as Jupyter does.
    """
    environ = {
        name: value
        for name, value in os.environ.items()
        if not SECRET.fullmatch(name) and name not in KERNEL_ONLY
    }
    folder = os.path.dirname(environment.python)
    if os.path.realpath(folder) != os.path.realpath(os.path.dirname(sys.executable)):
        environ["PATH"] = os.pathsep.join([folder, environ.get("PATH", os.defpath)])
        environ.pop("VIRTUAL_ENV", None)
    return environ | {
        name: Template(value).safe_substitute(environ) for name, value in variables.items()
    }
