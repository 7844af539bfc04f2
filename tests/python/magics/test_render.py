"""Cards and lists: right words, links under a prefix, hostile text as text."""

from __future__ import annotations

import re
import shlex
import time
from dataclasses import replace
from typing import Any

import pytest

from dasklab.client.listing import brief, list_html, list_text
from dasklab.client.pages import COMMON, choose_page
from dasklab.client.render import card_html, card_text, error_html, error_text
from dasklab.client.words import amount, duration, elsewhere, lease_sentence, line, plural, rate
from dasklab.errors import PageUnknown
from dasklab.magics.subcommands import SUBCOMMANDS
from dasklab.magics.usage import read
from dasklab.magics.why import why_text
from dasklab.model.explanation import Advice, Job
from dasklab.model.record import Phase

from ..support import make_record

NOW = 1_000_000.0
BAD = "<img src=x onerror=alert(1)>\x1b[31m\n\u202e"


def info(**changes: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "memory": {"used": 2**30, "limit": 4 * 2**30},
        "cores": 4,
        "can": ("scale", "dashboard"),
        "lease": {"idle": 3600, "deadline": NOW + 1500, "cause": "no-client", "pinned": False},
    }
    return make_record(**{**defaults, **changes}).to_wire()


def test_a_card() -> None:
    card = card_html(info(), base="/user/ada/", now=NOW)
    for part in (
        "local-1",
        "running",
        "1.0 GiB of 4.0 GiB",
        "tcp://127.0.0.1:40000",
        "Ends in 25 min",
        "unless a notebook connects",
        f'href="/user/ada/dasklab/dashboard/{"a" * 32}/status"',
        'data-commandlinker-command="dasklab:open-default-layout"',
        f"{{&quot;url&quot;: &quot;/user/ada/dasklab/dashboard/{'a' * 32}/status&quot;}}",
    ):
        assert part in card
    alone = card_html(info(), base=None, now=NOW)
    assert "href" not in alone
    assert "<button" not in alone
    text = card_text(info(), link="http://127.0.0.1:1/status", now=NOW)
    assert "Dashboard  http://127.0.0.1:1/status" in text
    assert "Dashboard" not in card_text(info(), now=NOW)


def test_the_way_to_another_machine_can_be_gone_as_it_is_said() -> None:
    record = make_record()
    assert record.host is not None
    files = {
        "tls_ca_file": "/home/ada/my state/ca.pem",
        "tls_client_cert": "/home/ada/cert.pem",
        "tls_client_key": "/home/ada/key.pem",
    }
    record = replace(
        record,
        host=replace(record.host, hostname="node1"),
        scheduler={"address": "tls://10.0.0.1:8786", "security": files},
    )
    hint = elsewhere(record)[1]
    use = read(SUBCOMMANDS["use"], shlex.split(hint.partition("%dask use ")[2]))

    assert use.words == ["tls://10.0.0.1:8786"]
    assert use.values == {"via": "ssh://node1", **files}
    plain = replace(record, scheduler={"address": "tcp://10.0.0.1:8786", "security": {}})
    assert elsewhere(plain)[1].endswith("%dask use tcp://10.0.0.1:8786 --via ssh://node1")


def test_phases() -> None:
    steps = (
        {"title": "Importing Dask", "state": "done", "started": NOW - 2, "finished": NOW - 1},
        {"title": "Starting the scheduler", "state": "active", "started": NOW - 1},
    )
    starting = {**info(phase=Phase.STARTING), "steps": steps}
    text = card_text(starting, now=NOW)
    assert "✓ Importing Dask 1.0 s" in text
    assert "… Starting the scheduler" in text
    assert "Cores" not in text
    reason = {"code": "x", "message": "It broke.", "hint": "Mend it.", "details": {"log": ["a b"]}}
    failed = card_html(info(phase=Phase.FAILED, reason=reason), base="/", now=NOW)
    for part in ("failed", "It broke.", "Mend it.", "a b"):
        assert part in failed
    assert "href" not in failed
    waiting = card_html(info(phase=Phase.WAITING, reason=reason), base="/", now=NOW)
    assert "It broke. Mend it." in waiting


