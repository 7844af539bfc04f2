"""The description of this API."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from ..base import ApiHandler

__all__ = ("document", "routes")


@functools.cache
def document() -> dict[str, Any]:
    """The OpenAPI document, read once."""
    import yaml

    text = (Path(__file__).parent.parent / "openapi.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


class OpenApi(ApiHandler):
    """The OpenAPI document as JSON, for this server's prefix."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Read."""
        self.answer({**document(), "servers": [{"url": self.dasklab.url("api")}]})


routes = [(r"api/openapi", OpenApi)]
