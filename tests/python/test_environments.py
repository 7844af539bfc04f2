from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from dasklab.environments import environ_for, environments, resolve
from dasklab.errors import EnvironmentUnknown, InterpreterMissing
from dasklab.model.record import Environment


class Kernelspecs:
    """A KernelSpecManager with these kernelspecs."""

    def __init__(self, **specs: dict[str, Any]) -> None:
        self.specs = specs

    def get_all_specs(self) -> dict[str, Any]:
        return {
            name: {
                "resource_dir": "/",
                "spec": {"language": "python", "display_name": name.title(), **spec},
            }
            for name, spec in self.specs.items()
        }


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """An environment elsewhere, as far as its files go."""
    python = tmp_path / "other" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    return python


def test_this_one_by_default() -> None:
    environment, variables = resolve(None)

    assert environment.python == sys.executable
    assert environment.name is None
    assert variables == {}


def test_kernelspec(other: Path) -> None:
    manager = Kernelspecs(mine={"argv": [str(other), "-m", "ipykernel"], "env": {"A": "b", "N": 1}})

    environment, variables = resolve("mine", manager)

    assert environment == Environment(str(other), "mine", "Mine")
    assert variables == {"A": "b", "N": "1"}


@pytest.mark.parametrize("word", ["python", "python3", f"python3.{sys.version_info[1]}"])
def test_kernelspec_of_the_servers_own_python(word: str) -> None:
    environment, _ = resolve("python3", Kernelspecs(python3={"argv": [word, "-m", "ipykernel"]}))

    assert environment.python == sys.executable


def test_kernelspec_that_starts_something_else() -> None:
    manager = Kernelspecs(wrapped={"argv": ["/usr/bin/conda", "run", "python"]})

    with pytest.raises(
        EnvironmentUnknown, match=r"starts '/usr/bin/conda', not a Python"
    ) as caught:
        resolve("wrapped", manager)
    assert "Give the path of the interpreter" in caught.value.hint


def test_kernelspec_of_a_removed_environment() -> None:
    manager = Kernelspecs(gone={"argv": ["/gone/bin/python", "-m", "ipykernel"]})

    with pytest.raises(
        InterpreterMissing, match="There is no interpreter /gone/bin/python"
    ) as caught:
        resolve("gone", manager)
    assert "may have been removed" in caught.value.hint


def test_path(other: Path) -> None:
    environment, _ = resolve(str(other))

    assert environment == Environment(str(other), None, "other")


def test_folder_of_an_environment(other: Path) -> None:
    assert resolve(str(other.parents[1]))[0].python == str(other)


def test_path_from_home(other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(other.parents[2]))

    assert resolve("~/other/bin/python")[0].python == str(other)


def test_relative_path(other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(other.parents[1])

    assert resolve("bin/python")[0].python == str(other)


def test_command(other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(other.parent))

    assert resolve("python", Kernelspecs())[0].python == str(other)


@pytest.mark.parametrize(
    "path", ["/nonexistent/python", "./nonexistent", "~nobody-at-all/python", "/" + "x" * 5000]
)
def test_missing_interpreter(path: str) -> None:
    with pytest.raises(InterpreterMissing, match="There is no interpreter"):
        resolve(path)


def test_what_cannot_be_run(tmp_path: Path) -> None:
    plain = tmp_path / "python"
    plain.write_text("")
    for path in (plain, tmp_path):
        with pytest.raises(InterpreterMissing, match="is not a program that can be run"):
            resolve(str(path))


@pytest.mark.parametrize("name", ["", "R", "ls", "sh", "python; rm -rf", "pyhton3", "a\nb"])
def test_unknown_environment(name: str) -> None:
    with pytest.raises(EnvironmentUnknown) as caught:
        resolve(
            name, Kernelspecs(python3={"argv": ["python"]}, ir={"argv": ["R"], "language": "R"})
        )

    assert "There is no kernelspec" in caught.value.message
    assert caught.value.details == {"names": ["python3"]}


def test_unknown_environment_names_the_nearest() -> None:
    with pytest.raises(EnvironmentUnknown) as caught:
        resolve("pyhton3", Kernelspecs(python3={"argv": ["python"]}))

    assert caught.value.hint == "Did you mean 'python3'?"


def test_list_begins_with_the_default_and_has_only_pythons(other: Path) -> None:
    rows = environments(
        Kernelspecs(
            mine={"argv": [str(other)]},
            ir={"argv": ["R"], "language": "R"},
            wrapped={"argv": ["/usr/bin/conda", "run"]},
            none={"argv": []},
            python3={"argv": ["python"]},
        )
    )

    assert rows == [
        {"name": "python3", "title": "Python3", "python": sys.executable},
        {"name": "mine", "title": "Mine", "python": str(other)},
    ]


def test_this_python_is_in_the_list_without_a_kernelspec(tmp_path: Path) -> None:
    elsewhere = tmp_path / "python3"
    elsewhere.write_text("")

    rows = environments(Kernelspecs(mine={"argv": [str(elsewhere)]}))

    assert [row["name"] for row in rows] == [sys.executable, "mine"]


def test_hosts_get_no_secrets_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "JUPYTER_TOKEN",
        "JUPYTERHUB_API_TOKEN",
        "JUPYTERHUB_OAUTH_ACCESS_TOKEN_X",
        "JPY_API_TOKEN",
        "JPY_PARENT_PID",
        "CONFIGPROXY_AUTH_TOKEN",
        "MPLBACKEND",
    ):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("MINE", "kept")

    environ = environ_for(Environment(sys.executable), {"SPEC": "x"})

    assert "secret" not in environ.values()
    assert environ["MINE"] == "kept"
    assert environ["SPEC"] == "x"


def test_kernelspec_may_name_variables(other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Jupyter puts them in for kernels; a server's secrets are none that can be named."""
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret")
    spec = {
        "PATH": "/opt/x/bin:${PATH}",
        "NOT": "${NOT_THERE}",
        "LEAK": "$JUPYTERHUB_API_TOKEN",
        "COST": "5 $",
    }

    assert environ_for(Environment(sys.executable), spec)["PATH"] == "/opt/x/bin:/usr/bin"
    elsewhere = environ_for(Environment(str(other)), spec)
    assert elsewhere["PATH"] == f"/opt/x/bin:{other.parent}:/usr/bin"
    assert (elsewhere["NOT"], elsewhere["COST"]) == ("${NOT_THERE}", "5 $")
    assert elsewhere["LEAK"] == "$JUPYTERHUB_API_TOKEN"


def test_programs_of_the_other_environment_come_first(
    other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", "/mine")

    environ = environ_for(Environment(str(other)), {})
    own = environ_for(Environment(sys.executable), {})

    assert environ["PATH"].split(os.pathsep)[0] == str(other.parent)
    assert "VIRTUAL_ENV" not in environ
    assert own["PATH"] == os.environ["PATH"]
    assert own["VIRTUAL_ENV"] == "/mine"
