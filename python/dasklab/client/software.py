"""Software of a cluster: how it differs from the notebook's, and how to add to it.

Dask compares ten packages; a difference in any other breaks just as well. Here all are compared
that the notebook, the scheduler or a worker has imported.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..errors import InputError, LaunchError
from . import installed

if TYPE_CHECKING:
    from distributed import Client

__all__ = ("compare", "install")

MISSING = None
"""The version of what is not there."""


def compare(client: Client) -> dict[str, Any]:
    """The versions of all packages that anybody has imported, and which of them differ.

    Parameters
    ----------
    client
        Connected to the cluster.

    Returns
    -------
    dict
        ``packages``: by name, ``{"notebook", "scheduler", "workers"}`` (the last by address;
        ``None`` where it is missing; ``"local"`` for a module that no package brings).
        ``different``: names of those that are not the same everywhere, what is missing somewhere
        last. ``executables``: the interpreters, likewise.
    """
    import cloudpickle

    cloudpickle.register_pickle_by_value(installed)
    try:
        names = set(installed.imported()) | set(client.run_on_scheduler(installed.imported))
        for found in client.run(installed.imported).values():
            names |= set(found)
        ordered = sorted(names)
        here = installed.look(ordered)
        scheduler = client.run_on_scheduler(installed.look, ordered)
        workers = client.run(installed.look, ordered)
    finally:
        cloudpickle.unregister_pickle_by_value(installed)
    packages: dict[str, dict[str, Any]] = {}
    everywhere = [_versions(found) for found in (here, scheduler, *workers.values())]
    for name in sorted(set().union(*everywhere), key=lambda name: (name != "python", name)):
        mine, schedulers, *others = (found.get(name, MISSING) for found in everywhere)
        packages[name] = {
            "notebook": mine,
            "scheduler": schedulers,
            "workers": dict(zip(workers, others, strict=True)),
        }
    return {
        "packages": packages,
        "different": sorted(
            (name for name, row in packages.items() if len(_seen(row)) > 1),
            key=lambda name: (MISSING in _seen(packages[name]), name != "python", name),
        ),
        "executables": {
            "notebook": here["executable"],
            "scheduler": scheduler["executable"],
            "workers": {address: found["executable"] for address, found in workers.items()},
        },
    }


def _versions(found: dict[str, Any]) -> dict[str, str]:
    local = {f"{name} (module)": "local" for name in found["modules"]}
    return {"python": found["python"], **found["packages"], **local}


def _seen(row: dict[str, Any]) -> set[str | None]:
    return {row["notebook"], row["scheduler"], *row["workers"].values()}


def install(client: Client, packages: Sequence[str], pip_options: Sequence[str] = ()) -> None:
    """Install packages with pip on the scheduler, all workers, and all that come later.

    Workers that run have imported what they have: restart them for another version of that.

    Parameters
    ----------
    packages
        As pip takes them: ``"xgboost"``, ``"xgboost==2.1"``, a URL.
    pip_options
        Further options of pip, such as ``"--upgrade"``.

    Raises
    ------
    InputError, LaunchError
        With what pip says.
    """
    from distributed.diagnostics.plugin import PipInstall

    if not [name for name in packages if name.strip()]:
        raise InputError("There is nothing to install.", "Name packages as pip takes them.")
    if wrong := [name for name in packages if name.startswith("-") or "\n" in name]:
        raise InputError(f"{wrong[0][:80]!r} is no package.", "Options of pip go into pip_options.")
    plugin = PipInstall(packages=list(packages), pip_options=list(pip_options))
    try:
        client.register_plugin(plugin)
    except RuntimeError as error:
        if "pip install failed" not in str(error):
            raise
        _withdraw(client, plugin.name)
        said = re.sub(r"^.*?pip install failed with '|'$", "", str(error), flags=re.DOTALL)
        lines = [line for line in said.splitlines() if line.startswith("ERROR")]
        raise LaunchError(
            f"pip could not install {', '.join(packages)}: "
            f"{' '.join((lines or [said])[-1].split())[:500]}",
            "Check the names, and that the hosts of scheduler and workers reach a package index.",
            details={"log": said[-4_000:]},
        ) from error


def _withdraw(client: Client, name: str) -> None:
    """Workers to come shall not try what has failed."""
    for unregister in (client.unregister_worker_plugin, client.unregister_scheduler_plugin):
        try:
            unregister(name)
        except ValueError:
            pass  # it got no further than the scheduler
