"""What happens to dask-labextension when a server starts that has both.

Its server extension is left out in either case: it has a manager that makes clusters in this very
process, and an address that fetches whatever URL it is given. Imports nothing of it, nor of Dask.
"""

from __future__ import annotations

import sys
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ...imports import after_import
from ..page import change_disabled

if TYPE_CHECKING:
    from ..extension import DasklabServer

__all__ = ("PLUGIN", "replace_manager", "show_panel", "supersede")

MODULE = "dask_labextension"
PLUGIN = "dask-labextension:plugin"


def supersede(dasklab: DasklabServer) -> None:
    """Leave its server extension out; all are known by now, and none is loaded yet."""
    assert dasklab.serverapp is not None
    extensions: Any = dasklab.serverapp.extension_manager.extensions
    package = extensions.get(MODULE)
    if dasklab.labextension and find_spec(MODULE) is None:
        dasklab.serverapp.log.warning(
            "dasklab: c.DasklabServer.labextension is set, and dask-labextension is not installed. "
            "Its REST API is there; for its panel run: pip install 'dasklab[labextension]'"
        )
    if package is None or not package.enabled:
        return
    package.enabled = False
    words = (
        "Its panel and its REST API work on dasklab's hosts."
        if dasklab.labextension
        else "c.DasklabServer.labextension = True brings its panel and its REST API back."
    )
    dasklab.serverapp.log.info(
        "dasklab: takes the place of dask-labextension's server extension. %s", words
    )


def replace_manager(dasklab: DasklabServer) -> None:
    """Have its manager do nothing by itself, and give ours to who asks for it in this process.

    Jupyter has imported the package to look at it, which makes a manager that starts the initial
    clusters as soon as the event loop runs: in this process, where they would end with it.
    """

    if f"{MODULE}.manager" not in sys.modules and find_spec(MODULE) is None:
        return

    def replace(module: ModuleType) -> None:
        dasklab.initial.take()
        if dasklab.labextension:
            module.manager = dasklab.manager  # type: ignore[attr-defined]

    after_import(f"{MODULE}.manager", replace)


def show_panel(settings: dict[str, Any]) -> None:
    """Enable its front end, which dasklab's own disables.

    Parameters
    ----------
    settings
        Of the web application.
    """
    change_disabled(settings, lambda disabled: [name for name in disabled if name != PLUGIN])
