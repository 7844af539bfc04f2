from __future__ import annotations

import json
import os
import signal
import stat
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dasklab import launching
from dasklab.errors import (
    ClusterExists,
    DasklabError,
    DeadlinePassed,
    DeploymentUnknown,
    EnvironmentUnknown,
    InputError,
    InterpreterMissing,
    InterpreterUnfit,
    NameInvalid,
    OptionsInvalid,
    Refused,
    RequestMalformed,
    Unsupported,
    WorkersInvalid,
)
from dasklab.launching import LaunchRequest, catalogue, ensure_standby, launch, preview, profiles
from dasklab.model.record import Phase
from dasklab.model.spec import Lease
from dasklab.registry import Registry

from .support import alive, kill, make_record, marked, wait_for

Setting = Callable[..., None]


def plan(registry: Registry, **keywords: Any) -> Any:
    """What a request amounts to; nothing is started."""
    return launching._plan(LaunchRequest(**keywords), registry, None).spec


def script(path: Path, text: str) -> str:
    """A program that calls itself an interpreter."""
    path.write_text(text)
    path.chmod(0o700)
    return str(path)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been asked of interpreters: the mode of each request."""
    modes = []
    original = launching._ask

    def ask(environment: Any, request: dict[str, Any], environ: Any) -> Any:
        modes.append(request["mode"])
        return original(environment, request, environ)

    monkeypatch.setattr(launching, "_ask", ask)
    return modes


# -- bad requests ----------------------------------------------------------------------------------
BAD: list[tuple[dict[str, Any], type[DasklabError], str]] = [
    ({"deployment": "lokal"}, DeploymentUnknown, "no deployment or profile 'lokal'"),
    ({"deployment": ""}, DeploymentUnknown, "no deployment or profile ''"),
    ({"deployment": None}, RequestMalformed, "The deployment is a NoneType, not text"),
    ({"deployment": ["local"]}, RequestMalformed, "The deployment is a list, not text"),
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
    ({"name": "a b"}, NameInvalid, "cannot be the name"),
    ({"name": ""}, NameInvalid, "cannot be the name"),
    ({"name": 5}, RequestMalformed, "The name is a int, not text"),
    ({"id": "short"}, RequestMalformed, "The id is not"),
    ({"id": "x" * 65}, RequestMalformed, "The id is not"),
    ({"id": "../../../x"}, RequestMalformed, "The id is not"),
    ({"id": "ä" * 32}, RequestMalformed, "The id is not"),
    ({"id": 12345678}, RequestMalformed, "The id is a int, not text"),
    ({"environment": "pyhton"}, EnvironmentUnknown, "no kernelspec 'pyhton'"),
    ({"environment": "/nonexistent/python"}, InterpreterMissing, "no interpreter"),
    ({"environment": 3}, RequestMalformed, "The environment is a int, not text"),
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
    assert caught.value.hint == "There are: local, weather."


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
    assert "dasklab.limits.clusters" in caught.value.hint


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


# -- the catalogue ---------------------------------------------------------------------------------
@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that hosts import from."""
    folder = tmp_path / "packages"
    folder.mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder


def test_catalogue_is_asked_for_once(asked: list[str], home: Path) -> None:
    first, second = catalogue(), catalogue()

    assert first == second
    assert asked == ["catalogue"]
    row = next(row for row in first if row["name"] == "local")
    assert row["available"] is True
    assert row["missing"] is None
    assert row["schema"]["properties"]["threads_per_worker"]["type"] == "integer"
    for path in home.glob("catalogue-*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_catalogue_is_asked_for_again_when_something_was_installed(
    asked: list[str], packages: Path
) -> None:
    catalogue()
    (packages / "new.py").write_text("")
    os.utime(packages, (1, 1))
    catalogue()
    catalogue()

    assert asked == ["catalogue", "catalogue"]


