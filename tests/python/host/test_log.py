"""The log file of a host: a worker that prints for ever must not fill a disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from dasklab.host import warden


def test_log_is_turned_over_and_one_older_file_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warden, "LOG_LIMIT", 1_000)
    log = warden._Log(str(tmp_path / "host.log"))

    for number in range(500):
        log.write(f"line {number}\n".encode())

    assert sorted(path.name for path in tmp_path.iterdir()) == ["host.log", "host.log.1"]
    for path in tmp_path.iterdir():
        assert path.stat().st_size <= 1_000 + len("line 499\n")
        assert path.stat().st_mode & 0o777 == 0o600
    lines = [
        line
        for name in ("host.log.1", "host.log")
        for line in (tmp_path / name).read_text().split("\n")
    ]
    assert [line for line in lines if line][-1] == "line 499", "the newest is what is kept"


def test_limit_of_a_log() -> None:
    assert warden.LOG_LIMIT <= 10_000_000
