"""Capabilities: unguessable, short-lived paths that open one cluster's dashboard and nothing else.

A Bokeh page is foreign HTML, so it runs in a sandbox with an opaque origin: no cookie and no token
of Jupyter goes with its requests. What goes with them is their path, and this is in it.
"""

from __future__ import annotations

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..errors import Refused

__all__ = ("Capabilities", "Capability")

LIFETIME = 600.0
"""Seconds after its last use in which a capability ends. An open websocket keeps it."""

LIMIT = 256
"""Capabilities of one server. The one unused for longest makes room."""

SOCKETS = 32
"""Open websockets of one cluster. A page of Dask's dashboard holds one."""


SHARED = 3_600.0
"""Seconds in which who asks again for the same dashboard gets the same capability. A new path for
every page would have the browser fetch Bokeh's megabytes of scripts again each time."""


@dataclass(eq=False)
class Capability:
    """The right to see one cluster's dashboard.

    Parameters
    ----------
    token
        What stands in the path.
    cluster_id
        The only cluster it opens.
    made
        Epoch seconds.
    expires
        Epoch seconds; moves with each use.
    sockets
        Websockets that are open through it.
    """

    token: str
    cluster_id: str
    made: float
    expires: float
    sockets: int = 0


class Capabilities:
    """All capabilities of one server, in memory: a restart ends them.

    Parameters
    ----------
    clock
        Gives epoch seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._all: dict[str, Capability] = {}

    def __len__(self) -> int:
        return len(self._all)

    def mint(self, cluster_id: str) -> Capability:
        """A capability for a cluster: a new one, or the one made a short while ago.

        Raises
        ------
        Refused
            All there may be are in use.
        """
        self._drop_expired()
        now = self._clock()
        for found in self._all.values():
            if found.cluster_id == cluster_id and now - found.made < SHARED:
                return self.use(found.token)
        if len(self._all) >= LIMIT:
            idle = [found for found in self._all.values() if not found.sockets]
            if not idle:
                raise Refused("Too many dashboards are open.", "Close some and try again.")
            del self._all[min(idle, key=lambda found: found.expires).token]
        made = Capability(secrets.token_urlsafe(32), cluster_id, now, now + LIFETIME)
        self._all[made.token] = made
        return made

    def use(self, token: str) -> Capability:
        """The capability of a path, good for another while.

        Raises
        ------
        Refused
            Unknown or expired; which of the two is nobody's business.
        """
        found = self._all.get(token)
        if found is None or self._expired(found):
            self._all.pop(token, None)
            raise Refused("This view of the dashboard has expired. Open it again from JupyterLab.")
        found.expires = self._clock() + LIFETIME
        return found

    @contextlib.contextmanager
    def hold(self, capability: Capability) -> Iterator[None]:
        """Keep a capability while a websocket is open.

        Raises
        ------
        Refused
            The cluster has as many as it may.
        """
        same = [one for one in self._all.values() if one.cluster_id == capability.cluster_id]
        if sum(one.sockets for one in same) >= SOCKETS:
            raise Refused("Too many pages of this dashboard are open.", "Close some and try again.")
        capability.sockets += 1
        try:
            yield
        finally:
            capability.sockets -= 1
            capability.expires = self._clock() + LIFETIME

    def revoke(self, cluster_id: str) -> None:
        """End all capabilities of a cluster that is gone."""
        for token in [t for t, one in self._all.items() if one.cluster_id == cluster_id]:
            del self._all[token]

    def _expired(self, capability: Capability) -> bool:
        return not capability.sockets and capability.expires <= self._clock()

    def _drop_expired(self) -> None:
        for token in [token for token, one in self._all.items() if self._expired(one)]:
            del self._all[token]
