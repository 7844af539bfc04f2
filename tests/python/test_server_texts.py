from __future__ import annotations

from .server_texts import HEAD, PATH, call, collect, written


def test_translators_find_what_the_server_says() -> None:
    found = collect()
    text = PATH.read_text(encoding="utf-8")

    assert {"Memory per worker", "Importing Dask", "Grid Engine"} <= set(found["own"])
    assert text.startswith(HEAD + written("own")), "run python -m tests.python.server_texts"
    # Another distributed has other pages: what one of them lacks another may have.
    assert {call("Task Stream"), call("GPU Memory")} <= set(text.replace(",\n", "\n").split("\n"))
