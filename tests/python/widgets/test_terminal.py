"""``dasklab.progress`` in a terminal."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pexpect

SCRIPT = """
import time
from distributed import Client, LocalCluster
import dasklab

def inc(x):
    time.sleep(0.02)
    return x

if __name__ == "__main__":
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False,
                      dashboard_address="127.0.0.1:0", silence_logs=50) as cluster:
        with Client(cluster) as client:
            dasklab.progress(client.map(inc, range(100)))
            print("after")
"""


def test_it_is_redrawn_in_place(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    child = pexpect.spawn(
        sys.executable, [str(script)], dimensions=(30, 120), encoding="utf-8", timeout=60
    )
    child.expect("after")
    output = child.before
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "\x1b[1A" in output, "the cursor goes up"
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", output)
    seen = {int(number) for number in re.findall(r"(\d+) of 100 tasks", plain)}
    assert len(seen) >= 3
    assert 100 in seen
    last = plain[plain.rindex("100 of 100 tasks · done in") :]
    assert "inc" in last
    assert "100 / 100" in last


def test_an_interrupt_ends_the_watching(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.replace("range(100)", "range(5_000)"))
    child = pexpect.spawn(
        sys.executable, [str(script)], dimensions=(30, 120), encoding="utf-8", timeout=60
    )
    child.expect("of 5,000 tasks · ")
    child.expect("of 5,000 tasks · ")
    child.sendintr()
    child.expect("No longer watched; the work goes on.")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus != 0
