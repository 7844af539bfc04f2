"""The reader of a ``%dask`` line."""

from __future__ import annotations

import pytest

from dasklab.errors import UsageError
from dasklab.magics.commands import COMMANDS
from dasklab.magics.subcommands import START, SUBCOMMANDS
from dasklab.magics.usage import read, split, subcommand


def test_every_subcommand_has_a_function() -> None:
    assert COMMANDS.keys() == SUBCOMMANDS.keys()


@pytest.mark.parametrize(
    "text", ["local -n 4", "local -n4", "-n=4 local", "--n-workers 4 local", "local --workers=4"]
)
def test_ways_to_write_a_number_of_workers(text: str) -> None:
    line = read(START, split(text))
    assert line.words == ["local"]
    assert line.values == {"workers": "4"}


def test_negative_numbers_are_values() -> None:
    assert read(START, split("-n -2")).values == {"workers": "-2"}
    assert read(START, split("--adapt -1:4")).values == {"adapt": "-1:4"}
    assert read(SUBCOMMANDS["scale"], ["-3"]).words == ["-3"]


def test_options_of_a_deployment() -> None:
    text = (
        "local --memory-limit 2GiB --processes --no-wait --no-dashboard --threads-per-worker=2 "
        "--set name=x --environ A=1 --preload 'a b'"
    )
    line = read(START, split(text), ["processes", "dashboard"])
    assert line.others == [
        ("memory_limit", "2GiB"),
        ("processes", "true"),
        ("dashboard", "false"),
        ("threads_per_worker", "2"),
        ("name", "x"),
        ("environ", "A=1"),
        ("preload", "a b"),
    ]
    assert line.flags == {"no-wait"}
    assert line.words == ["local"]


def test_a_switch_takes_no_word_that_is_not_its_value() -> None:
    line = read(START, split("--processes local"), ["processes"])
    assert (line.words, line.others) == (["local"], [("processes", "true")])
    line = read(START, split("--processes off local"), ["processes"])
    assert (line.words, line.others) == (["local"], [("processes", "off")])


@pytest.mark.parametrize(
    ("command", "text", "message", "hint"),
    [
        ("scale", "2 --wiat", "no option --wiat", "Did you mean --wait?"),
        ("scale", "2 --wait=yes", "--wait takes no value", "Write:"),
        ("use", "", "needs a NAME", "Write:"),
        ("start", "-n", "-n needs a value", "Write:"),
        ("start", "--name --no-wait", "--name needs a value", "Write:"),
        ("start", "--set threads", "--set needs an option", "--set memory_limit=2GiB"),
        ("start", "local ssh", "'ssh'", "Write:"),
        ("logs", "-x", "no option -x", ""),
    ],
)
def test_what_makes_no_sense(command: str, text: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        read(SUBCOMMANDS[command], split(text))
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_an_open_quote() -> None:
    with pytest.raises(UsageError, match="closing quotation"):
        split("start 'x")


def test_the_nearest_subcommand() -> None:
    with pytest.raises(UsageError, match="Did you mean start"):
        subcommand("strat")
