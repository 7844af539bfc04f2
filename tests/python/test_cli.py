"""The ``dasklab`` command."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from dasklab.cli import main
from dasklab.model.record import Phase

from .support import make_record


def command(*words: str) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", "import sys, dasklab.cli; sys.exit(dasklab.cli.main())", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_nothing_there(capsys: Any) -> None:
    assert main(["list"]) == 0
    assert capsys.readouterr().out == "No cluster runs.\n"
    assert main(["stop", "--all"]) == 0
    assert capsys.readouterr().out == "There is no cluster to stop.\n"


def test_list(registry: Any, capsys: Any) -> None:
    registry.write(make_record(name="mine"))
    registry.write(make_record(id="b" * 32, name="old", phase=Phase.STOPPED))
    assert main(["list"]) == 0
    out = capsys.readouterr().out
    assert "mine" in out
    assert "old" not in out
    assert main(["list", "--all"]) == 0
    assert "old: stopped" in capsys.readouterr().out
    assert main(["list", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [cluster["name"] for cluster in data["clusters"]] == ["mine"]
    assert data["problems"] == []
    assert "control" not in data["clusters"][0]


def test_a_broken_record_is_a_word_on_standard_error(registry: Any, capsys: Any) -> None:
    registry.write(make_record(name="mine"))
    path = registry.clusters / "broken.json"
    path.write_text("{")
    path.chmod(0o600)
    assert main(["list"]) == 0
    shown = capsys.readouterr()
    assert "mine" in shown.out
    assert "damaged" in shown.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["stop", "nothing"], 1, "There is no cluster 'nothing'.\nSee dasklab list.\n"),
        (["logs", "nothing"], 1, "There is no cluster 'nothing'.\nSee dasklab list.\n"),
        (["stop"], 2, "give names, or --all"),
        (["stop", "x", "--all"], 2, "give names, or --all"),
        (["logs", "x", "wrokers"], 1, "There are no logs of 'wrokers'.\nGive one of scheduler, "),
        (["logs", "x", "-n", "many"], 1, "The number of lines is not one from 1 to 10000."),
        (["logs", "x", "-n", "0"], 1, "The number of lines is not one from 1 to 10000."),
        ([], 2, "required"),
        (["nosuch"], 2, "invalid choice"),
    ],
)
def test_what_makes_no_sense(capsys: Any, words: list[str], code: int, said: str) -> None:
    try:
        found = main(words)
    except SystemExit as exit_:
        found = exit_.code  # type: ignore[assignment]
    assert found == code
    shown = capsys.readouterr()
    assert said in shown.err
    assert "Traceback" not in shown.err
    assert shown.out == ""


def test_logs_and_stop(launch: Any, registry: Any, capsys: Any) -> None:
    cluster = launch(name="mine")
    assert main(["logs", "mine", "-n", "500"]) == 0
    assert "Host of dasklab" in capsys.readouterr().out
    assert main(["logs", "mine", "scheduler"]) == 0
    assert "Register worker" in capsys.readouterr().out
    assert main(["stop", cluster.id[:8]]) == 0
    assert capsys.readouterr().out == "mine is stopped.\n"
    assert main(["stop", "mine"]) == 0
    assert capsys.readouterr().out == "mine is stopped already.\n"
    assert main(["logs", "mine", "-n", "1"]) == 0, "the log of one that has ended can be read"
    assert capsys.readouterr().out


def test_stop_all_asks_all(launch: Any, registry: Any, capsys: Any) -> None:
    cluster = launch(workers=0, name="mine")
    for name in ("far", "farther"):
        host = replace(cluster.record.host, hostname=f"the-{name}-one")
        registry.write(make_record(id=f"{name:x<32}", name=name, host=host, created=9e9))

    assert main(["stop", "--all"]) == 1
    shown = capsys.readouterr()
    assert shown.out == "mine is stopped.\n"
    for name in ("far", "farther"):
        assert f"The cluster '{name}' runs on the-{name}-one" in shown.err
        registry.path(f"{name:x<32}").unlink()


def test_following_until_interrupted(launch: Any) -> None:
    cluster = launch(workers=0)
    process = command("logs", cluster.name, "-f", "-n", "1")
    assert process.stdout
    assert process.stdout.readline()
    os.kill(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 0
    assert err == ""


def test_a_reader_that_goes_away(registry: Any) -> None:
    for number in range(300):
        registry.write(make_record(id=f"{number:032x}", name=f"mine-{number}" + "x" * 40))
    process = command("list", "--json")
    assert process.stdout
    process.stdout.read(1)
    process.stdout.close()
    assert process.stderr
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(20) == 0


def test_it_is_light() -> None:
    code = (
        "import sys, dasklab.cli\n"
        "dasklab.cli.main(['list'])\n"
        "print([m for m in ('dask', 'distributed', 'tornado', 'IPython') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
