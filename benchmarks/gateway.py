"""From the call to the first worker on a Dask Gateway: a host against the bare GatewayCluster.

A real server with its local backend; both sides in turns in one kernel each, the same options.
"""

from __future__ import annotations

from collections.abc import Iterator

from tests.python.backends.gateway import GatewayServer

from .figures import Figure, ratio
from .kernel import Kernel, home

__all__ = ("figures",)

ROUNDS = 9

OURS = """
_cluster = dasklab.launch("gateway", workers=1)
_client = _cluster.client()
assert _client.submit(lambda x: x + 1, 1).result() == 2
"""
OURS_END = "_client.close(); _cluster.stop()"

BARE = """
_cluster = GatewayCluster()
_cluster.scale(1)
_client = _cluster.get_client()
_client.wait_for_workers(1)
assert _client.submit(lambda x: x + 1, 1).result() == 2
"""
BARE_END = "_client.close(); _cluster.shutdown()"


def figures() -> Iterator[Figure]:
    """As the second and later launches of a session are: the catalogue and a standby are there."""
    ours: list[float] = []
    bare: list[float] = []
    with GatewayServer() as server, server.configured(), home(DASK_DASKLAB__PUBLISH="false"):
        with Kernel() as kernel:
            kernel.run("import dasklab\nfrom dask_gateway import GatewayCluster")
            for number in range(ROUNDS + 1):
                sides = [(OURS, OURS_END, ours), (BARE, BARE_END, bare)]
                for begin, end, took in sides if number % 2 else reversed(sides):
                    took.append(kernel.run(begin))
                    kernel.run(end)
        # The first round of both sides pays for imports.
        yield ratio("gateway: call to first worker", ours[1:], bare[1:], 1.10)
