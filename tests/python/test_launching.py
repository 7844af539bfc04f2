from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dasklab.errors import (
    ClusterExists,
    DasklabError,
    DeploymentUnknown,
    EnvironmentUnknown,
    InputError,
    InterpreterMissing,
    NameInvalid,
    OptionsInvalid,
    Refused,
    RequestMalformed,
    WorkersInvalid,
)
from dasklab.launching import LaunchRequest, catalogue, interpreter, launch, preview, profiles
from dasklab.launching.planning import make_plan
from dasklab.model.record import Phase
from dasklab.model.spec import Lease
from dasklab.registry import Registry

from .support import make_record, marked, wait_for

Setting = Callable[..., None]


def plan(registry: Registry, **keywords: Any) -> Any:
    """What a request amounts to; nothing is started."""
    return make_plan(LaunchRequest(**keywords), registry, None).spec


# -- bad requests ----------------------------------------------------------------------------------
SOMEBODYS = {"deployment": "existing", "options": {"address": "tcp://127.0.0.1:8786"}}
BAD: list[tuple[dict[str, Any], type[DasklabError], str]] = [
    ({"deployment": "lokal"}, DeploymentUnknown, "no deployment or profile 'lokal'"),
    ({"deployment": ""}, DeploymentUnknown, "no deployment or profile ''"),
    ({"deployment": None}, RequestMalformed, "deployment is not text"),
    ({"deployment": ["local"]}, RequestMalformed, "deployment is not text"),
    ({"deployment": "../../x"}, DeploymentUnknown, "no deployment"),
    ({"options": {"n_wrokers": 2}}, OptionsInvalid, "n_wrokers: there is no such option"),
    ({"options": [1]}, OptionsInvalid, "The options are not an object"),
    ({"options": "x"}, OptionsInvalid, "The options are not an object"),
    ({"options": None}, OptionsInvalid, "The options are not an object"),
    ({"workers": -1}, WorkersInvalid, "fewer than 0"),
    ({"workers": "many"}, WorkersInvalid, "not a number"),
    ({"workers": True}, WorkersInvalid, "true"),
    ({"workers": (6, 3)}, WorkersInvalid, "above the greatest"),
    ({"workers": 10_000}, WorkersInvalid, "more than the"),
    ({"workers": (1, 10_000)}, WorkersInvalid, "more than the"),
    ({**SOMEBODYS, "workers": 2}, WorkersInvalid, "started by somebody else"),
    ({**SOMEBODYS, "workers": "1:4"}, WorkersInvalid, "started by somebody else"),
    ({"name": "a b"}, NameInvalid, "cannot be the name"),
    ({"name": ""}, NameInvalid, "cannot be the name"),
    ({"name": 5}, RequestMalformed, "name is not text"),
    ({"id": "short"}, RequestMalformed, "The id is not"),
    ({"id": "x" * 65}, RequestMalformed, "The id is not"),
    ({"id": "../../../x"}, RequestMalformed, "The id is not"),
    ({"id": "ä" * 32}, RequestMalformed, "The id is not"),
    ({"id": 12345678}, RequestMalformed, "id is not text"),
    ({"environment": "pyhton"}, EnvironmentUnknown, "no kernelspec 'pyhton'"),
    ({"environment": "/nonexistent/python"}, InterpreterMissing, "no interpreter"),
    ({"environment": 3}, RequestMalformed, "environment is not text"),
    ({"cwd": "/nonexistent"}, InputError, "no folder '/nonexistent'"),
    ({"cwd": "/etc/passwd"}, InputError, "no folder '/etc/passwd'"),
    ({"lease": {"idle": -5}}, InputError, "The lease's idle is"),
    ({"lease": {"idel": 5}}, InputError, "A lease has no 'idel'"),
]


@pytest.mark.usefixtures("catalogued")
@pytest.mark.parametrize(("request_", "cls", "sentence"), BAD, ids=range(len(BAD)))
def test_bad_request_gets_a_sentence_and_starts_nothing(
    registry: Registry, request_: dict[str, Any], cls: type[DasklabError], sentence: str
) -> None:
    with pytest.raises(cls) as caught:
        launch(LaunchRequest(**request_))

    assert sentence in caught.value.message
    assert registry.records() == ([], [])
    assert not registry.logs.exists() or list(registry.logs.iterdir()) == []


