"""Views: a reader gets everything once, in order, whenever it comes and however slowly it reads."""

from __future__ import annotations

import math
from typing import Any

import pytest

from dasklab.telemetry.frames import FRAME_ROWS, decode
from dasklab.telemetry.history import GONE, History, Settings
from dasklab.telemetry.views import PARTS, Hello, View, read_hello

from .doubles import KIND, LANE, NOW, WORKER, answer, row, sample


class Reader:
    """Puts frames together, as a browser does."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.headers: list[dict[str, Any]] = []
        self.starts: list[float] = []
        self.next = {"tasks": 0, "workers": 0, "cluster": 0, "transfers": 0}
        self.names: dict[str, list[Any]] = {"lanes": [], "kinds": [], "workers": []}
        self.events: list[Any] = []
        self.largest = 0

    def read(self) -> int:
        """Read all there is; how many frames there were."""
        count = 0
        while (frame := self.view.next()) is not None:
            count += 1
            self.largest = max(self.largest, len(frame))
            header, tables = decode(frame)
            assert header["seq"] == len(self.headers)
            for name, found in header["dictionaries"].items():
                assert found["from"] == len(self.names[name])
                self.names[name] += found["items"]
            for name, entry in header["tables"].items():
                assert entry["cursor"] >= self.next[name]
                self.next[name] = entry["cursor"] + entry["rows"]
            if "tasks" in tables:
                columns = tables["tasks"]
                base = header["tables"]["tasks"]["base"]
                self.starts += [round(base + start - NOW, 3) for start in columns["start"]]
                # Rows never come before the names that they use.
                assert max(columns["kind"], default=-1) < len(self.names["kinds"])
                assert max(columns["lane"], default=-1) < len(self.names["lanes"])
            self.events += header["events"]
            self.headers.append(header)
        return count

    @property
    def since(self) -> dict[str, Any]:
        """Where this reader is, as it would say in a hello."""
        return {
            "run": self.headers[-1]["run"],
            **self.next,
            "events": len(self.events),
            "dictionaries": {name: len(items) for name, items in self.names.items()},
        }


def filled(rows: int, settings: Settings | None = None, batch: int = 1_000) -> History:
    history = History(settings)
    grow(history, rows, batch)
    return history


def grow(history: History, rows: int, batch: int = 1_000) -> None:
    end = history.tasks.end
    for begin in range(end, end + rows, batch):
        count = min(batch, end + rows - begin)
        made = [row((begin + place) / 1_000) for place in range(count)]
        history.take(answer(made, since=history.since, time=NOW + 10**6))


def test_all_there_is_and_then_what_is_new() -> None:
    history = filled(3)
    reader = Reader(View(history, Hello()))

    assert reader.read() == 1
    assert reader.starts == [0, 0.001, 0.002]
    assert reader.headers[0]["snapshot"] is True
    assert reader.headers[0]["more"] is False
    assert reader.read() == 0
    grow(history, 2)
    assert reader.read() == 1
    assert reader.headers[1]["snapshot"] is False
    assert reader.headers[1]["tables"]["tasks"]["cursor"] == 3
    assert reader.headers[1]["dictionaries"] == {}
    assert len(reader.starts) == 5


def test_an_empty_history_has_a_first_frame() -> None:
    reader = Reader(View(History(), Hello()))

    assert reader.read() == 1
    header = reader.headers[0]
    assert (header["snapshot"], header["more"], header["end"]) == (True, False, None)
    assert header["dictionaries"]["lanes"] == {"from": 0, "items": []}


def test_frames_of_a_long_history_are_of_bounded_size() -> None:
    history = filled(120_000, batch=20_000)
    reader = Reader(View(history, Hello()))

    assert reader.read() >= 120_000 / FRAME_ROWS
    assert len(reader.starts) == 120_000
    assert reader.starts == sorted(reader.starts)
    assert reader.largest < 1_000_000
    assert [header["more"] for header in reader.headers] == [True] * (len(reader.headers) - 1) + [
        False
    ]


def test_ten_thousand_hostile_prefixes_are_in_frames_of_bounded_size() -> None:
    history = History()
    kinds = [{**KIND, "prefix": f"{number:05}" + "\u00e9" * 190} for number in range(10_000)]
    names = {"lanes": [LANE], "kinds": kinds, "workers": [WORKER]}
    history.take(answer([row(1, kind=9_999)], names=names))
    reader = Reader(View(history, Hello()))
    reader.read()

    assert len(reader.names["kinds"]) == 10_000
    assert reader.largest < 1_000_000
    assert reader.starts == [1]


def test_who_was_cut_off_goes_on_without_gap_or_repetition() -> None:
    history = filled(70_000, batch=10_000)
    history.note(NOW, "scale", "one")
    first = Reader(View(history, Hello()))
    first.read()
    grow(history, 5_000)
    history.note(NOW, "scale", "two")
    history.take(answer(since=history.since, samples=[sample(NOW)]))
    second = Reader(View(history, Hello(since=first.since)))
    second.names = {name: list(items) for name, items in first.names.items()}
    second.next = dict(first.next)
    second.read()

    assert first.starts + second.starts == [number / 1_000 for number in range(75_000)]
    assert [event["text"] for event in first.events + second.events] == ["one", "two"]
    assert second.headers[0]["snapshot"] is False
    assert second.next["workers"] == 1


def test_who_comes_from_another_history_gets_all_of_this_one() -> None:
    history = filled(10)
    since = {"run": "another", "tasks": 5, "dictionaries": {"lanes": 1}}
    reader = Reader(View(history, Hello(since=since)))
    reader.read()

    assert len(reader.starts) == 10
    assert reader.headers[0]["snapshot"] is True


def test_who_reads_too_slowly_is_told_what_is_gone() -> None:
    history = filled(1_000, Settings(tasks=10_000))
    reader = Reader(View(history, Hello()))
    reader.read()
    grow(history, 50_000)
    reader.read()

    dropped = reader.headers[-1]["tables"]["tasks"]["dropped"]
    assert dropped == history.tasks.first > 1_000
    assert len(reader.starts) == 1_000 + len(history.tasks)
    assert reader.next["tasks"] == history.tasks.end == 51_000


def test_a_view_holds_no_rows() -> None:
    history = filled(10)
    view = View(history, Hello())
    view.next()
    grow(history, 10_000)

    assert not any(isinstance(value, (bytes, bytearray)) for value in vars(view).values())


def test_only_what_was_asked_for() -> None:
    history = filled(10)
    history.note(NOW, "scale", "one")
    history.take(answer(since=history.since, samples=[sample(NOW)], progress={"inc": {}}))
    reader = Reader(View(history, Hello(tables=("cluster", "events"))))
    reader.read()

    assert set(reader.headers[0]["tables"]) == {"cluster"}
    assert reader.headers[0]["progress"] == {}
    assert len(reader.events) == 1


def test_only_the_last_minutes_where_no_more_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    history = History(Settings(tasks=8_000))
    for start in range(0, 100_000, 100):
        history.take(answer([row(start)], since=history.since, time=NOW + start + 1))
    monkeypatch.setattr("time.time", lambda: NOW + 100_000)
    reader = Reader(View(history, Hello(seconds=3_600)))
    reader.read()

    assert reader.starts[0] <= 96_400
    assert 36 <= len(reader.starts) < 200
    nobody = Reader(View(history, Hello(seconds=0)))
    nobody.read()
    assert nobody.starts == []


def test_the_last_minute_of_a_long_history_comes_first_and_then_what_is_older(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history = History()
    for begin in range(0, 3_000, 10):
        history.take(
            answer(
                [row(begin + place) for place in range(10)],
                since=history.since,
                samples=[sample(NOW + begin)],
                time=NOW + begin + 11,
            )
        )
    monkeypatch.setattr("time.time", lambda: NOW + 3_000)
    view = View(history, Hello(recent=60))
    frames: list[tuple[dict[str, Any], int, int]] = []

    def read() -> dict[str, Any]:
        header, _ = decode(view.next() or b"")
        entry = header["tables"]["tasks"]
        frames.append((header, entry["cursor"], entry["cursor"] + entry["rows"]))
        return header

    header = read()
    first = frames[0][1]
    assert 0 < first <= 2_940
    assert header["older"] == {"tasks": first}  # samples lie in one block
    while frames[-1][2] < 3_000:
        read()
    # What is new meanwhile does not wait for what is old, which then goes on.
    history.take(answer([row(3_000)], since=history.since, time=NOW + 3_001))
    header = read()
    assert frames[-1][1:] == (3_000, 3_001)
    assert header["more"] is False
    history.finish("stopped", "by you")
    while header.get("older"):
        header = read()
        assert (header["end"] is None) == bool(header["older"])
    assert view.ended
    rows = sorted((begin, end) for _, begin, end in frames if end > begin)
    assert [begin for begin, _ in rows] == [0, *(end for _, end in rows[:-1])]
    assert rows[-1][1] == 3_001
    assert [frame["seq"] for frame, *_ in frames] == list(range(len(frames)))


def test_older_rows_that_have_gone_before_they_were_sent_end_the_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    history = filled(20_000, Settings(tasks=20_000), batch=20_000)
    monkeypatch.setattr("time.time", lambda: NOW + 25)
    view = View(history, Hello(tables=("tasks",), recent=1))
    assert decode(view.next() or b"")[0]["older"]["tasks"] > 0
    grow(history, 100_000, batch=20_000)
    cursors = []
    while (frame := view.next()) is not None:
        header, _ = decode(frame)
        if "tasks" in header["tables"]:
            cursors.append(header["tables"]["tasks"]["cursor"])
    assert min(cursors) >= history.tasks.first
    assert header.get("older", {}) == {}


def test_who_was_here_before_is_not_told_what_is_older() -> None:
    history = filled(10)
    reader = Reader(View(history, Hello()))
    reader.read()
    grow(history, 2)
    again = View(history, Hello(since=reader.since, recent=0))
    header, _ = decode(again.next() or b"")
    assert header["tables"]["tasks"]["cursor"] == 10
    assert "older" not in header


def test_groups_come_and_go_and_a_late_reader_begins_anew() -> None:
    history = History()
    history.take(answer(groups={"inc-1": {"prefix": "inc", "memory": 1}}))
    reader = Reader(View(history, Hello()))
    reader.read()
    late = Reader(View(history, Hello()))
    late.read()
    history.take(answer(since=history.since, groups={"inc-2": {"prefix": "inc", "memory": 2}}))
    reader.read()
    for number in range(GONE + 1):
        groups = {f"dec-{number}": {"prefix": "dec", "memory": 1}}
        history.take(answer(since=history.since, groups=groups))
    late.read()

    assert [header["groups"] for header in reader.headers] == [
        {"whole": True, "items": {"inc-1": {"prefix": "inc", "memory": 1}}},
        {"whole": False, "items": {"inc-1": None, "inc-2": {"prefix": "inc", "memory": 2}}},
    ]
    assert late.headers[-1]["groups"] == {"whole": True, "items": groups}
    assert len(history.groups) <= GONE + 1


def test_progress_comes_once_and_when_it_changed() -> None:
    history = History()
    history.take(answer(progress={"inc": {"memory": 1}, "dec": {"memory": 2}}))
    view = View(history, Hello())
    reader = Reader(view)
    reader.read()
    progress = {"inc": {"memory": 5}, "dec": {"memory": 2}}
    history.take(answer(since=history.since, progress=progress))
    reader.read()

    assert set(reader.headers[0]["progress"]) == {"inc", "dec"}
    assert reader.headers[1]["progress"] == {"inc": {"memory": 5}}


def test_the_end_comes_last_and_once() -> None:
    history = filled(120_000, batch=20_000)
    view = View(history, Hello())
    reader = Reader(view)
    history.finish("lost", "Its host was killed.")
    reader.read()

    assert [header["end"] for header in reader.headers[:-1]] == [None] * (len(reader.headers) - 1)
    assert reader.headers[-1]["end"] == {"phase": "lost", "reason": "Its host was killed."}
    assert view.ended
    assert view.next() is None
    late = Reader(View(history, Hello()))
    late.read()
    assert late.headers[-1]["end"]["phase"] == "lost"


@pytest.mark.parametrize(
    "hello",
    [
        None,
        [],
        {"tables": "tasks"},
        {"tables": [1]},
        {"since": 3},
        {"seconds": -1},
        {"seconds": math.nan},
        {"seconds": "60"},
    ],
)
def test_a_hello_that_is_none(hello: Any) -> None:
    with pytest.raises(ValueError, match="a|is"):
        read_hello(hello)


@pytest.mark.parametrize("value", [-1, 1.5, "3", None, True, [1]])
def test_a_place_that_is_none(value: Any) -> None:
    history = filled(1)
    with pytest.raises(ValueError, match="since"):
        View(history, Hello(since={"run": history.run, "tasks": value}))


def test_tables_of_another_version_are_left_out() -> None:
    assert read_hello({"tables": ["tasks", "moons"]}).tables == ("tasks",)
    assert read_hello({}).tables == PARTS


def test_a_place_in_the_future_waits_for_it() -> None:
    history = filled(5)
    since = {"run": history.run, "tasks": 10**12, "dictionaries": {"lanes": 10**9}}
    reader = Reader(View(history, Hello(since=since)))
    reader.next["tasks"] = 0
    reader.names["lanes"] = [LANE]
    reader.names["kinds"] = []

    frame = reader.view.next()
    assert frame is not None
    assert decode(frame)[0]["tables"]["tasks"]["rows"] == 0
