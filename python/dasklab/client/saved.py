"""Profiles for notebooks, scripts and the server: listed, and saved only when they would launch."""

from __future__ import annotations

from typing import Any

from ..errors import DasklabError, DeploymentUnknown, NameInvalid, RequestMalformed
from ..launching import LaunchRequest, catalogue, check
from ..model.scaling import Scaling
from ..profile_file import origin, own_file, remove, save
from ..profile_file import profiles as read

__all__ = ("listing", "profiles", "remove_profile", "save_profile")


def profiles() -> dict[str, dict[str, Any]]:
    """The profiles by name, wherever in Dask's configuration they are defined.

    Returns
    -------
    dict
        Of each its ``deployment``, and as far as they are given ``workers``, ``options`` and
        ``environment``.

    Raises
    ------
    InputError
        The configuration has something else there.
    """
    return {name: {"deployment": "local", **value} for name, value in read().items()}


def listing() -> list[dict[str, Any]]:
    """The profiles as JSON for programs: with where each is defined, and what is wrong with it."""
    return [row(name, profile) for name, profile in profiles().items()]


def row(name: str, profile: dict[str, Any]) -> dict[str, Any]:
    """One profile as JSON."""
    problem: DasklabError | None = None
    workers = None
    try:
        if profile.get("workers") is not None:
            workers = Scaling.parse(profile["workers"]).request()
    except DasklabError as error:
        problem = error
    path = origin(name)
    return {
        "name": name,
        "deployment": str(profile.get("deployment") or "local"),
        "workers": workers,
        "environment": profile.get("environment"),
        "options": dict(profile.get("options") or {}),
        "path": path,
        "editable": path == own_file(),
        "problem": None if problem is None else problem.to_wire(),
    }


def save_profile(
    name: str,
    deployment: str = "local",
    *,
    workers: int | str | tuple[int, int] | dict[str, int] | None = None,
    environment: str | None = None,
    options: dict[str, Any] | None = None,
    manager: Any = None,
    usual: str | None = None,
) -> dict[str, Any]:
    """Save a profile, for ``dasklab.launch(name)`` and ``%dask start NAME`` from now on.

    It is written to ``dasklab-profiles.yaml`` in your folder of Dask's configuration, in place
    of one of that name. What could not be launched is not saved.

    Parameters
    ----------
    name
        1 to 63 letters, digits, dots, dashes and underscores; not a deployment's name.
    deployment
        A way to run Dask, such as ``"local"``.
    workers
        A number, or a range for adaptive scaling; left to the deployment by default.
    environment
        Kernelspec or path of an interpreter; that of whoever launches by default.
    options
        Options of the deployment, such as ``{"threads_per_worker": 2}``.
    manager
        A KernelSpecManager to find environments with; the server passes its own.
    usual
        The environment to check the options in where the profile names none.

    Raises
    ------
    InputError, LaunchError
        It could not be launched, and why.
    ProfileFixed
        It is defined in another file, which dasklab does not change.
    ConfigUnreadable, ConfigUnwritable
    """
    if environment is not None and not isinstance(environment, str):
        raise RequestMalformed("environment is not text.")
    names = [item["name"] for item in catalogue(environment or usual, manager=manager)]
    if deployment not in names:
        raise DeploymentUnknown(
            f"There is no deployment {str(deployment)[:80]!r}.", f"There are: {', '.join(names)}."
        )
    if name in names:
        raise NameInvalid(
            f"{name!r} is a deployment and cannot be the name of a profile.",
            "Choose another name.",
        )
    request = LaunchRequest(
        deployment=deployment,
        workers=workers,
        environment=environment or usual,
        options={} if options is None else options,
    )
    check(request, manager=manager)
    profile: dict[str, Any] = {"deployment": deployment}
    if workers is not None:
        scaling = Scaling.parse(workers)
        wanted = f"{scaling.minimum}:{scaling.maximum}" if scaling.adaptive else scaling.wanted
        profile["workers"] = wanted
    if environment:
        profile["environment"] = environment
    if options:
        profile["options"] = options
    save(name, profile)
    return row(name, profile)


def remove_profile(name: str) -> None:
    """Remove a profile that was saved with :func:`save_profile` or in the panel.

    Parameters
    ----------
    name
        The profile.

    Raises
    ------
    ProfileUnknown
        It is not there (any more).
    ProfileFixed
        It is defined in another file, which dasklab does not change.
    """
    remove(name)