def test_nearest_deployment_or_profile_is_named(setting: Setting) -> None:
    setting("profiles", {"weather": {"deployment": "local"}})

    for wrong, right in (("lokal", "local"), ("wether", "weather")):
        with pytest.raises(DeploymentUnknown) as caught:
            launch(LaunchRequest(wrong))
        assert caught.value.hint == f"Did you mean {right!r}?"
    with pytest.raises(DeploymentUnknown) as caught:
        launch(LaunchRequest("zzzzz"))
    assert caught.value.hint.startswith("There are: local, ")
    assert caught.value.hint.endswith(", class, weather.")


def test_duplicate_name_costs_no_process(registry: Registry, asked: list[str]) -> None:
    registry.write(make_record(name="mine"))

    with pytest.raises(ClusterExists) as caught:
        launch(LaunchRequest(name="mine"))

    assert "%dask use mine" in caught.value.hint
    assert asked == ["catalogue"]


def test_too_many_clusters(registry: Registry, setting: Setting) -> None:
    setting("limits.clusters", 2)
    for number in range(2):
        registry.write(make_record(id=str(number) * 32, name=f"c{number}"))
    registry.write(make_record(id="e" * 32, name="ended", phase=Phase.STOPPED))

    with pytest.raises(Refused) as caught:
        launch(LaunchRequest())

    assert "There are 2 clusters already" in caught.value.message
    assert (
        caught.value.hint
        == "Stop one: dasklab.limits.clusters in Dask's configuration allows no more."
    )


@pytest.mark.usefixtures("catalogued")
@pytest.mark.parametrize("value", [0, -1, "many", None, 2.5, True, []], ids=repr)
@pytest.mark.parametrize("name", ["workers", "clusters"])
def test_cap_that_is_no_number(setting: Setting, name: str, value: object) -> None:
    setting(f"limits.{name}", value)

    with pytest.raises(InputError, match=rf"dasklab\.limits\.{name} is"):
        launch(LaunchRequest(workers=1))


def test_workers_are_capped_by_the_lower_of_site_and_deployment(
    registry: Registry, setting: Setting
) -> None:
    assert plan(registry).limit == max(32, 8 * (os.cpu_count() or 1))
    setting("limits.workers", 3)
    assert plan(registry, workers=3).limit == 3
    with pytest.raises(WorkersInvalid, match="more than the 3 that are allowed here"):
        plan(registry, workers=4)


# -- profiles --------------------------------------------------------------------------------------
def test_profile_is_a_deployment_with_options(registry: Registry, setting: Setting) -> None:
    options = {"threads_per_worker": 2, "memory_limit": "1GiB"}
    setting("profiles", {"small": {"deployment": "local", "workers": "1:3", "options": options}})

    spec = plan(registry, deployment="small")

    assert (spec.deployment, spec.profile, spec.options) == ("local", "small", options)
    assert (spec.scaling.minimum, spec.scaling.maximum) == (1, 3)


def test_what_is_asked_for_goes_before_the_profile(registry: Registry, setting: Setting) -> None:
    options = {"threads_per_worker": 2, "memory_limit": "1GiB"}
    setting("profiles", {"small": {"workers": 3, "options": options}})

    spec = plan(registry, deployment="small", workers=1, options={"threads_per_worker": 4})

    assert spec.deployment == "local"
    assert spec.scaling.wanted == 1
    assert spec.options == {"threads_per_worker": 4, "memory_limit": "1GiB"}


@pytest.mark.usefixtures("catalogued")
@pytest.mark.parametrize(
    ("found", "error"),
    [
        ({"p": {"deployment": "nonsense"}}, DeploymentUnknown),
        ({"p": {"options": {"x": 1}}}, OptionsInvalid),
        ({"p": {"options": [1]}}, InputError),
        ({"p": {"workers": -1}}, WorkersInvalid),
        ({"p": {"environment": "/nonexistent"}}, InterpreterMissing),
        ({"p": "local"}, InputError),
        ({"p": ["local"]}, InputError),
        (["p"], InputError),
        ("p", InputError),
    ],
    ids=str,
)
def test_broken_profile_is_said(setting: Setting, found: object, error: type[DasklabError]) -> None:
    setting("profiles", found)

    with pytest.raises(error):
        launch(LaunchRequest("p"))


@pytest.mark.parametrize("found", [None, {}, {"p": None}], ids=str)
def test_empty_profiles(setting: Setting, found: object) -> None:
    setting("profiles", found)

    assert set(profiles()) == set(found or ())  # type: ignore[call-overload]


