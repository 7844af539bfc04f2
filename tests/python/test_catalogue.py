from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dasklab.environments import resolve
from dasklab.errors import (
    DeadlinePassed,
    InterpreterMissing,
    InterpreterUnfit,
    Unsupported,
)
from dasklab.launching import LaunchRequest, catalogue, interpreter, launch
from dasklab.registry import Registry

from .support import marked, wait_for

Setting = Callable[..., None]


def script(path: Path, text: str) -> str:
    """A program that calls itself an interpreter."""
    path.write_text(text)
    path.chmod(0o700)
    return str(path)


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


def test_catalogue_is_asked_for_again_when_commands_have_come(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A batch system is there where its commands are: installed, or brought by ``module load``."""
    commands = tmp_path / "bin"
    commands.mkdir()
    catalogue()
    monkeypatch.setenv("PATH", f"{commands}:{os.environ['PATH']}")
    before = {row["name"]: row for row in catalogue()}
    for name in ("bsub", "bjobs", "bkill"):
        (commands / name).write_text("#!/bin/sh\n")
        (commands / name).chmod(0o755)
    os.utime(commands, (1, 1))
    after = {row["name"]: row for row in catalogue()}
    catalogue()

    assert asked == ["catalogue"] * 3
    assert before["lsf"]["missing"]["message"] == "There is no bsub on this machine."
    assert after["lsf"]["available"] is True


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
    monkeypatch.setattr(interpreter, "HANDSHAKE", 0.3)
    mute = script(tmp_path / "python", "#!/bin/sh\nexec sleep 60\n")

    with pytest.raises(DeadlinePassed, match="did not answer in 0.3 seconds"):
        launch(LaunchRequest(environment=mute))

    wait_for(lambda: not marked(f"DASKLAB_HOME={home}"))


def test_interpreter_that_talks_for_ever_is_ended(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "HANDSHAKE", 5.0)
    chatty = script(tmp_path / "python", "#!/bin/sh\nexec tr '\\0' x < /dev/zero\n")

    with pytest.raises(InterpreterUnfit):
        launch(LaunchRequest(environment=chatty))

    wait_for(lambda: not marked(f"DASKLAB_HOME={home}"))


def test_large_request_to_a_program_that_reads_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interpreter, "HANDSHAKE", 0.5)
    mute = script(tmp_path / "python", "#!/bin/sh\nexec sleep 60\n")
    environment = resolve(mute)[0]

    with pytest.raises(DeadlinePassed):
        interpreter.ask(environment, {"mode": "launch", "x": "y" * 1_000_000}, dict(os.environ))


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
