"""One cluster class of another package, with options of its own: beneath clouds and YARN.

What :class:`~dasklab.deployments.any_class.AnyClass` does with a class that users name, for one
that is known: its options are a form, what is missing is said with the command that brings it, and
a site's section of Dask's configuration shows through.
"""

from __future__ import annotations

import copy
import logging
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

from ..errors import DasklabError, InterpreterUnfit, Unsupported
from ..model.explanation import Advice
from ..model.scaling import Scaling
from ._vm_clusters import short
from .any_class import AnyClass
from .base import Checkpoint, Context, Sample

__all__ = ("Wrapped",)

logger = logging.getLogger(__name__)


class Wrapped(AnyClass):
    """A deployment over one class.

    Class attributes beside those of every deployment: ``factory`` (``module:Class``), ``needs``
    (modules that it takes), ``requirement`` (what pip installs), ``section`` (of Dask's
    configuration) and ``settings`` (an option's name there, where it differs).
    """

    factory: ClassVar[str]
    needs: ClassVar[tuple[str, ...]]
    requirement: ClassVar[str]
    section: ClassVar[str] = ""
    by_hand: ClassVar[str] = "Look in its console, and end it by hand."
    """What a user has to do where :meth:`undo` cannot; ``{id}`` is the cluster's, ``{short}`` what
    stands for it in the names of machines."""
    settings: ClassVar[dict[str, str]] = {}
    launch_patience = 900.0
    stop_patience = 60.0
    undone_anywhere = True

    _begun = False
    """Whether the class was, or may have been, called in this process."""

    _touched = False
    """Whether anything may have been made before the class was called."""

    def __init__(self, options: dict[str, Any], context: Context) -> None:
        super().__init__(options, context)
        kwargs = self.keywords(options, context.id)
        self.call = {"cluster_class": self.factory, "kwargs": kwargs}

    # -- before a launch -------------------------------------------------------------------------
    @classmethod
    def availability(cls) -> DasklabError | None:
        missing = [name for name in cls.needs if not _there(name)]
        if not missing:
            return None
        return InterpreterUnfit(
            f"{sys.executable} has no {' and no '.join(missing)}, which {cls.title} needs.",
            f'Install it there: {sys.executable} -m pip install "{cls.requirement}"',
        )

    @classmethod
    def schema(cls) -> dict[str, Any]:
        schema = copy.deepcopy(cls.options)
        for option in schema["properties"]:
            value = cls.configured(option)
            if value not in (None, "", [], {}):
                setting = f"{cls.section}.{cls.settings.get(option, option)}"
                schema["properties"][option] |= {"default": value, "x-from": setting}
        return schema

    @classmethod
    def configured(cls, option: str) -> Any:
        """What the site's configuration says of an option."""
        import dask

        if not cls.section:
            return None
        return dask.config.get(f"{cls.section}.{cls.settings.get(option, option)}", None)

    @classmethod
    def keywords(cls, options: dict[str, Any], cluster_id: str) -> dict[str, Any]:
        """Arguments of the class: the options, by the names that it gives them."""
        return dict(options)

    @classmethod
    def preview(cls, options: dict[str, Any], scaling: Scaling | None) -> str:
        """The call, which needs none of the packages to be written down."""
        module, _, name = cls.factory.partition(":")
        kwargs = cls.keywords(options, "ID")
        count = 0 if scaling is not None else None
        if count is not None:
            kwargs["n_workers"] = count
        lines = "".join(f"    {key}={value!r},\n" for key, value in kwargs.items())
        text = f"from {module} import {name}\n\ncluster = {name}(\n{lines})\n"
        if scaling is not None and scaling.adaptive:
            text += f"cluster.adapt(minimum={scaling.minimum}, maximum={scaling.maximum})\n"
        elif scaling is not None:
            text += f"cluster.scale({scaling.wanted})\n"
        return "# In a host of its own, with asynchronous=True; ID is the cluster's.\n" + text

    @classmethod
    def warnings(cls, options: dict[str, Any], scaling: Scaling | None) -> list[Advice]:
        return []

    # -- one cluster -----------------------------------------------------------------------------
    async def start(self) -> AsyncIterator[Checkpoint]:
        missing = self.availability()
        if missing is not None:
            raise missing
        known = {"cluster": self.context.id, **self.where(self.given)}
        self._begun = True
        checkpoint = Checkpoint("class", "")
        try:
            async for checkpoint in super().start():
                # Importing it leaves nothing behind.
                data = {} if checkpoint.step == "class" else known
                yield Checkpoint(checkpoint.step, checkpoint.title, data)
        except DasklabError:
            if self.cluster is None and not self._touched:  # there is nothing to undo
                yield Checkpoint(checkpoint.step, checkpoint.title)
            raise

    @classmethod
    def where(cls, options: dict[str, Any]) -> dict[str, Any]:
        """What else :meth:`undo` must know."""
        return {}

    def _secures(self) -> bool:
        return False  # each is known: it has TLS, or it is said who can reach it

    def _find(self) -> Any:
        found = super()._find()  # which says it if it is not there
        return self._improved(found)

    def _improved(self, found: Any) -> Any:
        """The class, or one of ours that puts it right."""
        return found

    def _tell(self, text: str) -> None:
        """What the class logs of its machines, as the launch's step."""
        if self.cluster is None or self.cluster.status.name in ("created", "starting"):
            self.context.step("cluster", f"Starting {self.factory.partition(':')[2]}: {text}")

    def _configure(self) -> None:
        """Nothing: folders of this machine are not those of machines elsewhere."""

    async def scale(self, scaling: Scaling) -> None:
        try:
            with self._readable(self._find()):
                await super().scale(scaling)
        finally:
            self._tidy()

    def _tidy(self) -> None:
        """Workers that were refused, or are lost, would count as planned for ever.

        SpecCluster keeps both, makes neither anew, and fails when it closes the former.
        """
        cluster: Any = self.cluster
        if not hasattr(cluster, "worker_spec") or cluster._lock.locked():
            return
        for name, worker in list(cluster.workers.items()):
            if worker.status.name == "created" or self._ended(worker):
                del cluster.workers[name]
                cluster._created.discard(worker)
        for name in set(cluster.worker_spec) - set(cluster.workers):
            del cluster.worker_spec[name]

    def _ended(self, worker: Any) -> bool:
        """Whether a worker's machine is known to be gone."""
        return False

    async def sample(self) -> Sample:
        return replace(await super().sample(), security=self._credentials())

    def _credentials(self) -> dict[str, str]:
        """Files with which clients connect, where the class made certificates for this cluster."""
        security = getattr(self.cluster, "security", None)
        found = {}
        for name in ("tls_ca_file", "tls_client_cert", "tls_client_key"):
            text = getattr(security, name, None)
            if not text or not self.context.scratch:
                return {}
            path = Path(self.context.scratch) / f"{name}.pem"
            if "-----BEGIN" not in text:
                path = Path(text)  # a file of the user's own
            elif not path.exists():
                descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
                with open(descriptor, "w", encoding="ascii") as file:
                    file.write(text)
            found[name] = str(path)
        return found

    async def stop(self, checkpoint: dict[str, Any] | None) -> None:
        try:
            await super().stop(checkpoint)
        except Exception:  # of another package, which may be half-way: the rest is undone by id
            logger.exception("%s did not close in order", self.factory)
            self.closed_in_order = False
        if checkpoint and checkpoint.get("cluster"):
            await self.undo(checkpoint, not self._begun or not self.closed_in_order)

    async def undo(self, checkpoint: dict[str, Any], fresh: bool) -> None:
        """Remove what the class leaves behind, or all of it.

        Parameters
        ----------
        fresh
            Its object is gone, or did not close in order: what it has made may all be there.

        Raises
        ------
        Unsupported
            Only by hand, which is the case unless a deployment knows better.
        """
        if fresh:
            raise Unsupported(
                f"What {self.title} runs for this cluster may go on, and costs: only the process "
                "that started it could end it.",
                self.by_hand.format(id=checkpoint["cluster"], short=short(checkpoint["cluster"]))
                + " Forget the cluster in the list when nothing of it is left.",
            )


def _there(module: str) -> bool:
    """Whether a module can be found, also one of a package that is not there."""
    try:
        return find_spec(module) is not None
    except (ModuleNotFoundError, ValueError):
        return False
