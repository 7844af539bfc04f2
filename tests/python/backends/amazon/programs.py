"""What a machine or a container runs: one program, its output in a file, ended as a whole."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

GRACE = 5.0
"""Seconds between the polite signal and the other one."""


class Program:
    """A command of a container image, run with this environment's Python instead.

    Parameters
    ----------
    image
        Of which all have the same in them; one with "missing" in its name cannot be pulled.
    output
        Where it writes.
    host
        The address of its machine. A scheduler is told to listen there and nowhere else, for this
        is one machine with many addresses; a worker takes the one that leads to its scheduler.
    """

    def __init__(
        self, image: str, command: list[str], environ: dict[str, str], output: Path, host: str
    ) -> None:
        self.output, self.failure = output, ""
        self._process: subprocess.Popen[bytes] | None = None
        if "missing" in image:
            self.failure = f"manifest for {image} not found: manifest unknown: manifest unknown"
            return
        if {"scheduler", "distributed.cli.dask_scheduler"} & set(command):
            command = [*command, "--host", host, "--dashboard-address", f"{host}:8787"]
        kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
        kept["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        folder = output.with_suffix("")
        folder.mkdir(parents=True, exist_ok=True)
        with open(output, "ab") as log:
            try:
                self._process = subprocess.Popen(
                    command, env={**kept, "TMPDIR": str(folder), **environ}, cwd=folder,
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                )  # fmt: skip
            except FileNotFoundError:
                self.failure = f'exec: "{command[0]}": executable file not found in $PATH: unknown'

    @property
    def ended(self) -> int | None:
        """Its exit code, or ``None`` while it runs."""
        return 127 if self._process is None else self._process.poll()

    def end(self) -> None:
        """End it and all that came of it; returns when nothing runs."""
        if self._process is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(GRACE)
