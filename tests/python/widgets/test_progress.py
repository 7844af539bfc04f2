"""``dasklab.progress`` in scripts: what can be watched, and every way in which it ends."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from dasklab.errors import InputError
from dasklab.widgets import progress, watching

from ..support import wait_for

GATE = threading.Event()


def gated(x: int) -> int:
    GATE.wait(20)
    return x


def fail(x: int) -> int:
    raise ValueError("no <b>seven</b>")


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """All states that are shown, and a view that does not make the caller wait."""
    states: list[Any] = []

    class Quiet:
        waits = False

        def draw(self, state: Any) -> None:
            states.append(state)

        close = draw

    monkeypatch.setattr(watching, "choose_view", lambda shell: Quiet())
    GATE.clear()
    yield states
    GATE.set()


def test_futures_and_collections_however_nested(client: Any, capsys: Any) -> None:
    import dask
    import dask.array as da

    array = da.ones((100, 100), chunks=(10, 100)).persist()
    futures = client.map(abs, range(5))
    value = dask.delayed(sum)([1, 2], dask_key_name="sum-0").persist()
    watched = progress({"a": [array, futures], "b": (value,)})
    assert watched.done
    assert watched.state.total.done == 16
    assert "16 of 16 tasks" in capsys.readouterr().out
    assert repr(watched).startswith("<progress: 16 of 16 tasks · done in")
    assert progress(array, futures).state.total.done == 15
    capsys.readouterr()


@pytest.mark.parametrize("nothing", [[], 3, "x", {"a": None}])
def test_nothing_to_watch(client: Any, nothing: Any) -> None:
    with pytest.raises(InputError, match="holds no futures"):
        progress(nothing)


def test_work_that_was_not_begun(client: Any) -> None:
    import dask

    with pytest.raises(InputError, match=r"\.persist\(\)"):
        progress(dask.delayed(sum)([1]))


def test_futures_that_were_cancelled_before(client: Any, shown: list[Any]) -> None:
    future = client.submit(gated, 1, key="x-1")
    future.cancel()
    assert progress(future).wait(10)
    assert shown[-1].end == "cancelled"


def test_futures_that_nobody_keeps(client: Any, shown: list[Any]) -> None:
    watched = progress(client.map(gated, range(3)))
    assert watched.wait(10)
    assert shown[-1].end == "cancelled", "watching does not keep them"


def test_failures_in_a_log(client: Any, capsys: Any) -> None:
    watched = progress(client.map(fail, range(3), key=[f"fail-{n}" for n in range(3)]))
    assert watched.state.end == "failed"
    assert watched.state.total.erred == 3
    out = capsys.readouterr().out
    assert "0 of 3 tasks · 3 failed" in out
    assert "ValueError('no <b>seven</b>')" in out


def test_cancelled_on_the_way(client: Any, shown: list[Any]) -> None:
    futures = client.map(gated, range(6))
    watched = progress(futures)
    wait_for(lambda: watched.state.total.total == 6)
    client.cancel(futures)
    assert watched.wait(10)
    assert shown[-1].end == "cancelled"


def test_the_client_is_closed(cluster: Any, shown: list[Any]) -> None:
    from distributed import Client

    client = Client(cluster)
    futures = client.map(gated, range(6))
    watched = progress(futures)
    wait_for(lambda: watched.state.total.total == 6)
    client.close()
    assert watched.wait(10)
    assert shown[-1].end == "The client was closed."


def test_the_scheduler_dies(
    shown: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from distributed import Client

    code = (
        "import asyncio, sys\n"
        "from distributed import Scheduler\n"
        "async def main():\n"
        "    async with Scheduler(host='127.0.0.1', port=0, dashboard_address=':0') as s:\n"
        "        print(s.address, flush=True)\n"
        "        await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    monkeypatch.setenv("DASK_TEMPORARY_DIRECTORY", str(tmp_path))
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    assert process.stdout
    with Client(process.stdout.readline().strip()) as client:
        futures = client.map(abs, range(6))
        watched = progress(futures)
        wait_for(lambda: watched.state.total.total == 6)
        process.kill()
        process.communicate()
        assert watched.wait(20)
    assert shown[-1].end == "The scheduler has gone."
    assert shown[-1].total.total == 6, "the last state stays"


def test_stopping_to_watch(client: Any, shown: list[Any]) -> None:
    futures = client.map(gated, range(4))
    watched = progress(futures)
    wait_for(lambda: watched.state.total.total == 4)
    assert not watched.wait(0.01)
    watched.stop()
    assert watched.done
    assert shown[-1].end == "No longer watched."
    GATE.set()
    assert client.gather(futures) == [0, 1, 2, 3]
    plugins = client.cluster.scheduler.plugins
    wait_for(lambda: not [name for name in plugins if name.startswith("dasklab")])


def test_watching_keeps_no_data_alive(client: Any, shown: list[Any]) -> None:
    futures = client.map(bytes, [1000, 1001])
    watched = progress(futures)
    assert watched.wait(10)
    del futures
    wait_for(lambda: not client.cluster.scheduler.tasks)
    assert shown[-1].end == "done"


def test_states_are_drawn_seldom(client: Any, shown: list[Any]) -> None:
    import time

    def slow(x: int) -> int:
        time.sleep(0.01)
        return x

    futures = client.map(slow, range(200))
    watched = progress(futures)
    begun = time.monotonic()
    assert watched.wait(30)
    span = time.monotonic() - begun
    assert 2 <= len(shown) <= 2 + span * 5
    assert shown[-1].total.done == len(futures)
