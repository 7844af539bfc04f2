"""What goes wrong with jobs, on a real Slurm: said in words, guarded, and nothing left in the queue."""

from __future__ import annotations

import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dask
import numpy as np
import pytest

from dasklab.client import Cluster
from dasklab.errors import DasklabError, StartFailed, WorkersInvalid

from ..backends.slurm import Slurm, slurm  # noqa: F401
from ..magics.conftest import notebook
from ..support import alive, kill, wait_for

SMALL = {"cores": 1, "memory": "1GB", "walltime": "20m", "interface": "lo"}
WORDS = "--cores 1 --walltime 20m --interface lo"
OPEN = {name: value for name, value in SMALL.items() if name != "interface"}
PATIENCE = 60.0

__all__ = ("notebook",)

pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def queue(slurm: Slurm, launch: Any) -> Iterator[Slurm]:  # noqa: F811
    """The queue, empty before and after a test."""
    assert slurm.jobs() == []
    yield slurm
    slurm.clear()


@pytest.fixture
def start(queue: Slurm, launch: Callable[..., Cluster]) -> Callable[..., Cluster]:
    """Launch on Slurm with small jobs."""

    def start(**keywords: Any) -> Cluster:
        return launch("slurm", **{**SMALL, "timeout": PATIENCE, **keywords})

    return start


def codes(cluster: Cluster) -> list[str]:
    return [advice["code"] for advice in cluster.info["advice"]]


def kinds(cluster: Cluster) -> list[str]:
    return [event["kind"] for event in cluster.info["events"]]


def says(cluster: Cluster, code: str, sentence: str) -> None:
    """Wait until it is the one reason, in the advice as in the title of the step."""
    wait_for(lambda: codes(cluster) == [code], PATIENCE, code)
    title = f"waits in the queue: {sentence}"
    wait_for(lambda: cluster.info["steps"][-1]["title"].endswith(title), PATIENCE, title)


def gone(queue: Slurm) -> None:
    wait_for(lambda: queue.jobs() == [], PATIENCE, "an empty queue")


