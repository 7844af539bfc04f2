"""Caps of workers and clusters: the smallest value of the configuration counts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from dasklab.errors import InputError
from dasklab.limits import limit_of


def test_without_a_file_it_is_the_default() -> None:
    assert (limit_of("workers"), limit_of("clusters")) == (1000, 50)


def test_users_file_does_not_raise_what_an_administrators_says(
    dask_folder: Path, setting: Callable[..., None]
) -> None:
    (dask_folder / "00-admin.yaml").write_text("dasklab: {limits: {workers: 8}}")
    (dask_folder / "99-mine.yaml").write_text("dasklab: {limits: {workers: 500, clusters: 5}}")
    setting("limits.workers", 5000)

    assert limit_of("workers") == 8
    assert limit_of("clusters") == 5


def test_anybody_may_cap_themselves_further(
    dask_folder: Path, setting: Callable[..., None]
) -> None:
    (dask_folder / "00-admin.yaml").write_text("dasklab: {limits: {workers: 8}}")
    (dask_folder / "99-mine.yaml").write_text("dasklab: {limits: {workers: 4}}")
    assert limit_of("workers") == 4

    setting("limits.workers", 2)
    assert limit_of("workers") == 2


def test_site_may_allow_more_than_the_default(
    dask_folder: Path, setting: Callable[..., None]
) -> None:
    (dask_folder / "00-admin.yaml").write_text("dasklab: {limits: {workers: 5000}}")
    setting("limits.workers", 5000)  # as Dask has read it when it was imported

    assert limit_of("workers") == 5000


@pytest.mark.parametrize("value", ["0", "-3", "many", "2.5", "true", "[]"])
def test_value_in_a_file_that_is_no_number(dask_folder: Path, value: str) -> None:
    (dask_folder / "00-admin.yaml").write_text(f"dasklab: {{limits: {{clusters: {value}}}}}")

    with pytest.raises(InputError, match=r"dasklab\.limits\.clusters is .* in Dask's config"):
        limit_of("clusters")
