"""One module per way to run Dask.

A module here (or an entry point of the group ``dasklab.deployments`` in any other package) adds a
deployment. Importing one imports nothing heavy: a deployment's own package is imported inside its
methods, so that the catalogue can name it and say what is missing.
"""

from __future__ import annotations

import logging
import sys
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import DasklabError, DeploymentUnknown, InterpreterUnfit
from .any_class import AnyClass
from .azure import Azure
from .base import Deployment
from .coiled import Coiled
from .ec2 import EC2
from .existing import Existing
from .fargate import Fargate
from .gateway import Gateway
from .gcp import GCP
from .helm import Helm
from .htcondor import HTCondor
from .kubernetes import Kubernetes
from .local import Local
from .lsf import LSF
from .moab import Moab
from .mpi import Mpi
from .oar import OAR
from .pbs import PBS
from .sge import SGE
from .slurm import Slurm
from .ssh import SSH
from .yarn import Yarn

__all__ = ("catalogue", "find", "load", "no_distributed", "watch")

BUILT_IN: tuple[type[Deployment], ...] = (
    Local,
    SSH,
    Slurm,
    SGE,
    PBS,
    LSF,
    HTCondor,
    OAR,
    Moab,
    Mpi,
    Gateway,
    Existing,
    Kubernetes,
    Helm,
    Yarn,
    Fargate,
    EC2,
    Azure,
    GCP,
    Coiled,
    AnyClass,
)

logger = logging.getLogger(__name__)


def load() -> dict[str, type[Deployment]]:
    """Every deployment by name; a broken entry point is logged and left out."""
    found = {cls.name: cls for cls in BUILT_IN}
    for entry in entry_points(group="dasklab.deployments"):
        try:
            cls = entry.load()
            if not (isinstance(cls, type) and issubclass(cls, Deployment)):
                raise TypeError(f"{entry.value} is not a Deployment")
        except Exception:
            logger.exception("The deployment %s of another package cannot be loaded", entry.name)
        else:
            found.setdefault(entry.name, cls)
    return found


def find(name: str) -> type[Deployment]:
    """The deployment of that name.

    Raises
    ------
    DeploymentUnknown
    """
    deployments = load()
    if name not in deployments:
        raise DeploymentUnknown(
            f"There is no deployment {name[:80]!r}.", f"There are: {', '.join(deployments)}."
        )
    return deployments[name]


def no_distributed(why: str) -> InterpreterUnfit:
    """The sentence for an interpreter that has no distributed."""
    return InterpreterUnfit(
        f"{sys.executable} cannot import distributed ({why}).",
        f'Install it there: {sys.executable} -m pip install "distributed"',
    )


def _missing(cls: type[Deployment]) -> DasklabError | None:
    if find_spec("distributed") is None:
        return no_distributed("it is not installed")
    try:
        return cls.availability()
    except Exception as error:  # of another package: it must not take the others with it
        logger.exception("The deployment %s cannot say whether it is available", cls.name)
        return DasklabError(f"{cls.title} is broken here: {type(error).__name__}: {error}")


def _schema(cls: type[Deployment]) -> dict[str, Any]:
    """Its options with a site's defaults, where there is a Dask that has them."""
    if find_spec("distributed") is None:
        return cls.options
    try:
        return cls.schema()
    except Exception:  # of another package, or of a site's configuration
        logger.exception("The deployment %s cannot say its options", cls.name)
        return cls.options


def watch() -> list[str]:
    """Files and folders that the catalogue depends on: when one changes, it is asked for again."""
    own = [str(path) for path in Path(__file__).parent.glob("*.py")]
    settings: list[str] = []
    if find_spec("dask") is not None:
        import dask.config

        for folder in map(Path, dask.config.paths):
            settings += [str(folder), *(str(path) for path in folder.glob("*.y*ml"))]
    return sorted({path for path in sys.path if path} | {*own, *settings})


def catalogue() -> list[dict[str, Any]]:
    """What can be launched under this interpreter, as the panel and the magics show it."""
    rows = []
    for name, cls in load().items():
        missing = _missing(cls)
        rows.append(
            {
                "name": name,
                "title": cls.title,
                "description": cls.description,
                "schema": _schema(cls),
                "workers": cls.takes.to_wire(),
                "limit": cls.worker_limit(),
                "changing": cls.changing(),
                "available": missing is None,
                "missing": None if missing is None else missing.to_wire(),
            }
        )
    return rows
