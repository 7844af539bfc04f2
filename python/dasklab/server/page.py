"""Which plugins the pages of JupyterLab and Notebook leave out, whatever their user has enabled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ("HIDDEN", "change_disabled", "hide")

HIDDEN = tuple(
    f"dasklab:{name}"
    for name in (
        # With the schema of the first go menus, shortcut, settings and the notebook's button.
        "panel",
        "commands",
        "launcher",
        "notebook",
        "notifications",
        "palette",
        "running",
        "status",
    )
)
"""The plugins that show something by themselves. The others draw what a cell's output has, and open
what it asks for."""


def change_disabled(settings: dict[str, Any], change: Callable[[list[str]], list[str]]) -> None:
    """Change the list of disabled plugins in every page from now on.

    Parameters
    ----------
    settings
        Of the web application. There is one hook; another extension's (a Hub's) is called first.
    change
        From the list as it would be to the one that counts.
    """
    before = settings.get("page_config_hook")

    def hook(handler: Any, page: dict[str, Any]) -> dict[str, Any]:
        page = page if before is None else before(handler, page)
        return {**page, "disabledExtensions": change(list(page.get("disabledExtensions", [])))}

    settings["page_config_hook"] = hook


def hide(settings: dict[str, Any]) -> None:
    """Show nothing of ours that nobody has asked for."""
    change_disabled(settings, lambda disabled: [*disabled, *HIDDEN])
