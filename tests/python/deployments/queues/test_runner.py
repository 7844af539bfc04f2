from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest

from dasklab.deployments.queues.runner import Runner
from dasklab.errors import QueueError, QueueSilent

from ...support import alive, wait_for


def run(*argv: str, deadline: float = 60.0, runner: Runner | None = None) -> tuple[int, str, str]:
    return tuple(asyncio.run((runner or Runner())(argv, deadline)))  # type: ignore[return-value]


def test_it_has_what_a_command_prints_and_how_it_ended() -> None:
    assert run("/bin/sh", "-c", "echo out; echo err >&2; exit 3") == (3, "out\n", "err\n")


def test_much_output_does_not_block_it() -> None:
    code, out, _ = run(sys.executable, "-c", "print('x' * 3_000_000)")

    assert (code, len(out)) == (0, 3_000_001)


def test_bytes_that_are_no_text_are_no_obstacle() -> None:
    assert run("/bin/printf", r"a\377b")[1] == "a\ufffdb"


def test_a_command_that_hangs_is_killed_with_all_it_started(tmp_path: Path) -> None:
    """As squeue does whose daemon is gone: nothing of it may be left."""
    pids = tmp_path / "pids"
    script = f"sleep 600 & echo $! > {pids}; echo $$ >> {pids}; wait"

    began = time.monotonic()
    with pytest.raises(QueueSilent, match="/bin/sh has not answered within 0.5 seconds"):
        run("/bin/sh", "-c", script, deadline=0.5)

    assert time.monotonic() - began < 30
    started = [int(line) for line in pids.read_text().split()]
    assert len(started) == 2
    wait_for(lambda: not any(alive(pid) for pid in started), 30)


def test_what_a_command_leaves_behind_keeps_nobody_waiting(tmp_path: Path) -> None:
    """A daemon that holds the command's output open, as the first sge command may start."""
    pid = tmp_path / "pid"

    code, out, _ = run("/bin/sh", "-c", f"sleep 600 & echo $! > {pid}; echo done")

    left = int(pid.read_text())
    assert (code, out) == (0, "done\n")
    assert alive(left)
    import os
    import signal

    os.kill(left, signal.SIGKILL)


def test_one_who_gives_up_asking_leaves_nothing(tmp_path: Path) -> None:
    pid = tmp_path / "pid"

    async def give_up() -> None:
        asking = asyncio.create_task(Runner()(["/bin/sh", "-c", f"echo $$ > {pid}; sleep 600"]))
        while not (pid.exists() and pid.read_text().strip()):
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    asyncio.run(give_up())

    assert not alive(int(pid.read_text()))


def test_a_command_that_is_not_there_is_said_so() -> None:
    with pytest.raises(QueueError, match="no-such-squeue cannot be run here: No such file") as info:
        run("no-such-squeue")

    assert "module load" in info.value.hint


def test_the_users_own_formats_and_language_do_not_change_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SQUEUE_FORMAT", "%all")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("SLURM_CONF", "/etc/slurm.conf")

    _, out, _ = run("/usr/bin/env", runner=Runner({"MORE": "1"}))

    found = dict(line.partition("=")[::2] for line in out.splitlines())
    assert "SQUEUE_FORMAT" not in found
    assert (found["LC_ALL"], found["SLURM_CONF"], found["MORE"]) == ("C", "/etc/slurm.conf", "1")
