"""The clusters: list, create, read, stop."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from dasklab.model.record import Environment, Event, Phase
from dasklab.registry import Registry

from ...support import AS_ROOT, alive, kill
from ..conftest import Ask, until

ID = "0123456789abcdef0123456789abcdef"


async def test_a_cluster_from_create_to_forgotten(
    api: Ask, reaches: Any, jp_root_dir: Path, registry: Registry
) -> None:
    (jp_root_dir / "project").mkdir()
    made = await api("POST", "clusters", {"workers": 0, "cwd": "project", "name": "mine"})
    assert (made.code, made.json["phase"]) == (202, "starting")
    cluster_id = made.json["id"]
    assert made.headers["Location"] == f"/user/ann/dasklab/api/clusters/{cluster_id}"
    assert made.json["cwd"] == str(jp_root_dir / "project")
    assert made.json["environment"]["name"] == "python3", "the kernel's, not the server's own"

    running = await reaches(cluster_id, "running")
    assert running["scheduler"]["address"].startswith("tcp://127.0.0.1:")
    listed = (await api("GET", "clusters")).json
    assert [one["id"] for one in listed["clusters"]] == [cluster_id]
    assert listed["problems"] == []

    host = registry.get(cluster_id).host
    stopping = await api("DELETE", f"clusters/{cluster_id}")
    assert (stopping.code, stopping.json["phase"]) == (202, "stopping")
    await reaches(cluster_id, "stopped")
    assert host is not None
    await until(lambda: asyncio.to_thread(lambda: not alive(host.pid)))
    assert (await api("DELETE", f"clusters/{cluster_id}")).code == 204
    for method in ("GET", "DELETE"):
        assert (await api(method, f"clusters/{cluster_id}")).error["code"] == "cluster.unknown"


async def test_what_to_mind_is_said_as_long_as_it_lives(api: Ask, reaches: Any) -> None:
    kwargs = {"cores": 1, "memory": "1GB", "interface": "lo"}
    options = {"cluster_class": "dask_jobqueue:SLURMCluster", "kwargs": kwargs}
    made = await api("POST", "clusters", {"deployment": "class", "workers": 0, "options": options})
    running = await reaches(made.json["id"], "running")

    assert [found["code"] for found in running["warnings"]] == ["class.own"]
    assert running["warnings"][0]["hint"].startswith("%dask start slurm does the same")
    assert running["advice"] == []
    assert running["scheduler"]["address"].startswith("tls://"), "where jobs are is not known"


async def test_one_id_makes_one_cluster_also_at_once(
    api: Ask, reaches: Any, registry: Registry
) -> None:
    body = {"workers": 0, "id": ID}
    answers = await asyncio.gather(*(api("POST", "clusters", body) for _ in range(3)))
    assert [answer.code for answer in answers] == [202, 202, 202]
    assert {answer.json["id"] for answer in answers} == {ID}
    assert len((await api("GET", "clusters")).json["clusters"]) == 1
    await reaches(ID, "running")
    again = await api("POST", "clusters", body)
    assert (again.code, again.json["phase"]) == (202, "running")


async def test_one_name_makes_one_cluster_also_at_once(api: Ask, reaches: Any) -> None:
    body = {"workers": 0, "name": "mine"}
    answers = await asyncio.gather(*(api("POST", "clusters", body) for _ in range(2)))
    assert sorted(answer.code for answer in answers) == [202, 409]
    refused = next(answer for answer in answers if answer.code == 409)
    assert refused.error["code"] == "cluster.exists"
    assert len((await api("GET", "clusters")).json["clusters"]) == 1
    await reaches(next(a for a in answers if a.code == 202).json["id"], "running")


async def test_stopping_twice_at_once_is_no_error(api: Ask, running: Any, reaches: Any) -> None:
    cluster = await running()
    answers = await asyncio.gather(*(api("DELETE", f"clusters/{cluster['id']}") for _ in range(2)))
    assert [answer.code for answer in answers] == [202, 202]
    await reaches(cluster["id"], "stopped")


async def test_a_start_can_be_called_off(api: Ask, reaches: Any) -> None:
    made = await api("POST", "clusters", {"workers": 1})
    assert (await api("DELETE", f"clusters/{made.json['id']}")).code == 202
    assert (await reaches(made.json["id"], "stopped", "failed"))["phase"] == "stopped"


async def test_a_host_that_is_killed_is_lost_with_a_reason(
    api: Ask, running: Any, reaches: Any, registry: Registry
) -> None:
    cluster = await running()
    await until(lambda: asyncio.sleep(0, registry.get(cluster["id"]).phase is Phase.RUNNING))
    host = registry.get(cluster["id"]).host
    assert host is not None
    await asyncio.to_thread(kill, host.pid)
    lost = await reaches(cluster["id"], "lost")
    assert lost["reason"]["message"]
    assert (await api("DELETE", f"clusters/{cluster['id']}")).code == 204


async def test_a_live_cluster_whose_record_is_damaged_still_obeys(
    api: Ask, running: Any, reaches: Any, registry: Registry
) -> None:
    cluster_id = (await running())["id"]
    await reaches(cluster_id, "running")
    await until(lambda: asyncio.sleep(0, registry.get(cluster_id).phase is Phase.RUNNING))
    registry.path(cluster_id).write_text("{")
    assert (await api("GET", f"clusters/{cluster_id}")).json["phase"] == "running"
    assert (await api("POST", f"clusters/{cluster_id}/keep", {"pinned": True})).code == 200
    await until(lambda: asyncio.sleep(0, registry.records()[1] == []))
    assert (await api("DELETE", f"clusters/{cluster_id}")).code == 202
    await reaches(cluster_id, "stopped")


SOMEBODYS = {"deployment": "existing", "options": {"address": "tcp://127.0.0.1:8786"}}
BAD = [
    ({"workers": -1}, 400, "workers.invalid"),
    ({"workers": 2.5}, 400, "workers.invalid"),
    ({"workers": True}, 400, "workers.invalid"),
    ({"workers": "many"}, 400, "workers.invalid"),
    ({"workers": []}, 400, "workers.invalid"),
    ({"workers": {}}, 400, "workers.invalid"),
    ({"workers": 10**9}, 400, "workers.invalid"),
    ({"workers": {"minimum": 6, "maximum": 3}}, 400, "workers.invalid"),
    ({"workers": {"minimum": -3, "maximum": -1}}, 400, "workers.invalid"),
    ({"workers": {"minimum": "a", "maximum": "b"}}, 400, "workers.invalid"),
    ({"workers": 2, **SOMEBODYS}, 400, "workers.invalid"),
    ({"workers": {"minimum": 1, "maximum": 2}, **SOMEBODYS}, 400, "workers.invalid"),
    ({"deployment": "locl"}, 400, "deployment.unknown"),
    ({"deployment": 3}, 400, "request.malformed"),
    ({"profile": "mine"}, 400, "deployment.unknown"),
    ({"name": "a b"}, 400, "name.invalid"),
    ({"name": "../x"}, 400, "name.invalid"),
    ({"name": ["x"]}, 400, "request.malformed"),
    ({"options": []}, 400, "options.invalid"),
    ({"options": {"threads": 2, "memory_limit": 7}}, 400, "options.invalid"),
    ({"environment": "nopython"}, 400, "environment.unknown"),
    ({"environment": "/nowhere/python"}, 422, "interpreter.missing"),
    ({"environment": "/bin/true"}, 422, "interpreter.unfit"),
    ({"id": "short"}, 400, "request.malformed"),
    ({"id": "../../../../etc/passwd"}, 400, "request.malformed"),
    ({"cwd": "../outside"}, 400, "input.invalid"),
    ({"cwd": "a/../../outside"}, 400, "input.invalid"),
    ({"cwd": "not-there"}, 400, "input.invalid"),
    ({"cwd": "nul\0"}, 400, "input.invalid"),
]


@pytest.mark.parametrize("address", ["clusters", "preview"])
async def test_bad_input_gets_a_sentence_and_starts_nothing(
    api: Ask, registry: Registry, address: str
) -> None:
    for body, status, code in BAD:
        answer = await api("POST", address, body)
        assert (answer.code, answer.error["code"]) == (status, code), (body, answer.body)
    assert registry.records() == ([], [])


async def test_all_bad_options_are_named_at_once_with_the_nearest(api: Ask) -> None:
    answer = await api("POST", "clusters", {"options": {"threds_per_worker": 2, "memory_limit": 7}})
    errors = {error["option"]: error["message"] for error in answer.error["details"]["errors"]}
    assert set(errors) == {"threds_per_worker", "memory_limit"}
    assert "threads_per_worker" in errors["threds_per_worker"]


async def test_the_configured_number_of_clusters_is_the_most(
    api: Ask, setting: Any, registered: Any
) -> None:
    registered()
    setting("limits.clusters", 1)
    answer = await api("POST", "clusters", {"workers": 0})
    assert (answer.code, answer.error["code"]) == (403, "refused")


@AS_ROOT
async def test_a_record_that_cannot_be_used_is_named_and_the_others_are_listed(
    api: Ask, registered: Any, registry: Registry
) -> None:
    good = registered()
    for name, content in (("b", "{"), ("c", '{"version": 99}')):
        path = registry.clusters / f"{name * 32}.json"
        path.write_text(content)
        path.chmod(0o600)
    foreign = registered(id="d" * 32)
    os.chown(registry.path(foreign.id), 12345, 12345)
    listed = (await api("GET", "clusters")).json
    assert [one["id"] for one in listed["clusters"]] == [good.id]
    codes = sorted(problem["code"] for problem in listed["problems"])
    assert codes == ["record.corrupt", "record.foreign", "record.newer"]
    for name, code in (("b", "record.corrupt"), ("c", "record.newer"), ("d", "record.foreign")):
        answer = await api("GET", f"clusters/{name * 32}")
        assert answer.error["code"] == code


async def test_a_folder_that_others_can_reach_into_is_named(
    api: Ask, registry: Registry, extension: Any
) -> None:
    registry.open()
    registry.folder.chmod(0o755)

    async def look() -> Any:
        return (await api("GET", "clusters")).json["problems"]

    problems = await until(look)
    assert "chmod 700" in problems[0]["hint"]


HOSTILE = "\x1b[31m<script>alert(1)</script>\x00\u202e\ud800" + "A" * 100_000


async def test_hostile_text_arrives_as_text_and_capped(
    api: Ask, registered: Any, registry: Registry
) -> None:
    record = registered(
        reason={"code": "x", "message": HOSTILE, "hint": HOSTILE, "details": {HOSTILE: HOSTILE}},
        environment=Environment(python=HOSTILE),
        events=(Event(1.0, "worker-lost", HOSTILE),),
        options={"name": HOSTILE},
        phase=Phase.WAITING,
    )
    for path in ("clusters", f"clusters/{record.id}"):
        answer = await api("GET", path)
        assert len(answer.body) < 100_000
        text = json.dumps(answer.json)
        for bad in ("\\u001b", "\\u0000", "\\u202e", "\\ud800"):
            assert bad not in text
        assert "<script>" in text, "kept as the text it is; the panel shows it as such"


async def test_a_number_that_json_has_not_does_not_spoil_the_list(
    api: Ask, registered: Any, registry: Registry
) -> None:
    """Only who writes into the folder by hand makes one: that record is named, the others listed."""
    record, sound = registered(), registered(id="b" * 32, name="sound")
    path = registry.path(record.id)
    data = json.loads(path.read_text())
    data["options"] = {"x": float("nan"), "y": float("inf")}
    path.write_text(json.dumps(data))
    answer = (await api("GET", "clusters")).json
    assert [one["id"] for one in answer["clusters"]] == [sound.id]
    [problem] = answer["problems"]
    assert problem["code"] == "record.corrupt"
    assert path.name in problem["message"]


async def test_what_is_private_stays_in_the_registry(
    api: Ask, running: Any, registry: Registry
) -> None:
    cluster = await running()
    record = registry.get(cluster["id"])
    assert record.control is not None
    texts = [(await api("GET", path)).body for path in ("clusters", f"clusters/{record.id}")]
    for text in texts:
        assert record.control.token.encode() not in text
