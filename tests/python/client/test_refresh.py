"""What a client takes from the registry, and what from a host that is ahead of it."""

from __future__ import annotations

from dataclasses import replace

from dasklab.client import AsyncCluster
from dasklab.registry import Registry

from ..support import make_record


def test_what_only_the_registry_has_is_read_also_while_a_host_is_ahead(registry: Registry) -> None:
    """It tells what is new at once, and writes it a moment later."""
    record = make_record()
    registry.write(record)
    cluster = AsyncCluster(record, registry=registry)
    registry.write(replace(record, checkpoint={"name": "dask-one"}))
    cluster._heard({"updated": record.updated + 60, "cores": 7})

    found = cluster.refresh()
    assert (found.cores, found.checkpoint) == (7, {"name": "dask-one"})
