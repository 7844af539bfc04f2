"""Saved outputs where nothing of ours runs: nbconvert, as it is and with everything sanitized."""

from __future__ import annotations

import html
import re

import nbformat
import pytest
from nbconvert import HTMLExporter

from dasklab.widgets.bundle import MIME, STRIP, payload
from dasklab.widgets.pictures import PICTURES, TITLES
from dasklab.widgets.run import cut
from dasklab.widgets.strip import plots_html, strip_html
from dasklab.widgets.summary import summarise

from .tables import ANSWERS, BASE, made_up

IMAGE = r'<img[^>]* src="(data:image/svg\+xml;base64,[^"]+)"'
WORDS = r'<img[^>]* alt="([^"]+)"'


def saved() -> list[tuple[str, str]]:
    """The HTML of a strip and of all plots."""
    run = cut(made_up(), BASE, BASE + 10)
    run.answers = ANSWERS
    return [
        ("strip", strip_html(run, summarise(run), end="done", cluster="c1")),
        ("plots", plots_html(run, PICTURES, title="The last minute", cluster="c1")),
    ]


def page(*, sanitized: bool) -> str:
    """What nbconvert makes of a notebook with both."""
    run = cut(made_up(), BASE, BASE + 10)
    outputs = [
        nbformat.v4.new_output(
            "display_data",
            {"text/html": text, "text/plain": "as text", MIME: payload(kind, STRIP, run=run)},
        )
        for kind, text in saved()
    ]
    cell = nbformat.v4.new_code_cell("%%dask", outputs=outputs)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    return HTMLExporter(sanitize_html=sanitized).from_notebook_node(notebook)[0]


def all_of(pattern: str) -> list[str]:
    found = [match for _, text in saved() for match in re.findall(pattern, text)]
    assert len(found) == 5 + len(PICTURES)
    return found


@pytest.mark.parametrize("sanitized", [False, True])
def test_a_page_says_what_happened(sanitized: bool) -> None:
    found = html.unescape(page(sanitized=sanitized))
    for words in ("400 tasks", "The last minute", *TITLES.values()):
        assert words in found
    # Where images are taken out, each is still told in words.
    for words in all_of(WORDS):
        assert html.unescape(words) in found
    assert "as text" not in found, "nobody falls back to what a terminal shows"


def test_a_page_has_every_picture() -> None:
    assert re.findall(IMAGE, page(sanitized=False)) == all_of(IMAGE)
