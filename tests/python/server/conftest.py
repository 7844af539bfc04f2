"""A Jupyter server with the extension, asked as a browser or a program would ask it.

Unauthenticated access is switched off, so that a verb without a decorator fails. Hosts are real;
``registered`` makes records whose dashboard is one of the doubles.
"""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pytest_jupyter.jupyter_server import *  # noqa: F403
from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect
from traitlets.config import Config

from dasklab.model.record import Endpoint, Record
from dasklab.registry import Registry
from dasklab.server.handlers.openapi import document

from ..support import make_record
from .doubles import HostileDashboard

BASE = "/user/ann/"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    code: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        """The body as data."""
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        """The error, in the one form that errors have."""
        assert self.headers["Content-Type"] == "application/json"
        data = self.json
        assert set(data) == {"error"}, data
        assert set(data["error"]) == {"code", "message", "hint", "details"}
        assert data["error"]["message"]
        return dict(data["error"])


Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture
def jp_base_url() -> str:
    """A prefix as under JupyterHub."""
    return BASE


@pytest.fixture
def dasklab_config() -> dict[str, Any]:
    """The extension's configuration; tests parametrize it."""
    return {}


@pytest.fixture
def server_config() -> dict[str, Any]:
    """More configuration of the server; tests parametrize it."""
    return {}


@pytest.fixture
def jp_server_config(dasklab_config: dict[str, Any], server_config: dict[str, Any]) -> Config:
    """Only this extension, and nobody without a token."""
    extensions = {"dasklab": True, "jupyter_server_terminals": False}
    own = {"allow_unauthenticated_access": False, "jpserver_extensions": extensions}
    return Config({"DasklabServer": dasklab_config, "ServerApp": {**own, **server_config}})


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DASKLAB_BASE_URL", "")  # the extension sets it; gone after the test


@pytest.fixture
def extension(jp_serverapp: Any) -> Any:
    """The loaded extension."""
    return jp_serverapp.extension_manager.extension_points["dasklab"].app


@pytest.fixture
def token(jp_serverapp: Any) -> str:
    """The token of the server's user."""
    return str(jp_serverapp.identity_provider.token)


@pytest.fixture
def fetch(http_server_client: Any, token: str) -> Ask:
    """Ask for a path, as it is written; with the user's token unless ``anonymous``."""

    async def ask(
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: dict[str, str] | None = None,
        anonymous: bool = False,
    ) -> Answer:
        sent = {} if anonymous else {"Authorization": f"token {token}"}
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        response = await http_server_client.fetch(
            path,
            method=method,
            body=body,
            headers={**sent, **(headers or {})},
            raise_error=False,
            follow_redirects=False,
            decompress_response=False,
            allow_nonstandard_methods=True,
            request_timeout=30,
        )
        return Answer(response.code, response.headers, response.body or b"")

    return ask


@pytest.fixture
def api(fetch: Ask) -> Ask:
    """Ask the REST API; whatever it answers must be as the OpenAPI document says."""

    async def ask(method: str, path: str, body: Any = None, **keywords: Any) -> Answer:
        answer = await fetch(method, f"{BASE}dasklab/api/{path}", body, **keywords)
        check_answer(method, path, answer)
        return answer

    return ask


@functools.cache
def validator(method: str, template: str, code: str) -> Any:
    """Checks one answer of the OpenAPI document; ``None`` where it has no body."""
    described = document()["paths"][template][method.lower()]["responses"][code]
    reference = described.get("$ref", "")
    if reference:
        described = document()["components"]["responses"][reference.rpartition("/")[2]]
    if "content" not in described:
        return None
    schema = described["content"]["application/json"]["schema"]
    return Draft202012Validator({**schema, "components": document()["components"]})


