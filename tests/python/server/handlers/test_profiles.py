"""The profiles over REST; the file itself is tested with its module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ..conftest import Ask

pytestmark = pytest.mark.usefixtures("catalogued")

WIDE = {"deployment": "local", "workers": {"minimum": 1, "maximum": 4}, "options": {}}


async def test_saved_listed_launched_removed(api: Ask, dask_folder: Path) -> None:
    saved = await api("PUT", "profiles/wide", {**WIDE, "options": {"threads_per_worker": 3}})
    assert saved.code == 200
    assert saved.json["editable"] is True
    listed = await api("GET", "profiles")
    assert listed.json == {"profiles": [saved.json], "problems": []}
    shown = await api("POST", "preview", {"profile": "wide"})
    assert "threads_per_worker=3" in shown.json["text"]
    assert (await api("DELETE", "profiles/wide")).code == 204
    assert (await api("GET", "profiles")).json["profiles"] == []


async def test_a_profile_of_another_file_is_shown_and_not_overwritten(
    api: Ask, dask_folder: Path
) -> None:
    (dask_folder / "admin.yaml").write_text("dasklab: {profiles: {big: {workers: 2}}}")
    [row] = (await api("GET", "profiles")).json["profiles"]
    assert (row["name"], row["workers"], row["editable"]) == ("big", 2, False)
    for answer in (await api("PUT", "profiles/big", WIDE), await api("DELETE", "profiles/big")):
        assert (answer.code, answer.error["code"]) == (409, "profile.fixed")


async def test_a_broken_file_is_told_and_hides_nothing(api: Ask, dask_folder: Path) -> None:
    (dask_folder / "broken.yaml").write_text("a: [")
    assert (await api("PUT", "profiles/wide", WIDE)).code == 200
    listed = (await api("GET", "profiles")).json
    assert [row["name"] for row in listed["profiles"]] == ["wide"]
    assert "broken.yaml is not" in listed["problems"][0]["message"]


BAD: list[tuple[str, Any, int, str]] = [
    ("a%20b", WIDE, 400, "name.invalid"),
    ("..%2F..%2Fx", WIDE, 400, "name.invalid"),
    ("local", WIDE, 400, "name.invalid"),
    ("x", {"deployment": "lokal"}, 400, "deployment.unknown"),
    ("x", {"deployment": None}, 400, "deployment.unknown"),
    ("x", {"options": {"memroy_limit": "1GiB"}}, 400, "options.invalid"),
    ("x", {"options": [1]}, 400, "options.invalid"),
    ("x", {"workers": -1}, 400, "workers.invalid"),
    ("x", {"environment": "pyhton"}, 400, "environment.unknown"),
    ("x", {"wrokers": 1}, 400, "request.malformed"),
    ("x", "{", 400, "request.malformed"),
]


@pytest.mark.parametrize(("name", "body", "status", "code"), BAD, ids=range(len(BAD)))
async def test_bad_profiles_are_refused(
    api: Ask, dask_folder: Path, name: str, body: Any, status: int, code: str
) -> None:
    answer = await api("PUT", f"profiles/{name}", body)
    assert (answer.code, answer.error["code"]) == (status, code)
    assert list(dask_folder.iterdir()) == []


async def test_an_unknown_profile(api: Ask) -> None:
    answer = await api("DELETE", "profiles/gone")
    assert (answer.code, answer.error["code"]) == (404, "profile.unknown")


async def test_fixed_options_are_shown_and_enforced(api: Ask, dask_folder: Path) -> None:
    (dask_folder / "admin.yaml").write_text("dasklab: {locked: {local: {memory_limit: 2GiB}}}")
    rows = (await api("GET", "deployments")).json["deployments"]
    assert next(row for row in rows if row["name"] == "local")["locked"] == {"memory_limit": "2GiB"}
    body = {"deployment": "local", "options": {"memory_limit": "9GiB"}}
    for method, path in (("POST", "clusters"), ("POST", "preview"), ("PUT", "profiles/x")):
        answer = await api(method, path, body)
        assert (answer.code, answer.error["code"]) == (403, "refused")
        assert "memory_limit: an administrator has fixed it" in answer.error["message"]


@pytest.mark.parametrize("dasklab_config", [{"read_only": True}])
async def test_nothing_is_saved_where_clusters_can_only_be_looked_at(
    api: Ask, dask_folder: Path
) -> None:
    assert (await api("GET", "profiles")).code == 200
    for answer in (await api("PUT", "profiles/x", WIDE), await api("DELETE", "profiles/x")):
        assert (answer.code, answer.error["code"]) == (403, "refused")
    assert list(dask_folder.iterdir()) == []


async def test_nobody_without_a_token(api: Ask) -> None:
    for method, path in (("GET", "profiles"), ("PUT", "profiles/x"), ("DELETE", "profiles/x")):
        body = {} if method == "PUT" else None
        assert (await api(method, path, body, anonymous=True)).code in (401, 403)
