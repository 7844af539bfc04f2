"""What a launch on a batch system would submit, script by script."""

from __future__ import annotations

import tempfile
from typing import TYPE_CHECKING, Any

from ..model.scaling import Scaling

if TYPE_CHECKING:
    from ._batch import BatchDeployment

__all__ = ("preview",)

ID = "<id>"
PORT = "<port>"
FOLDER = "<folder>"


def preview(cls: type[BatchDeployment], options: dict[str, Any], scaling: Scaling | None) -> str:
    """The scripts; what only a launch knows stands in angle brackets.

    Those are the cluster's id, the scheduler's port, the name of the worker, and the cluster's
    folder among dasklab's files.
    """
    from distributed import Security

    from ._batch import listening, uses_tls
    from ._jobs import command_of

    requests = cls.requests(options)
    host, scheduler = listening(requests[""], cls.section)
    tls = uses_tls(options, host)
    port = scheduler.get("port") or options.get("scheduler_port") or PORT
    security = None
    if tls:
        security = Security(
            require_encryption=True,
            tls_ca_file=f"{FOLDER}/tls/ca_file.pem",
            tls_worker_cert=f"{FOLDER}/tls/client_cert.pem",
            tls_worker_key=f"{FOLDER}/tls/client_key.pem",
        )
    base = cls.base_class()
    pages = []
    for group, request in requests.items():
        count = _count(scaling, group, request.processes)
        with tempfile.TemporaryDirectory() as place:  # dask-jobqueue makes the folder it is given
            job = base.job_cls(
                f"{'tls' if tls else 'tcp'}://{host}:{port}",
                name="<worker>",
                **{
                    **request.keywords,
                    "config_name": cls.section,
                    "interface": request.interface or None,
                    "protocol": "tls://" if tls else None,
                    "security": security,
                    "job_name": f"dask-{ID}",
                    "log_directory": request.log_directory or place,
                },
            )
            script = job.job_script().replace(place, f"{FOLDER}/output")
        title = f"group {group}: " if group else ""
        pages.append(f"# {title}{count}, each submitted with: {command_of(base.job_cls)}\n{script}")
    return "\n".join(pages)


def _count(scaling: Scaling | None, group: str, processes: int) -> str:
    """How many jobs, in words."""
    if not group and scaling is not None and scaling.adaptive:
        least, most = (-(-int(end or 0) // processes) for end in (scaling.minimum, scaling.maximum))
        return f"{least} to {most} jobs, by load"
    workers = processes if scaling is None else scaling.wanted
    if group:
        workers = scaling.groups.get(group, 0) if scaling is not None else 0
    jobs = -(-workers // processes)
    return f"{jobs} job{'s' * (jobs != 1)}"
