"""The supervisor's way from a request to a running host. Runs in the warden's child.

Two ways in: ``launch`` (a spec came with the request) and ``standby`` (imports done and a fork
server warm, waiting for a spec over the control API, so that a launch takes a tenth of the time).
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
from dataclasses import asdict
from typing import Any

from ..errors import DasklabError
from ..model.spec import Spec
from ..registry import Registry
from .claiming import claim
from .preparing import prepare_dask, use_environment, use_folder

__all__ = ("describe", "supervise")

logger = logging.getLogger(__name__)


def describe(request: dict[str, Any]) -> int:
    """Write what this interpreter can launch, or what a launch would run, as one line of JSON."""
    from ..deployments import catalogue, find, watch

    try:
        if request["mode"] == "preview":
            spec = Spec.from_wire(request["spec"])
            use_environment(spec)
            prepare_dask(spec.config)
            cls = find(spec.deployment)
            answer: dict[str, Any] = {
                "text": cls.preview(spec.options, spec.scaling),
                "advice": [asdict(found) for found in cls.warnings(spec.options, spec.scaling)],
            }
        elif request["mode"] == "discover":
            use_folder(request["cwd"])
            prepare_dask(request["config"])
            import asyncio

            from ..deployments.discovering import discover

            answer = asyncio.run(discover())
        else:
            answer = {"deployments": catalogue(), "watch": watch()}
    except DasklabError as error:
        answer = {"error": error.to_wire()}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    return 0


def supervise(
    request: dict[str, Any], registry: Registry, log: str, scratch: str, answer: int, alive: int
) -> int:
    """Become the host of one cluster; returns the exit code.

    Parameters
    ----------
    scratch
        A folder that the warden removes in the end; empty where it could not be made.
    answer
        File descriptor for the one line of JSON that the launcher waits for; closed after it.
    alive
        File descriptor that ends when the warden does.
    """
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logger.info("Host of dasklab, %s, pid %s", sys.executable, os.getpid())

    def reply(data: dict[str, Any]) -> None:
        with contextlib.suppress(OSError):
            os.write(answer, (json.dumps(data) + "\n").encode())
            os.close(answer)

    early: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        # From before it is in the list: who stops it at its very beginning means it as well.
        signal.signal(number, lambda number, _: early.append(number))
    if request["mode"] == "standby":
        reply({"standby": os.getpid()})
        import asyncio

        from .standby import Standby

        return asyncio.run(Standby(request, registry, log, scratch).run(alive))
    try:
        spec = Spec.from_wire(request["spec"])
        record, created = claim(spec, registry, log, scratch)
    except DasklabError as error:
        reply({"error": error.to_wire()})
        return 1
    reply({"record": record.to_disk(), "created": created})
    if not created:
        return 0
    # Not before that reply: see claiming.py.
    import asyncio

    from .serving import serve

    return asyncio.run(serve(record, spec, registry, alive, early))
