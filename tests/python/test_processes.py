from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dasklab.model.record import Identity
from dasklab.processes import (
    end,
    end_all,
    hostname,
    identify,
    is_alive,
    offspring,
    spawn_detached,
    strip_ansi,
    tail,
)

from .support import alive, wait_for

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
MEEK = "import time; print(1, flush=True); time.sleep(60)"


@contextlib.contextmanager
def running(code: str, **keywords: object) -> Iterator[subprocess.Popen[str]]:
    """A Python process that has got as far as its first line."""
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, **keywords
    ) as process:  # type: ignore[call-overload]
        try:
            assert process.stdout.readline()
            yield process
        finally:
            process.kill()


def test_identity_of_this_process() -> None:
    me = identify()

    assert (me.pid, me.hostname) == (os.getpid(), hostname())
    assert me == identify(os.getpid())
    assert is_alive(me) is True


def test_identity_of_nobody() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        with pytest.raises(ProcessLookupError):
            identify(process.pid)


def test_identity_with_a_name_that_looks_like_something_else(tmp_path: Path) -> None:
    """The name of a program stands in /proc/PID/stat, in parentheses, and may hold any."""
    program = tmp_path / ") R 1 (x) S 7 8"
    program.symlink_to(sys.executable)
    with subprocess.Popen([str(program), "-c", MEEK], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert process.pid in offspring(os.getpid())
        assert is_alive(identify(process.pid))
        process.kill()


def test_another_process_with_the_same_pid_is_another() -> None:
    with running(MEEK) as process:
        reused = replace(identify(process.pid), start="1")

        assert is_alive(reused) is False
        assert end(reused) is True
        end_all([])
        assert process.poll() is None, "a process that only has the pid was killed"


def test_process_of_another_machine_is_unknown_and_untouched() -> None:
    with running(MEEK) as process:
        elsewhere = replace(identify(process.pid), hostname=hostname() + "x")

        assert is_alive(elsewhere) is None
        assert end(elsewhere, patience=(0.1, 0.1, 0.1)) is False
        assert process.poll() is None


def test_process_of_another_boot_is_dead() -> None:
    assert is_alive(replace(identify(), boot="another")) is False


def test_zombie_is_dead() -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    try:
        identity = identify(process.pid)
        wait_for(lambda: "Z" in Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2])

        assert is_alive(identity) is False
        assert end(identity) is True
    finally:
        process.wait()


# -- the ladder ------------------------------------------------------------------------------------
def test_end_asks_first() -> None:
    with running(MEEK) as process:
        asked = []

        def ask() -> None:
            asked.append(1)
            process.kill()

        assert end(identify(process.pid), ask=ask)
        assert asked == [1]
        assert process.wait() == -signal.SIGKILL


def test_end_terminates_what_does_not_listen() -> None:
    with running(MEEK) as process:

        def refuse() -> None:
            raise RuntimeError("no")

        assert end(identify(process.pid), ask=refuse)
        assert process.wait() == -signal.SIGTERM


def test_end_kills_what_ignores_sigterm() -> None:
    with running(STUBBORN) as process:
        assert end(identify(process.pid), ask=lambda: None, patience=(0.1, 0.2, 5.0))
        assert process.wait() == -signal.SIGKILL


def test_end_of_a_stopped_process() -> None:
    with running(STUBBORN) as process:
        process.send_signal(signal.SIGSTOP)

        assert end(identify(process.pid), patience=(0.1, 0.1, 5.0))


def test_end_says_when_it_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(pid: int, number: int) -> None:
        raise PermissionError

    with running(MEEK) as process, monkeypatch.context() as patch:
        patch.setattr(os, "kill", forbidden)
        assert end(identify(process.pid), patience=(0.1, 0.1, 0.1)) is False


# -- offspring -------------------------------------------------------------------------------------
FAMILY = (
    "import subprocess, sys, time\n"
    "child = 'import subprocess, sys, time; "
    'print(subprocess.Popen(["sleep", "60"], start_new_session=True).pid, flush=True); time.sleep(60)\'\n'
    "process = subprocess.Popen([sys.executable, '-c', child], stdout=subprocess.PIPE, text=True)\n"
    "print(process.pid, process.stdout.readline(), flush=True)\n"
    "time.sleep(60)\n"
)


def test_offspring_are_children_and_theirs_the_nearest_first() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", FAMILY], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        child, grandchild = map(int, process.stdout.readline().split())

        assert offspring(process.pid) == [child, grandchild]
        end_all([process.pid, child, grandchild])
        assert not any(alive(pid) for pid in (process.pid, child, grandchild))


def test_end_all_ends_a_group() -> None:
    code = (
        "import subprocess, time; "
        "print(subprocess.Popen(['sleep', '60']).pid, flush=True); time.sleep(60)"
    )
    with running("import time; print(1, flush=True); time.sleep(60)") as bystander:
        with subprocess.Popen(
            [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
        ) as process:
            assert process.stdout is not None
            sleeper = int(process.stdout.readline())
            end_all([], group=process.pid)
            wait_for(lambda: not alive(sleeper))
        assert bystander.poll() is None


def test_end_all_of_the_dead_is_no_error() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
        end_all([process.pid], group=process.pid)


# -- starting --------------------------------------------------------------------------------------
def test_detached_process_has_its_own_session_and_no_handles_of_ours(tmp_path: Path) -> None:
    secret = (tmp_path / "secret").open("w")
    os.set_inheritable(secret.fileno(), True)
    code = "import os; print(os.getsid(0) == os.getpid(), sorted(os.listdir('/proc/self/fd')), os.getcwd(), os.environ)"
    process = spawn_detached([sys.executable, "-c", code], cwd=str(tmp_path), environ={"A": "b"})
    out, err = process.communicate(timeout=20)
    secret.close()

    text = out.decode()
    assert err == b""
    assert text.startswith("True ['0', '1', '2', '3'] " + str(tmp_path))
    assert "PATH" not in text


def test_detached_start_of_nothing() -> None:
    with pytest.raises(OSError, match="nothing-here"):
        spawn_detached(["/nothing-here"], cwd=None)


# -- logs ------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[1;38;5;200mx\x1b[K", "x"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\x00b\x07c\x08d\x7fe", "abcde"),
        ("tab\tstays", "tab\tstays"),
        ("\x1b", ""),
        ("ümläut ✓", "ümläut ✓"),
    ],
)
def test_escapes_are_removed(text: str, clean: str) -> None:
    assert strip_ansi(text) == clean


@given(st.text())
def test_nothing_that_moves_a_cursor_is_left(text: str) -> None:
    assert not set(strip_ansi(text)) & set(map(chr, [*range(9), *range(11, 32), 127]))


def test_tail(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"".join(b"\x1b[31mline %d\x1b[0m\n" % n for n in range(100)) + b"\xff half")

    assert tail(log, 3) == ["line 98", "line 99", "� half"]
    assert tail(tmp_path / "none") == []
    assert tail(tmp_path) == []


def test_tail_of_something_huge_is_cheap_and_short(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("wb") as file:
        file.truncate(5_000_000_000)
        file.seek(0, os.SEEK_END)
        file.write(b"\n" + b"x" * 30_000 + b"\nlast\n")

    lines = tail(log, 5)

    assert lines[-1] == "last"
    assert len(lines[-2]) == 2_000
    assert sum(map(len, lines)) < 10_000


def test_identity_is_a_value() -> None:
    assert Identity(1, "2", "3", "4") == Identity(1, "2", "3", "4")
