"""Run the benchmarks and print one line a figure: name, ratio, target, ``pass`` or ``FAIL``."""

from __future__ import annotations

import importlib
import sys

MODULES = (
    "loading",
    "start",
    "ssh",
    "listing",
    "server_load",
    "panel",
    "frontend",
    "hub",
    "gateway",
    "telemetry",
    "drawing",
    "screen",
    "saved",
    "slurm",
)


def main(names: list[str]) -> int:
    """Run some or all; the exit code says whether every figure reached its target."""
    unknown = [name for name in names if name not in MODULES]
    if unknown:
        print(f"There is no benchmark {unknown[0]!r}. There are: {', '.join(MODULES)}.")
        return 2
    missed = 0
    for name in names or MODULES:
        print(f"==> {name}", flush=True)
        for figure in importlib.import_module(f"benchmarks.{name}").figures():
            print(figure, flush=True)
            missed += figure.value > figure.target
    print(f"{missed} figures missed their target" if missed else "all targets reached")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
