"""Which way plots take to the page: over the server's websocket, as pictures, or as a widget."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from .. import config
from ..client import AsyncCluster
from ..errors import InputError

if TYPE_CHECKING:
    from .widget import PlotsWidget

__all__ = ("give_up", "widget_for")

_silent = False
"""A page of this kernel did not answer: it has no widgets, and others of it have none either."""


def widget_for(
    shell: Any, cluster: AsyncCluster, names: list[str], title: str, seconds: float
) -> PlotsWidget | None:
    """What draws the plots by way of the kernel, where that is the best way; else ``None``.

    Parameters
    ----------
    shell
        IPython's, of a kernel.

    Raises
    ------
    InputError
        The configuration asks for what is none, or for what is not installed.
    """
    wanted = config.get("plots.widget")
    if wanted not in (True, False, "auto"):
        raise InputError(
            f"dasklab.plots.widget is {str(wanted)[:40]!r}.", "Set it to true, false or auto."
        )
    if wanted is False or (wanted == "auto" and (_silent or not _somebody_else_shows(shell))):
        return None
    try:
        from .widget import PlotsWidget
    except ImportError as error:
        if wanted is True:
            raise InputError(
                f"dasklab.plots.widget is true, but {error.name} is not installed.",
                "Install it with: pip install 'dasklab[widgets]'",
            ) from error
        return None
    return PlotsWidget(cluster, names, title, seconds)


def give_up() -> None:
    """Try no further widgets in this kernel, unless the configuration insists."""
    global _silent
    _silent = True


def _somebody_else_shows(shell: Any) -> bool:
    """Whether people look at this kernel, and by way of something that has no dasklab.

    Of a notebook that is only executed, a widget would be saved that shows nothing afterwards.
    """
    environ = os.environ
    if "DASKLAB_BASE_URL" in environ:
        return False  # the server that started it has our extension
    return (
        "JPY_SESSION_NAME" in environ  # Jupyter's servers set it in kernels of notebooks
        or "VSCODE_PID" in environ
        or "__vsc_ipynb_file__" in shell.user_ns  # VS Code sets it in those of other servers
        or "COLAB_RELEASE_TAG" in environ
    )
