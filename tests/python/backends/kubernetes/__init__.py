"""A stand-in of a Kubernetes cluster, with the real Dask operator working on it.

Debian has no API server and a container runtime needs more than a test machine gives, so this is
our own: an API server at the HTTP level (``server.py``, ``store.py``) and a node that runs
containers' commands as local processes (``kubelet.py``). The operator is dask-kubernetes' own.
"""

from .rig import Rig, kubernetes

__all__ = ("Rig", "kubernetes")
