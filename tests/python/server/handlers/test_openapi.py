"""The description is true: every answer of every test here is held against it as well."""

from __future__ import annotations

import re
from typing import Any

from jsonschema import Draft202012Validator
from tornado.web import RequestHandler

from dasklab.server.handlers import routes, unknown
from dasklab.server.handlers.openapi import document

from ..conftest import Ask

VERBS = ("get", "post", "put", "patch", "delete", "head")


def described() -> set[tuple[str, str]]:
    return {
        (verb, path)
        for path, operations in document()["paths"].items()
        for verb in operations
        if verb in VERBS
    }


def handled() -> set[tuple[str, str]]:
    found = set()
    for pattern, handler in routes:
        if not pattern.startswith("api") or (pattern, handler) in unknown.routes:
            continue
        path = "/" + re.sub(r"\(\[\^/\]\+\)", "{id}", pattern).removeprefix("api/")
        for verb in VERBS:
            if getattr(handler, verb) is not getattr(RequestHandler, verb):
                found.add((verb, path))
    return found


def test_paths_and_methods_are_those_of_the_handlers() -> None:
    assert described() == handled()


def test_every_schema_is_one() -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "schema" in node and isinstance(node["schema"], dict) and "type" not in node:
                Draft202012Validator.check_schema(node["schema"])
            for item in node.values():
                walk(item)
        elif isinstance(node, list):
            for item in node:
                walk(item)

    walk(document()["paths"])
    for schema in document()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_reference_leads_somewhere() -> None:
    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                target: Any = document()
                for part in node["$ref"].removeprefix("#/").split("/"):
                    target = target[part]
            for item in node.values():
                walk(item)
        elif isinstance(node, list):
            for item in node:
                walk(item)

    walk(document())


async def test_it_is_served_for_this_servers_prefix(api: Ask) -> None:
    answer = (await api("GET", "openapi")).json
    assert answer["openapi"].startswith("3.1")
    assert answer["servers"] == [{"url": "/user/ann/dasklab/api"}]
    assert answer["paths"] == document()["paths"]
