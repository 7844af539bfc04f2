"""Debian's Prometheus, scraping what a test tells it to."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..support import wait_for
from . import require

__all__ = ("Prometheus", "prometheus")


class Prometheus:
    """One that runs, on loopback, with everything of it in a folder."""

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._place = f"127.0.0.1:{free.getsockname()[1]}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, config: str) -> None:
        """Begin, and wait until it is ready."""
        (self._folder / "prometheus.yml").write_text(config, encoding="utf-8")
        with open(self._folder / "log", "wb") as log:
            self._process = subprocess.Popen(
                [
                    "prometheus",
                    f"--config.file={self._folder / 'prometheus.yml'}",
                    f"--storage.tsdb.path={self._folder / 'data'}",
                    f"--web.listen-address={self._place}",
                ],
                stdout=log,
                stderr=log,
            )
        wait_for(self._ready, 60, "Prometheus")

    def _ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "log").read_text()
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            return bool(self._ask("/-/ready"))
        return False

    def _ask(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://{self._place}{path}", timeout=20) as answer:
            return bytes(answer.read())

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What it knows now: labels (``metric``) and ``value``."""
        asked = urllib.parse.urlencode({"query": expression})
        return list(json.loads(self._ask(f"/api/v1/query?{asked}"))["data"]["result"])

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(30)


@pytest.fixture
def prometheus(tmp_path: Path) -> Iterator[Prometheus]:
    """One that has not begun; it needs to be told whom to scrape."""
    require("prometheus")
    found = Prometheus(tmp_path)
    yield found
    found.stop()