def test_advice_says_what_the_reason_does_not() -> None:
    advice = tuple(
        Advice(f"c{n}", f"Finding {n}.", "Change it.", evidence=(BAD,)) for n in range(1, 6)
    )
    missing = {"wanted": 4, "running": 1}
    running = info(workers=missing, advice=advice)
    assert re.findall(r"Finding \d", card_text(running, now=NOW)) == [
        "Finding 1",
        "Finding 2",
        "Finding 3",
    ]
    reason = {"code": "c1", "message": "None is there. Finding 1.", "hint": "", "details": {}}
    waiting = info(phase=Phase.WAITING, reason=reason, workers=missing, advice=advice)
    assert re.findall(r"Finding \d", card_html(waiting, base="/", now=NOW)) == [
        "Finding 1",
        "Finding 2",
        "Finding 3",
    ]
    assert "Finding" not in card_text(info(phase=Phase.STOPPED, advice=advice), now=NOW)


def test_what_to_mind_is_said_also_when_it_runs() -> None:
    found = info(warnings=(Advice("w", f"No wall time {BAD}.", "Give one."),))
    for text in (card_text(found, now=NOW), card_html(found, base="/", now=NOW), why_text(found)):
        assert "To mind: No wall time" in text
        assert "Give one." in text
        assert "\x1b" not in text
    assert "To mind" not in card_text(info(phase=Phase.STOPPED, warnings=found["warnings"]))


def test_why() -> None:
    jobs = (Job("17", "pending", "Resources"), Job("18", "ended", "", "It failed at once."))
    found = info(
        workers={"wanted": 4, "running": 1},
        jobs=jobs,
        advice=(Advice("c", "It waits.", "Ask for less.", evidence=("a line", BAD)),),
    )
    text = why_text(found)
    assert text.splitlines()[:3] == [
        "local-1: workers: 1 of 4.",
        "It waits. Ask for less.",
        "    a line",
    ]
    assert "  job 17  pending: Resources" in text
    assert "  job 18  ended: It failed at once." in text
    assert "\x1b" not in text
    assert why_text(info()) == "local-1: 2 workers. None is missing."
    grouped = info(workers={"wanted": 2, "running": 2, "groups": {"gpu": 1}})
    assert why_text(grouped) == "local-1: 2 workers (1 gpu). None is missing."


def test_a_notebooks_own_cluster_says_what_it_is() -> None:
    own = {"deployment": "published", "origin": "kernel"}
    assert "LocalCluster, made in a notebook" in card_html(info(kind="LocalCluster", **own))
    assert "LocalCluster, made in a notebook" in card_text(info(kind="LocalCluster", **own))
    assert "  made in a notebook" in card_text(info(**own))


@pytest.mark.parametrize(
    ("workers", "words"),
    [
        ({"wanted": 2, "running": 2}, "2"),
        ({"wanted": 4, "running": 2}, "2 of 4"),
        ({"wanted": 1, "running": 3}, "3, going down to 1"),
        ({"wanted": 2, "running": 2, "minimum": 1, "maximum": 8}, "2 (adaptive, 1 to 8)"),
        ({"wanted": None, "running": 0}, "0"),
        ({"wanted": 3, "running": 1, "groups": {"gpu": 2, "big": 0}}, "1 of 3 (2 gpu)"),
        (
            {"wanted": 5, "running": 5, "minimum": 1, "maximum": 8, "groups": {"gpu": 2, "big": 1}},
            "5 (adaptive, 1 to 8; 2 gpu, 1 big)",
        ),
    ],
)
def test_workers(workers: dict[str, Any], words: str) -> None:
    [found] = re.findall(r"Workers +(.*)", card_text(info(workers=workers), now=NOW))
    assert found == words


def test_hostile_text_is_text() -> None:
    reason = {"code": BAD, "message": BAD, "hint": BAD, "details": {"log": [BAD, "</pre>"]}}
    for phase in Phase:
        bad = info(
            name=BAD,
            phase=phase,
            reason=reason,
            deployment=BAD,
            scheduler={"address": BAD},
            workers={"wanted": BAD, "running": BAD, "minimum": BAD, "maximum": BAD},
            memory={"used": BAD, "limit": BAD},
            lease={"deadline": BAD},
        )
        bad["steps"] = [{"title": BAD, "state": BAD, "started": BAD}]
        for html in (card_html(bad, base="/", now=NOW), list_html([bad], [reason], base="/")):
            assert "<img" not in html
            assert "</pre></pre>" not in html
            assert "\x1b" not in html
            assert "\u202e" not in html
            assert not re.search(r"<[^>]* on\w+=", html)
        for text in (card_text(bad, now=NOW), list_text([bad], [reason])):
            assert "\x1b" not in text
            assert "\u202e" not in text


