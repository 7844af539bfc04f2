"""What a host has left is read as what it had."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dasklab.client.columns import gather
from dasklab.telemetry.frames import decode, split
from dasklab.telemetry.history import History
from dasklab.telemetry.restoring import restore
from dasklab.telemetry.views import Hello, View

from .doubles import NOW, answer, row

RUN = Path(__file__).parents[2] / "fixtures" / "telemetry" / "run.frames"


def content(frames: Iterable[bytes]) -> dict[str, str]:
    found = gather(list(frames))
    names = ("columns", "names", "events", "totals", "progress", "groups", "end", "cursor")
    return {name: repr(getattr(found, name)) for name in names}  # NaN is not itself


def test_nothing_of_it_is_lost() -> None:
    frames = list(split(RUN.read_bytes()))
    history, left = restore(frames)
    assert left == decode(frames[-1])[0]["time"]
    assert content(iter(View(history, Hello(), left=left).next, None)) == content(frames)
    assert restore([])[1] == 0


def test_its_last_minute_comes_first_however_long_ago_that_was() -> None:
    history = History()
    for begin in range(0, 120_000, 20_000):
        made = [row((begin + place) / 100) for place in range(20_000)]
        history.take(answer(made, since=history.since, time=NOW + 2_000))
    history.finish("stopped", "by you")
    left = NOW + 1_200
    kept = list(iter(View(history, Hello(), left=left).next, None))
    again, when = restore(kept)
    frames = list(iter(View(again, Hello(recent=60), left=when).next, None))
    headers = [decode(frame)[0] for frame in frames]

    first = headers[0]["tables"]["tasks"]["cursor"]
    assert headers[0]["older"] == {"tasks": first}
    assert 60_000 < first < 114_000
    assert {header["time"] for header in headers} == {left}
    assert [header["end"] is None for header in headers] == [True] * (len(headers) - 1) + [False]
    assert sum(header["tables"]["tasks"]["rows"] for header in headers) == 120_000
