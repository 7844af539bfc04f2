"""The fixed texts that the server hands to the page, for translators to find.

jupyterlab-translate reads calls of ``trans.__`` in TypeScript, so that is what is written: a file
that nothing imports. ``python -m tests.python.server_texts`` writes it anew, and a test compares.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dasklab.deployments import load
from dasklab.server.pages import MAIN, _plots

ROOT = Path(__file__).parents[2]
PATH = ROOT / "labextension" / "server-texts.ts"
SOURCE = ROOT / "python" / "dasklab"

HEAD = """\
/**
 * The fixed texts of the server: titles and help of options, deployments, steps and pages. Nothing
 * imports this file. It is here because translations are made of what stands in `trans.__`, and it
 * is generated: `python -m tests.python.server_texts`.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

"""

LISTS = {
    "own": "export const own = (trans: TranslationBundle): string[] => [\n",
    "pages": "/** Titles of the dashboard's pages, as Dask has them. */\n"
    "export const pages = (trans: TranslationBundle): string[] => [\n",
}

STEPS = {"Checkpoint": 1, "Step": 1, "step": 1}
"""What begins a step, by which argument its title is."""

PLACEHOLDER = re.compile(r"%[%\d]")
"""Not looked up by the page, see ``src/ui/server-words.ts``."""


def _of_options(rule: Any) -> Iterator[str]:
    """The words of a JSON Schema that a form shows."""
    if isinstance(rule, list):
        for each in rule:
            yield from _of_options(each)
    elif isinstance(rule, dict):
        for word in ("title", "description", "x-group", "x-unit"):
            if isinstance(rule.get(word), str):
                yield rule[word]
        for part in ("properties", "patternProperties"):
            yield from _of_options(list(rule.get(part, {}).values()))
        for part in ("items", "additionalProperties", "oneOf", "anyOf", "allOf"):
            yield from _of_options(rule.get(part))


def _of_deployments() -> Iterator[str]:
    for cls in load().values():
        yield from (cls.title, cls.description, cls.takes.why)
        yield from _of_options(cls.options)


def _of_steps() -> Iterator[str]:
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                for title in node.args[STEPS[name] :][:1] if name in STEPS else ():
                    if isinstance(title, ast.Constant) and isinstance(title.value, str):
                        yield title.value


def _of_pages() -> Iterator[str]:
    """They are those of the distributed that is installed."""
    from distributed.dashboard.scheduler import applications

    yield from MAIN.values()
    paths = [path for path in applications if path.startswith("/individual-")]
    plots = {path[1:].replace("-", " ").title(): path for path in paths}
    for page in _plots(plots):
        yield page["title"]


def collect() -> dict[str, list[str]]:
    """Ours and the pages', each once, in order."""
    own = {*_of_deployments(), *_of_steps()} - {""}
    pages = set(_of_pages()) - own
    return {
        name: sorted(text for text in found if not PLACEHOLDER.search(text))
        for name, found in (("own", own), ("pages", pages))
    }


def call(text: str) -> str:
    """A line of the file."""
    return f"  trans.__({json.dumps(text, ensure_ascii=False)})"


def written(name: str) -> str:
    """What belongs into the file of that list."""
    return LISTS[name] + ",\n".join(map(call, collect()[name])) + "\n];\n"


if __name__ == "__main__":
    PATH.write_text(HEAD + "\n".join(map(written, LISTS)), encoding="utf-8")
