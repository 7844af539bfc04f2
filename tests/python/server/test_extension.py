"""Loading, configuring and stopping the extension, in real processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dasklab.launching import LaunchRequest, launch
from dasklab.registry import Registry
from dasklab.server.page import HIDDEN

from ..support import SOURCE, python_process, wait_for

HEAVY = ("dask", "distributed", "bokeh", "numpy", "jupyter_server_proxy", "aiohttp", "watchfiles")


def test_importing_it_brings_nothing_heavy_in() -> None:
    code = (
        "import jupyter_server.serverapp, sys; before = set(sys.modules)\n"
        "import dasklab.server.extension, dasklab.server.handlers\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules and m not in before])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_loading_it_brings_nothing_heavy_in(jp_root_dir: Path) -> None:
    code = (
        "import sys\n"
        "from jupyter_server.serverapp import ServerApp\n"
        "app = ServerApp(root_dir=sys.argv[1], allow_root=True,"
        " jpserver_extensions={'dasklab': True})\n"
        "app.initialize(argv=[], find_extensions=False, new_httpserver=False)\n"
        "assert 'dasklab' in app.extension_manager.extension_points\n"
        "assert any('dasklab' in str(rule.matcher.regex.pattern)"
        " for group in app.web_app.wildcard_router.rules + app.web_app.default_router.rules"
        " for rule in getattr(group.target, 'rules', [group]) if hasattr(rule.matcher, 'regex'))\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(jp_root_dir)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip().splitlines()[-1] == "[]"


def test_jupyter_is_told_to_load_it() -> None:
    config = json.loads((SOURCE / "jupyter-config" / "dasklab.json").read_text())
    assert config == {"ServerApp": {"jpserver_extensions": {"dasklab": True}}}


def test_kernels_learn_the_prefix(extension: Any) -> None:
    assert os.environ["DASKLAB_BASE_URL"] == "/user/ann/"


@pytest.mark.parametrize("jp_argv", [["--DasklabServer.read_only=True"]])
def test_it_is_configured_like_the_rest_of_jupyter(extension: Any, jp_argv: Any) -> None:
    assert extension.read_only is True
    assert extension.allow_launch is True
    assert extension.allowed_dashboard_hosts == []


@pytest.mark.parametrize(
    ("dasklab_config", "told"),
    [
        ({}, {"allowLaunch": True, "readOnly": False}),
        ({"allow_launch": False}, {"allowLaunch": False, "readOnly": False}),
        ({"read_only": True}, {"allowLaunch": True, "readOnly": True}),
    ],
)
def test_the_page_is_told_what_is_allowed(
    extension: Any, dasklab_config: Any, told: dict[str, bool]
) -> None:
    assert extension.serverapp.web_app.settings["page_config_data"]["dasklab"] == told


@pytest.mark.parametrize(("dasklab_config", "hidden"), [({}, ()), ({"hide": True}, HIDDEN)])
async def test_a_page_leaves_out_what_is_to_be_hidden(
    extension: Any, dasklab_config: Any, hidden: tuple[str, ...]
) -> None:
    settings = extension.serverapp.web_app.settings
    settings["page_config_hook"] = lambda handler, page: {**page, "hub": handler}
    await extension._start_jupyter_server_extension(extension.serverapp)

    page = settings["page_config_hook"]("here", {"disabledExtensions": ["other"]})

    assert page == {"disabledExtensions": ["other", *hidden], "hub": "here"}


def test_what_is_hidden_is_called_so_in_the_front_end() -> None:
    plugins = SOURCE.parents[1] / "src" / "plugins"
    for name in HIDDEN:
        assert f"id: '{name}'" in (plugins / f"{name.partition(':')[2]}.ts").read_text("utf-8")


@pytest.fixture
def server(tmp_path: Path, home: Path) -> Iterator[tuple[subprocess.Popen[bytes], Any]]:
    """A Jupyter server in a process of its own, and a way to ask it."""
    folders = {name: str(tmp_path / name) for name in ("config", "data", "runtime")}
    environ = {
        **os.environ,
        **{f"JUPYTER_{name.upper()}_DIR": folder for name, folder in folders.items()},
    }
    (tmp_path / "config").mkdir()
    config = {"ServerApp": {"jpserver_extensions": {"dasklab": True}}}
    (tmp_path / "config" / "jupyter_server_config.json").write_text(json.dumps(config))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "ServerApp.port": port, "ServerApp.root_dir": str(tmp_path), "ServerApp.ip": "127.0.0.1",
        "ServerApp.open_browser": False, "ServerApp.allow_root": True,
        "IdentityProvider.token": "t",
    }  # fmt: skip
    command = [sys.executable, "-m", "jupyter_server"]
    command += [f"--{name}={value}" for name, value in options.items()]

    def ask(path: str) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/dasklab/api/{path}", headers={"Authorization": "token t"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return json.load(response)

    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, env=environ, stdout=log, stderr=log) as process,
    ):
        try:
            wait_for(lambda: ask("clusters"), 30)
            yield process, ask
        finally:
            process.kill()


MANY = """
import sys, dasklab
from distributed import LocalCluster

kept = {"scheduler_kwargs": {"dashboard": False, "dashboard_address": "127.0.0.1:0"}}
clusters = [
    LocalCluster(n_workers=0, processes=False, dashboard_address=None, **kept) for _ in range(18)
]
for cluster in clusters:
    dasklab.publish(cluster)
print("there", flush=True)
sys.stdin.read()
for cluster in clusters:
    cluster.close()
"""
"""Eighteen clusters with a host each, in one process: as many launches would take a minute."""


def test_a_server_that_follows_20_clusters_stops_at_once_and_they_live_on(
    server: tuple[subprocess.Popen[bytes], Any], registry: Registry, tmp_path: Path
) -> None:
    process, ask = server
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    environ = {**os.environ, "DASK_TEMPORARY_DIRECTORY": str(tmp_path)}
    with python_process(MANY, env=environ, **pipes) as others:
        for _ in range(2):
            launch(LaunchRequest(workers=0), registry=registry)
        assert others.stdout.readline() == b"there\n"
        wait_for(lambda: phases(ask("clusters")["clusters"]) == ["running"] * 20, 60)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert time.monotonic() - began < 2.0
        listed = [record.to_wire() for record in registry.records()[0]]
        assert phases(listed) == ["running"] * 20
        others.stdin.close()
        assert others.wait(60) == 0


def phases(clusters: list[dict[str, Any]]) -> list[str]:
    return [cluster["phase"] for cluster in clusters]
