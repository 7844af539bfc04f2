"""Run the stand-in until standard input ends: ``python -m … FOLDER`` says its port in one line."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from moto.server import ThreadedMotoServer

from .machines import Machines
from .tasks import Tasks

EVERY = 0.1
"""Seconds between two looks at what moto has."""


def main(folder: Path) -> None:
    parts = (Machines(folder), Tasks(folder))
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    ended = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        ended.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    try:
        while not ended.wait(EVERY):
            for part in parts:
                part.look()
    finally:
        for part in parts:
            part.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
    os._exit(0)  # the server's threads would wait for connections that clients keep
