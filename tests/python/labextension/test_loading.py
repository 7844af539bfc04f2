"""One server with both packages: which panel, whose addresses, and what runs where."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from ..support import wait_for
from .conftest import LabServer

PLUGIN = "dask-labextension:plugin"

PROGRAM = '''
"""A server extension of somebody's, written against dask-labextension's manager."""

import json

from jupyter_server.base.handlers import APIHandler
from tornado import web


class Program(APIHandler):
    @web.authenticated
    async def get(self):
        from dask_labextension.manager import manager

        made = await manager.start_cluster(configuration={"workers": 0})
        listed = [model["id"] for model in manager.list_clusters()]
        scaled = await manager.scale_cluster(made["id"], 1)
        closed = await manager.close_cluster(made["id"])
        said = {"made": made, "listed": listed, "scaled": scaled, "closed": closed["id"]}
        self.finish(json.dumps(said))


def _jupyter_server_extension_points():
    return [{"module": "a_program"}]


def _load_jupyter_server_extension(serverapp):
    serverapp.web_app.add_handlers(".*$", [(serverapp.base_url + "program", Program)])
'''
pytestmark = pytest.mark.timeout(240)  # servers start, and start again


@pytest.fixture
def serve(package: Path) -> Iterator[Callable[..., LabServer]]:
    """Start a server with both."""
    started: list[LabServer] = []

    def start(**config: Any) -> LabServer:
        extensions = {"dasklab": True, "dask_labextension": True, "a_program": True}
        dask = {"labextension": {"initial": [{"name": "first", "workers": 0}]}}
        server = LabServer(package, extensions, dask, DasklabServer=config)
        started.append(server)
        (server.root / "a_program.py").write_text(PROGRAM)
        server.environ["PYTHONPATH"] += f":{server.root}"
        server.start()
        return server

    yield start
    for server in started:
        server.stop()


def disabled(server: LabServer) -> list[str]:
    """What JupyterLab's page says is disabled."""
    page = server.ask("GET", "lab").body.decode()
    found = re.search(r'id="jupyter-config-data"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found
    config = json.loads(found[1])
    assert {"dasklab", "dask-labextension"} <= {e["name"] for e in config["federated_extensions"]}
    return list(config["disabledExtensions"])


def listening(server: LabServer) -> list[int]:
    """Ports of the server's own process: a cluster in it would have some."""
    connections = psutil.Process(server.pid).net_connections("tcp")
    return [each.laddr.port for each in connections if each.status == "LISTEN"]


def test_by_default_dasklab_takes_its_place(serve: Callable[..., LabServer]) -> None:
    server = serve()

    assert PLUGIN in disabled(server)
    for path in ("dask/clusters", "dask/dashboard-check/x", "dask/dashboard/a-b-c-d-e/status"):
        assert server.ask("GET", path).status == 404
    assert server.log.count("takes the place of dask-labextension's server extension") == 1
    assert "c.DasklabServer.labextension = True brings its panel" in server.log
    wait_for(lambda: [r["phase"] for r in server.records()] == ["running"], 60, "one host")
    assert [record["name"] for record in server.records()] == ["first"]
    assert listening(server) == [server.port]
    assert "Traceback" not in server.log


def test_with_the_setting_its_panel_and_its_programs_are_there(
    serve: Callable[..., LabServer],
) -> None:
    server = serve(labextension=True)

    assert PLUGIN not in disabled(server)
    wait_for(lambda: [model["name"] for model in server.clusters()] == ["first"], 60)
    answer = server.ask("GET", "program")
    assert answer.status == 200, server.log
    said = answer.json
    assert said["made"]["id"] in said["listed"]
    assert said["scaled"]["id"] == said["closed"] == said["made"]["id"]
    phases = {record["id"]: record["phase"] for record in server.records()}
    assert phases[said["made"]["id"]] == "stopped"
    assert sorted(phases.values()) == ["running", "stopped"]
    assert [model["name"] for model in server.clusters()] == ["first"]
    assert listening(server) == [server.port]
    assert "Traceback" not in server.log
