"""Reading ``%dask start``: which options there are depends on what is started, and where."""

from __future__ import annotations

import contextlib
import difflib
import json
from typing import TYPE_CHECKING, Any

from ..errors import OptionsInvalid, UsageError
from ..launching import LaunchRequest, profiles
from ..model.scaling import Scaling
from ..options import check, coerce
from .subcommands import START
from .usage import Line, read, switches

if TYPE_CHECKING:
    from .session import Session

__all__ = ("find_schema", "read_request")


def read_request(
    session: Session, tokens: list[str], cluster_id: str
) -> tuple[LaunchRequest, set[str], int | None]:
    """What a ``start`` line asks for, its flags, and how many workers to wait for (all: ``None``).

    Raises
    ------
    DasklabError
        Everything that is wrong with the options, in one error.
    """
    line = read(START, tokens)
    schema: dict[str, Any] = {}
    if line.others:
        # Which option takes a value is only known now; it may change what is a name.
        for _ in range(2):
            deployment, environment = _target(line)
            schema = find_schema(session, deployment, environment) or {}
            line = read(START, tokens, switches(schema))
    deployment, environment = _target(line)
    if "workers" in line.values and "adapt" in line.values:
        raise UsageError("Give -n or --adapt, not both.", f"Write: {START.line}")
    adapt = line.values.get("adapt")
    if adapt is not None and ":" not in adapt:
        raise UsageError(f"--adapt is {adapt[:60]!r}, not a range.", "Write: --adapt 1:8")
    options = {name: _given(schema, name, text) for name, text in line.others}
    if schema and options:
        _check(deployment, schema, options)
    request = LaunchRequest(
        deployment=deployment,
        workers=adapt or line.values.get("workers"),
        name=line.values.get("name"),
        environment=environment,
        options=options,
        id=cluster_id,
    )
    wait = line.values.get("wait")
    if wait is not None and "no-wait" in line.flags:
        raise UsageError("Give --wait or --no-wait, not both.", f"Write: {START.line}")
    return request, line.flags, None if wait is None else Scaling.parse_one(wait).wanted


def _target(line: Line) -> tuple[str, str | None]:
    return (line.words[0] if line.words else "local"), line.values.get("env")


def find_schema(session: Session, name: str, environment: str | None) -> dict[str, Any] | None:
    """The options of a deployment or profile; ``None`` when there is none of that name.

    Raises
    ------
    DasklabError
        The environment cannot be asked.
    """
    profile = profiles().get(name)
    if profile is not None:
        name = str(profile.get("deployment", "local"))
        environment = environment or profile.get("environment")
    for row in session.catalogue(environment, name):
        if row["name"] == name:
            return dict(row["schema"])
    return None


def _given(schema: dict[str, Any], name: str, text: str | None) -> Any:
    """An option's value from its text."""
    rule = schema.get("properties", {}).get(name, {})
    if text is None:
        return _nothing(name, rule)
    if rule.get("type") == "object" and not text.lstrip().startswith("{") and "=" in text:
        # {"GPU": 1} is awkward on a magic's line, where IPython puts variables into braces.
        pairs = (part.partition("=") for part in text.split(","))
        kind = (rule.get("additionalProperties") or {}).get("type")
        return {key.strip(): _item(value.strip(), kind) for key, _, value in pairs}
    return coerce(schema, name, text)


def _nothing(name: str, rule: dict[str, Any]) -> Any:
    if rule:
        raise UsageError(f"--{name.replace('_', '-')} needs a value.", rule.get("description", ""))
    return True  # unknown: the check says so, with everything else that is wrong


def _item(text: str, kind: str | None) -> Any:
    if kind == "string":
        return text
    with contextlib.suppress(ValueError):
        return json.loads(text)
    return text


def _check(deployment: str, schema: dict[str, Any], options: dict[str, Any]) -> None:
    """Check options; what is close to one of the magic's own options gets that as its hint."""
    try:
        check(deployment, schema, options)
    except OptionsInvalid as error:
        own = {name[2:].replace("-", "_"): name for name in (*START.values, *START.flags)}
        errors = error.details.get("errors", [])
        for single in errors:
            near = difflib.get_close_matches(str(single["option"]), own, 1)
            if near and str(single["message"]).endswith("there is no such option."):
                single["message"] = f"{single['message'][:-1]}; did you mean {own[near[0]]}?"
        raise OptionsInvalid(
            " ".join(str(single["message"]) for single in errors) or error.message,
            error.hint,
            details=error.details,
        ) from None
