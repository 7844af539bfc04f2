"""A notebook on a Hub: the links that ``%dask`` and Dask's own reprs show lead to the dashboard."""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from dasklab.registry import Registry

from .rig import Hub, User
from .sockets import connected

CELLS = {
    "start": "%load_ext dasklab\n%dask start local -n 1 --name noted",
    "client": "client",
    "cluster": "from distributed import LocalCluster\n"
    "plain = LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=':0')\nplain",
    "list": "%dask list",
    "end": "client.close(); plain.close()\n%dask stop noted",
}


async def run(user: User, kernel: str, cells: dict[str, str]) -> dict[str, str]:
    """Execute cells in a kernel of the user's server; the HTML, or else the text, each shows."""
    shown: dict[str, str] = {}
    url = f"{user.url}api/kernels/{kernel}/channels"
    async with connected(url, user.headers) as socket:
        for name, code in cells.items():
            header = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "session": "s",
                      "username": "", "version": "5.3"}  # fmt: skip
            content = {"code": code, "silent": False, "store_history": True, "user_expressions": {},
                       "allow_stdin": False, "stop_on_error": True}  # fmt: skip
            await socket.write_message(json.dumps({
                "header": header, "parent_header": {}, "metadata": {}, "content": content,
                "channel": "shell", "buffers": [],
            }))  # fmt: skip
            texts: list[str] = []
            while True:
                raw = await socket.read_message()
                assert raw is not None, "the kernel's websocket was closed"
                message = json.loads(raw)
                if message["parent_header"].get("msg_id") != header["msg_id"]:
                    continue
                data: dict[str, Any] = message["content"].get("data", {})
                texts += [data.get("text/html") or data.get("text/plain") or ""]
                if message["msg_type"] == "error":
                    raise AssertionError("\n".join(message["content"]["traceback"]))
                if message["content"].get("execution_state") == "idle":
                    break
            shown[name] = "\n".join(texts)
    return shown


def links(html: str) -> set[str]:
    """The addresses that an output leads to."""
    return {found.split("?")[0] for found in re.findall(r'href=["\']([^"\']+)["\']', html)}


def ports(hub: Hub) -> list[int]:
    """The ports of the dashboards of ada's schedulers, as their records have them."""
    records, _ = Registry(hub.state("ada")).records()
    return [one.dashboard.port for one in records if one.dashboard and not one.phase.ended]


@pytest.mark.timeout(180)
def test_every_link_in_a_notebook_leads_to_its_dashboard(hub: Hub, ada: User) -> None:
    kernel = ada.ask("POST", "api/kernels", json={"name": "python3"}).json()["id"]
    try:
        shown = asyncio.run(asyncio.wait_for(run(ada, kernel, dict(list(CELLS.items())[:-1])), 120))
        clusters = ada.clusters()
        ids = {cluster["name"]: cluster["id"] for cluster in clusters}
        noted = f"{ada.prefix}dasklab/dashboard/{ids.pop('noted')}/status"
        (plain,) = [f"{ada.prefix}dasklab/dashboard/{one}/status" for one in ids.values()]
        assert noted in links(shown["start"])
        assert noted in links(shown["client"])
        assert plain in links(shown["cluster"])
        assert {noted, plain} <= links(shown["list"])
        # Workers have pages of their own, at ports that no proxy opens; no scheduler's is shown.
        direct = {f":{port}/" for port in ports(hub)}
        assert len(direct) == 2
        assert not [
            one for html in shown.values() for one in links(html) for port in direct if port in one
        ]
        with hub.browser("ada") as browser:
            browser.get(f"{ada.url}lab", timeout=30)
            for path in (noted, plain):
                page = browser.get(hub.origin + path, timeout=60)
                assert page.status_code == 200
                assert "Bokeh" in page.text
        asyncio.run(asyncio.wait_for(run(ada, kernel, {"end": CELLS["end"]}), 60))
    finally:
        ada.ask("DELETE", f"api/kernels/{kernel}")


def test_records_are_kept_in_the_home_that_the_hub_gives(hub: Hub, ada: User) -> None:
    kernel = ada.ask("POST", "api/kernels", json={"name": "python3"}).json()["id"]
    try:
        code = "from dasklab.registry import default_folder\nstr(default_folder())"
        shown = asyncio.run(asyncio.wait_for(run(ada, kernel, {"where": code}), 60))
    finally:
        ada.ask("DELETE", f"api/kernels/{kernel}")
    assert Path(shown["where"].strip().strip("'")) == hub.state("ada")
