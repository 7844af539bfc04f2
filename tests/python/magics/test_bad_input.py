"""Bad input gets one clear sentence, no traceback, and starts nothing."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import redirect_stderr
from pathlib import Path
from typing import Any

import pytest

from dasklab.model.record import Phase

from ..support import make_record
from .conftest import Typist


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("%dask strat", ["no subcommand 'strat'", "Did you mean start?"]),
        ("%dask start locla", ["no deployment or profile 'locla'", "Did you mean 'local'?"]),
        ("%dask start -n -2", ["-2", "fewer than 0"]),
        ("%dask start -n 2.5", ["2.5", "fractions"]),
        ("%dask start -n true", ["'true'", "not a number"]),
        ("%dask start -n nan", ["nan"]),
        ("%dask start -n many", ["'many'", "not a number"]),
        ("%dask start -n 1000000", ["1000000", "more than the"]),
        ("%dask start --adapt 6:3", ["6", "above the greatest, 3", "3:6"]),
        ("%dask start --adapt 4", ["not a range", "1:8"]),
        ("%dask start -n 2 --adapt 1:2", ["not both"]),
        ("%dask start --name 'a b'", ["'a b'", "cannot be the name"]),
        ("%dask start --env pyhton3", ["no kernelspec 'pyhton3'"]),
        ("%dask start --env /no/such/python", ["/no/such/python"]),
        ("%dask start --memory-limit", ["--memory-limit needs a value"]),
        ("%dask scale", ["needs N|MIN:MAX", "--memory SIZE"]),
        ("%dask scale 2", ["no cluster yet", "%dask start local -n 2"]),
        ("%dask restart", ["no cluster yet"]),
        ("%dask stop", ["no cluster yet"]),
        ("%dask keep", ["no cluster yet"]),
        ("%dask logs", ["no cluster yet"]),
        ("%dask logs wrokers", ["no logs of 'wrokers'", "scheduler, workers, host"]),
        ("%dask start --environ =x", ['environ: "" does not fit. Such as OMP_NUM_THREADS=4.']),
        ("%dask logs -n 0", ["The number of lines is not one from 1 to 10000"]),
        ("%dask open", ["no cluster yet"]),
        ("%dask use nothing", ["Nothing that runs is called 'nothing'", "%dask discover"]),
        ("%dask use tcp:/x", ["Nothing that runs is called 'tcp:/x'"]),
        ("%dask use nosuch://1.2.3.4:5", ["cannot be reached", "unknown address scheme"]),
        ("%dask use tcp://1.2.3.4:port", ["cannot be reached"]),
        ("%dask use tcp://1.2.3.4", ["cannot be reached"]),
        ("%dask stop nothing", ["no cluster 'nothing'"]),
        ("%dask stop x --all", ["not both"]),
        ("%dask help strat", ["Did you mean start?"]),
        ("%dask help start locla", ["no deployment or profile 'locla'"]),
        ("%dask list --al", ["no option --al", "--all"]),
    ],
)
def test_one_sentence(notebook: Typist, home: Path, line: str, words: list[str]) -> None:
    shown = notebook(line)
    assert shown.error is not None, "a script must stop here"
    for word in words:
        assert word in shown.said
    assert "Traceback" not in shown.said + shown.out
    assert shown.err == ""
    assert shown.said.count("\n") <= 1
    assert not list((home / "clusters").glob("*")), "nothing was started"


def test_an_interrupt_of_the_very_first_command(
    notebook: Typist, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It meets the imports, not the command; the user reads one word all the same."""

    class Interrupted:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "dasklab.magics.commands":
                raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "dasklab.magics.commands", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    shown = notebook("%dask")
    assert isinstance(shown.error, KeyboardInterrupt)
    assert shown.said == "Interrupted."


def test_all_option_errors_at_once(notebook: Typist) -> None:
    shown = notebook(
        "%dask start local --memory-limt 2GiB --threads-per-worker two --nmae x "
        "--multiprocessing-method fork --scheduler-port 99999"
    )
    assert shown.said.splitlines()[0] == "5 options are wrong:"
    for part in (
        "memory_limt: there is no such option; did you mean memory_limit?",
        'threads_per_worker: "two" is not a whole number',
        "nmae: there is no such option; did you mean --name?",
        "multiprocessing_method",
        "scheduler_port: 99999 is too large; the most is 65535",
        "%dask help start local",
    ):
        assert part in shown.said


def test_in_a_terminal_it_goes_to_standard_error(terminal: Typist) -> None:
    shown = terminal("%dask start locla")
    assert shown.err == "There is no deployment or profile 'locla'.\nDid you mean 'local'?\n"
    assert shown.out.strip() == ""
    assert shown.error is not None
    # IPython asks again when it keeps what went wrong in its history, as it does in a terminal.
    errors = io.StringIO()
    with redirect_stderr(errors):
        terminal.shell.run_cell("%dask start locla", store_history=True)
    assert errors.getvalue() == shown.err


def test_a_duplicate_name(notebook: Typist, registry: Any) -> None:
    registry.write(make_record(name="mine"))
    shown = notebook("%dask start local --name mine")
    assert "'mine' is there already" in shown.said
    assert "%dask use mine" in shown.said


@pytest.mark.parametrize(
    ("phase", "reason", "words"),
    [
        (Phase.STOPPED, None, ["'old' is stopped", "%dask start"]),
        (
            Phase.STOPPED,
            {"code": "lease.idle", "message": "Its lease has ended.", "hint": "", "details": {}},
            ["'old' is stopped", "Its lease has ended."],
        ),
        (
            Phase.FAILED,
            {"code": "port.taken", "message": "Port 1 is taken.", "hint": "Try 2.", "details": {}},
            ["Port 1 is taken.", "Try 2."],
        ),
    ],
)
def test_using_one_that_has_ended(
    notebook: Typist, registry: Any, phase: Phase, reason: Any, words: list[str]
) -> None:
    registry.write(make_record(name="old", phase=phase, reason=reason))
    shown = notebook("%dask use old")
    for word in words:
        assert word in shown.said
    assert "Traceback" not in shown.said


def test_using_one_whose_host_died(notebook: Typist, registry: Any) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    from dasklab.processes import identify

    host = identify(process.pid)
    process.kill()
    process.communicate()
    registry.write(make_record(name="dead", host=host))
    shown = notebook("%dask use dead")
    assert "'dead' is lost" in shown.said
    assert "died" in shown.said


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with nothing but the standard library."""
    folder = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder / "bin" / "python"


def test_an_interpreter_without_distributed(notebook: Typist, bare: Path, home: Path) -> None:
    shown = notebook(f"%dask start local --env {bare}")
    assert "distributed" in shown.said
    assert str(bare) in shown.said
    assert "Traceback" not in shown.said
    assert not list((home / "clusters").glob("*"))


def test_something_that_is_no_interpreter(notebook: Typist) -> None:
    shown = notebook("%dask start local --env /bin/true")
    assert "/bin/true" in shown.said
    assert "Traceback" not in shown.said


def test_a_broken_record_spoils_nothing(notebook: Typist, registry: Any) -> None:
    registry.write(make_record())
    (registry.clusters / "broken.json").write_text("{")
    (registry.clusters / "broken.json").chmod(0o600)
    shown = notebook("%dask list")
    assert shown.error is None
    assert "local-1" in shown.html
    assert "damaged" in shown.html
    assert "damaged" in shown.displays[0]["data"]["text/plain"]
