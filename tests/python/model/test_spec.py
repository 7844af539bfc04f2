from __future__ import annotations

import json
import math

import pytest

from dasklab.errors import DasklabError, InputError, NameInvalid, RequestMalformed
from dasklab.model.record import Environment
from dasklab.model.scaling import Scaling
from dasklab.model.spec import Lease, Spec, check_name


@pytest.mark.parametrize("name", ["a", "local-1", "A.b_c-9", "9lives", "x" * 63])
def test_good_name(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "a b",
        "-n",
        ".hidden",
        "_x",
        "../../etc/passwd",
        "a/b",
        "a\\b",
        "a\n",
        "a\x00",
        "ä",
        "x" * 64,
        "x" * 1_000_000,
        "<script>",
        "a:b",
        None,
        5,
        [],
        True,
    ],
    ids=lambda name: repr(name)[:20],
)
def test_bad_name_is_shown_and_explained(name: object) -> None:
    with pytest.raises(NameInvalid) as caught:
        check_name(name)

    assert "cannot be the name of a cluster" in caught.value.message
    assert "1 to 63 letters from a to z" in caught.value.hint
    assert len(str(caught.value)) < 400


def test_spec_round_trip() -> None:
    spec = Spec(
        id="x" * 32,
        deployment="local",
        registry="/r",
        name="n",
        options={"threads_per_worker": 2},
        scaling=Scaling(1, 1, 4),
        lease=Lease(1.0, None, 3.0),
        environment=Environment("/python", "python3", "Python 3"),
        environ={"A": "b"},
        config={"distributed": {"x": 1}},
    )

    assert Spec.from_wire(json.loads(json.dumps(spec.to_wire()))) == spec


def test_spec_of_a_newer_launcher_is_read() -> None:
    data = {**Spec("i" * 8, "local", "/r").to_wire(), "colour": "later"}

    assert Spec.from_wire(data) == Spec("i" * 8, "local", "/r")


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"id": "x", "deployment": "local"},
        {"id": 5, "deployment": "local", "registry": "/r"},
        {"id": "x", "deployment": "local", "registry": "/r", "lease": 5},
        {"id": "x", "deployment": "local", "registry": "/r", "lease": {"idle": -1}},
        {"id": "x", "deployment": "local", "registry": "/r", "scaling": 5},
        {"id": "x", "deployment": "local", "registry": "/r", "scaling": {"many": 5}},
        {"id": "x", "deployment": "local", "registry": "/r", "environment": {"x": 1}},
    ],
    ids=lambda data: json.dumps(data)[:70],
)
def test_malformed_spec_is_an_error_of_ours(data: object) -> None:
    with pytest.raises(DasklabError):
        Spec.from_wire(data)


def test_lease_limits() -> None:
    assert Lease.from_wire({}) == Lease()
    assert Lease.from_wire({"idle": None, "max_age": 5}) == Lease(idle=None, max_age=5.0)


@pytest.mark.parametrize(
    "value", [0, -1, True, False, "1h", "", math.nan, math.inf, -math.inf, [], {}], ids=repr
)
@pytest.mark.parametrize("name", ["idle", "no_client", "max_age"])
def test_bad_lease_limit(name: str, value: object) -> None:
    with pytest.raises(InputError, match=f"The lease's {name} is"):
        Lease.from_wire({name: value})


def test_lease_with_a_misspelt_limit() -> None:
    with pytest.raises(InputError, match="idel"):
        Lease.from_wire({"idel": 5})


@pytest.mark.parametrize("data", [None, 5, "1h", [1]], ids=repr)
def test_lease_that_is_no_object(data: object) -> None:
    with pytest.raises(RequestMalformed):
        Lease.from_wire(data)