# -- the plan --------------------------------------------------------------------------------------
def test_lease_comes_from_the_configuration_and_the_request(
    registry: Registry, setting: Setting
) -> None:
    setting("lease.idle", "2h")
    setting("lease.max-age", None)

    spec = plan(registry, lease={"no_client": 5})

    assert spec.lease == Lease(idle=7_200.0, no_client=5.0, max_age=None)


def test_working_folder_is_this_one(registry: Registry, tmp_path: Path) -> None:
    assert plan(registry).cwd == os.getcwd()
    assert plan(registry, cwd=str(tmp_path)).cwd == str(tmp_path)


def test_working_folder_that_was_removed(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()

    assert plan(registry).cwd == str(Path.home())


def test_host_gets_this_configuration_as_far_as_it_is_data(registry: Registry) -> None:
    import dask

    with dask.config.set(
        {
            "distributed.scheduler.allowed-failures": 7,
            "mine": {"a": object(), "b": [1, "x"], "c": {"d": lambda: 1, "e": None}},
            "distributed.dashboard.link": "/user/x/proxy/{port}",
        }
    ):
        found = plan(registry).config
        assert plan(registry, inherit=False).config == {}

    assert found["distributed"]["scheduler"]["allowed-failures"] == 7
    assert found["mine"] == {"b": [1, "x"], "c": {"e": None}}
    assert "link" not in found["distributed"]["dashboard"]
    json.dumps(found)


# -- launching -------------------------------------------------------------------------------------
def stop(registry: Registry, cluster_id: str) -> None:
    from dasklab.client import Cluster

    Cluster(registry.get(cluster_id), registry=registry).stop()


def test_record_is_there_when_launch_returns(registry: Registry) -> None:
    record = launch(LaunchRequest(workers=0, name="mine"))
    found = registry.find("mine")

    assert found.id == record.id
    assert found.phase in (Phase.STARTING, Phase.RUNNING)
    assert record.phase is Phase.STARTING
    assert [step.title for step in record.steps] == ["Importing Dask"]
    stop(registry, record.id)


def test_same_id_twice_is_the_same_cluster(registry: Registry) -> None:
    request = LaunchRequest(workers=0, id="c0ffee" * 5)
    with ThreadPoolExecutor(3) as pool:
        records = list(pool.map(launch, [request] * 3))
    again = launch(request)

    assert {record.id for record in [*records, again]} == {"c0ffee" * 5}
    assert len(registry.records()[0]) == 1
    stop(registry, again.id)
    assert launch(request).phase is Phase.STOPPED


@pytest.mark.usefixtures("catalogued")
def test_same_name_twice_at_once_makes_one(registry: Registry) -> None:
    def attempt(_: int) -> Any:
        try:
            return launch(LaunchRequest(workers=0, name="twin"))
        except ClusterExists as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(attempt, range(2)))

    assert sorted(isinstance(answer, ClusterExists) for answer in answers) == [False, True]
    assert len(registry.records()[0]) == 1
    stop(registry, registry.find("twin").id)


def test_interrupted_launch_leaves_nothing(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    catalogue()
    original = interpreter._answer

    def interrupted(line: bytes) -> Any:
        answer = original(line)
        if answer is not None:
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr(interpreter, "_answer", interrupted)
    with pytest.raises(KeyboardInterrupt):
        launch(LaunchRequest(workers=1))

    wait_for(lambda: not marked(f"DASKLAB_HOME={home}"), what="the end of the interrupted host")
    (record,) = registry.records()[0]
    assert record.phase is Phase.STOPPED


def test_log_that_cannot_be_written_is_said(registry: Registry) -> None:
    catalogue()
    registry.logs.rmdir()
    registry.logs.write_text("")

    with pytest.raises(DasklabError) as caught:
        launch(LaunchRequest(workers=0))
    assert str(registry.logs) in caught.value.message


def test_preview_starts_nothing(registry: Registry, asked: list[str]) -> None:
    text = preview(LaunchRequest(workers=2, options={"threads_per_worker": 3}))["text"]

    assert text.startswith(f"# {sys.executable}\n")
    assert "threads_per_worker=3" in text
    assert asked == ["catalogue", "preview"]
    assert registry.records() == ([], [])
    with pytest.raises(OptionsInvalid):
        preview(LaunchRequest(options={"x": 1}))
