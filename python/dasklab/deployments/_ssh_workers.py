"""Dask workers on other hosts, one SSH channel each: they live as long as their channel.

SSHCluster gives its channels no end: as root sshd passes no signals on, so its workers outlive it,
and it can neither grow nor come back from nothing. Here a channel carries what runs at its other
end (:mod:`._remote`), which ends with it. Imported by ``ssh`` when it starts.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import itertools
import json
import logging
import shlex
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from distributed.core import Status
from distributed.deploy.spec import ProcessInterface, SpecCluster

from ..errors import DasklabError, InterpreterMissing, InterpreterUnfit, StartFailed
from ..processes import strip_ansi
from ._ssh import Place, broken, connect

__all__ = ("Host", "RemoteWorker", "SSHWorkers")

logger = logging.getLogger(__name__)

BOOT = (
    "import sys,json;o=json.loads(sys.stdin.readline());"
    "s={'__name__':'dasklab_remote'};exec(compile(o['code'],'dasklab_remote','exec'),s);"
    "s[o['call']](*o['arguments'])"
)
"""What is in the command line; all else comes over standard input."""

ANSWER = 60.0
"""Seconds for a worker to be up."""

ALIVE = 15.0
"""Seconds between signs of life: the other end waits for a minute."""

CLOSING = 6.0
"""Seconds for the other end to clear up."""

QUICK = 20.0
"""Seconds below which the end of a worker counts as a failure of its host."""

TRIES = 3
"""Quick ends in a row after which a host is asked for no more workers."""

PAUSE = 1.0
"""Seconds before a worker that ended is replaced."""

LAST_WORDS = 20


@dataclass
class Host:
    """One host: its connection, shared by its workers, and how it does."""

    place: Place
    python: str
    key: str | None = None
    known_hosts: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    failures: int = 0
    failure: DasklabError | None = None
    _connection: Any = None
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    def __str__(self) -> str:
        return str(self.place)

    @property
    def given_up(self) -> bool:
        """Whether its workers ended too often."""
        return self.failures >= TRIES

    async def connection(self) -> Any:
        """The connection, made again if it was lost."""
        async with self._lock:
            if self._connection is None or self._connection.is_closed():
                self._connection = await connect(
                    self.place, key=self.key, known_hosts=self.known_hosts
                )
            return self._connection

    async def run(self, call: str, *arguments: Any) -> Any:
        """A process at the other end that does this; its standard input stays open."""
        connection = await self.connection()
        # "exec": no shell in between that would take the signals. "-u": lines as they are said.
        command = f"exec {shlex.quote(self.python)} -u -c {shlex.quote(BOOT)}"
        process = await connection.create_process(command, errors="replace")
        code = Path(__file__).with_name("_remote.py").read_text()
        order = {"code": code, "call": call, "arguments": arguments}
        process.stdin.write(json.dumps(order) + "\n")
        return process

    async def check(self) -> None:
        """Connect, and see what its interpreter has.

        Raises
        ------
        InterpreterMissing, InterpreterUnfit, HostUnreachable, LaunchError
        """
        process = await self.run("check")
        try:
            said, complaint = await asyncio.wait_for(process.communicate(), ANSWER)
        except asyncio.TimeoutError:
            raise StartFailed(f"{self.python} on {self} has not answered.") from None
        lines = said.strip().splitlines()  # profiles of shells may print something before it
        try:
            self.facts = json.loads(lines[-1]) if lines else {}
        except ValueError:
            self.facts = {}
        if not isinstance(self.facts, dict) or "python" not in self.facts:
            raise self._no_python(process.exit_status, complaint)
        if not self.facts.get("distributed"):
            raise InterpreterUnfit(
                f"{self.python} on {self} has no distributed.",
                f"Install it there: {self.place.command} {self.python} -m pip install distributed",
            )

    def _no_python(self, status: int | None, complaint: str) -> DasklabError:
        said = " ".join(strip_ansi(complaint).split())[-300:]
        if status in (126, 127):
            return InterpreterMissing(
                f"There is no interpreter {self.python} on {self}.",
                "Give the path of one that is there: python for all hosts, python_on for one.",
            )
        return InterpreterUnfit(
            f"{self.python} on {self} is no Python that can be used"
            + (f" ({said})." if said else f" (exit code {status})."),
            "Give the path of another one: python for all hosts, python_on for one.",
        )

    def address_here(self) -> str:
        """The address of this machine that the connection uses."""
        return str(self._connection.get_extra_info("sockname")[0]).partition("%")[0]

    async def close(self) -> None:
        """Close the connection, and with it all that runs over it."""
        async with self._lock:
            connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(connection.wait_closed(), 2.0)


class RemoteWorker(ProcessInterface):  # type: ignore[misc]
    """One worker on another host."""

    def __init__(
        self, scheduler: str, *, name: Any, host: Host, order: dict[str, Any], owner: SSHWorkers
    ) -> None:
        super().__init__()
        self.name = name
        self.host = host
        self.words: collections.deque[str] = collections.deque(maxlen=LAST_WORDS)
        self._order = {**order, "nanny": {**order["nanny"], "name": name}}
        self._owner = owner
        self._process: Any = None
        self._tasks: list[asyncio.Task[None]] = []
        self._begun = time.monotonic()

    async def start(self) -> None:
        """Start it; a failure is its host's, and no exception."""
        if not self.host.given_up:
            try:
                await self._launch()
            except DasklabError as error:
                self._failed(error)
            else:
                self._tasks.append(asyncio.create_task(self._follow()))
        await super().start()

    async def _launch(self) -> None:
        answer: dict[str, Any] = {}
        try:
            self._process = await self.host.run("run", self._order)
            self._tasks = [
                asyncio.create_task(self._listen()),
                asyncio.create_task(self._show_life()),
            ]
            line = await asyncio.wait_for(self._process.stdout.readline(), ANSWER)
            with contextlib.suppress(ValueError):  # a shell's greeting: no answer at all
                answer = json.loads(line)
        except DasklabError:
            raise
        except asyncio.TimeoutError:
            raise StartFailed(
                f"The worker on {self.host} was not up within {ANSWER:g} seconds.",
                "%dask logs host has what it said.",
            ) from None
        except broken() as error:
            raise StartFailed(
                f"The worker on {self.host} could not be started: {error}.", "Is the host still up?"
            ) from error
        if "ready" not in answer:
            raise self._why(answer)

    def _why(self, answer: dict[str, Any]) -> DasklabError:
        why = str(answer.get("why", ""))[:300]
        if answer.get("error") == "unreachable":
            return StartFailed(
                f"{self.host} cannot reach the scheduler at {answer.get('address')} ({why}).",
                "Open that port in the firewall, or give an address of this machine that its hosts "
                "reach: scheduler_host.",
            )
        if answer.get("error") == "import":
            return InterpreterUnfit(
                f"{self.host.python} on {self.host} cannot import distributed ({why}).",
                "Install it there, or give another interpreter.",
            )
        last = self.words[-1] if self.words else ""
        return StartFailed(
            f"The worker on {self.host} ended at its start: {why or last or 'it said nothing'}.",
            "%dask logs host has all that it said.",
        )

    async def _listen(self) -> None:
        """What it says goes into the host's log."""
        with contextlib.suppress(*broken()):
            async for line in self._process.stderr:
                text = strip_ansi(line).rstrip()[:2_000]
                if text:
                    self.words.append(text)
                    logger.info("%s: %s", self.host, text)

    async def _show_life(self) -> None:
        with contextlib.suppress(*broken()):
            while True:
                await asyncio.sleep(ALIVE)
                self._process.stdin.write(".\n")

    async def _follow(self) -> None:
        """Until it has ended."""
        await self._process.wait_closed()
        if self.status == Status.running:
            if time.monotonic() - self._begun > QUICK:
                self.host.failures = 0
            last = f": {self.words[-1]}" if self.words else "."
            self._failed(StartFailed(f"The worker {self.name} on {self.host} ended{last}"))

    def _failed(self, error: DasklabError) -> None:
        self.host.failures += 1
        self.host.failure = error
        self._owner.later(self._owner.ended(self, error))

    async def close(self) -> None:
        """End it, and all that it started."""
        self.status = Status.closing
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(*broken()):
                process.stdin.write_eof()
                await asyncio.wait_for(process.wait_closed(), CLOSING)
            process.close()
        for task in self._tasks:
            task.cancel()
        await super().close()


