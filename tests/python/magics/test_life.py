"""A cluster's life through ``%dask``, in a shell like a notebook's, with a real host."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import dasklab
from dasklab.client import AsyncCluster
from dasklab.current import current_id
from dasklab.errors import HostUnreachable
from dasklab.model.record import Phase

from ..support import kill, make_record, wait_for
from .conftest import Typist


def test_a_life(notebook: Typist, registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASKLAB_BASE_URL", "/user/ada/")
    shown = notebook("%dask")
    assert "no cluster yet" in shown.out
    assert "%dask start local -n 2" in shown.out

    shown = notebook("size = 1\n%dask start local -n $size --name mine --threads-per-worker {size}")
    assert shown.error is None, shown.said
    first, last = shown.displays[0], shown.displays[-1]
    assert "starting" in first["data"]["text/plain"]
    assert last["update"]
    assert last["transient"]["display_id"] == first["transient"]["display_id"]
    [record] = registry.records()[0]
    link = f"/user/ada/dasklab/dashboard/{record.id}/status"
    assert f'href="{link}"' in shown.html
    assert "unless a notebook connects" not in shown.html, "one is connected"
    # What JupyterLab's status bar hears, and what it is told when it asks.
    assert "connected" not in str(first["metadata"])
    assert last["metadata"] == {"dasklab": {"connected": record.id}}
    assert current_id() == record.id
    client = notebook.names["client"]
    assert client.submit(lambda: 6 * 7).result() == 42
    assert set(client.nthreads().values()) == {1}

    assert "mine" in notebook("%dask").html
    assert "▸" in notebook("%dask list").displays[0]["data"]["text/plain"]

    shown = notebook("%dask scale 2 --wait")
    assert shown.error is None
    assert len(client.scheduler_info(n_workers=-1)["workers"]) == 2
    assert "2" in shown.displays[-1]["data"]["text/plain"]
    assert "between 1 and 2 workers" in notebook("%dask scale 1:2").out
    assert "more than the" in notebook("%dask scale 1000000").said
    assert "are no jobs" in notebook("%dask scale --jobs 1").said
    assert notebook("%dask scale --cores 1 --wait").error is None

    assert "kept: no lease ends it" in notebook("%dask keep").out
    wait_for(lambda: registry.get(record.id).lease["pinned"])
    assert "kept" not in notebook("%dask keep --off").out

    assert "Host of dasklab" in notebook("%dask logs -n 500").out
    assert "Register worker" in notebook("%dask logs scheduler").out
    assert "tcp://127.0.0.1" in notebook("%dask logs workers -n 5").out

    assert "all workers restart" in notebook("%dask restart").out

    shown = notebook("%dask stop")
    assert "mine is stopped." in shown.out
    assert client.status == "closed"
    assert current_id() == ""
    assert registry.get(record.id).phase is Phase.STOPPED
    assert "no cluster yet" in notebook("%dask").out
    assert "already" in notebook("%dask stop mine").out
    assert "no cluster to stop" in notebook("%dask stop --all").out
    assert "mine" in notebook("%dask list --all").html
    assert "mine" not in notebook("%dask list").html


def test_open(notebook: Typist, registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASKLAB_BASE_URL", "/pre fix/")
    notebook("%dask start local -n 0")
    [record] = registry.records()[0]
    shown = notebook("%dask open task-stream")
    path = f"/pre%20fix/dasklab/dashboard/{record.id}/individual-task-stream"
    assert f'<iframe src="{path}"' in shown.html
    assert 'sandbox="allow-scripts"' in shown.html
    assert 'data-commandlinker-command="dasklab:open-dashboard-page"' in shown.html
    arguments = shown.html.split('data-commandlinker-args="')[1].split('"')[0]
    assert json.loads(arguments.replace("&quot;", '"')) == {
        "cluster": record.id,
        "page": "individual-task-stream",
    }
    assert "<script" not in shown.html
    said = notebook("%dask open taks-stream").said
    assert "no page 'taks-stream'" in said
    assert "task-stream" in said.splitlines()[1]
    monkeypatch.delenv("DASKLAB_BASE_URL")
    monkeypatch.setenv("JPY_PARENT_PID", "")
    monkeypatch.delenv("JUPYTERHUB_SERVICE_PREFIX", raising=False)
    # Without a server in between, the dashboard's own address.
    assert notebook("%dask open").out.startswith("http://127.0.0.1:")


def test_use_and_a_kernel_that_was_restarted(notebook: Typist, launch: Any, registry: Any) -> None:
    cluster = launch(name="other", workers=1)
    assert "Use one: %dask use other" in notebook("%dask").out
    assert "%dask use other" in notebook("%dask scale 2").said
    shown = notebook("%dask use other")
    assert shown.error is None
    client = notebook.names["client"]
    assert client.submit(sum, [1, 2]).result() == 3
    notebook("%dask use other")
    assert notebook.names["client"] is client, "it is connected already"
    notebook("client.close()")

    address = cluster.scheduler_address
    assert notebook(f"%dask use {address}").error is None
    assert notebook.names["client"].scheduler.address == address

    kill(registry.get(cluster.id).host.pid)
    wait_for(lambda: cluster.phase == "lost", what="the warden's word")
    shown = notebook("%dask scale 3")
    assert "'other' is lost" in shown.said
    assert "lost" in notebook("%dask").html
    shown = notebook("%dask use other")
    assert "is lost" in shown.said


def test_a_cluster_that_others_stopped(notebook: Typist) -> None:
    """Dask's client would wait half a minute for it at the next computation."""
    notebook("%dask start local -n 0")
    client = notebook.names["client"]
    assert notebook("1").err == ""
    for cluster in dasklab.clusters():
        cluster.stop()
    shown = notebook("client.submit(sum, [1, 2])")
    assert "The cluster 'local-1' is stopped." in shown.err
    assert "%dask start" in shown.err
    assert client.status == "closed"
    assert shown.error is not None
    assert notebook("1").err == "", "once is enough"


