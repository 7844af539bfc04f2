"""``%dask start``, ``use``, ``scale``, ``restart``, ``stop`` and ``keep``."""

from __future__ import annotations

import concurrent.futures
import contextlib
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

from ..client import Cluster
from ..client.render import scaling_text
from ..client.words import lease_sentence
from ..errors import ClusterGone, ClusterUnknown, DasklabError, UsageError
from .display import Live, say
from .session import reaching
from .starting import read_request
from .usage import SUBCOMMANDS, read

if TYPE_CHECKING:
    from ..launching import LaunchRequest
    from ..model.record import Record
    from .session import Session

__all__ = ("keep", "restart", "scale", "start", "stop", "use")

POLL = 0.25
"""Seconds between looks at a cluster that changes its number of workers."""


# -- start ----------------------------------------------------------------------------------------
def start(session: Session, tokens: list[str]) -> None:
    """Start a cluster; wait until its workers are there; connect ``client``."""
    request, flags = read_request(session, tokens, uuid.uuid4().hex)
    if "preview" in flags:
        from ..launching import preview

        say(preview(request))
        return
    launch = _Launch(request, session)
    live = Live(session)
    try:
        cluster = Cluster(launch.result(), registry=session.registry)
        live.show(cluster.record.to_wire())
        if "no-wait" in flags:
            session.cluster = cluster
            say(f"It goes on starting; connect to it with %dask use {cluster.name}")
            return
        _follow(session, cluster, live)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_interrupted(session, launch, live)) from None


class _Launch:
    """The launch itself, in a thread: an interrupt must not lose sight of what it made."""

    def __init__(self, request: LaunchRequest, session: Session) -> None:
        self.registry = session.registry
        self._future: concurrent.futures.Future[Record] = concurrent.futures.Future()
        self._request = request
        threading.Thread(target=self._run, name="dasklab-launch", daemon=True).start()

    def _run(self) -> None:
        from ..launching import launch

        try:
            self._future.set_result(launch(self._request, registry=self.registry))
        except BaseException as error:  # noqa: BLE001  whatever it is belongs to the waiter
            self._future.set_exception(error)

    def result(self) -> Record:
        """The record, once the host has accepted."""
        return self._future.result()

    def cancel(self) -> Cluster | None:
        """What was made, if anything was; stopped when it has only begun to start."""
        try:
            cluster = Cluster(self._future.result(), registry=self.registry)
        except DasklabError:
            return None
        if cluster.phase == "starting":
            cluster.stop()
        return cluster

    def cancel_later(self) -> None:
        """The same in the background: the user interrupted again."""

        def work(_future: object) -> None:
            with contextlib.suppress(Exception):
                self.cancel()

        self._future.add_done_callback(
            lambda future: threading.Thread(target=work, args=(future,), daemon=True).start()
        )


def _follow(session: Session, cluster: Cluster, live: Live) -> None:
    """Wait for the workers, showing the steps; leave the card of the end."""
    try:
        info = cluster.wait(seen=live.seen)
        session.connect(cluster)
    except DasklabError:
        with contextlib.suppress(DasklabError):
            live.close(cluster.info)  # with its reason and the end of its log
        raise
    live.close(_in_use(info))


def _in_use(info: dict[str, Any]) -> dict[str, Any]:
    """The cluster's JSON with our client, which its host will have noticed in a moment.

    The card stays in the notebook: it must not say that nobody is connected.
    """
    lease = dict(info.get("lease") or {})
    if lease.get("cause") == "no-client":
        idle = lease.get("idle")
        lease["cause"] = "idle" if idle else None
        lease["deadline"] = time.time() + idle if idle else None
    return {**info, "lease": lease, "clients": max(1, info.get("clients") or 0)}


def _interrupted(session: Session, launch: _Launch, live: Live) -> str:
    """Clear up after an interrupt; what to say."""
    try:
        cluster = launch.cancel()
    except KeyboardInterrupt:
        launch.cancel_later()
        return "Interrupted: the start is being cancelled."
    if cluster is None:
        return "Interrupted: nothing was started."
    if cluster.record.phase.ended:
        live.close(cluster.record.to_wire())
        return f"Interrupted: the start of {cluster.name} was cancelled; nothing of it is left."
    with contextlib.suppress(DasklabError):
        session.connect(cluster)
        live.close(_in_use(cluster.info))
    return (
        f"Interrupted the waiting only: {cluster.name} goes on, and `client` is connected to it. "
        "End it with %dask stop."
    )


