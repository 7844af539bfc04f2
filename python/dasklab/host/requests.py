"""What all requests to a host's control API share: who may ask, bodies, the form of errors."""

from __future__ import annotations

import json
import logging
import uuid
from typing import TYPE_CHECKING, Any

from tornado import web

from ..errors import DasklabError, NotFound, Refused, RequestMalformed

if TYPE_CHECKING:
    from .control import Control

__all__ = ("Request",)

logger = logging.getLogger(__name__)


class Request(web.RequestHandler):
    """Base of every handler."""

    def initialize(self, control: Control) -> None:
        """Called by tornado's constructor."""
        self.control = control

    def prepare(self) -> None:
        """Nobody but who read the token in the record."""
        if not self.control.admits(self.request.headers):
            raise Refused("This host answers only to the user it belongs to.")

    def body(self) -> dict[str, Any]:
        """The request's JSON object; no body is an empty one."""
        if not self.request.body:
            return {}
        try:
            data = json.loads(self.request.body)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            raise RequestMalformed("The body is not a JSON object.")
        return data

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Errors of ours as they are; the rest under an id that the log has."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        if isinstance(error, web.HTTPError) and error.status_code in (404, 405):
            error = NotFound("There is no such request.")
        if not isinstance(error, DasklabError):
            mark = uuid.uuid4().hex[:8]
            if not isinstance(error, web.HTTPError):
                logger.error("A request failed (%s)", mark, exc_info=error)
            error = DasklabError(
                "Something went wrong in the cluster's host.",
                f"Its log has the details under {mark}.",
            )
        else:
            self.set_status(error.status)
        self.finish({"error": error.to_wire()})

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Written once, in :meth:`write_error`."""
