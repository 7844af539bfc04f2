"""What a kernel has written down, told while it answers nobody."""

from __future__ import annotations

import stat
import subprocess
import sys
from pathlib import Path

import pytest

from dasklab.model.record import Phase
from dasklab.registry import Registry

from ...support import make_record
from ..conftest import Ask

KERNEL = "0f4dd1d1-2b6f-4d0e-9b1e-7c1f1c2b3a4d"
NOTE = """
import sys, types
client = types.SimpleNamespace(scheduler=types.SimpleNamespace(address=sys.argv[2]))
sys.modules["distributed"] = types.SimpleNamespace(default_client=lambda: client)
from dasklab.current import note_current
note_current(sys.argv[1])
print("noted", flush=True)
sys.stdin.read()
"""


async def cluster(api: Ask, kernel: str = KERNEL) -> object:
    answer = await api("GET", f"kernels/{kernel}")
    assert answer.code == 200
    return answer.json["cluster"]


async def test_as_long_as_that_process_and_that_cluster_live(api: Ask, home: Path) -> None:
    record = make_record()
    Registry(home).write(record)
    assert await cluster(api) == ""
    address = str((record.scheduler or {})["address"])
    command = [sys.executable, "-c", NOTE, KERNEL, address]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as kernel:
        assert kernel.stdout is not None
        assert kernel.stdout.readline() == b"noted\n"
        assert await cluster(api) == record.id
        assert stat.S_IMODE((home / "kernels" / f"{KERNEL}.json").stat().st_mode) == 0o600
        assert await cluster(api, "another") == ""
        Registry(home).write(make_record(phase=Phase.STOPPED))
        assert await cluster(api) == ""
        Registry(home).write(record)
    assert await cluster(api) == "", "another process of that kernel has not said so"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"cluster": "x", "process": {"pid": 1}}'])
async def test_a_damaged_file_says_nothing(api: Ask, home: Path, text: str) -> None:
    (home / "kernels").mkdir(parents=True)
    (home / "kernels" / f"{KERNEL}.json").write_text(text)
    assert await cluster(api) == ""


async def test_no_path_leads_out_of_the_folder(api: Ask, home: Path) -> None:
    assert await cluster(api, "..%2Fshared") == ""
    assert (await api("GET", "kernels/")).code == 404
