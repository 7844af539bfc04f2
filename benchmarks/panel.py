"""How soon the panel shows what happens, and how soon a click gives a cluster that works.

In a real browser (chromium), against a real server, beside dask-labextension in the same run: it
is installed into an environment of its own the first time.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .figures import Figure, percentile
from .kernel import home, stop_everything
from .server import Server

__all__ = ("figures",)

ROOT = Path(__file__).parent
INCUMBENT = ROOT / "results" / "labextension"
CARD = "#dasklab-panel .dasklab-Card"

ROUNDS = 3
"""Sessions; each starts two servers and two browsers."""

LAUNCHES = 20
"""Clicks on New after which it is looked when the launch is to be seen."""


class Browser:
    """A page that is driven by ``panel.mjs``, or by another script that speaks as that does."""

    def __init__(self, url: str, script: str = "panel.mjs") -> None:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        if chromium is None:
            raise RuntimeError("This benchmark needs chromium: apt-get install chromium")
        self._process = subprocess.Popen(
            ["node", str(ROOT / script), url, chromium],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT.parent,
        )

    def __enter__(self) -> Browser:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer

    def ask(self, command: str, **options: Any) -> Any:
        """Run one command; its value."""
        self.send(command, **options)
        return self._answer()["value"]

    def send(self, command: str, **options: Any) -> None:
        """Begin a command; :meth:`take` gives its value."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"command": command, **options}) + "\n")
        self._process.stdin.flush()

    def watch(self, selector: str, text: str, *, gone: bool = False) -> None:
        """Begin to look for a text; returns when the page is looking."""
        self.send("watch", selector=selector, text=text, gone=gone)
        self._answer()

    def take(self) -> float:
        """Epoch seconds at which the text was there."""
        return float(self._answer()["value"]) / 1000


def _visible_after(browser: Browser) -> list[float]:
    """Seconds from a change made elsewhere until the page shows it."""
    from dasklab.client import launch

    cluster = launch("local", workers=0, name="watched")
    took = []
    browser.watch(CARD, "watched.*Running")
    browser.take()
    for number in range(40):
        time.sleep(0.35)
        kept = number % 2 == 0
        browser.watch(CARD, "Kept until stopped", gone=not kept)
        begin = time.time()
        cluster.keep(kept)
        took.append(browser.take() - begin)
    cluster.stop()
    return took


def _shown_after(browser: Browser, launches: int, *, standby: bool) -> list[float]:
    """Seconds from a click on New until the card of the launch is on the screen."""
    took = []
    for _ in range(launches):
        if standby:
            _wait_for_standby()
        # With a standby it may be further than that before the page has drawn anything.
        took.append(browser.ask("showsOurs", selector=CARD, text="Starting|Waiting|Running"))
        _until_usable(browser)
    return took


def _incumbent() -> str:
    """An interpreter whose JupyterLab has dask-labextension."""
    python = INCUMBENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(INCUMBENT)], check=True)
        packages = [
            "jupyterlab>=4.6,<5",
            "dask-labextension>=7",
            "dask[distributed]",
            "bokeh>=3.8.2",
        ]
        subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
    return str(python)


def _new_ours(browser: Browser) -> float:
    _wait_for_standby()
    begin = browser.ask("newOurs") / 1000
    return _until_usable(browser) - begin


def _wait_for_standby() -> None:
    """Nobody starts a cluster every two seconds: the next standby is warm by then."""
    from dasklab.registry import Registry

    deadline = time.monotonic() + 30
    while not any(Registry().standbys.glob("*.json")) and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(1)


def _until_usable(browser: Browser) -> float:
    browser.watch(CARD, r"Running.*?([1-9]\d*) of \1(?=\D)")
    usable = browser.take()
    stop_everything_but_standbys()
    browser.watch("#dasklab-panel", "No cluster is running")
    browser.take()
    return usable


def stop_everything_but_standbys() -> None:
    """Stop the clusters; the next launch finds its standby, as a user's next one does."""
    from dasklab.client import clusters

    for cluster in clusters():
        cluster.stop()


def _new_theirs(browser: Browser, server: Server) -> float:
    begin = browser.ask("newTheirs") / 1000
    browser.watch(".dask-ClusterListing-list, .dask-ClusterListingItem", "Number of Cores: [1-9]")
    took = browser.take() - begin
    for model in server.get("dask/clusters"):
        server.ask("DELETE", f"dask/clusters/{model['id']}")
    browser.watch("body", "Number of Cores", gone=True)
    browser.take()
    return took


Clicks = tuple[list[float], list[float]]
"""Seconds from a click to a cluster that works: ours, and the incumbent's."""


def _clicks(python: str) -> tuple[Clicks, Clicks]:
    """The first click in a session of servers that have just started, and the next one.

    The first is what a user's day begins with: the incumbent imports Dask into its server then.
    """
    first: Clicks = ([], [])
    later: Clicks = ([], [])
    for _ in range(ROUNDS):
        with (
            Server("lab") as server,
            Server("lab", python, DASK_DISTRIBUTED__SCHEDULER__DASHBOARD__LINK="") as other,
            Browser(f"{server.url}lab?token={server.token}") as browser,
            Browser(f"{other.url}lab?token={other.token}") as page,
        ):
            page.ask("openTheirs")
            browser.ask("openOurs")
            for ours, incumbents in (first, later):
                ours.append(_new_ours(browser))
                incumbents.append(_new_theirs(page, other))
        stop_everything()
    return first, later


def _shown(name: str, took: list[float]) -> Figure:
    middle, most = 1000 * statistics.median(took), 1000 * max(took)
    note = f"median {middle:.0f} ms, most {most:.0f} ms of {len(took)} launches"
    return Figure(name, 1000 * percentile(took, 0.95), 200, "ms", note=note)


def figures() -> Iterator[Figure]:
    """Latency of changes and launches (milliseconds), the way from a click to a cluster (ratio)."""
    python = _incumbent()
    with home():
        with Server("lab") as server, Browser(f"{server.url}lab?token={server.token}") as browser:
            browser.ask("openOurs")
            took = _visible_after(browser)
            yield Figure(
                "a change made elsewhere is in the panel, p95",
                1000 * percentile(took, 0.95),
                300,
                "ms",
                note=f"median {1000 * statistics.median(took):.0f} ms",
            )
            warm = _shown_after(browser, LAUNCHES, standby=True)
            yield _shown("New in the panel to a card that says it starts, p95", warm)
        stop_everything()
        with (
            Server("lab", DASK_DASKLAB__STANDBY__ENABLED="false") as server,
            Browser(f"{server.url}lab?token={server.token}") as browser,
        ):
            browser.ask("openOurs")
            cold = _shown_after(browser, LAUNCHES, standby=False)
            yield _shown("the same where no standby is kept, p95", cold)
        first, later = _clicks(python)
        stop_everything()
    mine, theirs = map(statistics.median, first)
    again, theirs_again = map(statistics.median, later)
    yield Figure(
        "New in the panel to a usable cluster, against labextension",
        mine / theirs,
        0.4,
        note=f"{mine:.2f} s against {theirs:.2f} s, the first of a session; "
        f"the next one {again:.2f} s against {theirs_again:.2f} s",
    )
