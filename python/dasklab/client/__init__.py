"""The only door to a host: magics, widgets, server and command line all come through here.

``transport`` speaks to one control API, ``asynchronous`` is the API for event loops, ``blocking``
the same for notebooks and scripts, method by method.
"""

from __future__ import annotations

from .asynchronous import AsyncCluster, launch_async
from .blocking import Cluster, clusters, connect, find, launch
from .found import FoundCluster, discover
from .saved import profiles, remove_profile, save_profile

__all__ = (
    "AsyncCluster",
    "Cluster",
    "FoundCluster",
    "clusters",
    "connect",
    "discover",
    "find",
    "launch",
    "launch_async",
    "profiles",
    "remove_profile",
    "save_profile",
)
