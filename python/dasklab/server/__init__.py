"""The Jupyter server extension: REST, events and the dashboard proxy, all clients of hosts.

Nothing of Dask runs in this process and nothing of it is imported here: clusters live in hosts,
and a server that is restarted or killed loses none. Imports only dasklab's client side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .extension import DasklabServer

__all__ = ("DasklabServer",)


def __getattr__(name: str) -> Any:
    if name == "DasklabServer":
        from .extension import DasklabServer

        return DasklabServer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """What Jupyter asks for when it is told to load ``dasklab.server``."""
    from .extension import DasklabServer

    return [{"module": __name__, "app": DasklabServer}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    """What Jupyter calls when it knows the module only, not the application in it."""
    from .extension import DasklabServer

    application: Any = DasklabServer
    application._load_jupyter_server_extension(serverapp)
