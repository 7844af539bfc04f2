"""Plots by way of the kernel: a real kernel and cluster, and a page that is a double."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from dasklab.client.columns import Tables
from dasklab.errors import ClusterGone, HostUnreachable
from dasklab.widgets import relay as module
from dasklab.widgets.bundle import MIME
from dasklab.widgets.relay import Relay

from ..magics.kernels import Cell, Kernel

VIEW = "application/vnd.jupyter.widget-view+json"
WORK = "client.gather(client.map(lambda x: x, range({}), pure=False))[:0]"


@pytest.fixture
def ready(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    """A kernel of a notebook whose server has no dasklab, with a cluster."""
    monkeypatch.setenv("JPY_SESSION_NAME", "notebook.ipynb")
    monkeypatch.delenv("DASKLAB_BASE_URL", raising=False)
    with Kernel() as kernel:
        assert not kernel.run("%load_ext dasklab\n%dask start local -n 1").error
        yield kernel
        kernel.run("%dask stop --all")


class Page:
    """What the front end's side of the widget does; a double."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel, self.comm = kernel, ""
        self.tables, self.answers = Tables(), {}
        self.stream = -1

    def read(self, cell: Cell, *, credit: bool = True) -> None:
        """Take in what has come with a cell."""
        for opened in cell.of("comm_open"):
            if "_esm" in opened["data"].get("state", {}):
                self.comm = opened["comm_id"]
                self.state = opened["data"]["state"]
        for _, message in cell.messages:
            self._hear(message, credit)
        cell.messages.clear()

    def _hear(self, message: dict[str, Any], credit: bool = True) -> None:
        data = message["content"].get("data", {})
        if message["msg_type"] == "comm_msg" and data.get("method") == "custom":
            self._take(data["content"], message["buffers"], credit)

    def _take(self, content: dict[str, Any], buffers: list[memoryview], credit: bool) -> None:
        if "answer" in content:
            self.answers[content["answer"]] = content
        elif "stream" in content:
            if content["first"]:
                self.stream, self.tables = content["stream"], Tables()
            if content["stream"] == self.stream:
                self.tables.add(bytes(buffers[0]))
                if credit:
                    self.send({"credit": self.stream})

    def send(self, content: dict[str, Any]) -> None:
        """Say something to the kernel."""
        session = self.kernel.client.session
        data = {"comm_id": self.comm, "data": {"method": "custom", "content": content}}
        self.kernel.client.shell_channel.send(session.msg("comm_msg", data))

    def until(self, condition: Any) -> None:
        """Listen, whichever message of ours it names, until something holds."""
        deadline = time.monotonic() + 60
        while not condition():
            self._hear(self.kernel.client.get_iopub_msg(timeout=deadline - time.monotonic()))


def without_view(kernel: Kernel, cell: Cell) -> dict[str, Any]:
    """Listen until the plots are shown without the widget; what they are shown as."""
    deadline = time.monotonic() + 60
    messages = [message for _, message in cell.messages]
    while True:
        for message in messages:
            data = message["content"].get("data") or {}
            if MIME in data and VIEW not in data:
                return dict(data)
        messages = [kernel.client.get_iopub_msg(timeout=deadline - time.monotonic())]


def test_frames_come_while_the_kernel_is_busy_and_after(ready: Kernel) -> None:
    page = Page(ready)
    cell = ready.start("%dask plot task-stream memory\nimport time\n" + WORK.format(50) + "\n"
                       "end = time.time() + 4\nwhile time.time() < end: pass")  # fmt: skip
    # The page gets there late, when the stream has begun more than once.
    seen = ready.follow(cell)
    [output] = seen.shown.values()
    assert output["data"][VIEW]["model_id"]
    assert output["data"]["text/html"]
    assert output["data"][MIME]["cluster"]["name"] == "local-1"
    begun = [
        m["content"]["data"]["content"]
        for _, m in seen.messages
        if m["msg_type"] == "comm_msg" and m["content"]["data"].get("method") == "custom"
    ]
    assert len({each["stream"] for each in begun if each["first"]}) >= 2, "it stands for itself"
    page.read(seen)
    assert page.state["plots"] == ["task-stream", "memory"]
    assert len(page.tables.columns["tasks"]["start"]) == 50

    page.send({"hello": {"tables": [], "since": page.tables.place(), "seconds": None}})
    page.read(ready.run(WORK.format(30)))
    page.until(lambda: len(page.tables.columns["tasks"]["start"]) in (30, 80))

    page.send({"ask": "keys", "number": 7, "body": {"from": 0, "rows": 2}})
    page.send({"ask": "graph", "number": 8, "body": {"known": None}})
    page.send({"ask": "keys", "number": 9, "body": {}})
    page.until(lambda: {7, 8, 9} <= set(page.answers))
    assert len(page.answers[7]["value"]["keys"]) == 2
    assert "nodes" in page.answers[8]["value"]
    assert "error" in page.answers[9]

    # What is saved shows no widget when the cluster has ended.
    assert without_view(ready, ready.run("%dask stop"))["text/html"]


