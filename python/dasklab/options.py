"""Options of a deployment: checked against its JSON Schema, all errors at once.

The one reader of options: what the panel's form, the magic's arguments, a profile and the Python
API give all comes through :func:`check`, so a misspelt option gets the same sentence everywhere.
"""

from __future__ import annotations

import difflib
import json
from typing import Any

from .errors import OptionsInvalid

__all__ = ("check", "coerce", "defaults")

KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "text",
    "array": "a list",
    "object": 'an object such as {"NAME": 1}',
}


def defaults(schema: dict[str, Any]) -> dict[str, Any]:
    """The default of every option that has one."""
    properties = schema.get("properties", {})
    return {name: rule["default"] for name, rule in properties.items() if "default" in rule}


def coerce(schema: dict[str, Any], name: str, text: str) -> Any:
    """An option's value from the text of a command line; text that does not fit is left as it is.

    Parameters
    ----------
    schema
        The deployment's schema.
    name
        The option; an unknown one keeps its text, and :func:`check` names it.
    """
    rule = schema.get("properties", {}).get(name, {})
    kinds = rule.get("type", "string")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if "string" in kinds or ("type" not in rule and "oneOf" in rule):
        return text
    if "boolean" in kinds and text.lower() in ("true", "yes", "on", "false", "no", "off"):
        return text.lower() in ("true", "yes", "on")
    if "array" in kinds and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return json.loads(text, parse_constant=_refuse)
    except ValueError:
        return text


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def check(deployment: str, schema: dict[str, Any], options: object) -> dict[str, Any]:
    """Validated options.

    Raises
    ------
    OptionsInvalid
        ``details["errors"]`` has one ``{"option", "message"}`` for each; the message has them all.
    """
    if not isinstance(options, dict):
        raise OptionsInvalid("The options are not an object.", 'Give {"threads_per_worker": 2}.')
    if not options and not schema.get("required") and "then" not in schema:
        return {}
    # Not before there is something to check: beside Jupyter it takes over a second of CPU to
    # import, because its formats build a whole grammar (rfc3987_syntax, by lark).
    from jsonschema import Draft202012Validator

    properties = schema.get("properties", {})
    errors: list[dict[str, str]] = []
    known = {str(name).replace("-", "_"): value for name, value in options.items()}
    for name, value in list(known.items()):
        try:
            # As it will travel: no tuples, no keys but text, and none of what JSON has not.
            known[name] = json.loads(json.dumps(value, allow_nan=False))
        except (TypeError, ValueError, RecursionError):
            shown = str(value) if isinstance(value, float) else f"a {type(value).__name__}"
            message = f"{name[:60]}: {shown} is not plain data (text, numbers, lists)."
            errors.append({"option": name[:60], "message": message})
            del known[name]
            continue
        if name not in properties and schema.get("additionalProperties", True) is False:
            near = difflib.get_close_matches(name, properties, 1)
            message = f"{name[:60]}: there is no such option"
            message += f"; did you mean {near[0]}?" if near else "."
            errors.append({"option": name[:60], "message": message})
            del known[name]
    for error in Draft202012Validator(schema).iter_errors(known):
        option = str(error.absolute_path[0]) if error.absolute_path else ""
        errors.append({"option": option, "message": _sentence(option, error, properties)})
    if errors:
        raise OptionsInvalid(
            " ".join(error["message"] for error in errors),
            f"See %dask help start {deployment}.",
            details={"errors": errors},
        )
    for name, value in known.items():
        if isinstance(value, float) and properties.get(name, {}).get("type") == "integer":
            known[name] = int(value)  # 2.0 is a whole number to JSON Schema
    return known


def _sentence(option: str, error: Any, properties: dict[str, Any]) -> str:
    """One schema violation in plain words."""
    value = json.dumps(error.instance, default=str)[:80]
    inside = "".join(f"[{part}]" for part in list(error.absolute_path)[1:])
    where, limit = f"{option}{inside}", error.validator_value
    if error.validator == "required":
        missing = [name for name in limit if name not in error.instance]
        return f"{', '.join(missing)}: must be given."
    if error.validator == "type":
        kinds = [limit] if isinstance(limit, str) else limit
        return f"{where}: {value} is not {' or '.join(KINDS.get(k, k) for k in kinds)}."
    if error.validator in ("minimum", "exclusiveMinimum"):
        return f"{where}: {value} is too small; the least is {limit}."
    if error.validator in ("maximum", "exclusiveMaximum"):
        return f"{where}: {value} is too large; the most is {limit}."
    if error.validator in ("oneOf", "anyOf", "enum"):
        choices = limit if error.validator == "enum" else [c.get("const") for c in limit]
        text = ", ".join(str(choice) for choice in choices if choice is not None)
        near = difflib.get_close_matches(str(error.instance), [str(c) for c in choices], 1)
        hint = f" Did you mean {near[0]}?" if near else ""
        return f"{where}: {value} is not one of {text}.{hint}"
    if error.validator == "pattern":
        example = properties.get(option, {}).get("description", "").split(";")[0]
        return f"{where}: {value} does not fit." + (f" {example.rstrip('.')}." if example else "")
    if error.validator == "minLength":
        return f"{where}: must not be empty."
    return f"{where}: {error.message[:200]}."
