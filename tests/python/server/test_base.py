"""What every REST route shares: who may ask, what a body is, what an error looks like."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dasklab.model.record import Phase

from .conftest import BASE, Ask

ID = "a" * 32

ROUTES = [
    ("GET", "clusters"),
    ("POST", "clusters"),
    ("GET", "clusters/{id}"),
    ("DELETE", "clusters/{id}"),
    ("POST", "clusters/{id}/scale"),
    ("POST", "clusters/{id}/restart"),
    ("POST", "clusters/{id}/keep"),
    ("POST", "clusters/{id}/why"),
    ("POST", "clusters/{id}/detach"),
    ("GET", "clusters/{id}/logs"),
    ("GET", "clusters/{id}/metrics"),
    ("GET", "clusters/{id}/pages"),
    ("POST", "clusters/{id}/view"),
    ("GET", "clusters/{id}/code"),
    ("GET", "clusters/{id}/telemetry/graph"),
    ("GET", "clusters/{id}/telemetry/profile"),
    ("GET", "clusters/{id}/telemetry/tasks"),
    ("GET", "clusters/{id}/telemetry/window"),
    ("POST", "preview"),
    ("POST", "standby"),
    ("GET", "deployments"),
    ("GET", "environments"),
    ("GET", "kernels/{id}"),
    ("GET", "profiles"),
    ("PUT", "profiles/{id}"),
    ("DELETE", "profiles/{id}"),
    ("GET", "discovered"),
    ("GET", "metrics"),
    ("GET", "shared"),
    ("PUT", "shared"),
    ("GET", "openapi"),
]

WEBSOCKETS = {("GET", "clusters/{id}/telemetry")}
"""Tested in ``handlers/test_telemetry.py``."""

OF_ONE = [(method, path) for method, path in ROUTES if path.startswith("clusters/{id}")]

WITH_BODY = [(method, path) for method, path in ROUTES if method in ("POST", "PUT")]

NAMES = [f"{method} {path}" for method, path in ROUTES]


async def test_every_route_is_tested_here(api: Ask) -> None:
    document = (await api("GET", "openapi")).json
    there = {
        (method.upper(), path.strip("/"))
        for path, operations in document["paths"].items()
        for method in operations
        if method != "parameters"
    }
    assert there - WEBSOCKETS == set(ROUTES)


async def test_nobody_gets_in_without_a_token(api: Ask, registered: Any) -> None:
    registered()
    for method, path in [*ROUTES, ("GET", "nothing/here"), ("PATCH", "clusters")]:
        answer = await api(method, path.format(id=ID), anonymous=True)
        assert answer.code == 403, (method, path)
        assert answer.error["code"] == "forbidden"


async def test_an_id_that_nobody_has_is_not_found_on_every_route(api: Ask) -> None:
    for method, path in OF_ONE:
        for bad in ("nobody", "..%2f..%2fetc%2fpasswd", "%00", "x" * 5000, "%3Cscript%3E"):
            answer = await api(method, path.format(id=bad))
            assert answer.code == 404, (method, path, bad)
            assert answer.error["code"] == "cluster.unknown"


async def test_an_address_that_there_is_not_answers_in_our_form(api: Ask) -> None:
    for path in ("", "nothing", "clusters/", "clusters/a/b/c", "v2/clusters", "%2e"):
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            answer = await api(method, path)
            assert (answer.code, answer.error["code"]) == (404, "not_found"), (method, path)


async def test_a_method_that_an_address_has_not(api: Ask, registered: Any) -> None:
    registered()
    for method, path in (
        ("PUT", "clusters"), ("DELETE", "clusters"), ("PATCH", f"clusters/{ID}"),
        ("PUT", f"clusters/{ID}"), ("GET", f"clusters/{ID}/scale"), ("POST", "openapi"),
    ):  # fmt: skip
        answer = await api(method, path, {} if method != "GET" else None)
        assert (answer.code, answer.error["code"]) == (405, "method.unsupported"), (method, path)


BAD_BODIES = [
    b"{",
    b"null",
    b"[]",
    b'"x"',
    b"3",
    b"\xff\xfe\xfd",
    b'{"workers": NaN}',
    b'{"workers": Infinity}',
    b'{"workers": -Infinity}',
    b'{"workers": 1e999}',
    b'{"workerz": 1}',
    b"[" * 100_000,
    b'{"workers": ' + b"9" * 5000 + b"}",
]


async def test_a_body_that_makes_no_sense_is_refused_with_a_sentence(
    api: Ask, registered: Any
) -> None:
    # All at once: the server must not mind.
    registered(control=None)
    asked = [
        (method, path, body)
        for method, path in WITH_BODY
        for body in BAD_BODIES
        if path not in ("clusters/{id}", "clusters/{id}/code")
    ]
    answers = await asyncio.gather(
        *(api(method, path.format(id=ID), body) for method, path, body in asked)
    )
    for (method, path, body), answer in zip(asked, answers, strict=True):
        assert answer.code == 400, (method, path, body[:40], answer.body[:200])
        assert answer.error["code"] == "request.malformed"
        assert "Traceback" not in answer.error["message"]


async def test_a_body_that_is_too_large_is_not_read(api: Ask) -> None:
    answer = await api("POST", "clusters", b'{"name": "' + b"x" * 1_100_000 + b'"}')
    assert (answer.code, answer.error["code"]) == (413, "request.malformed")


async def test_what_was_not_foreseen_is_internal_and_logged_with_an_id(
    api: Ask, extension: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken() -> None:
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr(extension.watcher.state, "read", broken)
    answer = await api("GET", "clusters")
    assert (answer.code, answer.error["code"]) == (500, "internal")
    assert b"secret words" not in answer.body
    mark = answer.error["hint"].rstrip(".").split()[-1]
    assert mark in caplog.text
    assert "secret words" in caplog.text


async def test_a_page_of_another_site_changes_nothing(api: Ask, fetch: Ask, token: str) -> None:
    entered = await fetch("GET", f"{BASE}api/status?token={token}", anonymous=True)
    form = await fetch("GET", f"{BASE}login", anonymous=True)
    cookies = {
        name: text
        for line in entered.headers.get_list("Set-Cookie") + form.headers.get_list("Set-Cookie")
        for name, _, text in [line.partition(";")[0].partition("=")]
    }
    browser = {"Cookie": "; ".join(f"{name}={text}" for name, text in cookies.items())}
    right = {**browser, "X-XSRFToken": cookies["_xsrf"]}

    async def ask(headers: dict[str, str]) -> Any:
        return await api(
            "POST", "clusters", {"deployment": "none"}, headers=headers, anonymous=True
        )

    assert (await ask(right)).error["code"] == "deployment.unknown", "the user's own page"
    assert (await ask(browser)).code == 403, "a form of another site has the cookies, no token"
    assert (await ask({**right, "Origin": "https://evil.example"})).code == 404
    assert (await ask({**right, "Origin": "null"})).code == 404, "a sandboxed dashboard"


async def test_answers_are_json_that_no_browser_takes_for_a_page(api: Ask) -> None:
    for path in ("clusters", "clusters/%3Cscript%3E", "nothing"):
        answer = await api("GET", path)
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


async def test_asking_is_no_activity(api: Ask, fetch: Ask, jp_serverapp: Any) -> None:
    before = jp_serverapp.web_app.last_activity()
    await fetch("GET", f"{BASE}dasklab/dashboard/{ID}/status")  # what an open frame asks for
    for method, path in ROUTES:
        body = {"deployment": "none"} if path in ("clusters", "preview") else {}
        await api(method, path.format(id=ID), body if method == "POST" else None)
    assert jp_serverapp.web_app.last_activity() == before
    await fetch("GET", f"{BASE}api/contents")  # a user's doing, to show that it would be seen
    assert jp_serverapp.web_app.last_activity() > before


async def test_an_authorizer_is_asked_about_every_route(
    api: Ask, fetch: Ask, jp_serverapp: Any, registered: Any
) -> None:
    asked: list[tuple[str, str]] = []

    class SaysNo:
        def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
            asked.append((action, resource))
            return False

    registered()
    jp_serverapp.web_app.settings["authorizer"] = SaysNo()
    paths = [(method, f"{BASE}dasklab/api/{path.format(id=ID)}") for method, path in ROUTES]
    for method, path in [*paths, ("GET", f"{BASE}dasklab/dashboard/{ID}/status")]:
        asked.clear()
        answer = await fetch(method, path, {} if method in ("POST", "PUT") else None)
        assert answer.code == 403, path
        expected = "read" if method == "GET" or path.endswith("/view") else "write"
        assert asked == [(expected, "dasklab")], path


@pytest.mark.parametrize("dasklab_config", [{"read_only": True}])
async def test_a_read_only_server_changes_nothing(api: Ask, registered: Any) -> None:
    registered()
    for method, path in ROUTES:
        if method == "GET" or path in ("preview", "clusters/{id}/view", "clusters/{id}/why"):
            continue
        answer = await api(method, path.format(id=ID), {} if method in ("POST", "PUT") else None)
        assert (answer.code, answer.error["code"]) == (403, "refused"), path
    assert len((await api("GET", "clusters")).json["clusters"]) == 1
    assert (await api("POST", "preview", {"workers": 1})).code == 200


@pytest.mark.parametrize("dasklab_config", [{"allow_launch": False}])
async def test_launching_can_be_switched_off(api: Ask, registered: Any) -> None:
    registered(phase=Phase.STOPPED)
    answer = await api("POST", "clusters", {"workers": 1})
    assert (answer.code, answer.error["code"]) == (403, "refused")
    assert (await api("DELETE", f"clusters/{ID}")).code == 204
