from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dasklab import record_file
from dasklab.errors import (
    ClusterExists,
    ClusterUnknown,
    DasklabError,
    DiskFull,
    RegistryError,
)
from dasklab.model.record import Identity, Phase
from dasklab.processes import hostname, identify
from dasklab.registry import SILENCE, Registry, default_folder

from .support import AS_ROOT, SmallDisk, make_record, python_process, wait_for


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def dead() -> Identity:
    """The identity of a process of this machine that has ended."""
    with python_process("") as process:
        found = identify(process.pid)
    return found


# -- the folder ------------------------------------------------------------------------------------
def test_default_folder(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    assert default_folder() == home
    monkeypatch.setenv("DASKLAB_HOME", "~/x")
    assert default_folder() == Path.home() / "x"
    monkeypatch.delenv("DASKLAB_HOME")
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert default_folder() == Path("/state/dasklab")


def test_everything_is_private_whatever_the_umask(registry: Registry) -> None:
    before = os.umask(0)
    try:
        registry.write(make_record())
        with registry.lock():
            pass
    finally:
        os.umask(before)

    for folder in (registry.folder, registry.clusters, registry.standbys, registry.logs):
        assert mode(folder) == 0o700
    assert mode(registry.path("a" * 32)) == 0o600
    assert mode(registry.folder / "lock") == 0o600


@pytest.mark.parametrize("bits", [0o770, 0o707, 0o755, 0o711])
def test_folder_open_to_others_is_refused(registry: Registry, bits: int) -> None:
    registry.open()
    registry.clusters.chmod(bits)

    with pytest.raises(RegistryError, match="Others can reach into") as caught:
        registry.write(make_record())

    assert caught.value.hint == f"Run: chmod 700 {registry.clusters}"


@AS_ROOT
def test_folder_of_another_user_is_refused(registry: Registry) -> None:
    registry.open()
    os.chown(registry.clusters, 12345, 12345)

    with pytest.raises(RegistryError, match="is not a folder of yours"):
        registry.write(make_record())


def test_folder_that_is_a_link_is_refused(registry: Registry, tmp_path: Path) -> None:
    registry.folder.symlink_to(tmp_path)

    with pytest.raises(RegistryError, match="is not a folder of yours"):
        registry.write(make_record())


def test_folder_that_is_a_file(registry: Registry) -> None:
    registry.folder.write_text("")

    with pytest.raises(RegistryError, match=r"The folder .* cannot be used"):
        registry.write(make_record())
    assert registry.records()[0] == []


def test_reading_makes_nothing(registry: Registry) -> None:
    assert registry.records() == ([], [])
    with pytest.raises(ClusterUnknown):
        registry.find("x")
    with pytest.raises(ClusterUnknown):
        registry.get("x" * 8)
    assert not registry.folder.exists()


# -- writing ---------------------------------------------------------------------------------------
def test_write_replaces_and_leaves_no_other_file(registry: Registry) -> None:
    for number in range(3):
        registry.write(make_record(cores=number))

    assert [path.name for path in registry.clusters.iterdir()] == ["a" * 32 + ".json"]
    assert registry.get("a" * 32).cores == 2


def test_readers_never_see_half_a_record(registry: Registry) -> None:
    done = threading.Event()
    problems: list[DasklabError] = []

    def read() -> None:
        reader = Registry(registry.folder)
        while not done.is_set():
            problems.extend(reader.records()[1])

    registry.write(make_record())
    thread = threading.Thread(target=read)
    thread.start()
    for number in range(200):
        registry.write(make_record(options={"x": "y" * number * 50}))
    done.set()
    thread.join()

    assert problems == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {("a", 1): 2}], ids=repr)
def test_what_json_cannot_hold_is_an_error_of_ours(registry: Registry, value: object) -> None:
    registry.open()

    with pytest.raises(DasklabError):
        registry.write(make_record(options={"x": value}))

    assert list(registry.clusters.iterdir()) == []