# -- explained -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"job_extra_directives": ["--mem=64G"]}, "asks for more"),
        ({"queue": "nowhere"}, "does not exist|no such|There is no"),
    ],
    ids=["memory", "partition"],
)
def test_what_the_queue_refuses_fails_the_launch_with_its_reason(
    start: Any, queue: Slurm, options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(DasklabError, match="The batch system refused the job") as caught:
        start(**options)

    assert isinstance(caught.value, StartFailed)
    assert caught.value.hint
    assert any("sbatch: error" in line for line in caught.value.details["log"])
    assert queue.jobs() == []


def test_what_would_never_start_is_refused_and_what_is_to_be_minded_is_said(
    queue: Slurm, notebook: Any, registry: Any, catalogued: None
) -> None:
    refused = notebook(f"%dask start slurm --name huge {WORDS} --memory 64GB")
    assert "A job of 64 GB fits on no machine of the queue main" in refused.said
    assert "Ask for less memory per job" in refused.said
    [record] = registry.records()[0]
    assert (record.phase.value, record.checkpoint) == ("failed", {})
    assert "scheduler" not in [step.name for step in record.steps]

    shown = notebook(f"%dask start slurm -n 1 --name small --queue closed --no-wait {WORDS} "
                     "--memory 1GB")  # fmt: skip
    assert shown.error is None
    cluster = Cluster(registry.find("small"), registry=registry)
    minded = "Workers on other machines cannot reach a scheduler on 127.0.0.1."
    wait_for(queue.jobs, PATIENCE)
    assert minded in [found["message"] for found in cluster.info["warnings"]]
    assert f"To mind: {minded}" in notebook("%dask").displays[-1]["data"]["text/plain"]
    assert f"To mind: {minded}" in notebook("%dask why").out
    assert cluster.info["reason"] is None or minded not in str(cluster.info["reason"])
    notebook("%dask stop")
    gone(queue)


def test_waiting_is_shown_in_steps_and_explained(start: Any, queue: Slurm) -> None:
    cluster = start(queue="closed", wait=False)
    wait_for(lambda: "queue.down" in codes(cluster), PATIENCE)

    down = "waits in a partition that is down"
    info = wait_for(lambda: down in str((i := cluster.info)["reason"]) and i, PATIENCE)
    (job,) = info["jobs"]
    assert queue.jobs() == [job["id"]]
    assert (job["state"], job["reason"]) == ("pending", "PartitionDown")
    assert info["phase"] == "waiting"
    assert info["reason"]["code"] == "queue.down"
    assert [step["name"] for step in info["steps"]][-3:] == ["scheduler", "submit", "pending"]
    assert job["id"] in info["steps"][-1]["title"]
    assert cluster.why()["advice"][0]["hint"] == "Choose another queue."
    # It keeps saying what changed: held, then behind another job, then started.
    queue.ask("scontrol", "uhold", job["id"])  # not as root, who holds as an administrator
    says(cluster, "queue.held", "Is held by its user")
    assert "A job is held by its user." in str(cluster.info["events"])
    (other,) = re.findall(r"\d+", queue.ask("sbatch", "-n8", "-o/dev/null", "--wrap=sleep 600"))
    wait_for(lambda: queue.ask("squeue", "-h", "-j", other, "-o%T") == "RUNNING", PATIENCE)
    queue.ask("scontrol", "update", f"JobId={job['id']}", "Partition=main")
    queue.ask("scontrol", "release", job["id"])
    says(cluster, "queue.resources", "Waits until enough cores and memory are free")
    queue.ask("scancel", other)
    cluster.wait(1, timeout=PATIENCE)
    info = wait_for(lambda: (i := cluster.info)["steps"][-1]["state"] == "done" and i)
    assert wait_for(lambda: not cluster.info["advice"], PATIENCE)
    assert any(f"job {job['id']}" in line["source"] for line in cluster.logs("workers"))
    cluster.stop()
    gone(queue)


def test_the_magic_waits_for_some_and_its_lease_for_all(
    queue: Slurm, notebook: Any, registry: Any, catalogued: None
) -> None:
    with dask.config.set({"dasklab.lease.no-client": "1s", "dasklab.lease.idle": "1s"}):
        shown = notebook(f"%dask start slurm -n 2 --wait 1 --name two {WORDS} --memory 9GB")
    assert shown.error is None
    cluster = Cluster(registry.find("two"), registry=registry)
    info = cluster.info
    assert (info["workers"]["running"], info["workers"]["wanted"]) == (1, 2)
    assert len(queue.jobs()) == 2, "one of them has no room"
    assert info["lease"]["cause"] == "max-age", "nothing else counts while it waits for that"
    wait_for(lambda: "queue.resources" in codes(cluster), PATIENCE)
    assert "waits until enough cores and memory are free" in notebook("%dask why").out
    assert notebook.names["client"].submit(lambda: 5).result(timeout=PATIENCE) == 5
    notebook("%dask scale 1")
    # All are there that are wanted now, and nothing runs: it ends by itself, and its job with it.
    wait_for(lambda: cluster.phase == "stopped", PATIENCE, "the end of its lease")
    assert cluster.info["reason"]["code"] == "lease.idle"
    gone(queue)


def test_what_can_never_start_is_said_and_ended_by_its_lease(
    queue: Slurm, notebook: Any, registry: Any, catalogued: None
) -> None:
    """Slurm takes a job that asks for more time than its partition allows, and keeps it for ever."""
    with dask.config.set({"dasklab.lease.no-client": "3s"}):
        shown = notebook(
            f"%dask start slurm --name late --queue short --no-wait --memory 1GB {WORDS} "
            "--job-extra-directives=--nice=0"  # its own words: it is not certain what they do
        )
    assert shown.error is None
    cluster = Cluster(registry.find("late"), registry=registry)
    found = wait_for(
        lambda: [one for one in cluster.record.advice if one.code == "queue.walltime"], 30
    )
    assert found[0].message == "A job asks for more wall time than the partition allows."
    assert (found[0].hint[:23], found[0].severity) == ("Set a shorter wall time", "error")
    wait_for(lambda: cluster.phase == "stopped", PATIENCE, "the end of its lease")
    assert cluster.info["reason"]["code"] == "lease.no-client"
    gone(queue)


# -- guarded ---------------------------------------------------------------------------------------
def test_jobs_that_die_at_once_are_not_submitted_for_ever(
    start: Any, queue: Slurm, tmp_path: Path
) -> None:
    """dask-jobqueue submits 29 of them in 8 seconds, and says nothing."""
    before = queue.submitted()
    python = str(tmp_path / "no-python")
    cluster = start(workers=(1, 4), python=python, wait=False)
    info = wait_for(lambda: "jobs.dying" in codes(cluster) and cluster.info, PATIENCE)

    advice = {found["code"]: found for found in info["advice"]}
    assert (
        "jobs in a row have ended at once, so no more are submitted"
        in (advice["jobs.dying"]["message"])
    )
    assert advice["jobs.dying"]["severity"] == "error"
    assert any(python in line for line in advice["jobs.dying"]["evidence"])
    assert advice["worker.interpreter"]["message"].startswith(f"The interpreter {python}")
    assert "%dask scale" in advice["jobs.dying"]["hint"]
    told = [event["text"] for event in info["events"] if event["kind"] == "job-ended"]
    assert f"The interpreter {python}" in told[0], "the first says why, and what to change"
    assert "--python" in told[0]
    assert any(python in line["text"] for line in cluster.logs("workers")), "of jobs that are gone"
    assert queue.submitted() - before <= 4
    # It stays so while it is asked again and again, until the user does.
    asked = queue.submitted()
    for _ in range(3):
        cluster.why()
    assert queue.submitted() == asked
    Path(python).write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    os.chmod(python, 0o755)
    cluster.scale(1, wait=True, timeout=PATIENCE)
    assert wait_for(lambda: not codes(cluster), PATIENCE)
    cluster.stop()
    gone(queue)


# -- nothing is left ---------------------------------------------------------------------------------
@pytest.mark.parametrize("step", ["scheduler", "submit", "running"])
def test_a_host_that_is_killed_leaves_no_job(start: Any, queue: Slurm, step: str) -> None:
    cluster = start(workers=2, wait=False)
    if step == "running":
        cluster.wait(timeout=PATIENCE)
    else:
        wait_for(lambda: step in [s.name for s in cluster.record.steps], PATIENCE)
    kill(cluster.record.host.pid)

    wait_for(lambda: cluster.record.phase.ended and not cluster.record.checkpoint, PATIENCE)
    gone(queue)
    assert cluster.phase in ("failed", "lost")
    if step == "running":
        assert "cancelled" in [event.kind for event in cluster.record.events]


def test_host_and_warden_killed_at_once(start: Any, queue: Slurm, registry: Any) -> None:
    """Whoever looks next takes back what they have left."""
    cluster = start(workers=1, queue="closed", wait=False)
    wait_for(queue.jobs, PATIENCE)
    record = cluster.record
    kill(record.warden.pid)
    if alive(record.host.pid):
        kill(record.host.pid)
    wait_for(lambda: cluster.record.phase.ended, PATIENCE)
    if cluster.record.checkpoint:  # the host had no time to see its warden's end
        # It may be on another node as well: Jupyter ran in a job, which has taken both with it.
        record = cluster.record
        there = replace(record.host, hostname="another-node")
        registry.write(replace(record, host=there, warden=replace(record.warden, hostname="x")))
        cluster.stop()
        wait_for(lambda: not cluster.record.checkpoint, PATIENCE)
        registry.write(replace(cluster.record, host=record.host, warden=record.warden))
        with registry.lock():
            registry.prune()  # here is their scratch folder

    wait_for(lambda: not cluster.record.checkpoint, PATIENCE)
    gone(queue)


@pytest.fixture
def hanging(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Doubles of Slurm's commands, that hang while this file is there; else they are the real ones."""
    flag = tmp_path / "hang"
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("squeue", "scancel"):
        real = shutil.which(name)
        script = folder / name
        script.write_text(f'#!/bin/sh\nwhile [ -e {flag} ]; do sleep 0.1; done\nexec {real} "$@"\n')
        script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return flag


def test_stopping_while_the_queue_does_not_answer(hanging: Path, start: Any, queue: Slurm) -> None:
    cluster = start(workers=1, queue="closed", wait=False)
    (job,) = wait_for(queue.jobs, PATIENCE)
    wait_for(lambda: cluster.info["steps"][-1]["name"] == "pending", PATIENCE)
    hanging.touch()
    cluster.stop(timeout=PATIENCE)

    assert cluster.phase == "stopped"
    assert cluster.record.checkpoint, "it is known that something is left"
    hanging.unlink()
    wait_for(lambda: not cluster.record.checkpoint, 2 * PATIENCE)
    gone(queue)
    assert job in [e for e in cluster.record.events if e.kind == "cancelled"][-1].text


def test_the_kernel_that_launched_it_dies(queue: Slurm, start: Any, registry: Any) -> None:
    code = (
        "import dasklab, time\n"
        f"dasklab.launch('slurm', workers=1, name='alone', wait=False, **{SMALL!r})\n"
        "print('launched', flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as kernel:
        assert kernel.stdout is not None
        assert kernel.stdout.readline() == b"launched\n"
        kernel.kill()
    cluster = Cluster(registry.find("alone"), registry=registry)
    cluster.wait(timeout=PATIENCE)
    assert queue.jobs()
    cluster.stop()
    gone(queue)


# -- workers that come and go ----------------------------------------------------------------------------
def test_workers_leave_before_the_wall_time_and_lose_nothing(start: Any, queue: Slurm) -> None:
    cluster = start(workers="1 stay=1", lifetime="12s", groups={"stay": "lifetime=none"})
    first = {job["group"]: job["id"] for job in cluster.why()["jobs"]}
    with cluster.client(set_as_default=False) as client:
        workers = client.scheduler_info(n_workers=-1)["workers"]
        (leaving,) = [a for a, worker in workers.items() if "stay" not in worker["name"]]
        future = client.scatter(np.arange(1000), workers=[leaving])
        wait_for(lambda: first[""] not in queue.jobs(), PATIENCE, "the end of the lifetime")
        wait_for(lambda: len(queue.jobs()) == 2, PATIENCE, "another job in its place")
        cluster.wait(timeout=PATIENCE)

        assert future.status == "finished"
        np.testing.assert_array_equal(client.gather(future), np.arange(1000))
    assert first["stay"] in queue.jobs()
    assert "jobs.dying" not in codes(cluster)
    assert "worker-lost" not in kinds(cluster)
    cluster.stop()
    gone(queue)


def test_jobs_of_several_workers_shrink_as_a_whole(start: Any, queue: Slurm) -> None:
    cluster = start(workers=3, cores=2, processes=2)
    assert cluster.info["workers"]["wanted"] == 4, "two jobs of two workers each"
    assert len(queue.jobs()) == 2
    for amount in ({"jobs": 2}, {"cores": 3}, {"jobs": 1, "cores": 4}):
        cluster.scale(**amount)
        assert cluster.info["workers"]["wanted"] in (3, 4), amount
    with cluster.client(set_as_default=False) as client:
        addresses = list(client.scheduler_info(n_workers=-1)["workers"])
        data = [np.arange(1000) + number for number in range(4)]
        futures = [client.scatter(item, workers=[a]) for item, a in zip(data, addresses)]
        cluster.scale((1, 4))
        wait_for(lambda: cluster.info["workers"]["running"] == 2, PATIENCE, "shrinking")

        for found, sent in zip(client.gather(futures), data):
            np.testing.assert_array_equal(found, sent)
    wait_for(lambda: len(queue.jobs()) == 1, PATIENCE)
    cluster.stop()
    gone(queue)


def test_worker_groups(start: Any, queue: Slurm) -> None:
    groups = {"big": "memory=2GB worker_extra_args=--resources,BIG=1"}
    cluster = start(workers="1 big=1", groups=groups)
    workers = cluster.info["workers"]
    assert (workers["wanted"], workers["running"], workers["groups"]) == (2, 2, {"big": 1})
    with cluster.client(set_as_default=False) as client:
        where = client.submit(lambda: 1, resources={"BIG": 1})
        assert where.result(timeout=PATIENCE) == 1
        info = client.scheduler_info(n_workers=-1)["workers"].values()
        assert {round(worker["memory_limit"] / 1e9) for worker in info} == {1, 2}
    assert {job["group"] for job in cluster.why()["jobs"]} == {"", "big"}
    cluster.scale("big=2", wait=True, timeout=PATIENCE)
    assert cluster.info["workers"] == {
        "wanted": 3,
        "running": 3,
        "minimum": None,
        "maximum": None,
        "groups": {"big": 2},
    }
    cluster.scale("0 big=1", wait=True, timeout=PATIENCE)
    assert cluster.info["workers"]["groups"] == {"big": 1}
    with pytest.raises(WorkersInvalid, match="no worker group 'huge'"):
        cluster.scale("huge=1")
    with pytest.raises(WorkersInvalid, match="no worker group 'huge'"):
        start(workers="1 huge=1", groups=groups)
    cluster.stop()
    gone(queue)


# -- safe on shared machines -----------------------------------------------------------------------------
def test_beyond_this_machine_a_certificate_is_asked_for(launch: Any, queue: Slurm) -> None:
    cluster = launch("slurm", timeout=PATIENCE, **OPEN)
    scheduler = cluster.info["scheduler"]
    assert scheduler["address"].startswith("tls://")
    files = scheduler["security"]
    for path in files.values():
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    with cluster.client(set_as_default=False) as client:
        assert client.submit(lambda: 5).result(timeout=PATIENCE) == 5
    host, _, port = scheduler["address"].removeprefix("tls://").rpartition(":")
    stranger = ssl.create_default_context()
    stranger.check_hostname, stranger.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection((host, int(port))) as plain,
        stranger.wrap_socket(plain) as found,
        pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"),
    ):
        found.recv(1)
    cluster.stop()
    gone(queue)
    assert not [path for path in files.values() if os.path.exists(path)]
