"""Workers over a real SSH: what goes wrong is said, and whatever dies, nothing is left."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from dasklab.deployments._ssh import Place, read_place
from dasklab.deployments.ssh import SSH
from dasklab.errors import DasklabError, OptionsInvalid
from dasklab.model.scaling import Scaling

from ..backends.sshd import Sshd, remote_processes
from ..support import alive, wait_for


@pytest.fixture(scope="module", autouse=True)
def _nothing_left() -> Any:
    yield
    wait_for(lambda: not remote_processes(), 30, "the end of what ran on the hosts")


# -- places ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("node1", Place("node1")),
        ("anna@node1", Place("node1", None, "anna")),
        ("ssh://anna@node1:2222", Place("node1", 2222, "anna")),
        ("[::1]:22", Place("::1", 22)),
        (" node1:2222 ", Place("node1", 2222)),
    ],
)
def test_places(text: str, place: Place) -> None:
    assert read_place(text) == place
    assert read_place(str(place)) == place


@pytest.mark.parametrize(
    "text",
    ["", "a:b", "a:99999", "http://a", "anna:secret@a", "a/b", "-oProxyCommand=x", "a b", "a:0"],
)
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(OptionsInvalid, match="names no host that ssh reaches"):
        read_place(text)


# -- before a launch ------------------------------------------------------------------------------
def test_what_to_mind() -> None:
    away = {"hosts": ["node1"], "scheduler_host": "127.0.0.1", "tls": "off"}
    here = {"hosts": ["127.0.0.1", "localhost"], "scheduler_host": "127.0.0.1", "tls": "off"}

    assert [found.code for found in SSH.warnings(away, None)] == ["ssh.loopback", "tls.off"]
    assert SSH.warnings(here, Scaling(2)) == []
    assert SSH.warnings({"hosts": ["node1"]}, None) == []


@pytest.mark.parametrize(
    ("hosts", "scaling", "cores", "threads"),
    [(1, None, 8, 8), (2, Scaling(2), 8, 8), (2, Scaling(4), 8, 4), (2, Scaling(40), 8, 1)],
)
def test_cores_are_shared_out(hosts: int, scaling: Any, cores: int, threads: int) -> None:
    assert SSH._threads({"hosts": ["a"] * hosts}, scaling, cores) == threads


# -- what goes wrong ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "sentence", "hint"),
    [
        ({"hosts": ["127.0.0.1:1"]}, "No SSH server listens at 127.0.0.1:1", "host:port"),
        ({"hosts": ["no-such-host.invalid"]}, "no-such-host.invalid means no host", "spelling"),
        ({"key": "{folder}/stranger"}, "refuses the key .*/stranger", "authorized_keys"),
        ({"key": "{folder}/nothing"}, "There is no private key", "path of a file"),
        ({"key": "{folder}/sshd_config"}, "The private key .* cannot be used", "ssh-add"),
        ({"known_hosts": "{folder}/nobody_known"}, "The host key of .* is not", "fingerprint"),
        ({"python": "/no/python"}, "There is no interpreter /no/python on 127", "python_on"),
        ({"python": "/bin/false"}, "/bin/false on .* is no Python", "python_on"),
        ({"python": "{folder}/bare"}, "/bare on 127.* has no distributed", "pip install"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_is_wrong_is_said(
    launch: Any, sshd: Sshd, changes: dict[str, Any], sentence: str, hint: str
) -> None:
    bare = sshd.folder / "bare"
    bare.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    bare.chmod(0o755)
    filled = {
        name: value.format(folder=sshd.folder) if isinstance(value, str) else value
        for name, value in changes.items()
    }
    with pytest.raises(DasklabError, match=sentence) as caught:
        launch("ssh", **{**sshd.options(1), **filled})

    assert hint in caught.value.hint


def test_a_host_that_cannot_be_used_is_left_out(launch: Any, sshd: Sshd) -> None:
    options = {**sshd.options(1, 2), "python_on": {"127.0.0.2": "/no/python"}}
    cluster = launch("ssh", workers=2, **options)

    with cluster.client() as client:
        assert {w["host"] for w in client.scheduler_info()["workers"].values()} == {"127.0.0.1"}
    event = next(e for e in cluster.info["events"] if e["kind"] == "host-left-out")
    assert "There is no interpreter /no/python on 127.0.0.2" in event["text"]


def test_workers_that_end_at_once_are_not_started_for_ever(launch: Any, sshd: Sshd) -> None:
    cluster = launch("ssh", wait=False, preload=["no_such_module"], **sshd.options(1))
    with pytest.raises(DasklabError, match=r"The worker on 127.0.0.1:\d+ ended at its start"):
        cluster.wait(timeout=60)

    assert "no_such_module" in "\n".join(line["text"] for line in cluster.logs("host", 500))


def test_one_host_that_fails_is_given_up_and_explained(
    launch: Any, sshd: Sshd, tmp_path: Path
) -> None:
    broken, python = tmp_path / "broken", tmp_path / "python"
    # An interpreter whose environment is damaged after it was looked at.
    python.write_text(
        f'#!/bin/sh\n[ -e {broken} ] && {{ echo "disk full" >&2; exit 3; }}\n'
        f'exec {sys.executable} "$@"\n'
    )
    python.chmod(0o755)
    options = {**sshd.options(1, 2), "python_on": {"127.0.0.2": str(python)}}
    cluster = launch("ssh", workers=2, **options)
    broken.touch()
    with cluster.client(set_as_default=False) as client:
        victim = next(
            pid for address, pid in client.run(os.getpid).items() if "127.0.0.2" in address
        )
        channel = next(
            found for found in psutil.Process(victim).parents() if found.pid in remote_processes()
        )
        os.kill(channel.pid, signal.SIGKILL)
        wait_for(
            lambda: (
                len(client.scheduler_info()["workers"]) == 2
                and {w["host"] for w in client.scheduler_info()["workers"].values()}
                == {"127.0.0.1"}
            ),
            60,
            "another host taking its place",
        )
    kinds = [event["kind"] for event in cluster.info["events"]]
    assert "given-up" in kinds
    assert kinds.count("worker-ended") == 3, "once while it ran, twice at its start"


# -- whatever dies --------------------------------------------------------------------------------
def test_nothing_is_left_when_the_host_and_its_warden_are_killed(launch: Any, sshd: Sshd) -> None:
    cluster = launch("ssh", workers=2, **sshd.options())
    with cluster.client(set_as_default=False) as client:

        def detach(dask_worker: Any) -> int:
            import subprocess

            return subprocess.Popen(["setsid", "sleep", "600"]).pid

        left = [*client.run(detach).values(), *client.run(os.getpid).values()]
        client.submit(lambda: [None for _ in iter(int, 1)], pure=False)  # never lets go of the GIL
    record = cluster.record
    assert record.host is not None
    assert record.warden is not None
    for pid in (record.warden.pid, record.host.pid):
        os.kill(pid, signal.SIGKILL)

    wait_for(lambda: not [pid for pid in left if alive(pid)], 30, "the end of all that ran")
    wait_for(lambda: not remote_processes(), 30)
    shutil.rmtree(record.scratch)  # here, where all who could have done it were killed


def test_nothing_is_left_on_disk(launch: Any, sshd: Sshd) -> None:
    cluster = launch("ssh", workers=1, tls="on", **sshd.options(1))
    security = cluster.record.scheduler["security"]
    with cluster.client(set_as_default=False) as client:
        folders = list(client.run(lambda dask_worker: dask_worker.local_directory).values())
    for path in security.values():
        assert os.stat(path).st_mode & 0o777 == 0o600
        assert os.stat(Path(path).parent).st_mode & 0o777 == 0o700
    assert [path for path in folders if os.path.isdir(path)] == folders
    cluster.stop()

    wait_for(lambda: not [path for path in [*folders, *security.values()] if os.path.exists(path)])


def test_the_key_is_in_no_command_line(launch: Any, sshd: Sshd) -> None:
    cluster = launch("ssh", workers=1, tls="on", **sshd.options(1))
    key = Path(cluster.record.scheduler["security"]["tls_client_key"]).read_text()
    secret = key.splitlines()[3]
    with cluster.client(set_as_default=False) as client:
        (worker,) = client.run(os.getpid).values()
    for process in map(psutil.Process, [worker, *remote_processes()]):
        assert secret not in " ".join(process.cmdline())
        assert secret not in str(process.environ())
