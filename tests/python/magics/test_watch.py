"""``%%dask`` where it is typed: with no cluster, in terminals, wrongly."""

from __future__ import annotations

from .conftest import Typist


def test_where_there_is_no_cluster(notebook: Typist) -> None:
    shown = notebook("%%dask\nx = 41 + 1")
    assert shown.error is None
    assert notebook.names["x"] == 42
    assert "No cluster of yours was used." in shown.displays[-1]["data"]["text/plain"]


def test_in_a_terminal_it_is_text(terminal: Typist) -> None:
    shown = terminal("%%dask\nx = 41 + 1")
    assert shown.out.endswith("No cluster of yours was used.\n")
    assert "<" not in shown.out


def test_bad_input(notebook: Typist) -> None:
    assert "no option --nonsense" in str(notebook("%%dask --nonsense\nx = 1").error)
    assert "x" not in notebook.names
    notebook("magic = get_ipython().run_cell_magic")
    assert "not the first line" in str(notebook("magic('dask', '', 'x = 1')").error)
    twice = notebook("%%dask\n%dask watch")
    assert "watched already" in str(twice.error)
    assert notebook("%%dask\n1").error is None, "and the next cell is an ordinary one"
