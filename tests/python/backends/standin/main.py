"""The entry of all commands of the stand-in: ``main.py COMMAND ARGUMENT…``."""

from __future__ import annotations

import importlib
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

core = importlib.import_module("core")


def main() -> None:
    command, arguments = sys.argv[1], sys.argv[2:]
    if command == "serve":
        core.serve()
    system = importlib.import_module(str(core.settings()["system"]) + "_format")
    broken = core.FOLDER / f"broken-{command}"
    if broken.exists():
        core.refuse(broken.read_text(encoding="utf-8"))
    while (core.FOLDER / f"hanging-{command}").exists():
        time.sleep(0.1)
    if command == "watch":
        core.watch(arguments[0], system.VARIABLE, system.over)
    else:
        getattr(system, command)(arguments)


main()
