"""Which cluster this process computes on, for front ends that ask a kernel.

JupyterLab's extension asks an idle kernel that has dasklab loaded (``src/plugins/kernel.ts``), so
that its status bar speaks of the right cluster, whatever connected the notebook. Imports nothing
heavy: where distributed was not imported, nothing is connected.
"""

from __future__ import annotations

import contextlib
import sys

from .errors import DasklabError
from .registry import Registry

__all__ = ("current_id",)


def current_id() -> str:
    """Id of the live cluster that Dask's default client is connected to.

    Empty if there is no client, or its scheduler is in no list.
    """
    distributed = sys.modules.get("distributed")
    # ValueError: there is no client. AttributeError: it has no scheduler, as one that was closed.
    with contextlib.suppress(AttributeError, DasklabError, OSError, ValueError):
        address = str(distributed.default_client().scheduler.address)  # type: ignore[union-attr]
        record = Registry().find(address)
        if not record.phase.ended:
            return record.id
    return ""
