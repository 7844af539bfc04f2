"""The interpreters."""

from __future__ import annotations

from typing import Any

import pytest

from ..conftest import Ask


async def test_python_kernels_are_listed_and_others_not(api: Ask) -> None:
    rows = (await api("GET", "environments")).json["environments"]
    names = [row["name"] for row in rows]
    assert names[0] == "python3"
    assert "echo" not in names


async def test_a_gateways_manager_answers_later(
    api: Ask, jp_serverapp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = {"argv": ["/far/python3.12"], "language": "python", "display_name": "Far away"}

    class Gateway:
        async def get_all_specs(self) -> dict[str, Any]:
            return {"far": {"name": "far", "spec": spec, "resources": {}}}

    monkeypatch.setitem(jp_serverapp.web_app.settings, "kernel_spec_manager", Gateway())
    rows = (await api("GET", "environments")).json["environments"]
    assert {"name": "far", "title": "Far away", "python": "/far/python3.12"} in rows
