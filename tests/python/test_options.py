from __future__ import annotations

import json
import math
from typing import Any

import pytest

from dasklab.deployments import load
from dasklab.deployments.local import Local
from dasklab.errors import OptionsInvalid
from dasklab.options import check, coerce, defaults

SCHEMA = Local.options


def errors(options: object, schema: dict[str, Any] = SCHEMA) -> dict[str, str]:
    """What is wrong with options: a sentence by option."""
    with pytest.raises(OptionsInvalid) as caught:
        check("local", schema, options)
    found = caught.value.details["errors"]
    for error in found:
        assert error["message"] in caught.value.message
    assert caught.value.hint == "See %dask help start local."
    json.dumps(caught.value.to_wire())
    return {error["option"]: error["message"] for error in found}


def test_good_options_come_back() -> None:
    options = {
        "threads_per_worker": 2,
        "memory_limit": "4GiB",
        "processes": False,
        "multiprocessing_method": "spawn",
        "resources": {"GPU": 1},
        "environ": {"A": "b"},
        "preload": ["mine.py"],
    }

    assert check("local", SCHEMA, options) == options
    assert check("local", SCHEMA, {}) == {}


def test_dashes_are_underscores() -> None:
    assert check("local", SCHEMA, {"threads-per-worker": 2}) == {"threads_per_worker": 2}


def test_given_options_are_not_changed() -> None:
    given = {"threads-per-worker": 2}
    check("local", SCHEMA, given)
    assert given == {"threads-per-worker": 2}


def test_all_errors_at_once() -> None:
    found = errors(
        {
            "thread_per_worker": 2,
            "memory_limit": "much",
            "processes": "yes",
            "scheduler_port": 70_000,
            "resources": {"GPU": "one"},
            "preload": "x",
            "multiprocessing_method": "forkservr",
            "zzz": None,
            "local_directory": "",
        }
    )

    assert found == {
        "thread_per_worker": "thread_per_worker: there is no such option; did you mean "
        "threads_per_worker?",
        "zzz": "zzz: there is no such option.",
        "memory_limit": 'memory_limit: "much" does not fit. Such as 4GiB.',
        "processes": 'processes: "yes" is not true or false.',
        "scheduler_port": "scheduler_port: 70000 is too large; the most is 65535.",
        "resources": 'resources[GPU]: "one" is not a number.',
        "preload": 'preload: "x" is not a list.',
        "multiprocessing_method": 'multiprocessing_method: "forkservr" is not one of forkserver, spawn. '
        "Did you mean forkserver?",
        "local_directory": "local_directory: must not be empty.",
    }


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (0, "0 is too small; the least is 1."),
        (-3, "-3 is too small"),
        (2.5, "2.5 is not a whole number."),
        (True, "true is not a whole number."),
        ("2", '"2" is not a whole number.'),
        (None, "null is not a whole number."),
        ([2], "[2] is not a whole number."),
        (10**6, "1000000 is too large; the most is 1024."),
        (math.nan, "nan is not plain data"),
        (math.inf, "inf is not plain data"),
    ],
    ids=repr,
)
def test_bad_threads(value: object, sentence: str) -> None:
    assert sentence in errors({"threads_per_worker": value})["threads_per_worker"]


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"": "x"}, 'environ: "" does not fit. Such as OMP_NUM_THREADS=4.'),
        ({"A=B": "x"}, 'environ: "A=B" does not fit. Such as OMP_NUM_THREADS=4.'),
        ({"A\0": "x"}, r'environ: "A\u0000" does not fit. Such as OMP_NUM_THREADS=4.'),
        ({"A": "x\0"}, r'environ[A]: "x\u0000" does not fit. Such as OMP_NUM_THREADS=4.'),
        ({"A": 1}, "environ[A]: 1 is not text."),
    ],
)
def test_what_is_no_environment_variable(variables: object, sentence: str) -> None:
    """A nanny would only say that its worker failed to start."""
    assert errors({"environ": variables}) == {"environ": sentence}
    check("local", SCHEMA, {"environ": {"LÄNGE": "a=b\nc", "EMPTY": ""}})


def test_a_whole_number_with_a_point_is_one() -> None:
    checked = check("local", SCHEMA, {"threads_per_worker": 2.0})

    assert checked == {"threads_per_worker": 2}
    assert isinstance(checked["threads_per_worker"], int)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf], ids=repr)
def test_numbers_that_json_does_not_have(value: float) -> None:
    assert "resources" in errors({"resources": {"GPU": value}})


@pytest.mark.parametrize(
    "options", [{"resources": {("a",): 1}}, {5: 1}, {"environ": {"A": object()}}]
)
def test_what_is_not_json_is_a_sentence(options: Any) -> None:
    assert errors(options)


@pytest.mark.parametrize("options", [None, [], "x", 5, [("threads_per_worker", 2)]], ids=repr)
def test_options_that_are_no_object(options: object) -> None:
    with pytest.raises(OptionsInvalid, match="The options are not an object"):
        check("local", SCHEMA, options)


def test_hostile_names_and_values_are_cut() -> None:
    with pytest.raises(OptionsInvalid) as caught:
        check("local", SCHEMA, {"x" * 1_000_000: 1, "memory_limit": "y" * 1_000_000})

    assert len(json.dumps(caught.value.to_wire())) < 3_000


@pytest.mark.parametrize(
    "text", ["4GiB", "4 GiB", "500MB", "1e9", "2.5GB", "auto", "4gib", "1024", ".5TB"]
)
def test_memory_limits_are_what_dask_takes(text: str) -> None:
    from dask.utils import parse_bytes

    check("local", SCHEMA, {"memory_limit": text})
    assert text == "auto" or parse_bytes(text) > 0


@pytest.mark.parametrize("text", ["", "GiB", "four", "4 apples", "-4GiB", "4GiB\n4", "0x10"])
def test_memory_limits_that_dask_does_not_take(text: str) -> None:
    assert errors({"memory_limit": text})


def test_defaults_are_valid() -> None:
    assert check("local", SCHEMA, defaults(SCHEMA)) == defaults(SCHEMA)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("threads_per_worker", "2", 2),
        ("threads_per_worker", "two", "two"),
        ("threads_per_worker", "2.5", 2.5),
        ("memory_limit", "4", "4"),
        ("processes", "no", False),
        ("processes", "On", True),
        ("processes", "perhaps", "perhaps"),
        ("preload", "a.py, b.py", ["a.py", "b.py"]),
        ("preload", '["a,b.py"]', ["a,b.py"]),
        ("resources", '{"GPU": 1}', {"GPU": 1}),
        ("resources", "GPU=1", "GPU=1"),
        ("multiprocessing_method", "spawn", "spawn"),
        ("nonsense", "5", "5"),
        ("threads_per_worker", "NaN", "NaN"),
    ],
)
def test_coerce(name: str, text: str, value: object) -> None:
    found = coerce(SCHEMA, name, text)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("cls", load().values(), ids=lambda cls: cls.name)
def test_schema_is_one(cls: Any) -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(cls.options)
    json.dumps(cls.options)
    for name, rule in cls.options["properties"].items():
        assert name.isidentifier()
        assert rule.get("title"), f"{cls.name}.{name} has no title"
        assert rule.get("description"), f"{cls.name}.{name} has no description"
    least = {name: cls.options["properties"][name]["examples"][0] for name in required(cls)}
    given = {**least, **defaults(cls.options)}
    assert check(cls.name, cls.options, given) == given


def required(cls: Any) -> list[str]:
    """The options that have no default."""
    return [*cls.options.get("required", ()), *cls.options.get("then", {}).get("required", ())]
