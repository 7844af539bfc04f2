"""Options that an administrator has fixed: ``dasklab.locked`` in Dask's configuration.

Launching applies them, and so does every door. The first file of the configuration that fixes an
option wins, the other way round than elsewhere in Dask: an administrator's folders come first, and
a user's own file must not undo them.
"""

from __future__ import annotations

import json
from typing import Any

from . import config, options
from .config_files import config_files, section
from .errors import InputError, OptionsInvalid, Refused

__all__ = ("apply", "locked")

HINT = "Write it as DEPLOYMENT: {OPTION: value}."


def locked(deployment: str) -> dict[str, Any]:
    """The fixed options of a deployment, by name.

    Raises
    ------
    InputError
        The configuration has something else there.
    """
    import dask.config

    merged: dict[str, Any] = {}
    for file in config_files():
        dask.config.update(merged, section(file, "locked"), priority="old")
    here = config.get("locked") or {}
    if not isinstance(here, dict):
        raise InputError("dasklab.locked is not a section in Dask's configuration.", HINT)
    dask.config.update(merged, here, priority="old")
    found = merged.get(dask.config.canonical_name(deployment, merged)) or {}
    if not isinstance(found, dict):
        raise InputError(
            f"dasklab.locked.{deployment} is not a section in Dask's configuration.", HINT
        )
    return {_name(name): value for name, value in found.items()}


def apply(deployment: str, schema: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    """Options with the fixed ones filled in.

    Parameters
    ----------
    schema
        The deployment's: what is fixed must fit it as well.
    given
        What a user or a profile wants.

    Raises
    ------
    Refused
        A fixed option was given another value; ``details["errors"]`` has one entry for each.
    InputError
        The configuration fixes what the deployment does not take.
    """
    fixed = locked(deployment)
    if not fixed:
        return given
    try:
        options.check(deployment, schema, fixed)
    except OptionsInvalid as error:
        raise InputError(
            f"dasklab.locked.{deployment} in Dask's configuration does not fit: {error.message}",
            "It is for an administrator to mend.",
        ) from error
    wanted = {_name(name): value for name, value in given.items()}
    errors = [
        {
            "option": name,
            "message": f"{name}: an administrator has fixed it at {json.dumps(fixed[name])}.",
        }
        for name, value in wanted.items()
        if name in fixed and value != fixed[name]
    ]
    if errors:
        raise Refused(
            " ".join(error["message"] for error in errors),
            "Leave it out." if len(errors) == 1 else "Leave them out.",
            details={"errors": errors},
        )
    return {**wanted, **fixed}


def _name(option: object) -> str:
    return str(option).replace("-", "_")