class SSHWorkers(SpecCluster):  # type: ignore[misc]
    """A scheduler in this process, and workers on hosts: always on the one that has the fewest."""

    def __init__(
        self,
        hosts: list[Host],
        order: Callable[[Host], dict[str, Any]],
        note: Callable[[str, str], None],
        **keywords: Any,
    ) -> None:
        self.hosts = hosts
        self._order_for = order
        self._note = note
        self._names = itertools.count()
        self._background: set[asyncio.Task[None]] = set()
        super().__init__(**keywords)

    def new_worker_spec(self) -> dict[Any, Any]:
        """The next worker, and where it is to run."""
        counts = collections.Counter(id(s["options"]["host"]) for s in self.worker_spec.values())
        host = min(self.hosts, key=lambda host: (host.given_up, counts[id(host)]))
        name = next(self._names)  # never one twice: the scheduler may still know the last
        options = {"host": host, "order": self._order_for(host), "owner": self}
        return {name: {"cls": RemoteWorker, "options": options}}

    async def ended(self, worker: RemoteWorker, error: DasklabError) -> None:
        """A worker ended that nobody ended: another one takes its place, unless too many did."""
        async with self._lock:  # not in the middle of starting others
            if self.status != Status.running or self.workers.get(worker.name) is not worker:
                return
            self._note("worker-ended", str(error))
            if worker.host.failures == TRIES:
                text = f"{TRIES} workers on {worker.host} have ended at once: it is asked no more."
                self._note("given-up", text)
            del self.workers[worker.name]
            if self.worker_spec.pop(worker.name, None) is not None:
                self.worker_spec.update(self.new_worker_spec())
            await worker.close()
        await asyncio.sleep(PAUSE)
        if self.status == Status.running:
            await self._correct_state()

    def later(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Do this in the background; it ends with the cluster."""
        task = asyncio.create_task(coroutine)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def try_again(self) -> None:
        """Forget what failed before: somebody asks anew."""
        for host in self.hosts:
            host.failures = 0
        for name, worker in list(self.workers.items()):
            if worker._process is None:
                del self.workers[name]
                await worker.close()

    async def _close(self) -> None:
        for task in list(self._background):
            task.cancel()
        await super()._close()
        for host in self.hosts:
            await host.close()