# -- use ------------------------------------------------------------------------------------------
def use(session: Session, tokens: list[str]) -> None:
    """Connect ``client`` to a cluster that is there, by name, id or address."""
    target = read(SUBCOMMANDS["use"], tokens).words[0]
    try:
        record = session.registry.find(target)
    except ClusterUnknown:
        if "://" not in target:
            raise
        _use_address(session, target)
        return
    cluster = Cluster(record, registry=session.registry)
    if record.phase.ended:
        # Asked of the client API, so that its end has the same words everywhere.
        reaching(cluster.name, cluster.client)
        raise ClusterGone(f"The cluster {cluster.name!r} is {record.phase.value}.")
    live = Live(session)
    try:
        if record.phase.value == "starting":
            cluster.wait(0, seen=live.seen)
        session.connect(cluster)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"Interrupted the waiting only: {cluster.name} goes on starting."
        ) from None
    live.close(_in_use(cluster.info))


def _use_address(session: Session, address: str) -> None:
    """Connect to a scheduler that is in no list."""

    def make() -> Any:
        from distributed import Client

        return Client(address, timeout=10)

    session.cluster = None
    session.take(reaching(address, make))
    say(f"`client` is connected to {address}, which is in no list of yours.")


# -- scale, restart, keep -------------------------------------------------------------------------
def scale(session: Session, tokens: list[str]) -> None:
    """Change the number of workers, or let it follow the work."""
    line = read(SUBCOMMANDS["scale"], tokens)
    cluster = session.require()
    cluster.scale(line.words[0])
    info = cluster.info
    if "wait" not in line.flags:
        say(_scaled(info))
        return
    live = Live(session)
    try:
        while True:
            live.show(info)
            if _settled(info):
                break
            time.sleep(POLL)
            info = cluster.info
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"Interrupted the waiting only: {cluster.name} goes on scaling."
        ) from None
    live.close(info)


def _settled(info: dict[str, Any]) -> bool:
    if info["phase"] in ("stopping", "stopped", "failed", "lost"):
        raise ClusterGone(f"The cluster {info['name']!r} is {info['phase']}.")
    workers = info["workers"]
    return bool(workers.get("running") == workers.get("wanted"))


def _scaled(info: dict[str, Any]) -> str:
    workers = info["workers"]
    if workers.get("maximum") is not None:
        return (
            f"{info['name']}: between {workers['minimum']} and {workers['maximum']} workers, "
            f"as the work needs ({workers.get('running', 0)} now)."
        )
    return f"{info['name']}: {scaling_text(info)}."


def restart(session: Session, tokens: list[str]) -> None:
    """Restart all workers."""
    read(SUBCOMMANDS["restart"], tokens)
    cluster = session.require()
    cluster.restart()
    say(f"{cluster.name}: all workers restart; tasks and data are forgotten.")


def keep(session: Session, tokens: list[str]) -> None:
    """Pin the current cluster, or let its lease count again."""
    line = read(SUBCOMMANDS["keep"], tokens)
    cluster = session.require()
    cluster.keep("off" not in line.flags)
    lease = lease_sentence(cluster.info.get("lease") or {}, time.time())
    say(f"{cluster.name}: {lease[:1].lower()}{lease[1:]}.")


# -- stop -----------------------------------------------------------------------------------------
def stop(session: Session, tokens: list[str]) -> None:
    """End the current cluster, another one, or all."""
    line = read(SUBCOMMANDS["stop"], tokens)
    if "all" in line.flags:
        if line.words:
            raise UsageError(
                "Give a name or --all, not both.", f"Write: {SUBCOMMANDS['stop'].line}"
            )
        records = [item for item in session.registry.records()[0] if not item.phase.ended]
        if not records:
            say("There is no cluster to stop.")
            return
        clusters = [Cluster(record, registry=session.registry) for record in records]
    elif line.words:
        record = session.registry.find(line.words[0])
        if record.phase.ended:
            say(f"{record.name} is {record.phase.value} already.")
            return
        clusters = [Cluster(record, registry=session.registry)]
    else:
        clusters = [session.require()]
    _stop_all(session, clusters)


def _stop_all(session: Session, clusters: list[Cluster]) -> None:
    """Ask all of them first, then wait: many end in the time of one."""
    try:
        for cluster in clusters:
            session.drop(cluster.id)
            cluster.stop(wait=False)
        for cluster in clusters:
            cluster.stop()
            say(f"{cluster.name} is {cluster.phase}.")
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "Interrupted the waiting only: what was asked to stop goes on stopping."
        ) from None
