"""The ways to run Dask."""

from __future__ import annotations

import sys
from typing import Any

from jsonschema import Draft202012Validator

from ..conftest import Ask


async def test_each_deployment_has_a_schema_of_its_options(api: Ask) -> None:
    for query in ("", "?environment=python3", f"?environment={sys.executable}", "?environment="):
        rows = (await api("GET", f"deployments{query}")).json["deployments"]
        local = next(row for row in rows if row["name"] == "local")
        assert (local["available"], local["missing"]) == (True, None)
        for row in rows:
            Draft202012Validator.check_schema(row["schema"])
        takes = {row["name"]: row["workers"] for row in rows}
        assert [takes[name]["number"] for name in ("local", "mpi", "existing")] == [
            True,
            True,
            False,
        ]
        assert [takes[name]["adaptive"] for name in ("local", "mpi", "existing")] == [
            True,
            False,
            False,
        ]


async def test_the_limit_of_workers_comes_along(api: Ask, setting: Any) -> None:
    setting("limits.workers", 3)
    assert (await api("GET", "deployments")).json["limits"] == {"workers": 3}


async def test_an_environment_that_there_is_not(api: Ask) -> None:
    answer = await api("GET", "deployments?environment=pythn3")
    assert (answer.code, answer.error["code"]) == (400, "environment.unknown")
    assert "python3" in answer.error["hint"]
    answer = await api("GET", "deployments?environment=/nowhere/python")
    assert (answer.code, answer.error["code"]) == (422, "interpreter.missing")
