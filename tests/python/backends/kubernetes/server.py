"""The HTTP side of the stand-in: the part of Kubernetes' API that clients and the operator use.

Discovery, list, watch, get, create, patch (merge and JSON), delete, logs of pods, and the
websocket of port forwarding. ``python -m tests.python.backends.kubernetes FOLDER`` runs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import tornado.httpserver
import tornado.iostream
import tornado.web
import tornado.websocket

from .kubelet import Kubelet
from .store import KINDS, Failure, Store, selected

VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]
LONE = ("namespaces", "nodes", "customresourcedefinitions")


class Answer(tornado.web.RequestHandler):
    """One answer in JSON; failures have the shape of a ``Status``."""

    def initialize(self, store: Store, kubelet: Kubelet) -> None:
        self.store, self.kubelet = store, kubelet

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = kwargs.get("exc_info", (None, None, None))[1]
        reason = getattr(error, "reason", None) or "InternalError"
        self.finish(
            {
                "kind": "Status", "apiVersion": "v1", "status": "Failure", "code": status_code,
                "reason": reason, "message": getattr(error, "message", str(error)),
            }
        )  # fmt: skip

    def send_failure(self, error: Failure) -> None:
        self.set_status(error.status)
        self.write_error(error.status, exc_info=(type(error), error, None))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        if not isinstance(value, Failure):
            super().log_exception(typ, value, tb)


class Discovery(Answer):
    """What there is: versions, groups, resources."""

    def get(self, path: str) -> None:
        groups = sorted({version for version, _ in KINDS.values() if "/" in version})
        if path == "version":
            self.finish({"major": "1", "minor": "33", "gitVersion": "v1.33.0"})
        elif path == "api":
            self.finish({"kind": "APIVersions", "versions": ["v1"]})
        elif path == "apis":
            self.finish({"kind": "APIGroupList", "groups": [group(name) for name in groups]})
        else:
            version = path.split("/", 1)[1]
            self.finish(
                {
                    "kind": "APIResourceList",
                    "groupVersion": version,
                    "resources": resources(version),
                }
            )


def group(version: str) -> dict[str, Any]:
    name, _, number = version.partition("/")
    one = {"groupVersion": version, "version": number}
    return {"name": name, "versions": [one], "preferredVersion": one}


def resources(version: str) -> list[dict[str, Any]]:
    found = []
    for plural, (of, kind) in KINDS.items():
        if of == version:
            one = {
                "name": plural, "singularName": kind.lower(), "namespaced": plural not in LONE,
                "kind": kind, "verbs": VERBS,
            }  # fmt: skip
            found += [one, one | {"name": f"{plural}/status", "verbs": ["get", "patch"]}]
    return found


class Resource(Answer):
    """The objects of one kind."""

    async def prepare(self) -> None:
        self.plural = self.path_kwargs["plural"]
        self.namespace = self.path_kwargs.get("namespace") or ""
        self.name = self.path_kwargs.get("name") or ""
        # Of what goes wrong for a user the operator must hear nothing: it would stop watching.
        user = self.request.headers.get("Authorization") == "Bearer someone"
        faults = self.kubelet.faults if user else {}
        try:
            if self.plural not in KINDS or self.plural in faults.get("absent", ()):
                raise Failure(404, "NotFound", "the server could not find the requested resource")
            asked = {self.plural, f"{self.request.method} {self.plural}"}
            if asked.intersection(faults.get("forbidden", ())):
                raise Failure(
                    403, "Forbidden",
                    f'{self.plural} is forbidden: User "someone" cannot {self.request.method} '
                    f'resource "{self.plural}" in the namespace "{self.namespace}"',
                )  # fmt: skip
        except Failure as error:
            self.send_failure(error)

    async def get(self, **_: Any) -> None:
        if self.name:
            try:
                self.finish(self.store.get(self.plural, self.namespace, self.name))
            except Failure as error:
                self.send_failure(error)
        elif self.get_argument("watch", "") in ("true", "1", "True"):
            await self._watch()
        else:
            version, kind = KINDS[self.plural]
            items = self.store.list(
                self.plural,
                self.namespace,
                self.get_argument("labelSelector", ""),
                self.get_argument("fieldSelector", ""),
            )
            meta = {"resourceVersion": str(self.store.version)}
            self.finish(
                {"apiVersion": version, "kind": f"{kind}List", "metadata": meta, "items": items}
            )

    async def _watch(self) -> None:
        """One line for each change since ``resourceVersion``, until the client goes away."""
        seen = int(self.get_argument("resourceVersion", "0") or 0)
        labels = self.get_argument("labelSelector", "")
        end = asyncio.get_running_loop().time() + float(self.get_argument("timeoutSeconds", "600"))
        self.set_header("Content-Type", "application/json")
        await self.flush()
        while (left := end - asyncio.get_running_loop().time()) > 0:
            changed = self.store.changed
            for version, what, plural, item in list(self.store.history):
                space = item["metadata"].get("namespace", "")
                if (
                    version > seen
                    and plural == self.plural
                    and self.namespace in ("", space)
                    and selected(item, labels, "")
                ):
                    self.write(json.dumps({"type": what, "object": item}) + "\n")
            seen = max(seen, self.store.version)
            try:
                await self.flush()
            except tornado.iostream.StreamClosedError:
                return
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(changed.wait(), min(left, 5.0))

    def post(self, **_: Any) -> None:
        try:
            self.set_status(201)
            body = json.loads(self.request.body)
            self.finish(self.store.create(self.plural, self.namespace, body))
        except Failure as error:
            self.send_failure(error)

    def patch(self, **_: Any) -> None:
        try:
            body = json.loads(self.request.body)
            self.finish(self.store.patch(self.plural, self.namespace, self.name, body))
        except Failure as error:
            self.send_failure(error)

    def delete(self, **_: Any) -> None:
        try:
            if self.name:
                self.finish(self.store.delete(self.plural, self.namespace, self.name))
                return
            query = self.get_argument("labelSelector", "")
            for item in self.store.list(self.plural, self.namespace, query):
                with contextlib.suppress(Failure):  # gone with another one that owned it
                    self.store.delete(self.plural, self.namespace, item["metadata"]["name"])
            self.finish({"kind": "Status", "status": "Success"})
        except Failure as error:
            self.send_failure(error)


class Logs(Answer):
    """What a pod's container has written."""

    def get(self, namespace: str, name: str) -> None:
        self.set_header("Content-Type", "text/plain")
        lines = self.kubelet.log(name, previous=self.get_argument("previous", "") == "true")
        count = int(self.get_argument("tailLines", "0") or 0)
        self.finish("".join(f"{line}\n" for line in lines[-count:]))


