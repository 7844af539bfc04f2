"""What ``<tab>`` offers after ``%dask``."""

from __future__ import annotations

import time
import warnings
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter

from dasklab.launching import interpreter

from ..support import make_record
from .conftest import Typist


@pytest.fixture
def offered(notebook: Typist) -> Any:
    """The completions of a line, and how long they took in milliseconds."""
    from dasklab import magics

    magics._sessions[id(notebook.shell)].session.learn()

    def complete(line: str) -> list[str]:
        begun = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            completer = notebook.shell.Completer
            text, matches = completer.complete(line_buffer=line, cursor_pos=len(line))
        complete.took = (time.perf_counter() - begun) * 1_000  # type: ignore[attr-defined]
        assert line.endswith(text)
        return list(matches)

    return complete


def test_the_magic_itself(offered: Any) -> None:
    assert offered("%da") == ["%dask", "%%dask"]


def test_subcommands(offered: Any) -> None:
    assert "restart" in offered("%dask ")
    assert offered("%dask st") == ["start", "stop"]
    assert offered("  %dask st") == ["start", "stop"]
    assert "start" in offered("%dask help ")


def test_deployments_profiles_and_options(offered: Any, notebook: Typist, setting: Any) -> None:
    setting("profiles", {"big": {"deployment": "local"}})
    from dasklab import magics

    magics._sessions[id(notebook.shell)].session.learn()
    assert {"big", "class", "local", "ssh"} <= set(offered("%dask start "))
    assert offered("%dask start local --mem") == ["--memory-limit"]
    assert offered("%dask start big --mem") == ["--memory-limit"]
    assert "--no-processes" in offered("%dask start local --no-")
    assert offered("%dask start local --multiprocessing-method ") == ["forkserver", "spawn"]
    assert offered("%dask start local --multiprocessing-method=s") == ["spawn"]
    assert "python3" in offered("%dask start --env ")
    assert offered("%dask start --env=pytho") == ["python3"]
    assert "--name" not in offered("%dask start local --name x --")
    assert offered("%dask help start lo") == ["local"]


def test_names(offered: Any, registry: Any) -> None:
    registry.write(make_record(id="b" * 32, name="mine-1"))
    registry.write(make_record(id="c" * 32, name="mine-2"))
    for command in ("use", "stop"):
        assert offered(f"%dask {command} mi") == ["mine-1", "mine-2"]
    assert offered("%dask use mine-1 m") != ["mine-1", "mine-2"], "it takes one name"


def test_pages_sources_and_flags(offered: Any) -> None:
    assert "task-stream" in offered("%dask open ta")
    assert offered("%dask logs ") == ["host", "scheduler", "workers"]
    assert offered("%dask scale 2 --") == ["--cores", "--jobs", "--memory", "--wait"]


def test_nothing_of_pythons_own_beside_them(offered: Any, notebook: Typist) -> None:
    line = "%dask start local --mem"
    with provisionalcompleter(), warnings.catch_warnings():
        found = [item.text for item in notebook.shell.Completer.completions(line, len(line))]
    assert found == ["--memory-limit"]


@pytest.mark.parametrize(
    "line",
    ["%dask 'x", "%dask nosuch x", "%dask start --env", "%dask start = ", "%dask \\", "%dask  -"],
)
def test_it_never_raises(offered: Any, line: str) -> None:
    offered(line)


def test_it_is_quick_and_starts_no_process(
    offered: Any, registry: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(50):
        registry.write(make_record(id=f"{number:032x}", name=f"mine-{number}"))
    monkeypatch.setattr(interpreter, "ask", None)
    offered("%dask stop mine-4")
    assert offered.took < 50
    offered("%dask start local --")
    assert offered.took < 50


def test_other_lines_are_left_alone(offered: Any) -> None:
    assert "start" not in offered("x = 1; st")
    assert "start" not in offered("%daskx st")


def test_plots_and_recordings(offered: Any, notebook: Typist, registry: Any) -> None:
    assert offered("%dask plot t") == ["task-stream", "transfers"]
    assert "memory" in offered("%dask plot task-stream ")
    assert "--last" in offered("%dask plot --")
    folder = registry.folder / "recordings"
    folder.mkdir(parents=True)
    for name in ("mine", "last-20.000", "last-30.000"):
        (folder / f"{name}.dasklab").touch()
    assert offered("%dask compare ") == ["last", "last-2", "mine"]
    assert offered("%dask plot --recording m") == ["mine"]
    assert offered("%dask compare last m") == ["mine"]
    assert offered("%dask report a.html m") == ["mine"]
