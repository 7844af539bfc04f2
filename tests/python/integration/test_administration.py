"""What the README tells administrators: each of its blocks, in front of a real server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from traitlets.config.loader import PyFileConfigLoader

from dasklab.errors import Refused
from dasklab.model.record import Endpoint
from dasklab.registry import Registry
from dasklab.server.addresses import admit
from dasklab.server.extension import DasklabServer

from ..support import SOURCE, make_record, wait_for
from .test_server_faults import Server

README = (SOURCE.parents[1] / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## For administrators of a JupyterHub\n")[2].partition("\n## ")[0]
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", SECTION, re.DOTALL)
(DASK,) = [text for language, text in BLOCKS if language == "yaml"]
JUPYTER = [text for language, text in BLOCKS if language == "python"]


def block(name: str) -> str:
    """The block that sets a trait."""
    (found,) = [text for text in JUPYTER if f"c.DasklabServer.{name}" in text]
    return found


@pytest.fixture
def serve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Server]]:
    """A server with text of the README as its configuration files."""
    dask = tmp_path / "etc-dask"
    dask.mkdir()
    (dask / "dasklab.yaml").write_text(DASK)
    monkeypatch.setenv("DASK_ROOT_CONFIG", str(dask))
    # A user's own file, which elsewhere in Dask would go before the administrator's.
    (tmp_path / "own-dask").mkdir()
    (tmp_path / "own-dask" / "mine.yaml").write_text(
        "dasklab: {limits: {workers: 500, clusters: 500}}"
    )
    monkeypatch.setenv("DASK_CONFIG", str(tmp_path / "own-dask"))
    # The tests' own setting, which would go before that of the file.
    monkeypatch.delenv("DASK_DASKLAB__STANDBY__ENABLED")
    (tmp_path / "config").mkdir()
    with ExitStack() as stack:

        def start(jupyter: str = "") -> Server:
            (tmp_path / "config" / "jupyter_server_config.py").write_text(jupyter)
            return stack.enter_context(Server(tmp_path))

        yield start


def configured(folder: Path, name: str) -> DasklabServer:
    """The extension as a block configures it."""
    (folder / "jupyter_server_config.py").write_text(block(name))
    loader = PyFileConfigLoader("jupyter_server_config.py", str(folder))
    return DasklabServer(config=loader.load_config())


def code_of(answer: tuple[int, Any]) -> tuple[int, str]:
    """The status and the code of an error."""
    return answer[0], answer[1]["error"]["code"]


def test_every_block_of_the_page_is_tried_here() -> None:
    assert [language for language, _ in BLOCKS] == ["yaml", *["python"] * 4]
    names = [re.findall(r"^c\.DasklabServer\.(\w+)", text, re.MULTILINE) for text in JUPYTER]
    assert names == [["allowed_dashboard_hosts"], ["allow_launch"], ["read_only"], ["hide"]]


def test_the_dask_configuration_is_what_users_get(
    serve: Callable[..., Server], registry: Registry, home: Path
) -> None:
    said = yaml.safe_load(DASK)["dasklab"]
    defaults = yaml.safe_load((SOURCE / "dasklab.yaml").read_text())["dasklab"]
    server = serve()

    status, made = server.ask("POST", "clusters", {"profile": "small", "name": "preset"})
    assert status == 202, made
    path = f"clusters/{made['id']}"
    wait_for(lambda: server.ask("GET", path)[1]["workers"]["running"] == 2, 60)
    cluster = server.ask("GET", path)[1]
    assert cluster["options"]["memory_limit"] == "2GiB"
    assert {key: cluster["lease"][key] for key in ("idle", "no_client", "max_age")} == {
        "idle": 1800, "no_client": 900, "max_age": 86400,
    }  # fmt: skip
    if "locked" in defaults:
        assert (
            cluster["options"]["threads_per_worker"]
            == said["locked"]["local"]["threads_per_worker"]
        )
    assert not list(registry.standbys.glob("*.json"))

    too_many = said["limits"]["workers"] + 1
    status, refused = server.ask("POST", "clusters", {"workers": too_many})
    assert status in (400, 403)
    assert str(said["limits"]["workers"]) in refused["error"]["message"]
    for number in range(1, said["limits"]["clusters"]):
        registry.write(make_record(id=f"{number:032x}", name=f"more-{number}"))
    assert code_of(server.ask("POST", "clusters", {"workers": 1})) == (403, "refused")
    for number in range(1, said["limits"]["clusters"]):
        registry.path(f"{number:032x}").unlink()
    assert server.ask("DELETE", path)[0] == 202
    wait_for(lambda: server.ask("GET", path)[1]["phase"] == "stopped", 30)


def test_dashboards_of_other_machines_are_shown_where_a_pattern_admits_them(
    tmp_path: Path,
) -> None:
    # Not over a server: it would ask addresses that are not ours. This asks nobody.
    patterns = configured(tmp_path, "allowed_dashboard_hosts").allowed_dashboard_hosts

    def admitted(host: str) -> None:
        asyncio.run(admit(Endpoint(scheme="http", host=host, port=8787), patterns))

    admitted("10.0.3.4")
    assert re.fullmatch(patterns[0], "node7.cluster.example")
    for host in ("10.1.3.4", "10.0.3.4.evil.example", "node7.cluster.example.evil.example"):
        with pytest.raises(Refused, match="another machine"):
            admitted(host)


def test_nothing_is_shown_where_it_is_hidden(tmp_path: Path) -> None:
    # What a page is then told is in tests/python/server, what is seen of it in tests/ui/modes.spec.ts.
    assert configured(tmp_path, "hide").hide is True


def test_nothing_is_launched_where_launching_is_off(
    serve: Callable[..., Server], registry: Registry
) -> None:
    server = serve(block("allow_launch"))

    assert code_of(server.ask("POST", "clusters", {"workers": 1})) == (403, "refused")
    assert server.ask("GET", "clusters")[1]["clusters"] == []


def test_nothing_is_changed_where_only_looking_is_allowed(
    serve: Callable[..., Server], registry: Registry
) -> None:
    record = make_record()
    registry.write(record)
    server = serve(block("read_only"))

    for method, path in (("POST", "clusters"), ("POST", f"clusters/{record.id}/scale"),
                         ("DELETE", f"clusters/{record.id}")):  # fmt: skip
        body = {} if method == "POST" else None
        assert code_of(server.ask(method, path, body)) == (403, "refused")
    assert [one["name"] for one in server.ask("GET", "clusters")[1]["clusters"]] == ["local-1"]
    registry.path(record.id).unlink()
