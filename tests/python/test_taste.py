"""What no linter of ours says: sizes, names, and where everything is caught."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path

import pytest

import dasklab

from . import conftest
from .support import SOURCE

ROOT = SOURCE.parents[1]
PYTHON = sorted(path for path in SOURCE.rglob("*.py") if path.name != "_version.py")
LIMIT = 400

LONGER = {
    # Each with its reason and its size: a file here may become shorter, not longer.
}

CATCH_ALL = {
    # Where foreign code is called and we must go on; CONTRIBUTING.md names each file.
    "deployments/__init__.py": 3,
    "deployments/_cluster.py": 1,
    "deployments/_remote.py": 1,
    "deployments/_wrapped.py": 1,
    "deployments/any_class.py": 1,
    "deployments/discovering.py": 1,
    "deployments/local.py": 1,
    "host/explaining.py": 1,
    "host/host.py": 3,
    "host/minding.py": 1,
    "host/sampler.py": 1,
    "host/serving.py": 2,
    "host/telemetry.py": 1,
    "host/undoing.py": 2,
    "host/warden.py": 1,
    "imports.py": 1,
    "links.py": 1,
    "magics/completion.py": 1,
    "magics/session.py": 2,
    "magics/starting.py": 1,
    "magics/warmth.py": 1,
    "processes.py": 1,
    "server/watcher.py": 1,
    "widgets/watching.py": 1,
}


def name_of(path: Path) -> str:
    return str(path.relative_to(SOURCE))


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_too_long() -> None:
    long = {
        name_of(path): lines(path)
        for path in PYTHON
        if lines(path) > LONGER.get(name_of(path), (LIMIT, ""))[0]
    }

    assert long == {}


def test_no_exception_from_the_limit_is_out_of_date() -> None:
    short = [
        name
        for name in LONGER
        if not (SOURCE / name).exists()
        or len((SOURCE / name).read_text(encoding="utf-8").splitlines()) <= LIMIT
    ]

    assert short == [], "they fit: take them off the list"


def test_no_typescript_file_is_too_long() -> None:
    long = {path.name: lines(path) for path in (ROOT / "src").rglob("*.ts*") if lines(path) > LIMIT}

    assert long == {}


def caught(tree: ast.AST) -> list[str]:
    """What each ``except``, and each ``suppress(…)``, catches."""
    return [
        ast.unparse(node.type) if node.type else ""
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
    ] + [
        f"({', '.join(map(ast.unparse, node.args))},)"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and names_in(node.func)[:1] == ["suppress"]
    ]


def test_everything_is_caught_only_where_it_is_said() -> None:
    found = {}
    for path in PYTHON:
        count = sum(
            "Exception" in names_in(ast.parse(text))
            for text in caught(ast.parse(path.read_text(encoding="utf-8")))
        )
        if count:
            found[name_of(path)] = count

    assert found == CATCH_ALL
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert [name for name in found if f"`{name}`" not in contributing] == []


def test_no_bare_except_no_print() -> None:
    for path in PYTHON:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        printing = [
            node.lineno
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
        ]

        assert "" not in caught(tree), name_of(path)
        assert printing == [] or name_of(path) in ("cli.py", "__main__.py"), name_of(path)


SWALLOWS = {
    # The future of its own that it cancels to end.
    "host/standby.py": 1,
    # Into a future: its waiter gets it.
    "magics/starting.py": 1,
}


def test_cancellation_is_passed_on() -> None:
    for path in PYTHON:
        swallowing = [
            node.lineno
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.ExceptHandler)
            and node.type
            and {"BaseException", "CancelledError"} & set(names_in(node.type))
            and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
        ]

        assert len(swallowing) <= SWALLOWS.get(name_of(path), 0), (name_of(path), swallowing)


def names_in(tree: ast.AST) -> list[str]:
    """The last part of every name in an expression."""
    return [
        node.attr if isinstance(node, ast.Attribute) else node.id
        for node in ast.walk(tree)
        if isinstance(node, (ast.Attribute, ast.Name))
    ]


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name_of(path)
        for path in PYTHON
        if (text := path.read_text(encoding="utf-8")).strip()
        and not ast.get_docstring(ast.parse(text))
    ]

    assert silent == []


@pytest.mark.parametrize("name", dasklab.__all__)
def test_public_name_is_there_and_documented(name: str) -> None:
    found = getattr(dasklab, name)

    if name == "__version__":
        assert isinstance(found, str)
        return
    documentation = inspect.getdoc(found)
    assert documentation
    assert name in dir(dasklab)
    if inspect.isfunction(found):
        for parameter in inspect.signature(found).parameters.values():
            if parameter.name not in ("shell", "keywords"):
                assert parameter.name in documentation, f"{name}({parameter.name}) is not explained"
    if inspect.isclass(found):
        for method, value in vars(found).items():
            if not method.startswith("_") and callable(value):
                assert inspect.getdoc(value), f"{name}.{method} is not explained"


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        dasklab.nonsense  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(("ci", "outcome"), [("true", "failed"), ("", "skipped")])
def test_in_ci_a_test_that_is_skipped_has_failed(
    monkeypatch: pytest.MonkeyPatch, ci: str, outcome: str
) -> None:
    monkeypatch.setenv("CI", ci)
    report = pytest.TestReport(
        "test_x", ("x.py", 1, "x"), {}, "skipped", ("x.py", 1, "Skipped: no root"), "setup"
    )
    hook = conftest.pytest_runtest_makereport()
    next(hook)

    with pytest.raises(StopIteration) as answer:
        hook.send(report)

    assert answer.value.value.outcome == outcome
    assert "no root" in str(answer.value.value.longrepr)
