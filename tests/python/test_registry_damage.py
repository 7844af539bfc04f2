from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from dasklab.errors import (
    ClusterUnknown,
    DasklabError,
    RecordCorrupt,
    RecordForeign,
    RecordNewer,
)
from dasklab.record_file import SIZE_LIMIT
from dasklab.registry import Registry

from .support import AS_ROOT, make_record


def only_problem(registry: Registry) -> DasklabError:
    """What is wrong with the one record that cannot be read; the other one can."""
    records, problems = registry.records()
    assert [record.name for record in records] == ["good"]
    assert len(problems) == 1
    return problems[0]


@pytest.fixture
def damaged(registry: Registry) -> Path:
    """A registry with one good record; the path of a second one, to be damaged."""
    registry.write(make_record(id="b" * 32, name="good"))
    registry.write(make_record())
    return registry.path("a" * 32)


# -- records that cannot be used -------------------------------------------------------------------
@AS_ROOT
def test_record_of_another_user_is_not_used(registry: Registry, damaged: Path) -> None:
    os.chown(damaged, 12345, 12345)

    problem = only_problem(registry)

    assert isinstance(problem, RecordForeign)
    assert "does not belong to you" in problem.message
    with pytest.raises(RecordForeign):
        registry.get("a" * 32)


@pytest.mark.parametrize("bits", [0o640, 0o620, 0o604, 0o602, 0o666])
def test_record_open_to_others_is_not_used(registry: Registry, damaged: Path, bits: int) -> None:
    damaged.chmod(bits)

    problem = only_problem(registry)

    assert isinstance(problem, RecordForeign)
    assert problem.hint.endswith(f"chmod 600 {damaged}")


def test_record_that_is_a_link_is_not_followed(
    registry: Registry, damaged: Path, tmp_path: Path
) -> None:
    shutil.move(damaged, tmp_path / "elsewhere")
    damaged.symlink_to(tmp_path / "elsewhere")

    assert isinstance(only_problem(registry), RecordForeign)


def test_record_that_is_a_pipe_blocks_nobody(registry: Registry, damaged: Path) -> None:
    damaged.unlink()
    os.mkfifo(damaged, 0o600)

    assert isinstance(only_problem(registry), RecordForeign)


def test_record_that_is_a_folder(registry: Registry, damaged: Path) -> None:
    damaged.unlink()
    damaged.mkdir(0o700)

    assert isinstance(only_problem(registry), RecordForeign)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe\x00",
        b"[" * 500_000,
        b'{"version": 1}',
        b'{"version": 1, "id": "x", "name": "n", "deployment": "local", "phase": "running"}',
    ],
    ids=lambda content: repr(content)[:20],
)
def test_damaged_record_hides_no_other(registry: Registry, damaged: Path, content: bytes) -> None:
    damaged.write_bytes(content)

    problem = only_problem(registry)

    assert isinstance(problem, RecordCorrupt)
    assert str(damaged) in problem.message
    assert problem.hint == "Remove the file."


def test_half_a_record(registry: Registry, damaged: Path) -> None:
    damaged.write_bytes(damaged.read_bytes()[:-20])

    assert isinstance(only_problem(registry), RecordCorrupt)


@pytest.mark.parametrize(
    "change", [{"created": "yesterday"}, {"scheduler": "tcp://"}, {"log": 5}, {"created": None}]
)
def test_ill_typed_record_hides_no_other(
    registry: Registry, damaged: Path, change: dict[str, Any]
) -> None:
    damaged.write_text(json.dumps({**json.loads(damaged.read_text()), **change}))

    assert isinstance(only_problem(registry), RecordCorrupt)
    assert registry.find("good").name == "good"
    registry.claim(make_record(id="c" * 32, name="new"), automatic=False)


def test_huge_record_is_not_read(registry: Registry, damaged: Path) -> None:
    with damaged.open("ab") as file:
        file.truncate(50 * SIZE_LIMIT)

    problem = only_problem(registry)

    assert isinstance(problem, RecordCorrupt)
    assert "too large" in problem.message


def test_record_of_a_newer_dasklab_is_left_alone(registry: Registry, damaged: Path) -> None:
    content = json.dumps({**make_record().to_disk(), "version": 99, "phase": "dreaming"})
    damaged.write_text(content)

    problem = only_problem(registry)
    with registry.lock():
        registry.prune(keep=-1)

    assert isinstance(problem, RecordNewer)
    assert "Upgrade dasklab" in problem.hint
    assert damaged.read_text() == content


def test_repaired_record_is_read_again(registry: Registry, damaged: Path) -> None:
    good = damaged.read_bytes()
    damaged.write_bytes(b"")
    only_problem(registry)
    damaged.write_bytes(good)

    records, problems = registry.records()

    assert len(records) == 2
    assert problems == []


def test_files_that_are_no_records_are_no_problem(registry: Registry) -> None:
    registry.open()
    for name in (".tmpx.json", ".x.tmp", "README", "x.json~"):
        (registry.clusters / name).write_text("{")

    assert registry.records() == ([], [])


@pytest.mark.parametrize("text", ["../x", "a/b", "", "/etc/passwd", "a" * 5000 + "/", "x\0y", ".."])
def test_an_id_is_never_a_path(registry: Registry, text: str) -> None:
    with pytest.raises(ClusterUnknown) as caught:
        registry.get(text)
    assert len(str(caught.value)) < 300


def test_an_id_that_no_file_can_have(registry: Registry) -> None:
    registry.open()
    with pytest.raises(ClusterUnknown):
        registry.get("a" * 5000)
