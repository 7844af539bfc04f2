"""What has known holes is not installed beside a Jupyter server of ours."""

from __future__ import annotations

from importlib.metadata import requires, version

import pytest
from packaging.requirements import Requirement

FLOORS = {
    "jupyter-server": ("2.20.9", "2.21"),
    "jupyter-server-proxy": ("4.1.9", "4.2"),
    "bokeh": ("3.8.1", "3.8.2"),
    "distributed": ("2026.1.0", "2026.1.1"),
}
"""The last version that must not be taken, and the first that may; CONTRIBUTING.md says why."""


@pytest.mark.parametrize("package", FLOORS)
def test_floor(package: str) -> None:
    wanted = [Requirement(line) for line in requires("dasklab") or ()]
    found = [
        each.specifier
        for each in wanted
        if each.name == package and each.marker and each.marker.evaluate({"extra": "lab"})
    ]
    hole, mended = FLOORS[package]

    assert len(found) == 1
    assert hole not in found[0]
    assert mended in found[0]
    assert version(package) in found[0], "what is tested here"