def test_catalogue_of_another_environment_is_another(
    asked: list[str], packages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue()
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    catalogue()

    assert asked == ["catalogue", "catalogue"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"watch": 5}', '{"watch": {}}'])
def test_damaged_catalogue_is_asked_for_again(asked: list[str], home: Path, content: str) -> None:
    good = catalogue()
    for path in home.glob("catalogue-*"):
        path.write_text(content)

    assert catalogue() == good
    assert asked == ["catalogue", "catalogue"]


def test_deployments_of_other_packages(
    rehearsal: str, monkeypatch: pytest.MonkeyPatch, registry: Registry
) -> None:
    rows = {row["name"]: row for row in catalogue()}

    assert {"local", "rehearsal", "moody"} <= rows.keys()
    assert "broken" not in rows
    assert rows["moody"]["available"] is False
    with pytest.raises(Unsupported, match="Moody is missing") as caught:
        launch(LaunchRequest("moody"))
    assert caught.value.hint == "Install a better mood."

    monkeypatch.setenv("MOOD", "bad")
    monkeypatch.setenv("DASK_MOOD", "bad")  # another environment, another catalogue
    rows = {row["name"]: row for row in catalogue()}
    assert rows["local"]["available"] is True
    assert "RuntimeError: Not today." in rows["moody"]["missing"]["message"]


# -- interpreters that are none --------------------------------------------------------------------
@pytest.mark.parametrize("program", ["ls", "cat", "true", "false", "yes", "head"])
def test_program_that_is_no_python(program: str, registry: Registry) -> None:
    import shutil

    path = shutil.which(program)
    assert path

    with pytest.raises(
        InterpreterUnfit, match="did not behave like a Python interpreter"
    ) as caught:
        launch(LaunchRequest(environment=path))

    assert path in caught.value.message
    assert len(caught.value.message) < 500
    assert registry.records() == ([], [])


def test_words_of_a_failing_interpreter_are_shown(tmp_path: Path) -> None:
    broken = script(
        tmp_path / "python",
        "#!/bin/sh\nprintf '\\033[31mlibpython3.so: no such file\\033[0m\\n' >&2\nexit 1\n",
    )

    with pytest.raises(InterpreterUnfit) as caught:
        launch(LaunchRequest(environment=broken))
    assert caught.value.message.endswith(": libpython3.so: no such file")


def test_file_that_is_no_program(tmp_path: Path) -> None:
    for content in ("#!/nonexistent/interpreter\n", "\x7fELF nonsense"):
        with pytest.raises((InterpreterMissing, InterpreterUnfit)) as caught:
            launch(LaunchRequest(environment=script(tmp_path / "python", content)))
        assert str(tmp_path / "python") in caught.value.message


def test_interpreter_that_never_answers_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr(launching, "HANDSHAKE", 0.3)
    mute = script(tmp_path / "python", "#!/bin/sh\nexec sleep 60\n")

    with pytest.raises(DeadlinePassed, match="did not answer in 0.3 seconds"):
        launch(LaunchRequest(environment=mute))

    wait_for(lambda: not marked(f"DASKLAB_HOME={home}"))


def test_interpreter_that_talks_for_ever_is_ended(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching, "HANDSHAKE", 5.0)
    chatty = script(tmp_path / "python", "#!/bin/sh\nexec tr '\\0' x < /dev/zero\n")

    with pytest.raises(InterpreterUnfit):
        launch(LaunchRequest(environment=chatty))

    wait_for(lambda: not marked(f"DASKLAB_HOME={home}"))


def test_large_request_to_a_program_that_reads_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching, "HANDSHAKE", 0.5)
    mute = script(tmp_path / "python", "#!/bin/sh\nexec sleep 60\n")
    environment = launching.resolve(mute)[0]

    with pytest.raises(DeadlinePassed):
        launching._ask(environment, {"mode": "launch", "x": "y" * 1_000_000}, dict(os.environ))


def test_greeting_of_a_wrapper_is_no_obstacle(tmp_path: Path) -> None:
    wrapper = script(
        tmp_path / "python",
        f'#!/bin/sh\necho "Welcome to the cluster!"\necho "{{}}"\necho 7\nexec {sys.executable} "$@"\n',
    )

    assert "local" in [row["name"] for row in catalogue(wrapper)]


