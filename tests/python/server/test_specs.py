"""Kernelspecs for launching, from any kind of manager."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from dasklab.server.specs import default_environment, known_specs

SPECS: dict[str, Any] = {
    "python3": {"spec": {"language": "python"}},
    "ir": {"spec": {"language": "R"}},
}


class Here:
    def get_all_specs(self) -> dict[str, Any]:
        return SPECS


class Gateway:
    async def get_all_specs(self) -> dict[str, Any]:
        return SPECS


@pytest.mark.parametrize("manager", [Here(), Gateway()])
async def test_managers_of_both_kinds(manager: Any) -> None:
    assert (await known_specs(manager)).get_all_specs() == SPECS


@pytest.mark.parametrize(
    ("name", "found"), [("python3", "python3"), ("ir", None), ("gone", None), ("", None)]
)
async def test_new_notebooks_kernel_is_the_default(name: str, found: str | None) -> None:
    specs = await known_specs(Here())
    assert default_environment(specs, SimpleNamespace(default_kernel_name=name)) == found