def test_a_page_without_widgets_gets_pictures(ready: Kernel) -> None:
    cell = ready.run("%dask plot memory", "plots")
    [output] = cell.shown.values()
    assert VIEW in output["data"]
    cell.messages.clear()
    assert without_view(ready, cell)["text/html"], "a page that does not answer has none"
    cell = ready.run("%dask plot memory")
    assert all(VIEW not in o["data"] for o in cell.shown.values()), "once is enough"


def test_a_cell_that_runs_again_leaves_its_widget(ready: Kernel) -> None:
    page = Page(ready)
    page.read(ready.run("%dask plot memory", "same"))
    first = page.comm
    again = ready.run("%dask plot memory", "same")
    assert first in [closed["comm_id"] for closed in again.of("comm_close")]


def test_the_configuration_decides(ready: Kernel) -> None:
    cell = ready.run("import dask\ndask.config.set({'dasklab.plots.widget': 'maybe'})\n%dask plot")
    assert "dasklab.plots.widget is 'maybe'" in cell.error + cell.text
    cell = ready.run("dask.config.set({'dasklab.plots.widget': False})\n%dask plot memory")
    assert not [o for o in cell.of("comm_open") if "_esm" in str(o)]
    assert all(VIEW not in o["data"] for o in cell.shown.values())


# -- the pace, with a cluster that is a double ------------------------------------------------------
class Telemetry:
    """Frames as fast as they are read; a double of a cluster's."""

    def __init__(self, frames: int, end: type[Exception] | None = None) -> None:
        self.frames, self.end, self.since = frames, end, []
        self.kept: list[bytes] = []

    async def stream(self, *, since: Any, seconds: Any) -> AsyncIterator[bytes]:
        self.since.append(since)
        if self.end is not None:
            raise self.end("gone")
        for number in range(self.frames):
            yield b"%05d" % number
            await asyncio.sleep(0)

    async def recorded(self) -> AsyncIterator[bytes]:
        for frame in self.kept:
            yield frame


def relayed(telemetry: Any, resting: float = 0.0) -> tuple[Relay, list[Any]]:
    """A relay, and what it sends."""
    sent: list[Any] = []
    relay = Relay(telemetry, lambda m, b: sent.append((m, b)), lambda: resting, 60.0)
    return relay, sent


async def settled(sent: list[Any], count: int) -> None:
    """Wait until so much was sent."""
    for _ in range(2_000):
        if len(sent) >= count:
            return
        await asyncio.sleep(0.005)
    raise AssertionError(f"Only {len(sent)} of {count}.")


async def all_of(telemetry: Any) -> list[Any]:
    """What is sent to a page that is never slow."""
    relay, sent = relayed(telemetry)
    relay.begin()
    while not sent or "closed" not in sent[-1][0]:
        await asyncio.sleep(0)
        relay.credit(1)
        relay.credit(2)
    return sent


def test_credits_set_the_pace() -> None:
    async def run() -> None:
        relay, sent = relayed(Telemetry(100))
        relay.begin()
        await settled(sent, module.FRAMES)
        assert relay.underway == 5 * module.FRAMES
        relay.credit(1)
        relay.credit(1)
        await settled(sent, module.FRAMES + 2)
        assert [m["first"] for m, _ in sent[:3]] == [True, False, False]
        relay.stop()

    asyncio.run(run())


def test_what_is_on_its_way_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLOW", 0.0)
    monkeypatch.setattr(module, "BYTES", 100)

    async def run() -> None:
        relay, sent = relayed(Telemetry(1_000))
        relay.begin()
        await settled(sent, 20)
        for _ in range(50):
            await asyncio.sleep(0)
        assert len(sent) == 20
        assert relay.underway == 100
        relay.credit(1)
        await settled(sent, 21)
        relay.stop()

    asyncio.run(run())


def test_it_begins_anew_for_a_page_that_came_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLOW", 0.01)
    monkeypatch.setattr(module, "ANEW", (0.05, 0.1))

    async def run() -> None:
        telemetry = Telemetry(10_000)
        relay, sent = relayed(telemetry)
        relay.begin({"run": "r"})
        while not any(m.get("stream") == 3 for m, _ in sent):
            await asyncio.sleep(0.01)
        assert telemetry.since == [{"run": "r"}, None, None], "a beginning stands for itself"
        relay.stop()

    asyncio.run(run())


def test_of_a_page_that_is_gone_nothing_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLOW", 0.0)
    monkeypatch.setattr(module, "ANEW", (0.01, 0.01))
    monkeypatch.setattr(module, "GONE_AFTER", 0.05)

    async def run() -> None:
        relay, sent = relayed(Telemetry(1_000_000), resting=1.0)
        relay.begin()
        before = -1
        while len(sent) != before:
            before = len(sent)
            await asyncio.sleep(0.2)
        relay.credit(10**6)
        await settled(sent, before + 1)
        relay.stop()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("end", "kept", "code"),
    [
        (None, [], 1000),
        (HostUnreachable, [], 1006),
        (ClusterGone, [], 4410),
        (ClusterGone, [b"a", b"b"], 1000),
    ],
)
def test_the_end_is_told(end: Any, kept: list[bytes], code: int) -> None:
    telemetry = Telemetry(3, end)
    telemetry.kept = kept
    *frames, (last, _) = asyncio.run(all_of(telemetry))
    assert last == {"closed": code}
    assert [buffer for _, [buffer] in frames] == (kept if end else [b"00000", b"00001", b"00002"])