def test_many_open_files_are_no_obstacle() -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2_000:
        pytest.fail("this needs 2000 open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2_000), hard))
    handles = [os.open(os.devnull, os.O_RDONLY) for _ in range(1_100)]
    try:
        assert catalogue()
    finally:
        for handle in handles:
            os.close(handle)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


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
    original = launching._answer

    def interrupted(line: bytes) -> Any:
        answer = original(line)
        if answer is not None:
            raise KeyboardInterrupt
        return answer

    monkeypatch.setattr(launching, "_answer", interrupted)
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
    text = preview(LaunchRequest(workers=2, options={"threads_per_worker": 3}))

    assert text.startswith(f"# {sys.executable}\n")
    assert "threads_per_worker=3" in text
    assert asked == ["catalogue", "preview"]
    assert registry.records() == ([], [])
    with pytest.raises(OptionsInvalid):
        preview(LaunchRequest(options={"x": 1}))


# -- standbys --------------------------------------------------------------------------------------
@pytest.fixture
def standby(setting: Setting, monkeypatch: pytest.MonkeyPatch, registry: Registry) -> Any:
    """Starts a standby and waits until it is warm; its process id."""
    setting("standby.enabled", True)
    monkeypatch.setattr(launching, "REPLENISH_AFTER", 3_600.0)

    def start() -> int:
        assert ensure_standby()
        return int(wait_for(lambda: offered(registry), 30, "a standby")[0]["pid"])

    return start


def offered(registry: Registry) -> list[dict[str, Any]]:
    found = []
    for path in registry.standbys.glob("*.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        found.append(json.loads(path.read_text()))
    return found


def test_standby_is_taken(
    registry: Registry, standby: Callable[[], int], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from dasklab.client import Cluster

    pid = standby()
    assert not ensure_standby(), "there is one already"
    monkeypatch.setenv("SET_SINCE", "x y")
    monkeypatch.setenv("DASKLAB_TEST_GONE", "x")
    record = launch(LaunchRequest(workers=1, name="quick", cwd=str(tmp_path)))

    assert record.host is not None
    assert record.host.pid == pid
    assert offered(registry) == []
    with Cluster(registry.get(record.id)).client(set_as_default=False) as client:
        where = client.submit(os.getcwd).result(timeout=30)
        value = client.submit(os.environ.get, "SET_SINCE", pure=False).result(timeout=30)
    assert where == str(tmp_path)
    assert value == "x y"
    stop(registry, record.id)


@pytest.mark.parametrize("variable", ["OMP_NUM_THREADS", "LD_PRELOAD_X", "MALLOC_TRIM_THRESHOLD_"])
def test_standby_with_other_settings_of_its_start_is_not_taken(
    registry: Registry,
    standby: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
) -> None:
    if variable != "OMP_NUM_THREADS":  # no process needed to see the mark differ
        environ = dict(os.environ)
        assert launching._mark("p", environ) != launching._mark("p", {**environ, variable: "1"})
        return
    pid = standby()
    monkeypatch.setenv(variable, "3")
    record = launch(LaunchRequest(workers=0))

    assert record.host is not None
    assert record.host.pid != pid
    assert alive(pid)
    stop(registry, record.id)


def test_dead_standby_is_passed_over_and_cleared_away(
    registry: Registry, standby: Callable[[], int]
) -> None:
    kill(standby())
    record = launch(LaunchRequest(workers=0))

    wait_for(lambda: offered(registry) == [])
    stop(registry, record.id)


def test_standby_that_answers_nonsense_is_passed_over(
    registry: Registry, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dasklab.processes import identify

    setting("standby.enabled", True)
    monkeypatch.setattr(launching, "REPLENISH_AFTER", 3_600.0)
    catalogue()
    environ = launching.environ_for(launching.resolve(None)[0], {})
    me = identify()
    mark = launching._mark(sys.executable, environ)
    for number, control in enumerate(
        ({"host": "127.0.0.1", "port": 1, "token": "x"}, {"host": "127.0.0.1"}, None)
    ):
        path = registry.standbys / f"{mark}-{number}.json"
        path.write_text(
            json.dumps(
                {
                    "pid": me.pid,
                    "start": me.start,
                    "boot": me.boot,
                    "hostname": me.hostname,
                    "control": control,
                }
            )
        )
        path.chmod(0o600)
    record = launch(LaunchRequest(workers=0))
    for path in registry.standbys.glob("*.json"):
        path.unlink()

    stop(registry, record.id)


def test_standby_says_what_a_launch_says(registry: Registry, standby: Callable[[], int]) -> None:
    standby()
    plan_ = launching._plan(LaunchRequest(name="mine", workers=0), registry, None)
    registry.write(make_record(name="mine"))

    with pytest.raises(ClusterExists, match="'mine' is there already"):
        launching._launch_in_standby(plan_, registry)
    assert len(offered(registry)) == 1, "it is still to be had"


def test_unused_standby_ends_and_leaves_nothing(
    registry: Registry, standby: Callable[[], int], setting: Setting, home: Path
) -> None:
    setting("standby.idle", "500ms")
    standby()

    wait_for(lambda: not marked(f"DASKLAB_HOME={home}"), what="the end of the standby")
    assert offered(registry) == []
    assert list(registry.logs.iterdir()) == []
    assert registry.records() == ([], [])


def test_standby_ends_on_sigterm(standby: Callable[[], int], home: Path) -> None:
    os.kill(standby(), signal.SIGTERM)

    wait_for(lambda: not marked(f"DASKLAB_HOME={home}"), what="the end of the standby")


def test_one_standby_at_a_time(setting: Setting, registry: Registry) -> None:
    setting("standby.enabled", True)
    with ThreadPoolExecutor(3) as pool:
        started = list(pool.map(lambda _: ensure_standby(), range(3)))

    assert sorted(started) == [False, False, True]
    wait_for(lambda: offered(registry), 30)


def test_launch_sees_to_the_next_standby(
    registry: Registry, setting: Setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting("standby.enabled", True)
    monkeypatch.setattr(launching, "REPLENISH_AFTER", 0.0)
    record = launch(LaunchRequest(workers=0))

    wait_for(lambda: offered(registry), 30, "the next standby")
    stop(registry, record.id)


def test_no_standby_unless_wanted(registry: Registry, asked: list[str]) -> None:
    threads = threading.active_count()
    assert not ensure_standby()
    record = launch(LaunchRequest(workers=0))

    assert "standby" not in asked
    assert threading.active_count() <= threads + 2, "a timer for nothing"
    stop(registry, record.id)


def test_standby_of_a_broken_environment_is_no_error(setting: Setting) -> None:
    setting("standby.enabled", True)

    assert ensure_standby("/nonexistent/python") is False


def test_launch_is_quick_to_say_no(registry: Registry, setting: Setting) -> None:
    """A refusal costs no process: it comes before anything is started."""
    catalogue()
    setting("limits.clusters", 1)
    registry.write(make_record())
    begin = time.monotonic()
    with pytest.raises(Refused):
        launch(LaunchRequest())

    assert time.monotonic() - begin < 5