def test_full_disk_loses_nothing(registry: Registry, small_disk: SmallDisk) -> None:
    registry.write(make_record())
    small_disk.fill()

    with pytest.raises(DiskFull) as caught:
        registry.write(make_record(phase=Phase.STOPPED))
    with pytest.raises(DiskFull):
        registry.claim(make_record(id="b" * 32, name="b"), automatic=False)

    assert "the disk is full, or your quota is used up" in caught.value.message
    assert "Free some space" in caught.value.hint
    assert registry.get("a" * 32).phase is Phase.RUNNING
    assert [path.name for path in registry.clusters.iterdir()] == ["a" * 32 + ".json"]
    small_disk.free()
    registry.write(make_record(phase=Phase.STOPPED))
    assert registry.get("a" * 32).phase is Phase.STOPPED


# -- who is there ----------------------------------------------------------------------------------
def test_cluster_whose_host_died_is_lost(registry: Registry) -> None:
    registry.write(make_record(host=dead(), cores=8, lease={"deadline": 5.0, "cause": "idle"}))

    record = registry.get("a" * 32)

    assert record.phase is Phase.LOST
    assert record.reason is not None
    assert record.reason["code"] == "host.lost"
    assert "died without a word" in record.reason["message"]
    assert (record.can, record.cores, record.workers["running"]) == ((), 0, 0)
    assert record == registry.get("a" * 32), "a watcher would take a difference for a change"


def test_cluster_whose_warden_is_at_work_is_stopping(registry: Registry) -> None:
    """The warden's word, with how the host ended, is the one that everybody shall read."""
    registry.write(make_record(host=dead(), warden=identify()))

    record = registry.get("a" * 32)

    assert (record.phase, record.can) == (Phase.STOPPING, ())
    registry.write(make_record(host=dead(), warden=dead()))
    assert registry.get("a" * 32).phase is Phase.LOST


def test_cluster_whose_kernel_ended_is_lost(registry: Registry) -> None:
    registry.write(make_record(host=dead(), origin="kernel"))

    reason = registry.get("a" * 32).reason

    assert reason is not None
    assert reason["code"] == "kernel.lost"


def test_pid_that_was_given_to_another_process_does_not_count(registry: Registry) -> None:
    registry.write(make_record(host=replace(identify(), start="1")))

    assert registry.get("a" * 32).phase is Phase.LOST


def test_cluster_of_an_earlier_boot_is_lost(registry: Registry) -> None:
    registry.write(make_record(host=replace(identify(), boot="another")))

    assert registry.get("a" * 32).phase is Phase.LOST


def test_cluster_of_another_machine_lives_while_its_host_shows_signs_of_life(
    registry: Registry,
) -> None:
    registry.write(make_record(host=replace(identify(), hostname=hostname() + "x")))
    assert registry.get("a" * 32).phase is Phase.RUNNING

    then = time.time() - SILENCE - 5
    os.utime(registry.path("a" * 32), (then, then))

    assert registry.get("a" * 32).phase is Phase.LOST


def test_an_end_on_record_is_not_second_guessed(registry: Registry) -> None:
    registry.write(make_record(host=dead(), phase=Phase.STOPPED))

    assert registry.get("a" * 32).phase is Phase.STOPPED


# -- finding ---------------------------------------------------------------------------------------
def test_find(registry: Registry) -> None:
    registry.write(make_record(id="abcdef" + "0" * 26, name="mine"))
    registry.write(make_record(id="abcdef" + "1" * 26, name="other", scheduler=None))

    assert registry.find("mine").name == "mine"
    assert registry.find("abcdef" + "1" * 26).name == "other"
    assert registry.find("abcdef1").name == "other"
    assert registry.find("tcp://127.0.0.1:40000").name == "mine"
    for text in ("abcdef", "", "tcp://127.0.0.1:1", "nothing"):
        with pytest.raises(ClusterUnknown):
            registry.find(text)


def test_find_names_the_nearest(registry: Registry) -> None:
    registry.write(make_record(name="weather"))

    with pytest.raises(ClusterUnknown) as caught:
        registry.find("wether")

    assert caught.value.hint == "Did you mean 'weather'?"
    assert caught.value.details == {"names": ["weather"]}