def check_answer(method: str, path: str, answer: Answer) -> None:
    """Hold an answer against the document; what it does not describe must be an error."""
    asked = path.partition("?")[0].split("/")
    for template, operations in document()["paths"].items():
        parts = template.strip("/").split("/")
        same = len(parts) == len(asked) and all(
            mine == "{id}" or mine == theirs for mine, theirs in zip(parts, asked, strict=True)
        )
        if same and method.lower() in operations:
            codes = operations[method.lower()]["responses"]
            code = str(answer.code) if str(answer.code) in codes else "default"
            check = validator(method, template, code)
            if check is None:
                assert answer.body == b""
                return
            check.validate(json.loads(answer.body, parse_constant=pytest.fail))
            return
    assert answer.code >= 400


async def until(look: Callable[[], Awaitable[Any]], timeout: float = 20.0) -> Any:
    """The first true value that ``look`` gives."""
    async with asyncio.timeout(timeout):
        while not (found := await look()):
            await asyncio.sleep(0.02)
        return found


@pytest.fixture
def reaches(api: Ask) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Wait until a cluster is in a phase: ``await reaches(id, "running")``."""

    async def wait(cluster_id: str, *phases: str) -> dict[str, Any]:
        async def look() -> Any:
            answer = (await api("GET", f"clusters/{cluster_id}")).json
            return answer if answer["phase"] in phases else None

        return dict(await until(look))

    return wait


@pytest.fixture
def running(api: Ask, reaches: Any) -> Callable[..., Awaitable[dict[str, Any]]]:
    """Start a real cluster, without workers unless something else is said, and wait for it."""

    async def start(**body: Any) -> dict[str, Any]:
        answer = await api("POST", "clusters", {"workers": 0, **body})
        assert answer.code == 202, answer.body
        return dict(await reaches(answer.json["id"], "running"))

    return start


@pytest.fixture
def connect(http_server: Any, http_server_port: Any) -> Iterator[Callable[..., Any]]:
    """Open a websocket: ``await connect(path, headers)``; all are closed after the test."""
    opened: list[WebSocketClientConnection] = []

    async def open_one(
        path: str, headers: dict[str, str] | None = None, **keywords: Any
    ) -> WebSocketClientConnection:
        url = f"ws://127.0.0.1:{http_server_port[1]}{path}"
        made = await websocket_connect(HTTPRequest(url, headers=headers or {}), **keywords)
        opened.append(made)
        return made

    yield open_one
    for one in opened:
        one.close()


@pytest.fixture
def events(connect: Any, token: str) -> Callable[[], Awaitable[Any]]:
    """Subscribe to the server's events: ``follow = await events(); await follow()``."""

    async def subscribe() -> Callable[[], Awaitable[dict[str, Any]]]:
        headers = {"Authorization": f"token {token}"}
        socket = await connect(f"{BASE}api/events/subscribe", headers)

        async def follow() -> dict[str, Any]:
            while True:
                data = json.loads(await socket.read_message())
                if data["schema_id"].startswith("https://dasklab.dev/"):
                    return dict(data)

        return follow

    return subscribe


@pytest.fixture
def dashboard(jp_asyncio_loop: Any) -> Iterator[HostileDashboard]:
    """A dashboard that misbehaves as the test tells it to."""

    async def begin() -> HostileDashboard:
        return HostileDashboard()

    double = jp_asyncio_loop.run_until_complete(begin())
    yield double
    jp_asyncio_loop.run_until_complete(double.close())


@pytest.fixture
def registered(registry: Registry) -> Callable[..., Record]:
    """Enter a running cluster of this process's; its dashboard is where the test says."""

    def enter(endpoint: Endpoint | None = None, **changes: Any) -> Record:
        record = make_record(dashboard=endpoint, **changes)
        registry.write(record)
        return record

    return enter


@pytest.fixture
def view(extension: Any, registered: Any, dashboard: HostileDashboard) -> str:
    """The path of a view of the hostile dashboard, without a slash at its end."""
    record = registered(dashboard.endpoint)
    made = extension.capabilities.mint(record.id)
    return str(extension.url("view", made.token))