def test_the_notebooks_own_client_is_current(notebook: Typist, launch: Any) -> None:
    launch(name="made-by-code")
    notebook("import dasklab; client = dasklab.connect('made-by-code')")
    assert "made-by-code" in notebook("%dask").html
    assert notebook("%dask stop").error is None
    assert notebook.names["client"].status == "closed"


def test_a_failed_start_shows_why(notebook: Typist, registry: Any) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        shown = notebook(f"%dask start local -n 1 --scheduler-port {port}")
    assert f"Port {port} of 127.0.0.1 is taken." in shown.said
    assert "failed" in shown.html
    assert "The end of its log" in shown.html
    assert "client" not in notebook.names
    assert "no cluster yet" in notebook("%dask").out


def test_preview_runs_nothing(notebook: Typist, registry: Any) -> None:
    shown = notebook("%dask start local -n 2 --memory-limit 1GiB --resources GPU=1 --preview")
    for part in ("n_workers=2", "memory_limit='1GiB'", "resources={'GPU': 1}"):
        assert part in shown.out
    assert registry.records() == ([], [])


def test_no_wait_comes_back_at_once(notebook: Typist, registry: Any) -> None:
    shown = notebook("%dask start local -n 1 --no-wait")
    assert "%dask use local-1" in shown.out
    assert "client" not in notebook.names
    assert notebook("%dask use local-1").error is None
    assert notebook.names["client"].status == "running"


def test_a_profile(notebook: Typist, setting: Any, registry: Any) -> None:
    options = {"deployment": "local", "workers": 1, "options": {"threads_per_worker": 2}}
    setting("profiles", {"small": options})
    assert notebook("%dask start small --memory-limit 1GiB").error is None
    [record] = registry.records()[0]
    assert record.profile == "small"
    assert record.options == {"threads_per_worker": 2, "memory_limit": "1GiB"}


def test_a_profile_that_was_saved_meanwhile(notebook: Typist, registry: Any) -> None:
    notebook("%dask list")  # the configuration has been read
    dasklab.save_profile("small", workers=1, options={"environ": {"MINE": "x"}})
    assert notebook("%dask start small").error is None
    [record] = registry.records()[0]
    assert (record.profile, record.options) == ("small", {"environ": {"MINE": "x"}})
    shown = notebook("%dask config").out
    assert "MINE: x" in shown
    assert "dasklab-profiles.yaml" in shown


