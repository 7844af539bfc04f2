"""Paths, queries, headers and redirects."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tornado.httputil import HTTPHeaders

from dasklab.errors import PageUnknown
from dasklab.model.record import Endpoint
from dasklab.server.upstream import (
    frame_ancestors,
    location_of,
    origin_of,
    request_headers,
    response_headers,
    safe_path,
    safe_query,
)


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        ("", "/"),
        ("status", "/status"),
        ("status/ws", "/status/ws"),
        ("static/js/bokeh.min.js", "/static/js/bokeh.min.js"),
        ("info/worker/tcp%3A%2F%2F10.0.0.1%3A9.html", "/info/worker/tcp:%2F%2F10.0.0.1:9.html"),
        ("info/task/('x-1',%200).html", "/info/task/('x-1',%200).html"),
        ("@evil.example", "/@evil.example"),
        ("a%0d", None),
        ("a%00b", None),
        ("%2f%2fevil.example/x", "/%2F%2Fevil.example/x"),
        ("/evil.example", None),
        ("a//b", None),
        ("..", None),
        ("../x", None),
        ("a/../x", None),
        ("%2e%2e/x", None),
        ("a/%2e%2e%2fx", None),
        ("a%2f..%2f..%2fx", None),
        ("./x", None),
        ("a\\b", None),
        ("%5cevil.example", None),
        ("proxy/8787/localhost/x", None),
        ("%70roxy/8787/localhost/x", None),
        ("PROXY/1/x", None),
        ("%2fproxy/1/x", None),
        ("proxy%2f1%2fx", None),
        ("jupyter/lab", None),
        ("x" * 5000, None),
    ],
)
def test_paths(raw: str, path: str | None) -> None:
    if path is None:
        with pytest.raises(PageUnknown):
            safe_path(raw)
    else:
        assert safe_path(raw) == path


@settings(deadline=None)
@given(st.text(max_size=60) | st.text(alphabet="/.%@\\25eEfF[]:#?;~", max_size=20))
def test_no_path_names_another_host(raw: str) -> None:
    try:
        path = safe_path(raw)
    except PageUnknown:
        return
    target = urlsplit(f"http://127.0.0.1:8787{path}")
    assert (target.scheme, target.hostname, target.port) == ("http", "127.0.0.1", 8787)
    assert path.isascii()
    assert not any(char in path for char in "\r\n\\?# ")


def test_queries_lose_their_tokens() -> None:
    asked = "theme=dark&token=s&TOKEN=s&access_token=s&_xsrf=s&code=s&state=s&v=1&empty="
    assert safe_query(asked) == "theme=dark&v=1&empty="


def test_origins() -> None:
    assert origin_of(Endpoint("127.0.0.1", 1)) == "http://127.0.0.1:1"
    assert origin_of(Endpoint("::1", 1), "ws") == "ws://[::1]:1"
    assert origin_of(Endpoint("a.example", 1, scheme="https"), "ws") == "wss://a.example:1"
    assert origin_of(Endpoint("a.example", 1, scheme="javascript")) == "http://a.example:1"


@pytest.mark.parametrize(
    ("location", "leads"),
    [
        ("info/main/workers.html", "/v/info/main/workers.html"),
        ("/status", "/v/status"),
        ("http://127.0.0.1:1/status?theme=dark&token=x", "/v/status?theme=dark"),
        ("?x=1", "/v/info?x=1"),
        ("http://169.254.169.254/latest/meta-data", None),
        ("//evil.example/x", None),
        ("/\\evil.example", None),
        ("\\\\evil.example", None),
        ("http://127.0.0.1:2/", None),
        ("https://127.0.0.1:1/", None),
        ("http://user@127.0.0.1:1/", None),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("http://[", None),
        ("/proxy/1/x", None),
    ],
)
def test_redirects_stay_inside_or_are_dropped(location: str, leads: str | None) -> None:
    assert location_of(location, "http://127.0.0.1:1/info", Endpoint("127.0.0.1", 1), "/v") == leads


def test_headers_pass_by_list() -> None:
    sent = HTTPHeaders({
        "accept": "*/*", "If-None-Match": "x", "Cookie": "s", "Authorization": "s",
        "X-XSRFToken": "s", "Referer": "s", "Origin": "s", "X-Forwarded-For": "s", "Host": "s",
        "Sec-WebSocket-Protocol": "s", "X-Anything": "s", "Proxy-Authorization": "s",
    })  # fmt: skip
    assert request_headers(sent) == {"Accept": "*/*", "If-None-Match": "x"}
    back = HTTPHeaders({
        "content-type": "text/html", "Set-Cookie": "s", "Access-Control-Allow-Origin": "*",
        "Content-Security-Policy": "s", "Refresh": "s", "Clear-Site-Data": "s", "Link": "s",
        "Service-Worker-Allowed": "/", "Strict-Transport-Security": "s", "X-Frame-Options": "s",
    })  # fmt: skip
    assert response_headers(back) == {"Content-Type": "text/html"}


def test_the_administrators_frame_ancestors_count() -> None:
    assert frame_ancestors([]) == "frame-ancestors 'self'"
    assert frame_ancestors(["default-src x"]) == "frame-ancestors 'self'"
    policy = "default-src 'none'; Frame-Ancestors 'self' https://portal.example"
    assert frame_ancestors([policy]) == "frame-ancestors 'self' https://portal.example"
    # JupyterLab is where our panes are: without 'self' there would be none.
    assert frame_ancestors(["frame-ancestors https://a.example"]) == (
        "frame-ancestors 'self' https://a.example"
    )
    assert frame_ancestors(["frame-ancestors 'none'"]) == "frame-ancestors 'self'"  # a Hub's


@pytest.mark.parametrize(
    ("location", "leads"),
    [
        ("/status", "/v/status"),  # a scheduler does not know what it is below
        ("/clusters/x/status", "/v/status"),
        ("workers", "/v/workers"),
        ("http://127.0.0.1:1/clusters/x/", "/v/"),
        ("/clusters/xy/status", "/v/clusters/xy/status"),
    ],
)
def test_redirects_of_a_dashboard_below_a_path(location: str, leads: str) -> None:
    endpoint = Endpoint("127.0.0.1", 1, path="/clusters/x")
    assert location_of(location, f"{endpoint.url}/info", endpoint, "/v") == leads
