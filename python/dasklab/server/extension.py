"""The extension: what a Jupyter server loads, its configuration, and what its handlers share.

A server starts with it whether or not anybody uses Dask today, so what the handlers work on is
imported and made when it is first asked for.
"""

from __future__ import annotations

import os
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.extension.application import ExtensionApp
from jupyter_server.utils import url_path_join
from tornado.routing import Router
from traitlets import Bool, List, TraitError, Unicode, validate

from . import page
from .labextension import loading

if TYPE_CHECKING:
    from ..client import AsyncCluster
    from ..registry import Registry
    from .capabilities import Capabilities
    from .labextension.initial import InitialClusters
    from .labextension.manager import HostManager
    from .pages import Pages
    from .watcher import Watcher

__all__ = ("DasklabServer",)

EVENT = "https://dasklab.dev/events/cluster/v1"


class DasklabServer(ExtensionApp):
    """Dask clusters over REST, their changes as events, their dashboards through a proxy.

    Configured like any part of Jupyter, such as ``c.DasklabServer.allow_launch = False`` in
    ``jupyter_server_config.py`` or ``jupyter_dasklab_config.py``.
    """

    name = "dasklab"
    description = "Dask clusters in Jupyter"

    allow_launch = Bool(True, help="Whether clusters can be started through this server.").tag(
        config=True
    )

    read_only = Bool(
        False, help="Whether clusters can only be looked at: not started, scaled or stopped."
    ).tag(config=True)

    hide = Bool(
        False,
        help=(
            "Whether JupyterLab and Notebook show nothing of dasklab by themselves: no panel, "
            "card, section, status item, menu, button or command in the palette. What cells ask "
            "for is still there."
        ),
    ).tag(config=True)

    allowed_dashboard_hosts: List[str] = List(
        Unicode(),
        help=(
            "Regular expressions of hosts, other than this machine, whose dashboards may be shown. "
            "Each must match all of a host's name as the scheduler gives it, in lower case, such "
            r'as "node\d+\.cluster\.example" or "10\.0\.\d+\.\d+".'
        ),
    ).tag(config=True)

    labextension = Bool(
        False,
        help=(
            "Whether dask-labextension's own panel and its REST API are there as well, working on "
            "dasklab's hosts: pip install 'dasklab[labextension]'."
        ),
    ).tag(config=True)

    @validate("allowed_dashboard_hosts")
    def _valid_patterns(self, proposal: Any) -> list[str]:
        for pattern in proposal["value"]:
            try:
                re.compile(pattern)
            except re.error as error:
                raise TraitError(
                    f"allowed_dashboard_hosts: {pattern!r} is no regular expression ({error})."
                ) from error
        return list(proposal["value"])

    def _link_jupyter_server_extension(self, serverapp: Any) -> None:
        """Called for all extensions before the first is loaded."""
        super()._link_jupyter_server_extension(serverapp)
        loading.supersede(self)

    async def _start_jupyter_server_extension(self, serverapp: Any) -> None:
        """Called when all are loaded and the server runs; nothing waits for it."""
        if self.labextension:
            loading.show_panel(serverapp.web_app.settings)
        if self.hide:
            page.hide(serverapp.web_app.settings)
        await self.initial.start()

    def initialize_settings(self) -> None:
        """Tell kernels the prefix, the event bus our events, and the page what is allowed."""
        assert self.serverapp is not None
        # Kernels learn the prefix from it, for dashboard links that work through the proxy.
        os.environ["DASKLAB_BASE_URL"] = self.serverapp.base_url
        events: Any = self.serverapp.event_logger
        events.register_event_schema(Path(__file__).parent / "events" / "cluster.yaml")
        loading.replace_manager(self)
        # Written into every page of JupyterLab and Notebook: no request is needed to know it.
        # It is only what the panel shows; what is enforced is enforced here, in the handlers.
        data: Any = self.serverapp.web_app.settings.setdefault("page_config_data", {})
        data["dasklab"] = {"allowLaunch": self.allow_launch, "readOnly": self.read_only}

    def initialize_handlers(self) -> None:
        """Add the routes, last of all the one that answers for unknown ones."""
        from .handlers import routes

        assert self.serverapp is not None
        app: Any = self.serverapp.web_app
        # Not through ExtensionApp.handlers, which takes classes only and no quoted base URL.
        base = re.escape(self.serverapp.base_url.rstrip("/"))
        rules: list[Any] = [(f"{base}/dasklab/{path}", handler) for path, handler in routes]
        rules.insert(0, (rf"{base}/dasklab/view/(.*)", _View(app)))
        if self.labextension:
            from .labextension.handlers import routes as old_routes

            rules[:0] = [(f"{base}/{path}", handler) for path, handler in old_routes]
        app.add_handlers(".*$", rules)

    async def stop_extension(self) -> None:
        """The server ends: clusters live on, what follows them here does not."""
        if "watcher" in self.__dict__:
            await self.watcher.stop()

    # -- what handlers share -------------------------------------------------------------------
    @cached_property
    def registry(self) -> Registry:
        """Where clusters are entered; for single ones, the watcher has its own."""
        from ..registry import Registry

        return Registry()

    @cached_property
    def watcher(self) -> Watcher:
        """Follows clusters, once it is started."""
        from .watcher import Watcher

        assert self.serverapp is not None
        return Watcher(self.registry, self._emit, self.serverapp.log)

    @cached_property
    def pages(self) -> Pages:
        """The pages of dashboards."""
        from .pages import Pages

        return Pages(self.allowed_dashboard_hosts)

    @cached_property
    def capabilities(self) -> Capabilities:
        """The paths through which dashboards can be seen."""
        from .capabilities import Capabilities

        return Capabilities()

    @cached_property
    def initial(self) -> InitialClusters:
        """The clusters that dask-labextension was configured to start with a server."""
        from .labextension.initial import InitialClusters

        return InitialClusters(self)

    @cached_property
    def manager(self) -> HostManager:
        """What dask-labextension's programs find in place of its manager."""
        from .labextension.manager import HostManager

        return HostManager(self)

    async def cluster(self, cluster_id: str) -> AsyncCluster:
        """One cluster by id, its host being followed from now on.

        Raises
        ------
        ClusterUnknown, RegistryError
        """
        from ..client import AsyncCluster
        from ..errors import RecordCorrupt

        await self.watcher.start()
        try:
            record = self.registry.get(cluster_id)
        except RecordCorrupt:
            known = self.watcher.state.record(cluster_id)
            if known is None:
                raise
            cluster = AsyncCluster(known, registry=self.registry)
            self.watcher.hear(await cluster.status())  # what was read of it may be long ago
            return cluster
        return AsyncCluster(record, registry=self.registry)

    def url(self, *parts: str) -> str:
        """A path below this server's prefix."""
        assert self.serverapp is not None
        return str(url_path_join(self.serverapp.base_url, "dasklab", *parts))

    def _emit(self, data: dict[str, Any]) -> None:
        assert self.serverapp is not None
        events: Any = self.serverapp.event_logger
        events.emit(schema_id=EVENT, data=data)


class _View(Router):
    """Finds the proxy's handler when the first dashboard is looked at.

    jupyter-server-proxy brings aiohttp along: a tenth of a second that a server which shows no
    dashboard need not spend.
    """

    SUPPORTED_METHODS = ()  # what Jupyter inspects; the handler itself is decorated

    def __init__(self, app: Any) -> None:
        self._app = app

    def find_handler(self, request: Any, **keywords: Any) -> Any:
        """The delegate for a request below ``dasklab/view``."""
        from .proxy import ViewHandler

        return self._app.get_handler_delegate(request, ViewHandler, **keywords)
