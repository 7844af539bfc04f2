"""Profiles: read from all of Dask's configuration, written to one file that is dasklab's own.

A profile is a deployment with a number of workers, options and an environment, under a name. An
administrator's, or one that a user wrote into any other file of the configuration, is used and
never changed. Processes that run already see a saved profile at once: the files are read anew,
see :mod:`dasklab.config_files`.
"""

from __future__ import annotations

import contextlib
import functools
import os
from typing import Any

from . import config, labextension
from .config_files import ConfigFile, config_files, section, user_folder
from .errors import (
    ConfigUnwritable,
    DasklabError,
    InputError,
    ProfileFixed,
    ProfileUnknown,
)
from .model.spec import check_name
from .registry import Registry

__all__ = ("origin", "own_file", "problems", "profiles", "remove", "save")

FILE = "dasklab-profiles.yaml"

HEADER = """\
# Profiles saved by dasklab, in the panel or with dasklab.save_profile. The file is part of Dask's
# configuration; it is written anew at each change, so keep comments and profiles of your own
# making in another file beside it.
"""

HINT = "Write it as NAME: {deployment: local, workers: 4, options: {...}}."


# -- reading ---------------------------------------------------------------------------------------
def profiles() -> dict[str, dict[str, Any]]:
    """The profiles by name: deployment, workers, options, environment.

    With the one that stands for dask-labextension's configuration, where there is any.

    Raises
    ------
    InputError
        The configuration has something else there.
    """
    import dask.config

    set_here = config.get("profiles") or {}
    if not isinstance(set_here, dict):
        raise InputError("dasklab.profiles is not a section in Dask's configuration.", HINT)
    files = config_files()
    found = _merged(files)
    own = section(_own(files), "profiles")
    loaded = _when_loaded(tuple(str(path) for path in dask.config.paths))
    for name, value in set_here.items():
        # What the files said when Dask read them may have changed; what differs from that was
        # set in this process or its environment. Of our own file only the present content counts.
        if name not in own and (name not in loaded or loaded[name] != value):
            found[name] = value
    for name, value in found.items():
        options = value.get("options") if isinstance(value, dict) else None
        if not isinstance(value or {}, dict) or not isinstance(options or {}, dict):
            raise InputError(
                f"The profile {str(name)[:60]!r} in Dask's configuration is not a section.", HINT
            )
    saved = {str(name): dict(value or {}) for name, value in found.items()}
    with contextlib.suppress(InputError):  # the server says so when it starts
        return {**labextension.profiles(), **saved}
    return saved


def _merged(files: list[ConfigFile]) -> dict[str, Any]:
    import dask.config

    merged: dict[str, Any] = {}
    for file in files:
        dask.config.update(merged, section(file, "profiles"))
    return merged


@functools.cache
def _when_loaded(_paths: tuple[str, ...]) -> dict[str, Any]:
    """What the files say at the first question, which follows upon the import of Dask."""
    return _merged(config_files())


def own_file() -> str:
    """The file that profiles are saved in."""
    return os.path.join(user_folder(), FILE)


def _own(files: list[ConfigFile]) -> ConfigFile:
    path = own_file()
    return next((file for file in files if file.path == path), ConfigFile(path, {}))


def origin(name: str) -> str | None:
    """The file that defines a profile; ``None`` where it was set in another way.

    Of several files it is the last one that is not our own, since that cannot be changed here.
    """
    files = config_files()
    other = [file.path for file in files if _defines(file, name) and file.path != own_file()]
    if other:
        return other[-1]
    return own_file() if _defines(_own(files), name) else None


def problems() -> list[DasklabError]:
    """Files of Dask's configuration that cannot be read, a sentence each."""
    return [file.problem for file in config_files() if file.problem is not None]


def _defines(file: ConfigFile, name: str) -> bool:
    return any(_same(name, other) for other in section(file, "profiles"))


def _same(name: object, other: object) -> bool:
    """Whether Dask takes two names for one: it does not tell dashes from underscores."""
    return str(name).replace("_", "-") == str(other).replace("_", "-")


# -- writing ---------------------------------------------------------------------------------------
def save(name: str, profile: dict[str, Any]) -> None:
    """Write a profile to our file, in place of one of that name; its content is taken as it is.

    Raises
    ------
    NameInvalid
    ProfileFixed
        Another file defines it, or one that Dask does not tell from it.
    ConfigUnreadable, ConfigUnwritable
        Nothing was changed.
    """
    check_name(name, "profile")
    with Registry().lock():
        known = profiles()
        where = origin(name)
        twin = next((other for other in known if other != name and _same(other, name)), None)
        if twin is not None:
            raise ProfileFixed(
                f"There is a profile {twin!r}, which Dask's configuration does not tell from "
                f"{name!r}.",
                "Choose another name.",
            )
        if name in known and where != own_file():
            raise ProfileFixed(
                f"The profile {name!r} is defined in {where or 'Dask’s configuration'}, which "
                "dasklab does not change.",
                "Choose another name, or change it there.",
            )
        _write(name, profile)


def remove(name: str) -> None:
    """Take a profile out of our file.

    Raises
    ------
    ProfileUnknown
        It is not there (any more).
    ProfileFixed
        Another file defines it.
    ConfigUnreadable, ConfigUnwritable
        Nothing was changed.
    """
    with Registry().lock():
        if name not in profiles():
            raise ProfileUnknown(
                f"There is no profile {name[:80]!r}.", "Somebody may have removed it already."
            )
        where = origin(name)
        if where != own_file():
            raise ProfileFixed(
                f"The profile {name!r} is defined in {where or 'Dask’s configuration'}, which "
                "dasklab does not change.",
                "Remove it there.",
            )
        _write(name, None)


def _write(name: str, profile: dict[str, Any] | None) -> None:
    """Replace our file in one step by what it says with this change."""
    import yaml

    file = _own(config_files())
    if file.problem is not None:
        raise file.problem
    # A copy of all that is on the way to the profiles; the file may have other sections too.
    content = {**file.content, "dasklab": {**(file.content.get("dasklab") or {})}}
    saved = dict(section(file, "profiles"))
    saved.pop(name, None)
    if profile is not None:
        saved[name] = profile
    content["dasklab"]["profiles"] = saved
    text = HEADER + yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    path = os.path.realpath(file.path)  # a link into a folder of dotfiles stays one
    temporary = f"{path}.{os.getpid()}"  # an ending that Dask does not read
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        try:
            # Options may hold a secret: an environment variable of the workers.
            flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_CLOEXEC
            with open(os.open(temporary, flags, 0o600), "w", encoding="utf-8") as handle:
                handle.write(text)
                handle.flush()
                os.fsync(handle.fileno())
            os.replace(temporary, path)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
    except OSError as error:
        raise ConfigUnwritable(
            f"{file.path} cannot be written: {error.strerror or error}.",
            "Profiles are kept there, in the folder of Dask's configuration.",
        ) from error
