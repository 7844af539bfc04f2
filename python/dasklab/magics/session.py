"""What ``%dask`` remembers in one kernel: the current cluster, its client, and what to offer."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from ..errors import ClusterUnknown, DasklabError, HostUnreachable
from ..registry import Registry

if TYPE_CHECKING:
    from distributed import Client

    from ..client import Cluster
    from ..widgets.recording import Recording
    from .schedulers import Scheduler

__all__ = ("Session", "reaching")

FRESH = 30.0
"""Seconds after which what completion offers is looked up again, in the background."""


class Session:
    """State of ``%dask`` in one shell.

    Parameters
    ----------
    shell
        The IPython shell.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.registry = Registry()
        self.client: Client | None = None
        self._cluster: Cluster | None = None
        self.catalogues: dict[str | None, list[dict[str, Any]]] = {}
        self.profiles: dict[str, dict[str, Any]] = {}
        self.kernelspecs: list[str] = []
        self.discovered: dict[str, tuple[dict[str, Any], str | None]] = {}
        """What the last ``%dask discover`` found, by name, and in which environment."""
        self.pages: list[str] = []
        self.scheduler: Scheduler | None = None
        self.launched = False
        self.watching = False
        self.last_run: Recording | None = None
        self._learned = 0.0
        self._learning = threading.Lock()

    @property
    def notebook(self) -> bool:
        """Whether outputs go to a front end that shows HTML."""
        return hasattr(self.shell, "kernel")

    # -- the current cluster -------------------------------------------------------------------
    @property
    def cluster(self) -> Cluster | None:
        """The cluster that commands are about.

        Without ``%dask start`` or ``use`` it is the one that the notebook's own ``client`` is
        connected to, however that was made, if it is in the list.
        """
        if self._cluster is None:
            self._adopt()
        return self._cluster

    @cluster.setter
    def cluster(self, cluster: Cluster | None) -> None:
        self._cluster = cluster

    def _adopt(self) -> None:
        module = sys.modules.get("distributed")
        found = self.shell.user_ns.get("client")
        kind = getattr(module, "Client", None)
        if kind is None or not isinstance(found, kind) or found.status != "running":
            return
        from ..client import Cluster

        with contextlib.suppress(DasklabError, AttributeError):
            record = self.registry.find(str(found.scheduler.address))
            if not record.phase.ended:
                self._cluster = Cluster(record, registry=self.registry)
                self.client = found

    def require(self) -> Cluster:
        """The current cluster.

        Raises
        ------
        ClusterUnknown
            There is none; with what to do.
        """
        cluster = self.cluster
        if cluster is not None:
            with contextlib.suppress(ClusterUnknown):
                cluster.record  # noqa: B018  whether it has been forgotten
                return cluster
            self._cluster = None
        names = [item.name for item in self.registry.records()[0] if not item.phase.ended]
        hint = "Start one: %dask start local -n 2"
        if names:
            hint = f"Use one that is there: %dask use {names[0]}"
        raise ClusterUnknown("This notebook has no cluster yet.", hint, details={"names": names})

    def connect(self, cluster: Cluster) -> None:
        """Make a cluster the current one and ``client`` a ready Client of it.

        Raises
        ------
        DasklabError
            It cannot be reached, and why.
        """
        self.leave()  # first: a client remembers what computed before it, and brings that back
        if not self._connected(cluster):
            self.take(reaching(cluster.name, cluster.client))
        self._cluster = cluster

    def _connected(self, cluster: Cluster) -> bool:
        """Whether ``client`` is one of this cluster, ready, and what Dask computes with.

        A second one would cost a connection, and outlive the cluster: only the last is closed.
        """
        client, current = self.client, self._cluster
        if client is None or current is None or current.id != cluster.id:
            return False
        if client.status != "running" or self.shell.user_ns.get("client") is not client:
            return False
        from distributed import default_client

        return default_client() is client

    def leave(self) -> None:
        """No scheduler of this kernel alone computes any more."""
        scheduler, self.scheduler = self.scheduler, None
        if scheduler is not None:
            scheduler.leave()

    def take(self, client: Client) -> None:
        """Put a client into the user's namespace.

        One that it replaces is left to the garbage collector: futures may still need it.
        """
        self.client = client
        self.shell.push({"client": client}, interactive=False)

    def drop(self, cluster_id: str) -> None:
        """The cluster ends: close its client, before that sees its scheduler vanish."""
        if self._cluster is None or self._cluster.id != cluster_id:
            return
        self._cluster = None
        self._close()

    def _close(self) -> None:
        client, self.client = self.client, None
        if client is not None:
            with contextlib.suppress(Exception):  # it may be closing, or have lost its scheduler
                client.close(timeout=2)

    def bury(self) -> str:
        """Close the client of a cluster that others have ended; what there is to say of it.

        Dask would have the next computation wait half a minute for the scheduler to come back.
        """
        client, cluster = self.client, self._cluster
        if client is None or cluster is None:
            return ""
        with contextlib.suppress(DasklabError):
            record = self.registry.get(cluster.id)
            if not record.phase.ended:
                return ""
            silent = client.status == "closed"
            self._close()
            if not silent:
                from ..client.render import error_text
                from ..client.unanswered import gone

                return error_text(gone(record).to_wire())
        return ""

    # -- what can be chosen from -----------------------------------------------------------------
    def catalogue(self, environment: str | None, wanted: str | None = None) -> list[dict[str, Any]]:
        """The deployments of an environment, remembered for completion."""
        from ..launching import catalogue

        found = catalogue(environment, wanted=wanted)
        self.catalogues[environment] = found
        return found

    def learn(self) -> None:
        """Look up what completion offers: deployments, profiles, kernelspecs."""
        from ..environments import environments
        from ..launching import profiles

        self._learned = time.monotonic()
        self.profiles = profiles()
        with contextlib.suppress(DasklabError):
            self.catalogue(None)
        self.kernelspecs = [str(row["name"]) for row in environments()]

    def refresh(self) -> None:
        """Learn anew in the background when it was long ago; back at once."""
        if not self._learned or time.monotonic() - self._learned < FRESH:
            return  # the first time is the warming-up's
        if not self._learning.acquire(blocking=False):
            return

        def work() -> None:
            try:
                with contextlib.suppress(Exception):  # completion offers what it knows
                    self.learn()
            finally:
                self._learning.release()

        threading.Thread(target=work, name="dasklab-learn", daemon=True).start()


def reaching(name: str, make: Any) -> Any:
    """Make a client; what distributed raises becomes one sentence."""
    try:
        return make()
    except DasklabError:
        raise
    except (OSError, TimeoutError, ValueError, TypeError, ImportError) as error:
        text = " ".join(str(error).split())[:300] or type(error).__name__
        raise HostUnreachable(
            f"{name} cannot be reached: {text}.".replace("..", "."),
            "See %dask list for what is there.",
        ) from error
