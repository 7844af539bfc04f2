"""Pages of our own for a browser's address bar or an iframe: one sentence, nothing echoed."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from .base import AUTH_RESOURCE, error_of

if TYPE_CHECKING:
    from .extension import DasklabServer

__all__ = ("PageHandler", "sentence_page")


def sentence_page(error: dict[str, Any]) -> str:
    """A page that says what an error says; no script, no style from elsewhere."""
    words = escape(f"{error['message']} {error['hint']}".strip())
    return (
        '<!doctype html><html><head><meta charset="utf-8"><title>Dask dashboard</title>'
        '<meta name="color-scheme" content="light dark"></head>'
        f'<body style="font: 14px/1.5 sans-serif; margin: 2em"><p>{words}</p></body></html>'
    )


class PageHandler(JupyterHandler):
    """Base of what is opened in a browser, not fetched by a program."""

    auth_resource = AUTH_RESOURCE

    @property
    def dasklab(self) -> DasklabServer:
        """The extension, with what its handlers work on."""
        found: DasklabServer = self.settings["dasklab"]
        return found

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """One sentence."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        status, data = error_of(error, status_code, self.log)
        self.set_status(status)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        # Read in a notebook's iframe, also where a Hub forbids framing; it is but a sentence.
        self.set_header("Content-Security-Policy", "sandbox; frame-ancestors 'self'")
        self.finish(sentence_page(data))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Only tornado's own; ours are answers, and the rest is logged with its id."""
        if isinstance(value, web.HTTPError):
            super().log_exception(typ, value, tb)
