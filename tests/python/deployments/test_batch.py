"""What batch systems share, without one: options, times, warnings, the guard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dasklab.deployments import _batch_advice
from dasklab.deployments._batch import job_name, listening, uses_tls
from dasklab.deployments._batch_advice import (
    fits,
    on_network,
    places,
    reachable,
    times,
    units,
)
from dasklab.deployments._batch_options import BATCH, with_site
from dasklab.deployments._batch_request import PAGES, Request, read_group, read_request, read_time
from dasklab.deployments._guard import Guard
from dasklab.deployments._jobs import jobqueue
from dasklab.deployments.queues.base import QueueLimits
from dasklab.deployments.slurm import Slurm
from dasklab.errors import OptionsInvalid
from dasklab.options import check

jobqueue()  # its defaults are there before a test changes some, and after it

SIZE = {"cores": 4, "memory": "8GB"}
REQUEST = Request(10, 30 * 10**9, 10, walltime=14_400, lifetime=14_100, lifetime_from="walltime")


# -- options -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("4h", 14_400),
        ("90 min", 5_400),
        ("1.5h", 5_400),
        ("45s", 45),
        ("2days", 172_800),
        ("04:00:00", 14_400),
        ("1-00:30:00", 88_200),
        ("30:00", 1_800),
        ("soon", None),
        ("4x", None),
    ],
)
def test_times(text: str, seconds: float | None) -> None:
    assert read_time(text) == seconds


def test_a_time_of_two_parts_is_what_the_system_takes_it_for() -> None:
    assert read_time("01:30") == 90
    assert read_time("01:30", two=(3600, 60)) == 5_400


@pytest.mark.parametrize("memory", ["30GB", "30 GiB", "512MB", "1.5T"])
@pytest.mark.parametrize("walltime", ["4h", "00:30:00", "2-00:00:00", "90 minutes"])
def test_what_people_write_is_taken(memory: str, walltime: str) -> None:
    assert check("slurm", BATCH, {"cores": 4, "memory": memory, "walltime": walltime})


@pytest.mark.parametrize(
    ("option", "value"), [("memory", "lots"), ("walltime", "noon"), ("cores", 0), ("lifetime", "x")]
)
def test_what_makes_no_sense_is_not(option: str, value: Any) -> None:
    with pytest.raises(OptionsInvalid, match=option):
        check("slurm", BATCH, {**SIZE, option: value})


def test_size_must_be_given_unless_the_site_has_set_it() -> None:
    import dask

    with pytest.raises(OptionsInvalid, match="cores"):
        check("slurm", with_site(BATCH, "slurm"), {"walltime": "1h"})
    site = {"cores": 24, "memory": "120GB", "walltime": "08:00:00", "queue": "batch"}
    with dask.config.set({"jobqueue.slurm": site}):
        schema = with_site(BATCH, "slurm")
        request = read_request({}, "slurm")
    assert schema["properties"]["memory"]["default"] == "120GB"
    assert schema["properties"]["queue"]["x-from"] == "jobqueue.slurm.queue"
    assert check("slurm", schema, {}) == {}
    assert (request.cores, request.memory, request.walltime) == (24, 120 * 10**9, 28_800)
    assert BATCH["properties"]["queue"].get("default") is None, "the schema itself stays"


def test_processes_alone_have_a_core_each() -> None:
    """``--processes 10 --memory 30GB --walltime 4h``, and no word about cores."""
    import dask

    given = {"queue": "long", "walltime": "4h", "memory": "30GB", "processes": 10}
    assert check("slurm", with_site(BATCH, "slurm"), given) == given
    request = read_request(given, "slurm")
    assert (request.cores, request.processes) == (10, 10)
    assert "10 processes share 30 GB: 3 GB each, 1 thread" in units(request)[0].message
    assert "--cpus-per-task=10" in Slurm.preview(given, None)
    with dask.config.set({"jobqueue.slurm.cores": 20}):
        assert read_request(given, "slurm").cores == 20, "the site's own stay"
    with dask.config.set({"jobqueue.slurm": {"processes": 4, "memory": "8GB"}}):
        assert check("slurm", with_site(BATCH, "slurm"), {}) == {}
        assert read_request({}, "slurm").cores == 4
    with pytest.raises(OptionsInvalid, match="cores or processes"):
        read_request({"memory": "8GB"}, "slurm")


def test_lifetime_is_five_minutes_before_the_wall_time() -> None:
    request = read_request({**SIZE, "walltime": "4h"}, "slurm")

    assert (request.walltime, request.lifetime) == (14_400, 14_100)
    assert request.stagger < 300
    arguments = request.keywords["worker_extra_args"]
    assert arguments == ["--lifetime", "14100s", "--lifetime-stagger", "120s", *PAGES]
    assert request.keywords["walltime"] == "04:00:00"


def test_lifetime_of_ones_own_or_none() -> None:
    none = read_request({**SIZE, "walltime": "1h", "lifetime": "none"}, "slurm")
    own = read_request({**SIZE, "walltime": "1h", "lifetime": "30m"}, "slurm")
    site = read_request({**SIZE, "worker_extra_args": ["--lifetime", "20m"]}, "slurm")

    assert none.keywords["worker_extra_args"] == PAGES
    assert own.lifetime == 1_800
    assert (site.lifetime, site.lifetime_from) == (1_200, "site")
    assert site.keywords["worker_extra_args"] == ["--lifetime", "20m", *PAGES], "said once"
    with pytest.raises(OptionsInvalid, match="not shorter than the wall time"):
        read_request({**SIZE, "walltime": "1h", "lifetime": "2h"}, "slurm")


def test_pages_of_workers_are_for_their_own_node() -> None:
    own = read_request(
        {**SIZE, "worker_extra_args": ["--no-dashboard"], "lifetime": "none"}, "slurm"
    )

    assert PAGES == ["--dashboard-address", "127.0.0.1:0"]
    assert own.keywords["worker_extra_args"] == ["--no-dashboard"]


def test_more_processes_than_cores() -> None:
    with pytest.raises(OptionsInvalid, match="8 processes cannot share 4 cores"):
        read_request({**SIZE, "processes": 8}, "slurm")


def test_a_group_is_written_as_options() -> None:
    text = 'queue=gpu cores=8 job-extra-directives=--gres=gpu:1,--exclusive python="/a b/python"'

    assert read_group(BATCH, "gpu", text) == {
        "queue": "gpu",
        "cores": 8,
        "job_extra_directives": ["--gres=gpu:1", "--exclusive"],
        "python": "/a b/python",
    }


@pytest.mark.parametrize("text", ["gpu", "colour=red", "cores=many", "memory=lots", "tls=off"])
def test_a_group_that_makes_no_sense(text: str) -> None:
    with pytest.raises(OptionsInvalid, match=r"groups\[gpu\]"):
        read_group(BATCH, "gpu", text)


def test_names_of_jobs_are_short_and_their_clusters_own() -> None:
    names = {job_name(f"some-cluster-{number}") for number in range(100)}

    assert len(names) == 100
    assert {len(name) for name in names} == {15}


def test_tls_is_on_beyond_loopback() -> None:
    assert uses_tls({}, "10.0.0.5")
    assert not uses_tls({}, "127.0.0.1")
    assert uses_tls({"tls": "on"}, "127.0.0.1")
    assert not uses_tls({"tls": "off"}, "10.0.0.5")


# -- what to mind --------------------------------------------------------------------------------------
def test_units_are_explained() -> None:
    (found,) = units(REQUEST)

    assert found.message == ("10 processes share 30 GB: 3 GB each, 1 thread, paused at 2.4 GB.")
    assert found.severity == "note"
    assert [f.code for f in units(replace(REQUEST, cores=25))] == ["memory.share", "cores.left"]
    assert [f.code for f in units(replace(REQUEST, memory=10**9))] == [
        "memory.share",
        "memory.small",
    ]


def codes(found: list[Any]) -> list[str]:
    return [advice.code for advice in found]


def test_times_are_minded() -> None:
    assert codes(times(REQUEST, "Slurm")) == ["lifetime.auto"]
    assert codes(times(replace(REQUEST, walltime=None, lifetime=None), "Slurm")) == [
        "walltime.none"
    ]
    default = replace(REQUEST, walltime=1800, default_walltime=True)
    assert "after 30 min" in times(default, "Slurm")[0].message
    assert codes(times(replace(REQUEST, lifetime=None), "Slurm")) == ["lifetime.none"]
    none = replace(REQUEST, walltime=None, lifetime=None)
    (usual,) = times(none, "Slurm", QueueLimits("main", default_walltime=3_600))
    assert usual.message == "The jobs have no wall time: the queue main gives them 1 h."


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (["--lifetime", "20m", "--lifetime-stagger", "2m"], []),
        (["--lifetime=20m", "--lifetime-stagger=120"], []),
        (["--lifetime", "20m"], ["lifetime.together"]),
        (["--lifetime", "3600", "--lifetime-stagger", "2m"], ["lifetime.late"]),
        (["--lifetime", "59m", "--lifetime-stagger", "2m"], ["lifetime.late"]),
        (["--lifetime", "2h"], ["lifetime.late", "lifetime.together"]),
    ],
)
def test_a_lifetime_of_the_site_is_minded(arguments: list[str], found: list[str]) -> None:
    import dask

    with dask.config.set({"jobqueue.slurm.worker-extra-args": arguments}):
        request = read_request({**SIZE, "walltime": "1h"}, "slurm")

    assert codes(times(request, "Slurm")) == found


def test_a_scheduler_that_only_this_machine_reaches(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(host: str, port: None) -> list[Any]:
        if host == "nowhere":
            raise OSError
        return [(2, 1, 6, "", ("127.0.1.1" if host == "login" else host, 0))]

    monkeypatch.setattr("socket.getaddrinfo", resolve)

    assert "127.0.0.1." in reachable("127.0.0.1")[0].message
    assert "login, which is 127.0.1.1 here." in reachable("login")[0].message
    assert codes([*reachable("10.0.0.5"), *reachable("nowhere"), *reachable("")]) == []
    assert codes([*reachable("169.254.7.7"), *reachable("fe80::1%eth0")]) == [
        "interface.link-local",
        "interface.link-local",
    ]
    there = {"docker0": [SimpleNamespace(address="172.17.0.1")],
             "ib0": [SimpleNamespace(address="10.0.0.5")]}  # fmt: skip
    monkeypatch.setattr("psutil.net_if_addrs", lambda: there)
    (found,) = reachable("172.17.0.1")
    assert (found.code, reachable("10.0.0.5")) == ("interface.bridge", [])
    assert "172.17.0.1, of docker0, which leads to what runs on this machine." in found.message


@pytest.mark.parametrize("options", [{"host": "127.0.0.1"}, {"interface": "lo"}])
def test_the_sites_own_options_of_the_scheduler_are_minded(options: dict[str, str]) -> None:
    import dask

    with dask.config.set({"jobqueue.slurm.scheduler-options": options}):
        host, _ = listening(read_request(SIZE, "slurm"), "slurm")

    assert codes(reachable(host)) == ["interface.loopback"]


def test_nobody_has_set_a_wall_time() -> None:
    assert read_request(SIZE, "slurm").default_walltime
    assert not read_request({**SIZE, "walltime": "1h"}, "slurm").default_walltime


def test_what_the_queue_does_not_allow() -> None:
    limits = QueueLimits("short", walltime=60, memory=16 * 10**9, cores=8)

    assert codes(fits(REQUEST, limits)) == ["walltime.above", "memory.above", "cores.above"]
    assert "above what the queue short allows, 1 min" in fits(REQUEST, limits)[0].message
    assert fits(REQUEST, QueueLimits("long")) == fits(REQUEST, None) == []


def test_only_what_is_certain_refuses_a_launch() -> None:
    import dask

    def found(request: Request, limits: QueueLimits) -> set[str]:
        return {advice.severity for advice in fits(request, limits)}

    limits = QueueLimits("short", walltime=60, memory=16 * 10**9, cores=8)
    assert found(REQUEST, limits) == {"error"}
    assert found(REQUEST, replace(limits, certain=False)) == {"warning"}
    own = read_request({**SIZE, "walltime": "1h", "job_extra_directives": ["--qos=long"]}, "slurm")
    assert found(own, limits) == {"warning"}
    assert "its jobs may never start" in fits(own, limits)[0].message
    with dask.config.set({"jobqueue.slurm.job-directives-skip": ["--mem"]}):
        assert read_request(SIZE, "slurm").own_words
    assert not read_request(SIZE, "slurm").own_words


def test_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    python = str(tmp_path / "python")
    assert codes(places(replace(REQUEST, python=python))) == ["python.missing"]
    assert codes(places(replace(REQUEST, python="$CONDA/bin/python"))) == []
    mounts = tmp_path / "mounts"
    mounts.write_text("/dev/sda / ext4 rw 0 0\nnode:/x /scr\\040atch nfs4 rw 0 0\n")
    assert on_network("/scr atch/me", str(mounts)) == "nfs4"
    assert on_network("/scr atch2", str(mounts)) == ""
    monkeypatch.setattr(_batch_advice, "on_network", lambda path: "lustre")
    found = places(replace(REQUEST, local_directory="/lustre/me"))
    assert codes(found) == ["scratch.network"]
    import dask

    with dask.config.set({"temporary-directory": "/lustre/spill"}):
        (found_in_dask,) = places(REQUEST)
    assert "/lustre/spill is on a network file system" in found_in_dask.message


# -- the guard -----------------------------------------------------------------------------------------
def test_the_guard_closes_after_three_deaths_in_a_row() -> None:
    guard = Guard()
    assert guard.allows(20) == 20
    guard.died(["1"], ["no such file"])
    assert (guard.allows(20), guard.closed) == (2, False)
    guard.died(["2", "3"])
    assert (guard.allows(20), guard.closed) == (0, True)
    (advice,) = guard.advice("%dask scale")
    assert (advice.code, advice.severity, advice.again) == ("jobs.dying", "error", True)
    assert advice.evidence == ("no such file",)
    guard.again()
    assert (guard.allows(20), guard.advice("x")) == (20, [])


def test_a_job_that_lived_makes_up_for_accidents() -> None:
    guard = Guard()
    guard.died(["1", "2"])
    guard.lived()
    guard.died(["4"])

    assert not guard.closed