def test_an_option_that_an_administrator_has_fixed(notebook: Typist, setting: Any) -> None:
    setting("locked", {"local": {"memory_limit": "1GiB"}})
    shown = notebook("%dask start local --memory-limit 2GiB")
    assert 'memory_limit: an administrator has fixed it at "1GiB".' in shown.said
    assert "memory_limit='1GiB'" in notebook("%dask start local -n 1 --preview").out


def test_environment_variables_of_workers(notebook: Typist) -> None:
    shown = notebook("%dask start local -n 1 --environ A=1,B=x --preview")
    assert "env={'A': '1', 'B': 'x'}" in shown.out


def test_terminal(terminal: Typist) -> None:
    shown = terminal("%dask start local -n 1")
    lines = shown.out.splitlines()
    assert "local-1: Starting the scheduler" in lines
    assert "local-1: Starting 1 worker" in lines
    assert any(line.startswith("local-1  ● running") for line in lines)
    for line in ("%dask scale 2 --wait", "%dask use local-1"):
        assert "Starting" not in terminal(line).out, "that was when it was launched"
    assert terminal("%dask list").out.splitlines()[0].split()[:2] == ["Name", "Phase"]
    assert terminal("%dask stop").out == "local-1 is stopped.\n"


def test_stop_all(notebook: Typist, launch: Any, registry: Any) -> None:
    first, second = launch(), launch()
    shown = notebook("%dask stop --all")
    assert sorted(shown.out.splitlines()) == [
        f"{cluster.name} is stopped." for cluster in (first, second)
    ]


def test_stop_all_asks_all(notebook: Typist, launch: Any, registry: Any) -> None:
    """One that cannot be asked (of another machine) keeps no other, and is named in the end."""
    cluster = launch()
    host = cluster.record.host
    registry.write(
        make_record(id="e" * 32, name="far", host=replace(host, hostname="elsewhere"), created=9e9)
    )
    shown = notebook("%dask stop --all")

    assert shown.out == f"{cluster.name} is stopped.\n"
    assert "The cluster 'far' runs on elsewhere" in shown.said
    registry.path("e" * 32).unlink()


def test_what_cannot_be_stopped_is_not_let_go(
    notebook: Typist, launch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cluster = launch(workers=0)
    notebook(f"%dask use {cluster.name}")

    async def refuse(self: AsyncCluster, **_: object) -> None:
        raise HostUnreachable("Nobody answers.")

    with monkeypatch.context() as patch:
        patch.setattr(AsyncCluster, "request_stop", refuse)
        assert "Nobody answers." in notebook("%dask stop").said
    assert notebook.names["client"].status == "running"
    assert notebook("%dask stop").out == f"{cluster.name} is stopped.\n"


def test_config_and_help(notebook: Typist, home: Path) -> None:
    shown = notebook("%dask config")
    assert "no-client: 20m" in shown.out
    assert str(home) in shown.out
    shown = notebook("%dask help")
    assert "%dask restart" in shown.out
    shown = notebook("%dask help start local")
    for part in ("--threads-per-worker N", "--no-processes", "forkserver|spawn", "--set "):
        assert part in shown.out
    assert notebook("%dask scale --help").out.startswith(
        "%dask scale N|MIN:MAX [GROUP=N ...] [--jobs N] [--cores N] [--memory SIZE] [--wait]"
    )


def test_hostile_names_are_text(notebook: Typist, registry: Any) -> None:
    bad = "<img src=x onerror=alert(1)>"
    registry.write(make_record(name=bad, deployment=bad, profile=bad))
    shown = notebook("%dask list")
    assert "<img" not in shown.html
    assert "&lt;img" in shown.html


@pytest.mark.parametrize("source", ["host", "scheduler", "workers"])
def test_following_logs_ends_with_the_cluster(launch: Any, source: str) -> None:
    from dasklab.client.following import Follower

    cluster = launch()
    lines: list[str] = []

    def out(text: str) -> None:
        lines.append(text)
        if len(lines) == 1:
            cluster.stop(wait=False)

    Follower(cluster, source, out).show(5, follow=True)
    assert lines[-1].startswith(f"{cluster.name} is stop")
    assert len(lines) > 1
