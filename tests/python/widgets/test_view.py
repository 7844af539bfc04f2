"""Progress as it is shown and saved."""

from __future__ import annotations

import re
from dataclasses import replace

from dasklab.widgets.state import Group, State, add_up
from dasklab.widgets.view import ROWS, headline, progress_html, progress_text

GROUPS = (
    Group("inc", 40, 40, nbytes=2_000_000, rate=20.0),
    Group("total", 4, 1, erred=1, retries=3, rate=1.0, left=2.0),
)


def state(*groups: Group, **changes: object) -> State:
    found = State(groups=groups, total=add_up("total", groups), elapsed=12.0)
    return replace(found, **changes)  # type: ignore[arg-type]


def test_while_it_runs() -> None:
    running = state(*GROUPS)
    running = replace(running, total=replace(running.total, left=2.5))
    line = "41 of 44 tasks · 93 % · 21.0/s · 2.5 s left · 1 failed · 3 run again"
    assert headline(running) == line
    html = progress_html(running)
    for part in ("inc", "40 / 40", "1.9 MiB", "20.0/s", "1 failed, 3 run again"):
        assert part in html
    assert "width:100.0%" in html


def test_ends() -> None:
    assert headline(state(GROUPS[0], end="done")) == "40 of 40 tasks · done in 12 s · 20.0/s"
    assert headline(state(*GROUPS, end="failed")).endswith("1 failed · 3 run again · after 12 s")
    gone = headline(state(*GROUPS, end="The scheduler has gone."))
    assert gone.startswith("The scheduler has gone. · 41 of 44 tasks")
    assert headline(State()) == "Waiting for the scheduler to get the tasks."
    assert headline(State(end="done")) == "Nothing was computed: done."
    assert headline(State(end="The client was closed.")) == "The client was closed."


def test_it_is_inert_and_hostile_text_is_text() -> None:
    bad = "<script>alert(1)</script>\x1b[31m"
    html = progress_html(state(Group(bad, 2, 1, erred=1), error=(bad, bad), end="failed"))
    assert "<script" not in html
    assert "\x1b" not in html
    assert "&lt;script&gt;" in html
    assert not re.search(r"\son\w+=|javascript:|<iframe|<object|<link|<style", html)
    assert "\x1b" not in progress_text(state(Group(bad, 2, 1), error=(bad, bad)))


def test_a_huge_exception_is_cut() -> None:
    html = progress_html(state(GROUPS[0], error=("k" * 10_000, "x" * 1_000_000), end="failed"))
    assert len(html) < 10_000


def test_readable_when_styles_are_stripped() -> None:
    html = re.sub(r' style="[^"]*"', "", progress_html(state(*GROUPS)))
    text = " ".join(re.sub(r"<[^>]+>", " ", html).split())
    assert "inc 40 / 40 20.0/s" in text
    assert "total 1 / 4" in text


def test_many_prefixes_become_one_row() -> None:
    groups = [Group(f"task-{number}", number + 1, 1) for number in range(50)]
    shown = state(*groups)
    html = progress_html(shown)
    assert html.count("<tr>") == ROWS + 2  # the head and the total
    assert f"{50 - ROWS + 1} more" in html
    assert "task-49" in html
    assert "task-1<" not in html
    assert len(progress_text(shown).splitlines()) == ROWS + 1


def test_text() -> None:
    assert progress_text(state(*GROUPS)).splitlines()[1:] == [
        "  inc    100 %  40 / 40  20.0/s              1.9 MiB",
        "  total   25 %    1 / 4   1.0/s  2.0 s left           1 failed, 3 run again",
    ]
