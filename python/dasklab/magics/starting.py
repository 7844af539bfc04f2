"""``%dask start``: the launch, the card that shows its steps, and what an interrupt leaves."""

from __future__ import annotations

import concurrent.futures
import contextlib
import threading
import time
import uuid
from typing import TYPE_CHECKING, Any

from ..client import Cluster
from ..client.words import advice_text
from ..errors import DasklabError
from ..launching import HANDSHAKE, launch, preview
from .asking import read_request
from .display import Live, say
from .schedulers import chosen
from .schedulers import start as start_scheduler

if TYPE_CHECKING:
    from ..launching import LaunchRequest
    from ..model.record import Record
    from .session import Session

__all__ = ("begin", "in_use", "start")


def start(session: Session, tokens: list[str]) -> None:
    """Start a cluster; wait until its workers are there; connect ``client``."""
    if chosen(tokens):
        start_scheduler(session, tokens)
        return
    request, flags, enough = read_request(session, tokens, uuid.uuid4().hex)
    if "preview" in flags:
        found = preview(request)
        say(found["text"])
        for advice in found["advice"]:
            say(advice_text(advice))
        return
    begin(session, request, enough, wait="no-wait" not in flags)


def begin(
    session: Session, request: LaunchRequest, enough: int | None = None, *, wait: bool = True
) -> None:
    """Launch what was asked for, and connect to it when ``enough`` workers (all) are there."""
    attempt = _Launch(request, session)
    live = Live(session)
    session.launched = True
    try:
        attempt.begin()
        cluster = Cluster(attempt.result(), registry=session.registry)
        live.show(cluster.record.to_wire())
        if not wait:
            session.cluster = cluster
            say(f"It goes on starting; connect to it with %dask use {cluster.name}")
            return
        _follow(session, cluster, live, enough)
    except KeyboardInterrupt:
        raise KeyboardInterrupt(_interrupted(session, attempt, live)) from None


class _Launch:
    """The launch itself, in a thread: an interrupt must not lose sight of what it made."""

    def __init__(self, request: LaunchRequest, session: Session) -> None:
        self.registry = session.registry
        self._future: concurrent.futures.Future[Record] = concurrent.futures.Future()
        self._request = request
        self._begun = False

    def begin(self) -> None:
        """Launch; apart from the constructor, so that an interrupt always finds this object."""
        self._begun = True
        threading.Thread(target=self._run, name="dasklab-launch", daemon=True).start()

    def _run(self) -> None:
        try:
            self._future.set_result(launch(self._request, registry=self.registry))
        except BaseException as error:  # noqa: BLE001  whatever it is belongs to the waiter
            self._future.set_exception(error)

    def result(self) -> Record:
        """The record, once the host has accepted."""
        return self._future.result()

    def cancel(self) -> Cluster | None:
        """What was made, if anything was; stopped when it has only begun to start."""
        if not self._begun:
            return None
        try:
            record = self._future.result(timeout=HANDSHAKE + 5)
        except (DasklabError, concurrent.futures.TimeoutError):
            return None
        cluster = Cluster(record, registry=self.registry)
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


def _follow(session: Session, cluster: Cluster, live: Live, enough: int | None) -> None:
    """Wait for the workers (so many are enough), showing the steps; leave the card of the end."""
    try:
        info = cluster.wait(enough, seen=live.seen)
        session.connect(cluster)
    except DasklabError:
        with contextlib.suppress(DasklabError):
            live.close(cluster.info)  # with its reason and the end of its log
        raise
    live.close(in_use(info))


def in_use(info: dict[str, Any]) -> dict[str, Any]:
    """The cluster's JSON with our client, which its host will have noticed in a moment.

    The card stays in the notebook: it must not say that nobody is connected.
    """
    lease = dict(info.get("lease") or {})
    if lease.get("cause") == "no-client":
        idle = lease.get("idle")
        lease["cause"] = "idle" if idle else None
        lease["deadline"] = time.time() + idle if idle else None
    return {**info, "lease": lease, "clients": max(1, info.get("clients") or 0)}


def _interrupted(session: Session, attempt: _Launch, live: Live) -> str:
    """Clear up after an interrupt; what to say."""
    try:
        cluster = attempt.cancel()
    except KeyboardInterrupt:
        attempt.cancel_later()
        return "Interrupted: the start is being cancelled."
    if cluster is None:
        return "Interrupted: nothing was started."
    if cluster.record.phase.ended:
        live.close(cluster.record.to_wire())
        return f"Interrupted: the start of {cluster.name} was cancelled; nothing of it is left."
    with contextlib.suppress(DasklabError):
        session.connect(cluster)
        live.close(in_use(cluster.info))
    return (
        f"Interrupted the waiting only: {cluster.name} goes on, and `client` is connected to it. "
        "End it with %dask stop."
    )
