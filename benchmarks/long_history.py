"""A host that has a million tasks in its history: real but for its scheduler, which makes them up.

To run that many would take minutes, and a thousand threads. It goes on as it began. Run as
``python -m benchmarks.long_history NAME``: a line on stdout says that it is in the list; it ends
with its standard input.
"""

from __future__ import annotations

import asyncio
import os
import random
import struct
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

__all__ = ("TASKS",)

TASKS = 1_000_000
SECONDS = 600
THREADS = 1_000
KINDS = 20
AT_ONCE = 20_000


def _answers(begin: float) -> Iterator[dict[str, Any] | None]:
    """As a collector gives them, of a thousand busy threads; nothing where nothing is due."""
    from dasklab.telemetry.ring import ROW

    lanes = [
        {"worker": f"tcp://10.0.0.1:{n // 4}", "thread": n % 4, "name": str(n // 4)}
        for n in range(THREADS)
    ]
    kinds = [{"prefix": f"task_{n}", "group": "", "span": None, "cell": None} for n in range(KINDS)]
    each = SECONDS / (TASKS / THREADS)
    draw = random.Random(7).random
    first = 0
    while True:
        due = int((time.time() - 1 - begin) / each * THREADS)
        end = min(first + AT_ONCE, due)
        if end <= first:
            yield None
            continue
        rows = b"".join(
            struct.pack(
                ROW,
                begin + (n // THREADS + 0.05 * draw()) * each,
                each * (0.5 + 0.4 * draw()),
                1e6,
                n % THREADS,
                int(draw() * KINDS),
                64,
            )
            for n in range(first, end)
        )
        names = {"lanes": lanes, "kinds": kinds, "workers": []} if first == 0 else {}
        yield {
            "id": "made-up", "time": time.time(), "first": first, "rows": rows,
            "keys": [f"('task-{n:032x}', {n % 100})" for n in range(first, end)],
            "names": names, "samples": [], "progress": {}, "events": [],
            "totals": {"tasks": end}, "more": end < due,
            "next": {"id": "made-up", "tasks": end},
        }  # fmt: skip
        first = end


async def _serve(name: str) -> None:
    from dasklab.host.control import Control
    from dasklab.host.telemetry import NOTHING, Telemetry
    from dasklab.model.record import Phase, Record
    from dasklab.processes import identify
    from dasklab.registry import Registry
    from dasklab.telemetry.history import Settings

    now = time.time()
    answers = _answers(now - SECONDS)

    async def ask(_since: Any) -> Any:
        await asyncio.sleep(0)
        return next(answers) or NOTHING

    telemetry, control = Telemetry(Path(os.devnull)), Control()
    control.serve(SimpleNamespace(telemetry=telemetry))  # type: ignore[arg-type]
    control.open()
    collecting = asyncio.create_task(telemetry.run(ask, Settings()))
    while telemetry.history.tasks.end < TASKS:
        await asyncio.sleep(0.1)
    record = Record(
        id=uuid.uuid4().hex,
        name=name,
        deployment="published",
        origin="kernel",
        phase=Phase.RUNNING,
        workers={"wanted": None, "minimum": None, "maximum": None, "running": THREADS // 4},
        created=now - SECONDS,
        updated=now,
        host=identify(),
        control=control.endpoint,
    )
    Registry().claim(record, automatic=False)
    print("listed", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    collecting.cancel()
    await asyncio.gather(collecting, return_exceptions=True)
    await control.close()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1]))
