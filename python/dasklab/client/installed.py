"""What a process has imported, and which version of a package it would import.

Runs in the notebook and, sent by value, in schedulers and workers that do not have dasklab: the
functions import the standard library only, and nothing of this module but themselves.
"""

from __future__ import annotations

from typing import Any

__all__ = ("imported", "look")


def imported() -> list[str]:
    """Top-level names of everything that this process has imported beyond the standard library."""
    import sys

    ours = set(sys.stdlib_module_names) | {"dasklab", "__main__", "__mp_main__"}
    found = {
        name.partition(".")[0]
        for name, module in list(sys.modules.items())
        if getattr(module, "__spec__", None) is not None
    }
    return sorted(name for name in found - ours if not name.startswith("_"))


def look(names: list[str]) -> dict[str, Any]:
    """What this process has of these modules.

    Returns
    -------
    dict
        ``python`` (its version), ``executable``, ``packages`` (version by distribution, for all
        that bring one of the modules), ``modules`` (those that no distribution brings and that can
        be imported here, such as files beside a notebook).
    """
    import platform
    import sys
    from importlib import metadata
    from importlib.util import find_spec

    owners = metadata.packages_distributions()
    packages: dict[str, str] = {}
    modules = []
    for name in names:
        for owner in owners.get(name, ()):
            key = owner.lower().replace("_", "-").replace(".", "-")
            try:
                packages[key] = metadata.version(owner)
            except metadata.PackageNotFoundError:
                pass
        if name not in owners:
            try:
                there = name in sys.modules or find_spec(name) is not None
            except (ImportError, ValueError, AttributeError):
                there = False
            if there:
                modules.append(name)
    return {
        "python": platform.python_version(),
        "executable": sys.executable,
        "packages": packages,
        "modules": modules,
    }
