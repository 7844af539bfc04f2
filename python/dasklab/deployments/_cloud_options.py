"""Options that several clouds have, written once."""

from __future__ import annotations

from typing import Any

from .base import ENVIRON

__all__ = ("allow_from", "environ", "number", "options", "switch", "text")


def options(required: tuple[str, ...] = (), **properties: dict[str, Any]) -> dict[str, Any]:
    """A deployment's schema."""
    return {
        "type": "object",
        "additionalProperties": False,
        **({"required": list(required)} if required else {}),
        "properties": properties,
    }


def text(title: str, help: str, group: str = "", **more: Any) -> dict[str, Any]:
    """An option that is a text."""
    return _with(group, {"type": "string", "minLength": 1}, title, help, more)


def number(title: str, help: str, group: str = "", **more: Any) -> dict[str, Any]:
    """An option that is a whole number, 1 or more."""
    return _with(group, {"type": "integer", "minimum": 1}, title, help, more)


def switch(title: str, help: str, group: str = "", **more: Any) -> dict[str, Any]:
    """An option that is on or off."""
    return _with(group, {"type": "boolean"}, title, help, more)


def allow_from() -> dict[str, Any]:
    """Who reaches the scheduler, where a security group is made for the cluster."""
    return {
        "type": "string",
        "title": "Let in",
        "description": "Such as 203.0.113.7/32, the address by which AWS sees this machine; they "
        "reach scheduler and dashboard by a security group of the cluster's own.",
        "pattern": r"^[0-9a-fA-F.:]+/[0-9]{1,3}$",
        "x-group": "Network",
    }


def environ(help: str = "Such as OMP_NUM_THREADS=4; of scheduler and workers.") -> dict[str, Any]:
    """Environment variables."""
    return {
        **ENVIRON,
        "description": help,
        "x-group": "Software",
    }


def _with(
    group: str, kind: dict[str, Any], title: str, help: str, more: dict[str, Any]
) -> dict[str, Any]:
    found = {**kind, "title": title, "description": help, **more}
    return {**found, "x-group": group} if group else found
