"""Signatures against what was really written; by whom stands beside each."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from dasklab.deployments.signatures import SIGNATURES, recognise

NANNY = "2026-11-22 17:43:14,508 - distributed.nanny - INFO - "
WORKER = "2026-11-22 17:43:24,858 - distributed.worker - INFO - "
WAITING = f"{WORKER}Waiting to connect to:       tcp://10.1.2.3:6651"
REGISTERED = f"{WORKER}        Registered to:       tcp://10.1.2.3:6651"

WRITTEN = [
    # bash, sh, env
    (
        "/var/spool/job17: line 9: /opt/conda/bin/python: No such file or directory",
        "worker.interpreter",
        "The interpreter /opt/conda/bin/python is not there where the job runs.",
    ),
    ("env: ‘python3.12’: No such file or directory", "worker.interpreter", "python3.12"),
    ("sh: 1: /opt/python: not found", "worker.interpreter", "/opt/python"),
    ("/opt/python: line 1: /opt/python: Permission denied", "worker.interpreter", "/opt/python"),
    ("bash: /opt/bin/python: cannot execute binary file: Exec format error", "worker.machine", ""),
    (
        "/opt/bin/python: /lib64/libc.so.6: version `GLIBC_2.34' not found (required by python)",
        "worker.machine",
        "GLIBC_2.34",
    ),
    ("/var/spool/job17: line 5: module: command not found", "worker.setup", ""),
    # Python
    (
        ("/usr/bin/python3: Error while finding module specification for "
        "'distributed.cli.dask_worker' (ModuleNotFoundError: No module named 'distributed')"),
        "worker.import",
        "The interpreter of the workers has no module distributed.",
    ),
    ("/usr/bin/python3: No module named distributed", "worker.import", "no module distributed."),
    # dask worker
    ("Error: No such option '--nope'.", "worker.arguments", "No such option"),
    (
        "ValueError: 'ib0' is not a valid network interface. Valid network interfaces are: ['lo']",
        "worker.interface",
        "The node has no network interface ib0.",
    ),
    (
        ("2026-11-22 17:43:24,850 - distributed.comm.tcp - WARNING - Listener on "
        "'tls://127.0.0.1:6651': TLS handshake failed with remote 'tls://127.0.0.1:50996': [SSL: "
        "WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)"),
        "worker.tls",
        "",
    ),
    (
        ("2026-11-22 17:43:55,438 - distributed.nanny.memory - WARNING - Worker "
        "tcp://127.0.0.1:4375 (pid=40844) exceeded 95% memory budget. Restarting..."),
        "worker.memory",
        "A worker used more than 95 % of its memory",
    ),
    (f"{NANNY}Worker process 4471 was killed by signal 9", "worker.died", "was killed by signal 9;"),
    (f"{NANNY}Worker process 4471 exited with status 1", "worker.died", "exited with status 1;"),
    (WAITING, "worker.unreachable", "does not reach the scheduler tcp://10.1.2.3:6651."),
    (
        (f"{NANNY}Closing Nanny at 'tcp://127.0.0.1:20303'. Reason: "
        "failure-to-start-<class 'TimeoutError'>"),
        "worker.unreachable",
        "does not reach the scheduler.",
    ),
    ("FileNotFoundError: [Errno 2] No such file or directory: '/proc/nope'", "worker.folder", ""),
    ("OSError: [Errno 122] Disk quota exceeded: '/home/ada/dask-scratch-space'", "worker.disk", ""),
    ("OSError: [Errno 28] No space left on device", "worker.disk", "No space left on device"),
    ("distributed.versions - Mismatched versions found", "worker.version", ""),
    # Slurm
    (
        ("slurmstepd: error: *** JOB 12 ON node1 CANCELLED AT 2026-11-22T17:15:09 DUE TO TIME "
        "LIMIT ***"),
        "job.walltime",
        "",
    ),
    (
        ("slurmstepd: error: Detected 1 oom-kill event(s) in StepId=12.batch. Some of your processes "
        "may have been killed by the cgroup out-of-memory handler."),
        "job.memory",
        "",
    ),
    (
        ("slurmstepd: error: *** JOB 12 ON node1 CANCELLED AT 2026-11-22T17:15:09 DUE TO "
        "PREEMPTION ***"),
        "job.cancelled",
        "",
    ),
    # PBS
    ("=>> PBS: job killed: walltime 312 exceeded limit 300", "job.walltime", ""),
    ("=>> PBS: job killed: mem 2103452kb exceeded limit 2097152kb", "job.memory", ""),
    # LSF
    ("TERM_RUNLIMIT: job killed after reaching LSF run time limit.", "job.walltime", ""),
    ("TERM_MEMLIMIT: job killed after reaching LSF memory usage limit.", "job.memory", ""),
    # Kubernetes
    (
        'Failed to pull image "ghcr.io/dask/dask:nope": rpc error: code = NotFound',
        "pod.image",
        "",
    ),
    ("Error: ImagePullBackOff", "pod.image", "The image cannot be pulled (ImagePullBackOff)."),
    (
        ('pods "w-1" is forbidden: exceeded quota: team, requested: requests.cpu=8, used: '
        "requests.cpu=60, limited: requests.cpu=64"),
        "pod.quota",
        "(exceeded quota: team)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("line", "code", "words"), WRITTEN, ids=lambda v: str(v)[:40])
def test_what_was_written_is_recognised(line: str, code: str, words: str) -> None:
    found = recognise(["", "something before it", line, "something after it"])

    assert [one.code for one in found] == [code]
    assert words in found[0].message
    assert "{" not in found[0].message
    assert found[0].hint
    assert found[0].evidence == (line,)


def test_every_signature_has_been_written_by_somebody() -> None:
    assert {signature.code for signature in SIGNATURES} == {code for _, code, _ in WRITTEN}


def test_a_healthy_worker_is_nothing_to_report() -> None:
    """It says that it waits to connect too, once, before it has."""
    assert recognise([WAITING, REGISTERED, "Starting established connection to tcp://…"]) == []
    assert recognise([]) == []


def test_a_worker_that_cannot_come_back_is() -> None:
    assert [one.code for one in recognise([WAITING, REGISTERED, WAITING])] == ["worker.unreachable"]


def test_the_cause_comes_before_its_consequences() -> None:
    lines = ["/j: line 3: module: command not found", "/usr/bin/python3: No module named dask"]

    assert [one.code for one in recognise(lines)] == ["worker.setup", "worker.import"]


def test_a_nanny_that_ends_its_worker_is_nothing_to_report() -> None:
    for end in ("was killed by signal 15", "exited with status 0"):
        assert recognise([f"{NANNY}Worker process 4471 {end}"]) == []


def test_a_module_that_only_the_notebook_has() -> None:
    """As a worker writes it: while it reads a task, not while it starts."""
    lines = [
        REGISTERED,
        "Traceback (most recent call last):",
        '  File ".../distributed/protocol/pickle.py", line 95, in loads',
        "    return pickle.loads(x)",
        "           ^^^^^^^^^^^^^^^",
        "ModuleNotFoundError: No module named 'my_helpers.io'",
    ]
    (found,) = recognise(lines)

    assert (found.code, found.severity) == ("task.import", "error")
    assert found.message == "Tasks need the module my_helpers.io, which the workers cannot import."
    assert "client.upload_file('my_helpers.py')" in found.hint


def test_an_interpreter_of_any_name_is_known_by_its_path() -> None:
    line = "/var/spool/job17: line 9: /opt/env/bin/py: Not a directory"

    assert recognise([line]) == []
    assert [one.code for one in recognise([line], python="/opt/env/bin/py")] == [
        "worker.interpreter"
    ]


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("/nonexistent/bin/python -m distributed.cli.dask_worker", "worker.interpreter"),
        ("{python} -m no_such_distributed.cli.dask_worker", "worker.import"),
        ("{python} -m distributed.cli.dask_worker tcp://127.0.0.1:1 --no-such-option", "worker.arguments"),
        ("{python} -m distributed.cli.dask_worker tcp://127.0.0.1:1 --interface no0", "worker.interface"),
        (
            ("{python} -m distributed.cli.dask_worker tcp://127.0.0.1:1 --no-nanny --no-dashboard "
            "--death-timeout 2"),
            "worker.unreachable",
        ),
    ],
)  # fmt: skip
def test_real_workers_write_what_is_recognised(script: str, code: str, tmp_path: object) -> None:
    done = subprocess.run(
        ["/bin/bash", "-c", f"\n{script.format(python=sys.executable)} 2>&1"],
        capture_output=True,
        check=False,
        text=True,
        timeout=80,
        cwd=str(tmp_path),
        env={**os.environ, "DASK_TEMPORARY_DIRECTORY": str(tmp_path)},
    )

    found = recognise(done.stdout.splitlines())

    assert [one.code for one in found] == [code], done.stdout[-2000:]