def test_rubbish_does_not_fail() -> None:
    for value in (None, 3, "x", [], {"a": 1}):
        rubbish = dict.fromkeys(
            ("name", "phase", "workers", "memory", "lease", "reason", "scheduler", "steps"), value
        )
        if value == 3 or isinstance(value, str):
            rubbish["steps"] = []
        card_html(rubbish, base="/")
        card_text(rubbish)
        list_html([rubbish], [], base="/")
        list_text([rubbish])


def test_a_list() -> None:
    ended = {"code": "lease.idle", "message": "Its lease has ended.", "hint": "", "details": {}}
    infos = [
        info(id="b" * 32, name="mine"),
        info(name="kept", lease={"pinned": True}),
        info(id="c" * 32, name="stopped-by-user", phase=Phase.STOPPED),
        info(id="d" * 32, name="stopped-by-lease", phase=Phase.STOPPED, reason=ended),
    ]
    html = list_html(infos, [], "b" * 32, base="/x/", now=NOW)
    assert "▸" in html
    assert f'href="/x/dasklab/dashboard/{"b" * 32}/status"' in html
    assert "stopped-by-user" not in html
    assert "Its lease has ended." in html
    assert "stopped-by-user" in list_html(infos, [], base="/x/", now=NOW, recent=10)
    rows = list_text(infos, [], "b" * 32, now=NOW).splitlines()
    assert rows[1].startswith("▸  mine")
    assert rows[1].endswith("25 min")
    assert rows[2].endswith("kept")
    assert "%dask start local -n 2" in list_html([], [])


def test_brief_has_all_that_a_list_shows() -> None:
    record = make_record(memory={"limit": 5}, lease={"pinned": True})
    assert list_html([brief(record)], base="/") == list_html([record.to_wire()], base="/")
    assert list_text([brief(record)]) == list_text([record.to_wire()])


def test_errors() -> None:
    one = {"message": "It is wrong.", "hint": "Do better.", "details": {}}
    assert error_text(one) == "It is wrong.\nDo better."
    assert "Do better." in error_html(one)
    many = {
        "message": "a b",
        "hint": "",
        "details": {"errors": [{"message": "a"}, {"message": "b"}]},
    }
    assert error_text(many).splitlines() == ["2 options are wrong:", "  a", "  b"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0.0 s"),
        (0.24, "0.2 s"),
        (9.94, "9.9 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (90, "1 min 30 s"),
        (1500, "25 min"),
        (3599, "60 min"),
        (3600, "1 h"),
        (5400, "1 h 30 min"),
        (86_400 * 7, "7 d"),
        (86_400 + 3 * 3600, "1 d 3 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_words() -> None:
    assert [amount(n) for n in (0, 999, 1000, 2**20, 1.5 * 2**30)] == [
        "0 B",
        "999 B",
        "1.0 kiB",
        "1.0 MiB",
        "1.5 GiB",
    ]
    assert amount("x") == amount(float("nan")) == amount(-1) == "?"
    assert [rate(r) for r in (0.05, 0.5, 12.34, 1234.5)] == [
        "3.0/min",
        "0.5/s",
        "12.3/s",
        "1,234/s",
    ]
    assert plural(1, "worker") + plural(2, "worker") == "1 worker2 workers"
    assert line("a\n b\x1b[0m\t c" + "x" * 300, 20) == "a b cxxxxxxxxxxxxxx…"


def test_leases() -> None:
    now = time.time()
    assert lease_sentence({}, now) == ""
    assert lease_sentence({"pinned": True}, now) == "Kept: no lease ends it"
    assert lease_sentence({"idle": 5, "deadline": None}, now) == "In use"
    assert lease_sentence({"idle": None}, now) == "No limits"
    in_use = lease_sentence({"deadline": now + 7 * 86_400, "cause": "max-age"}, now)
    assert in_use.startswith("In use; ends in 7 d")


def test_pages() -> None:
    pages = {**COMMON, "individual-task-stream": "Task Stream", "individual-workers": "Workers"}
    for word in (
        "task-stream",
        "Task Stream",
        "task_stream",
        "taskstream",
        "/individual-task-stream",
    ):
        assert choose_page(word, pages) == "individual-task-stream"
    assert choose_page("workers", pages) == "workers", "a whole page goes before a plot"
    with pytest.raises(PageUnknown, match="task-stream"):
        choose_page("taks-stream", pages)
    with pytest.raises(PageUnknown, match=r"There are: .*tasks, workers\.$"):
        choose_page("zzzzzz", pages)
