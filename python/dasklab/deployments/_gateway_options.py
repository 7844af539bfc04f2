"""The options of ``gateway``: ours, and those that its server offers.

A server is asked for its own when the form is opened or ``%dask start gateway`` is read. One that
does not answer in time costs its options, not the others' form.
"""

from __future__ import annotations

import asyncio
import copy
import logging
from typing import Any

from ..errors import DasklabError

__all__ = ("OPTIONS", "schema_with", "server_options")

logger = logging.getLogger(__name__)

SERVER = "Options of this gateway"
PLACE = "Gateway"

PATIENCE = 4.0
"""Seconds for a server to say what it offers."""

OPTIONS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "address": {
            "type": "string",
            "title": "Address",
            "description": "Such as https://hub.example/services/dask-gateway; the gateway's API.",
            "pattern": r"^https?://[^\s/]+",
            "x-group": PLACE,
        },
        "proxy_address": {
            "type": "string",
            "title": "Proxy for schedulers",
            "description": "Such as gateway.example:8786; where the gateway takes connections to "
            "schedulers. Unset: its address.",
            "minLength": 1,
            "x-group": PLACE,
        },
        "auth": {
            "type": "string",
            "title": "Login",
            "description": "Such as jupyterhub; basic, kerberos, or a class by its path. What it "
            "needs besides is in Dask's configuration, gateway.auth.kwargs, and never stored here.",
            "minLength": 1,
            "examples": ["basic", "kerberos", "jupyterhub"],
            "x-group": PLACE,
        },
        "cluster": {
            "type": "string",
            "title": "A cluster that runs already",
            "description": "Such as 9d348e8083a9458e851723487d8b94ef; attached to instead of "
            "starting one. %dask discover lists them.",
            "minLength": 1,
            "x-group": PLACE,
        },
        "cluster_options": {
            "type": "object",
            "title": "Other options",
            "description": "Such as worker_cores=2; options of a gateway that could not be asked "
            "for them, as it takes them.",
            "x-group": PLACE,
        },
    },
}

KINDS = {"Integer": "integer", "Float": "number", "Bool": "boolean", "String": "string"}


def server_options(given: dict[str, Any]) -> dict[str, Any]:
    """Those of a launch's options that are the server's."""
    own = {name: value for name, value in given.items() if name not in OPTIONS["properties"]}
    return {**given.get("cluster_options", {}), **own}


def schema_with(settings: dict[str, Any], offer: Any) -> dict[str, Any]:
    """The schema, with the site's defaults and what the server offers.

    Parameters
    ----------
    settings
        Defaults by option, from Dask's configuration.
    offer
        Asks the server for its options; ``None`` where no server is configured.
    """
    schema = copy.deepcopy(OPTIONS)
    own = schema["properties"]
    for name, value in settings.items():
        if value:
            own[name] |= {"default": str(value), "x-from": f"gateway.{name.replace('_', '-')}"}
    if offer is None:
        del own["address"]["x-group"]  # the one that must be given: in sight
        return schema
    try:
        fields = asyncio.run(asyncio.wait_for(offer(), PATIENCE))
    except (DasklabError, OSError, asyncio.TimeoutError, ValueError) as error:
        logger.info("The gateway does not say what it offers: %s", error)
        return schema
    offered = {field.field: _property(field) for field in fields if field.field not in own}
    schema["properties"] = {**offered, **own}
    return schema


def _property(field: Any) -> dict[str, Any]:
    """One option of a server, as JSON Schema."""
    kind = type(field).__name__
    found: dict[str, Any] = {
        "title": str(field.label),
        "description": f"Such as {field.value}; an option of this gateway."
        if field.value not in ("", {}, None)
        else "An option of this gateway.",
        "x-group": SERVER,
    }
    if kind == "Select":
        found |= {"type": "string", "enum": list(field.options)}
    elif kind == "Mapping":
        found |= {"type": "object"}
    elif kind in KINDS:
        found["type"] = KINDS[kind]
        for bound, key in (("min", "minimum"), ("max", "maximum")):
            if getattr(field, bound, None) is not None:
                found[key] = getattr(field, bound)
    if field.value not in ({}, None):
        found["default"] = field.value
    return found
