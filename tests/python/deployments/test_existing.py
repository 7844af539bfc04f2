"""A real ``dask scheduler`` and worker that somebody else started: attach, watch, leave, reach."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path
from typing import Any

import dask
import psutil
import pytest

import dasklab
from dasklab import connect
from dasklab.client import Cluster
from dasklab.errors import DasklabError, Unsupported
from dasklab.launching import LaunchRequest, preview
from dasklab.magics.why import why_text

from ..backends.schedulers import RunningScheduler
from ..backends.sshd import Sshd
from ..support import wait_for


def check(cluster: Cluster) -> None:
    """What works of every scheduler that was attached to."""
    wait_for(lambda: cluster.info["workers"] == dict.fromkeys(("wanted", "running"), 1)
             | dict.fromkeys(("minimum", "maximum")), 60)  # fmt: skip
    with connect(cluster.name, set_as_default=False) as client:
        assert client.submit(sum, (2, 3)).result(timeout=30) == 5
        wait_for(lambda: cluster.info["clients"] >= 1, 30, "being counted")
    wait_for(lambda: cluster.info["clients"] == 0, 30, "going: the lease counts")
    wait_for(lambda: cluster.telemetry.totals().get("tasks"), 30, "telemetry")
    assert wait_for(lambda: cluster.logs("scheduler"), 30)
    assert "individual-task-stream" in cluster.pages()
    with pytest.raises(Unsupported, match="cannot scale"):
        cluster.scale(2)


def test_by_address(launch: Any, running_scheduler: RunningScheduler) -> None:
    cluster = launch("existing", workers=None, address=running_scheduler.address)
    check(cluster)
    cluster.stop()

    assert running_scheduler.alive
    assert [e["kind"] for e in cluster.info["events"]][-2:] == ["detached", "stopped"]


def test_by_scheduler_file_with_tls(launch: Any, running_tls_scheduler: RunningScheduler) -> None:
    cluster = launch(
        "existing",
        workers=None,
        scheduler_file=str(running_tls_scheduler.file),
        **running_tls_scheduler.tls,
    )
    check(cluster)
    record = cluster.record
    cluster.stop()

    assert record.scheduler["address"].startswith("tls://127.0.0.1:")
    assert record.scheduler["security"] == running_tls_scheduler.tls
    assert record.dashboard.scheme == "https"
    assert running_tls_scheduler.alive


def test_tls_files_of_dask_configuration(
    launch: Any, running_tls_scheduler: RunningScheduler
) -> None:

    files = running_tls_scheduler.tls
    with dask.config.set(
        {
            "distributed.comm.tls.ca-file": files["tls_ca_file"],
            "distributed.comm.tls.client.cert": files["tls_client_cert"],
            "distributed.comm.tls.client.key": files["tls_client_key"],
        }
    ):
        cluster = launch("existing", workers=None, address=running_tls_scheduler.address)

    assert cluster.record.scheduler["security"] == files


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "named by its address or by a scheduler file"),
        ({"address": "tcp://a:1", "scheduler_file": "x"}, "named by its address or by a scheduler"),
        ({"address": "somewhere"}, "is no address of a scheduler"),
        ({"address": "http://a:1"}, "is no address of a scheduler"),
        ({"scheduler_file": "/no/file"}, "The scheduler file /no/file cannot be read"),
        ({"address": "tcp://127.0.0.1:1"}, "No scheduler can be reached at tcp://127.0.0.1:1"),
        ({"address": "tls://127.0.0.1:1", "tls_client_cert": "/no"}, "TLS files cannot be used"),
    ],
)
def test_what_is_wrong_is_said(launch: Any, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(DasklabError, match=sentence) as caught:
        launch("existing", workers=None, **options)

    assert caught.value.hint


def test_tls_without_a_certificate(launch: Any, running_tls_scheduler: RunningScheduler) -> None:
    with pytest.raises(DasklabError, match="refuses this connection") as caught:
        launch("existing", workers=None, address=running_tls_scheduler.address)

    assert "tls_client_cert" in caught.value.hint


def test_workers_cannot_be_asked_for(launch: Any, running_scheduler: RunningScheduler) -> None:
    with pytest.raises(DasklabError, match="started by somebody else"):
        launch("existing", workers=2, address=running_scheduler.address)


def test_one_that_was_found_is_let_go_of_and_only_its_stop_ends_it(
    catalogued: None, tmp_path: Path
) -> None:
    mine = RunningScheduler(tmp_path)
    try:
        with dask.config.set({"dasklab.discovery.scheduler-files": [str(mine.file)]}):
            [found] = [one for one in dasklab.discover() if one.deployment == "existing"]

        def let_go(cluster: Cluster) -> bool:
            wait_for(lambda: cluster.phase == "stopped", 60, "letting go")
            return "detached" in [event["kind"] for event in cluster.info["events"]]

        with dask.config.set({"dasklab.lease.idle": "1s", "dasklab.lease.no-client": "1s"}):
            assert let_go(found.attach()), "by its lease"
        cluster = found.attach()
        cluster.detach()
        assert let_go(cluster)
        assert mine.alive
        found.attach().stop()
        wait_for(lambda: not mine.alive, 60, "the end of the scheduler")
    finally:
        mine.stop()


def test_a_scheduler_that_ends_is_noticed(launch: Any, tmp_path: Path) -> None:
    mine = RunningScheduler(tmp_path)
    try:
        cluster = launch("existing", workers=None, address=mine.address)
    finally:
        mine.stop()

    wait_for(lambda: cluster.phase == "stopped", 60)


def test_preview_is_what_a_user_may_run(running_scheduler: RunningScheduler) -> None:
    text = preview(LaunchRequest("existing", options={"address": running_scheduler.address}))
    names: dict[str, Any] = {}
    exec(text["text"], names)
    with names["client"] as client:
        assert client.scheduler.address == running_scheduler.address


# -- through a tunnel -----------------------------------------------------------------------------
def test_through_a_tunnel(launch: Any, sshd: Sshd, running_scheduler: RunningScheduler) -> None:
    cluster = launch(
        "existing",
        workers=None,
        address=running_scheduler.address,
        via=f"ssh://{sshd.place(2)}",
        **sshd.login,
    )
    check(cluster)
    address = cluster.record.scheduler["address"]
    assert address != running_scheduler.address
    cluster.stop()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), 5)


def test_a_tunnel_that_breaks_is_made_again(
    launch: Any, sshd: Sshd, running_scheduler: RunningScheduler
) -> None:
    cluster = launch(
        "existing",
        workers=None,
        address=running_scheduler.address,
        via=sshd.place(1),
        **sshd.login,
    )
    with connect(cluster.name, set_as_default=False) as client:
        for process in psutil.Process(sshd.pid).children(recursive=True):
            os.kill(process.pid, signal.SIGKILL)
        kinds = lambda: [e["kind"] for e in cluster.info["events"]]  # noqa: E731
        wait_for(lambda: {"tunnel-lost", "tunnel"} <= set(kinds()), 60)
        wait_for(lambda: client.status == "running", 60)
        assert client.submit(sum, (2, 3)).result(timeout=30) == 5


def test_a_tunnel_that_leads_nowhere(launch: Any, sshd: Sshd) -> None:
    with pytest.raises(DasklabError, match="reaches no scheduler at that address"):
        launch(
            "existing", workers=None, address="tcp://127.0.0.1:1", via=sshd.place(1), **sshd.login
        )


def test_why_tells_of_workers_that_others_start(launch: Any, tmp_path: Path) -> None:
    scheduler = RunningScheduler(tmp_path)
    try:
        cluster = launch("existing", workers=None, address=scheduler.address)
        wait_for(lambda: cluster.info["workers"]["running"] == 1, 60, "its worker")
        assert cluster.why()["advice"] == []
        nanny = psutil.Process(scheduler._processes[1].pid)
        for process in (nanny, *nanny.children(recursive=True)):
            process.kill()

        wait_for(lambda: cluster.info["workers"]["running"] == 0, 60, "the end of the worker")
        empty, lost = cluster.why()["advice"]
        assert (empty["code"], empty["severity"]) == ("scheduler.empty", "error")
        assert (lost["code"], lost["message"][:18]) == ("scheduler.lost", "One worker is lost")
        # Without being asked, too: the card says it.
        codes = wait_for(lambda: [one["code"] for one in cluster.info["advice"]])
        assert codes == ["scheduler.empty", "scheduler.lost"]
        assert "None is missing" not in why_text(cluster.info)
        cluster.stop()
    finally:
        scheduler.stop()