def test_find_prefers_the_living_and_the_newest(registry: Registry) -> None:
    registry.write(make_record(id="1" * 32, phase=Phase.STOPPED, created=3.0))
    registry.write(make_record(id="2" * 32, phase=Phase.STOPPED, created=1.0))
    assert registry.find("local-1").id == "1" * 32

    registry.write(make_record(id="3" * 32, created=2.0))

    assert registry.find("local-1").id == "3" * 32
    assert registry.find("2" * 32).id == "2" * 32


def test_records_are_newest_first_and_read_once(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        registry.write(make_record(id=str(number) * 32, created=float(number)))
    read: list[str] = []
    original = record_file.read
    monkeypatch.setattr(
        record_file, "read", lambda path, info: (read.append(path), original(path, info))[1]
    )

    assert [record.created for record in registry.records()[0]] == [4, 3, 2, 1, 0]
    assert len(read) == 5
    registry.records()
    assert len(read) == 5
    registry.write(make_record(id="3" * 32, created=9.0))
    assert registry.records()[0][0].id == "3" * 32
    assert len(read) == 6
    registry.path("3" * 32).unlink()
    assert len(registry.records()[0]) == 4
    assert len(registry._cache) == 4


# -- entering --------------------------------------------------------------------------------------
def test_claim_numbers_names(registry: Registry) -> None:
    names = []
    for number in range(3):
        fresh = make_record(id=str(number) * 32, name="")
        names.append(registry.claim(fresh, automatic=True)[0].name)
    registry.write(replace(registry.get("0" * 32), phase=Phase.STOPPED))
    names.append(registry.claim(make_record(id="9" * 32, name=""), automatic=True)[0].name)

    assert names == ["local-1", "local-2", "local-3", "local-1"]


def test_claim_of_an_id_that_is_there_changes_nothing(registry: Registry) -> None:
    first, created = registry.claim(make_record(), automatic=False)
    assert created

    again, created = registry.claim(make_record(name="other", cores=7), automatic=False)

    assert not created
    assert again == first


def test_claim_of_a_taken_name(registry: Registry) -> None:
    registry.write(make_record())

    with pytest.raises(ClusterExists, match="'local-1' is there already"):
        registry.claim(make_record(id="b" * 32), automatic=False)
    registry.write(make_record(phase=Phase.FAILED))
    registry.claim(make_record(id="b" * 32), automatic=False)


RACE = """
import sys, json
sys.path.insert(0, {source!r})
from dasklab.registry import Registry
from dasklab.errors import DasklabError
from dasklab.model.record import Record, Phase
from dasklab.processes import identify
name, automatic = sys.argv[1], sys.argv[2] == "1"
print("ready", flush=True)
for line in sys.stdin:
    record = Record(line.strip(), name, "local", Phase.STARTING, host=identify())
    try:
        found, created = Registry().claim(record, automatic=automatic)
        print(json.dumps([found.id, found.name, created]), flush=True)
    except DasklabError as error:
        print(json.dumps([error.code]), flush=True)
"""


def race(name: str, automatic: bool, ids: tuple[str, str]) -> list[list[Any]]:
    """Two processes that enter a cluster each, at the same moment."""
    from contextlib import ExitStack

    from .support import SOURCE

    code = RACE.format(source=str(SOURCE.parent))
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                python_process(
                    code,
                    name,
                    "1" if automatic else "0",
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(2)
        ]
        for process in processes:
            assert process.stdout.readline() == "ready\n"
        for process, cluster_id in zip(processes, ids):
            process.stdin.write(cluster_id + "\n")
            process.stdin.flush()
        return [json.loads(process.stdout.readline()) for process in processes]


def test_two_processes_with_one_id_make_one(registry: Registry) -> None:
    answers = race("twin", False, ("a" * 32, "a" * 32))

    assert sorted(answer[2] for answer in answers) == [False, True]
    assert len(registry.records()[0]) == 1


def test_two_processes_with_one_name_make_one(registry: Registry) -> None:
    answers = race("twin", False, ("a" * 32, "b" * 32))

    assert sorted(map(len, answers)) == [1, 3]
    assert ["cluster.exists"] in answers
    assert len(registry.records()[0]) == 1


def test_two_processes_without_a_name_get_two(registry: Registry) -> None:
    answers = race("", True, ("a" * 32, "b" * 32))

    assert sorted(answer[1] for answer in answers) == ["local-1", "local-2"]


def test_claims_wait_for_each_other(registry: Registry) -> None:
    order: list[str] = []
    with registry.lock():
        thread = threading.Thread(
            target=lambda: (
                Registry(registry.folder).claim(make_record(), automatic=False),
                order.append("claim"),
            )
        )
        thread.start()
        with pytest.raises(AssertionError):
            wait_for(lambda: order, timeout=0.3)
        order.append("released")
    thread.join(10)

    assert order == ["released", "claim"]


HOLDER = (
    "import sys, time\n"
    f"sys.path.insert(0, {str(Path(sys.modules['dasklab'].__file__ or '').parents[1])!r})\n"
    "from dasklab.registry import Registry\n"
    "with Registry().lock():\n"
    "    print('held', flush=True)\n"
    "    time.sleep(60)\n"
)


def test_lock_is_given_up_when_its_holder_dies(registry: Registry) -> None:
    with python_process(HOLDER, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
    with registry.lock():
        pass


def test_lock_that_is_not_given_up_is_named(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a process that was suspended, say: nobody must wait for it without a word."""
    monkeypatch.setattr("dasklab.record_file.LOCKED", 0.2)
    with python_process(HOLDER, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        with pytest.raises(RegistryError) as caught:
            registry.claim(make_record(), automatic=False)
    assert f"Another process has held the lock {registry.folder}/lock" in caught.value.message
    assert f"fuser {registry.folder}/lock" in caught.value.hint
    assert registry.claim(make_record(), automatic=False)[1], "it is free again"


# -- forgetting ------------------------------------------------------------------------------------
def test_forget_removes_record_and_logs(registry: Registry) -> None:
    registry.open()
    log = registry.logs / "x.log"
    log.write_text("")
    (registry.logs / "x.log.1").write_text("")
    registry.write(make_record(phase=Phase.STOPPED, log=str(log)))

    registry.forget("a" * 32)

    assert list(registry.clusters.iterdir()) == []
    assert list(registry.logs.iterdir()) == []


def test_forget_touches_nothing_outside(registry: Registry, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("")
    registry.open()
    for number, log in enumerate(
        (str(victim), f"{registry.logs}/../../{victim.name}", "", "victim")
    ):
        registry.write(make_record(id=str(number) * 32, phase=Phase.STOPPED, log=log))
        registry.forget(str(number) * 32)

    assert victim.exists()


def test_a_living_cluster_is_not_forgotten(registry: Registry) -> None:
    registry.write(make_record())

    with pytest.raises(RegistryError, match="has not ended"):
        registry.forget("a" * 32)
    assert registry.get("a" * 32).phase is Phase.RUNNING


def test_prune_keeps_what_is_not_undone_for_a_month(registry: Registry) -> None:
    """Its checkpoint is all that is known of jobs that may still run."""
    for name, days in (("0", 3), ("1", 40)):
        record = make_record(id=name * 32, name=name, phase=Phase.LOST, checkpoint={"name": "x"})
        registry.write(record)
        at = time.time() - days * 24 * 3600
        os.utime(registry.path(name * 32), (at, at))
    with registry.lock():
        registry.prune()

    assert [record.name for record in registry.records()[0]] == ["0"]


def test_prune_takes_what_ended_long_ago(registry: Registry) -> None:
    long_ago = time.time() - 2 * 24 * 3600
    for name, record, at in (
        ("0", make_record(phase=Phase.STOPPED), long_ago),
        ("1", make_record(phase=Phase.STOPPED), time.time()),
        ("2", make_record(), long_ago),
        ("3", make_record(host=dead()), long_ago),
    ):
        registry.write(replace(record, id=name * 32, name=name))
        os.utime(registry.path(name * 32), (at, at))

    registry.claim(make_record(id="4" * 32, name="new"), automatic=False)

    assert sorted(record.name for record in registry.records()[0]) == ["1", "2", "new"]
