"""Clusters of plain Dask to watch."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from ..magics.kernels import Kernel


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A cluster of threads in this process: its scheduler can be looked at."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=False,
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    ) as found:
        yield found


@pytest.fixture
def client(cluster: Any) -> Iterator[Any]:
    """A client of it."""
    from distributed import Client

    with Client(cluster) as found:
        yield found


@pytest.fixture
def kernel() -> Iterator[Kernel]:
    """A real kernel in a process of its own."""
    with Kernel() as found:
        yield found