class Forward(tornado.websocket.WebSocketHandler):
    """A port of a pod through a websocket: channel 0 its bytes, channel 1 its errors."""

    def initialize(self, store: Store, kubelet: Kubelet) -> None:
        self.kubelet = kubelet
        self.stream: Any = None
        self.pump: Any = None

    def check_origin(self, origin: str) -> bool:
        return True

    async def open(self, namespace: str, name: str) -> None:
        port = int(self.get_argument("ports"))
        head = port.to_bytes(2, "little")
        await self.write_message(b"\x00" + head, binary=True)
        await self.write_message(b"\x01" + head, binary=True)
        self.ready = asyncio.ensure_future(self.kubelet.connect(name, port))
        self.pump = asyncio.ensure_future(self._pump(port))

    async def _pump(self, port: int) -> None:
        try:
            self.reader, self.writer = await self.ready
        except OSError as error:
            with contextlib.suppress(tornado.websocket.WebSocketClosedError):
                await self.write_message(b"\x01" + f"port {port}: {error}".encode(), binary=True)
            self.close()
            return
        with contextlib.suppress(tornado.websocket.WebSocketClosedError, OSError):
            while data := await self.reader.read(2**16):
                await self.write_message(b"\x00" + data, binary=True)
        self.close()

    async def on_message(self, message: Any) -> None:
        with contextlib.suppress(OSError):
            await asyncio.wait([self.ready])
            _, writer = self.ready.result()
            writer.write(message[1:])
            await writer.drain()

    def on_close(self) -> None:
        if self.pump is not None:
            self.pump.cancel()
        if self.ready.done() and not self.ready.exception():
            self.ready.result()[1].close()


class Faults(Answer):
    """For tests: what is to go wrong, as one JSON object (see :class:`Kubelet`)."""

    def put(self) -> None:
        self.kubelet.faults = json.loads(self.request.body)
        self.finish({})


def application(store: Store, kubelet: Kubelet) -> tornado.web.Application:
    """All routes."""
    own = {"store": store, "kubelet": kubelet}
    base = r"/(?:api/v1|apis/[^/]+/[^/]+)"
    space = rf"{base}/namespaces/(?P<namespace>[^/]+)"
    return tornado.web.Application(
        [
            (r"/(version|api|apis|api/v1|apis/[^/]+/v1)/?", Discovery, own),
            (r"/stand-in/faults", Faults, own),
            (rf"{space}/pods/(?P<name>[^/]+)/log", Logs, own),
            (rf"{space}/pods/(?P<name>[^/]+)/portforward", Forward, own),
            (rf"{space}/(?P<plural>[a-z]+)(?:/(?P<name>[^/]+))?(?:/status)?", Resource, own),
            (rf"{base}/(?P<plural>[a-z]+)(?:/(?P<name>[^/]+))?", Resource, own),
        ]
    )
