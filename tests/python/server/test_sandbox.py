"""What a hostile dashboard's script can reach from inside its sandbox, in a real browser."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from html import unescape
from pathlib import Path
from typing import Any

from ..backends import require
from .doubles import HostileDashboard

CHROMIUM = (  # the first is what tests/run has found or installed
    os.environ.get("CHROMIUM")
    or shutil.which("chromium")
    or shutil.which("chromium-browser")
    or "google-chrome"
)

PAGE = """<!doctype html><body><script>
const tried = {};
const attempt = (name, act) => { try { tried[name] = String(act()); } catch (e) { tried[name] = e.name; } };
attempt("origin", () => self.origin);
attempt("cookie", () => document.cookie);
attempt("storage", () => localStorage.length);
attempt("parent", () => parent === self ? "alone" : parent.document.title);
attempt("popup", () => window.open("/") === null ? "none" : "opened");
const text = (path) => fetch(path, {credentials: "include"}).then((r) => r.text(), (e) => e.name);
const frame = document.createElement("iframe");
frame.src = "child";
Promise.all([text("/user/ann/api/contents"), text("/user/ann/dasklab/api/clusters"),
  new Promise((done) => { frame.onload = done; document.body.append(frame); }),
  new Promise((done) => { const s = new WebSocket(location.href.replace("http", "ws") + "/ws");
    s.onmessage = (m) => { tried.socket = m.data; done(); }; s.onopen = () => s.send("own dashboard"); }),
]).then(([contents, clusters]) => {
  Object.assign(tried, {contents, clusters});
  attempt("child", () => frame.contentDocument === null ? "none" : "reached");
  document.title = "done";
  document.body.textContent = "RESULT" + JSON.stringify(tried) + "END";
});
</script></body>"""


async def test_a_hostile_page_is_alone_with_its_own_dashboard(
    view: str, dashboard: HostileDashboard, http_server: Any, http_server_port: Any, tmp_path: Path
) -> None:
    require(CHROMIUM)

    def answer(handler: Any) -> None:
        handler.set_header("Content-Type", "text/html")
        handler.set_header("Content-Security-Policy", "sandbox allow-scripts allow-same-origin")
        handler.write("child" if handler.request.path.endswith("child") else PAGE)

    dashboard.answer = answer
    url = f"http://127.0.0.1:{http_server_port[1]}{view}/status"
    browser = await asyncio.create_subprocess_exec(
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--timeout=20000",
        f"--user-data-dir={tmp_path / 'profile'}", "--virtual-time-budget=10000", "--dump-dom", url,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        found, _ = await asyncio.wait_for(browser.communicate(), 40)
    finally:
        if browser.returncode is None:
            browser.kill()
            await browser.wait()
    dom = found.decode()
    assert "RESULT" in dom, dom[:500]
    tried = json.loads(unescape(dom.partition("RESULT")[2].partition("END")[0]))
    assert tried == {
        "origin": "null",
        "cookie": "SecurityError",
        "storage": "SecurityError",
        "parent": "alone",
        "popup": "none",
        "contents": "TypeError",
        "clusters": "TypeError",
        "child": "none",
        "socket": "own dashboard",
    }
