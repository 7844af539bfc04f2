"""A DaskCluster of the user's own, and the options written into it.

What is given at a launch goes before what the manifest says, and that before a site's defaults.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from ...errors import OptionsInvalid

__all__ = ("onto", "read", "write")


def read(path: str) -> dict[str, Any]:
    """The DaskCluster of a file.

    Raises
    ------
    OptionsInvalid
    """
    import yaml  # comes with distributed

    try:
        found = yaml.safe_load(Path(path).expanduser().read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise OptionsInvalid(
            f"The manifest {path} cannot be read: {error}.", "Give the path of a YAML file."
        ) from error
    if not isinstance(found, dict) or found.get("kind") != "DaskCluster":
        raise OptionsInvalid(
            f"The manifest {path} is no DaskCluster.", "Its kind must be DaskCluster."
        )
    return found


def onto(
    own: dict[str, Any], ours: dict[str, Any], said: dict[str, Any], options: dict[str, Any]
) -> dict[str, Any]:
    """A user's manifest with our name and number, and with what options say.

    Parameters
    ----------
    ours
        The manifest that the options alone amount to.
    said, options
        All that is said, by a site's configuration too, and what was given at the launch.

    Raises
    ------
    OptionsInvalid
        There is no place in the manifest for what an option says.
    """
    found = copy.deepcopy(own)
    meta = found.setdefault("metadata", {})
    labels = {**meta.get("labels", {}), **ours["metadata"]["labels"]}
    meta.update({**ours["metadata"], "labels": labels})
    spec, default = found.setdefault("spec", {}), ours["spec"]
    for part in ("scheduler", "worker"):
        theirs, pod = spec.setdefault(part, {}), default[part]["spec"]
        theirs["spec"] = write(part, theirs["spec"], pod, options) if "spec" in theirs else pod
    service = spec["scheduler"].setdefault("service", default["scheduler"]["service"])
    service["selector"] = default["scheduler"]["service"]["selector"]
    if options.get("service_type"):
        service["type"] = options["service_type"]
    spec["worker"]["replicas"] = default["worker"]["replicas"]
    if "idleTimeout" not in spec or options.get("idle_timeout") is not None:
        spec["idleTimeout"] = said.get("idle_timeout", 0)
    return found


def write(
    part: str, theirs: dict[str, Any], ours: dict[str, Any], options: dict[str, Any]
) -> dict[str, Any]:
    """A pod of a user's own with what options say of it.

    Parameters
    ----------
    part
        ``"scheduler"`` or ``"worker"``, of which the options may say different things.
    ours
        The pod that the options alone amount to.
    options
        Those that were given.

    Raises
    ------
    OptionsInvalid
        There is no place in it for what an option says.
    """
    pod = copy.deepcopy(theirs)
    default = ours["containers"][0]
    container = _container(pod, part)
    if options.get("image"):
        container["image"] = default["image"]
    container.setdefault("image", default["image"])
    for kind, amounts in default["resources"].items():
        there = container.setdefault("resources", {})
        there[kind] = {**(there.get(kind) or {}), **amounts}
    _write_environ(container, default["env"], options.get("environ") or {})
    if part == "worker":
        _write_command(container, default["args"], options)
    if options.get("node_selector"):
        pod["nodeSelector"] = {**(pod.get("nodeSelector") or {}), **options["node_selector"]}
    for option, place in (("service_account", "serviceAccountName"),
                          ("pull_secret", "imagePullSecrets")):  # fmt: skip
        if options.get(option):
            pod[place] = ours[place]
    return pod


def _container(pod: dict[str, Any], part: str) -> dict[str, Any]:
    """The one that Dask runs in: a pod may have others beside it."""
    containers = pod.get("containers") or []
    if not containers:
        raise OptionsInvalid(
            f"The manifest's {part} has no container.", "Its spec must have a list of containers."
        )
    found: dict[str, Any] = next((c for c in containers if c.get("name") == part), containers[0])
    return found


def _write_environ(
    container: dict[str, Any], ours: list[dict[str, Any]], given: dict[str, str]
) -> None:
    """Ours before theirs where they were given at the launch; else only what they do not name."""
    theirs = [one for one in container.get("env") or () if one["name"] not in given]
    names = {one["name"] for one in theirs}
    listed = [*theirs, *(one for one in ours if one["name"] not in names)]
    if listed:
        container["env"] = copy.deepcopy(listed)


def _write_command(container: dict[str, Any], ours: list[str], options: dict[str, Any]) -> None:
    if options.get("worker_command"):
        container.pop("command", None)
        container["args"] = list(ours)
        return
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    if not words:
        container["args"] = list(ours)  # what an image runs by itself is no worker, as a rule
    elif options.get("threads"):
        if "worker" not in words:  # such as one line for a shell: nothing can be added to that
            raise OptionsInvalid(
                f"threads: the manifest's worker runs {' '.join(words)[:80]!r}, which takes no "
                "further options.",
                "Write --nthreads there, or give --worker-command.",
            )
        # Of an option that is there twice, the last one counts.
        container["args"] = [*(container.get("args") or ()), "--nthreads", str(options["threads"])]
