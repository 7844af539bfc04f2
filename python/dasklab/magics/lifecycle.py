"""``%dask use``, ``scale``, ``restart``, ``stop`` and ``keep``."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

from ..client import Cluster
from ..client.render import scaling_text
from ..client.stopping import stop_all
from ..client.waiting import kept, scaled
from ..client.words import lease_sentence
from ..errors import ClusterGone, ClusterUnknown, HostUnreachable, UsageError
from ..launching import LaunchRequest, undo
from .discovering import attach
from .display import Live, say
from .session import reaching
from .starting import begin, in_use
from .subcommands import SUBCOMMANDS
from .usage import read

if TYPE_CHECKING:
    from .session import Session

__all__ = ("keep", "restart", "scale", "stop", "use")

POLL = 0.25
"""Seconds between looks at a cluster that changes its number of workers."""


def use(session: Session, tokens: list[str]) -> None:
    """Connect ``client`` to a cluster that is there, by name, id or address."""
    line = read(SUBCOMMANDS["use"], tokens)
    target = line.words[0]
    if line.values:
        # An entry of its own: the tunnel belongs to a process that keeps it up, and ends with it.
        begin(session, LaunchRequest("existing", options={"address": target, **line.values}))
        return
    try:
        record = session.registry.find(target)
    except ClusterUnknown:
        if "://" in target:
            _use_address(session, target)
            return
        cluster = attach(session, target)
        record = cluster.record
    else:
        cluster = Cluster(record, registry=session.registry)
    if record.phase.ended:
        # Asked of the client API, so that its end has the same words everywhere.
        reaching(cluster.name, cluster.client)
        raise ClusterGone(f"The cluster {cluster.name!r} is {record.phase.value}.")
    starting = record.phase.value == "starting"
    live = Live(session, starting)
    try:
        if starting:
            cluster.wait(0, seen=live.seen)
        session.connect(cluster)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            f"Interrupted the waiting only: {cluster.name} goes on starting."
        ) from None
    live.close(in_use(cluster.info))


def _use_address(session: Session, address: str) -> None:
    """Connect to a scheduler that is in no list."""

    def make() -> Any:
        from distributed import Client
        from distributed.comm.addressing import parse_address, parse_host_port
        from distributed.comm.registry import get_backend

        # First of all: a Client that cannot even read its address is left "connecting" for ever.
        scheme, location = parse_address(address, strict=True)
        get_backend(scheme)
        if scheme in ("tcp", "tls", "ucx"):
            host, port = parse_host_port(location)
            if scheme != "ucx":  # a Client that finds nobody leaves its thread behind
                socket.create_connection((host, port), 10).close()
        return Client(address, timeout=10)

    session.cluster = None
    session.leave()
    try:
        session.take(reaching(address, make))
    except HostUnreachable as error:
        raise HostUnreachable(
            error.message,
            f"If only ssh gets to its host: %dask use {address} --via ssh://user@host",
        ) from error
    say(f"`client` is connected to {address}, which is in no list of yours.")


# -- scale, restart, keep -------------------------------------------------------------------------
def scale(session: Session, tokens: list[str]) -> None:
    """Change the number of workers, or let it follow the work."""
    line = read(SUBCOMMANDS["scale"], tokens)
    if not line.words and not line.values:
        raise UsageError("%dask scale needs N|MIN:MAX.", f"Write: {SUBCOMMANDS['scale'].line}")
    cluster = session.require()
    amounts: dict[str, Any] = dict(line.values)
    cluster.scale(" ".join(line.words), **amounts)
    info = cluster.info
    if "wait" not in line.flags:
        say(_scaled(info))
        return
    live = Live(session, starting=False)
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
    for text in kept(info):
        say(f"{info['name']}: {text}")


def _settled(info: dict[str, Any]) -> bool:
    if info["phase"] in ("stopping", "stopped", "failed", "lost"):
        raise ClusterGone(f"The cluster {info['name']!r} is {info['phase']}.")
    return scaled(info)


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
            left = undo(record, session.registry)
            say(
                f"{record.name} is {record.phase.value} already."
                + (" What it has left behind is taken back." if left else "")
            )
            return
        clusters = [Cluster(record, registry=session.registry)]
    elif session.scheduler is not None:
        say(f"{session.scheduler.kind} is left.")
        session.leave()
        return
    else:
        clusters = [session.require()]
    _stop_all(session, clusters, detach="all" in line.flags)


def _stop_all(session: Session, clusters: list[Cluster], detach: bool) -> None:
    try:
        stop_all(clusters, say=say, asked=lambda cluster: session.drop(cluster.id), detach=detach)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(
            "Interrupted the waiting only: what was asked to stop goes on stopping."
        ) from None
