"""What all REST handlers share: who may ask, what a body is, and what an error looks like.

Handlers themselves hold no ``try``: whatever they raise is mapped here, once.
"""

from __future__ import annotations

import json
import math
import uuid
from typing import TYPE_CHECKING, Any, NoReturn

from jupyter_server.base.handlers import APIHandler
from tornado import web

from ..errors import DasklabError, NotFound, Refused, RequestMalformed
from .wire import clean, dumps

if TYPE_CHECKING:
    from ..client import AsyncCluster
    from .extension import DasklabServer

__all__ = ("AUTH_RESOURCE", "READ_ONLY", "ApiHandler", "error_of")

AUTH_RESOURCE = "dasklab"
"""What an Authorizer is asked about."""

READ_ONLY = "Clusters can only be looked at on this server, not changed."

BODY_LIMIT = 1_000_000
"""Bytes of a request: options of a cluster are some hundred."""

HTTP_ERRORS = {
    400: ("request.malformed", "The request could not be understood."),
    401: ("forbidden", "Log in to Jupyter first."),
    403: ("forbidden", "You are not logged in, or not allowed to do this."),
    404: ("not_found", "There is no such address."),
    405: ("method.unsupported", "This address does not take that method."),
    413: ("request.malformed", "The request is too large."),
}
"""Errors that Jupyter and tornado raise, in our form. Their own texts may echo what was sent."""


def error_of(error: BaseException | None, status: int, log: Any) -> tuple[int, dict[str, Any]]:
    """The HTTP status and the JSON of whatever was raised.

    Parameters
    ----------
    error
        An error of ours keeps its words; Jupyter's get ours; anything else is written to the
        log under an id that the user is told.
    status
        What tornado took it for.
    """
    if isinstance(error, DasklabError):
        return error.status, clean(error.to_wire())
    if isinstance(error, web.HTTPError) or error is None:
        code, message = HTTP_ERRORS.get(status, ("request.failed", "The request failed."))
        return status, {"code": code, "message": message, "hint": "", "details": {}}
    mark = uuid.uuid4().hex[:8]
    log.error("dasklab: a request failed (%s)", mark, exc_info=error)
    internal = DasklabError(
        "Something went wrong in dasklab's server extension.",
        f"The Jupyter server's log has the details under {mark}.",
    )
    return internal.status, internal.to_wire()


class ApiHandler(APIHandler):
    """Base of every REST handler of ours."""

    auth_resource = AUTH_RESOURCE

    _track_activity = False
    """A panel that is merely open must not keep a Hub from culling the server."""

    read_only_safe = False
    """Whether POST changes nothing here, so that it is allowed on a read-only server."""

    async def prepare(self, **_: Any) -> None:
        """Refuse what is too large, and changes on a server that allows none."""
        await super().prepare()
        if len(self.request.body) > BODY_LIMIT:
            raise web.HTTPError(413)
        harmless = self.request.method in ("GET", "HEAD", "OPTIONS") or self.read_only_safe
        if self.dasklab.read_only and not harmless:
            raise Refused(READ_ONLY)

    @property
    def dasklab(self) -> DasklabServer:
        """The extension, with what its handlers work on."""
        found: DasklabServer = self.settings["dasklab"]
        return found

    async def cluster(self, cluster_id: str) -> AsyncCluster:
        """One cluster by id.

        Raises
        ------
        ClusterUnknown, RegistryError
        """
        return await self.dasklab.cluster(cluster_id)

    def body(self, *fields: str) -> dict[str, Any]:
        """The request's JSON object; no body is an empty one.

        Parameters
        ----------
        fields
            What it may have. A misspelt one is an error, not a default.

        Raises
        ------
        RequestMalformed
        """
        data = self.data()
        unknown = sorted(set(data) - set(fields))
        if unknown:
            raise RequestMalformed(
                f"There is no field {unknown[0][:60]!r} in this request.",
                f"It takes: {', '.join(fields)}." if fields else "It takes none.",
                details={"fields": [name[:60] for name in unknown[:20]]},
            )
        return data

    def data(self) -> dict[str, Any]:
        """The request's JSON object, whatever its fields; no body is an empty one.

        Raises
        ------
        RequestMalformed
        """
        if not self.request.body:
            return {}
        try:
            data = json.loads(self.request.body, parse_constant=_no_number, parse_float=_number)
        except (ValueError, RecursionError):
            raise RequestMalformed(
                "The body is not JSON.", 'Send an object such as {"workers": 2}.'
            ) from None
        if not isinstance(data, dict):
            raise RequestMalformed(
                "The body is not a JSON object.", 'Send an object such as {"workers": 2}.'
            )
        return data

    def answer(self, data: Any, status: int = 200) -> None:
        """Finish with JSON."""
        self.set_status(status)
        self.finish(dumps(clean(data)))

    def changed(self, data: dict[str, Any], status: int = 202) -> None:
        """Answer with a cluster's new state, which the next list shows as well."""
        self.dasklab.watcher.hear(data)
        self.answer(data, status)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Every error of every route in the one format."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        status, data = error_of(error, status_code, self.log)
        self.set_status(status)
        self.finish(dumps({"error": data}))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """Only tornado's own; ours are answers, and the rest is logged with its id."""
        if isinstance(value, web.HTTPError):
            super().log_exception(typ, value, tb)

    def missing(self) -> NoReturn:
        """Say that there is no such address."""
        raise NotFound("There is no such address.", "GET dasklab/api/openapi lists all of them.")


def _no_number(text: str) -> NoReturn:
    raise ValueError(text)  # NaN and Infinity are no JSON, though Python reads them


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)  # 1e999
    return number
