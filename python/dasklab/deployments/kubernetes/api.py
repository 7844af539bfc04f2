"""The door to Kubernetes' API: plain JSON in and out, each question with a deadline.

Over kr8s, which dask-kubernetes brings and which knows kubeconfigs, service accounts and the
programs that make tokens. What it raises is made readable here and nowhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from ...errors import (
    DasklabError,
    DeadlinePassed,
    HostUnreachable,
    NotFound,
    Refused,
    StartFailed,
)
from .manifest import API, CLUSTER_LABEL

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ("KINDS", "Api")

DEADLINE = 10.0
"""Seconds for one answer of the API server."""

LISTENING = 2.0
"""Seconds for a port of this machine to be listened on; else it is another's."""

KINDS = {
    "DaskAutoscaler": (API, "daskautoscalers"),
    "DaskCluster": (API, "daskclusters"),
    "DaskJob": (API, "daskjobs"),
    "DaskWorkerGroup": (API, "daskworkergroups"),
    "Deployment": ("apps/v1", "deployments"),
    "Event": ("v1", "events"),
    "Pod": ("v1", "pods"),
    "Service": ("v1", "services"),
}

OPERATOR = (
    "Have an administrator install it: helm install --repo https://helm.dask.org --namespace "
    "dask-operator --create-namespace --generate-name dask-kubernetes-operator."
)


class Api:
    """One namespace of one Kubernetes. Made by :meth:`connect`."""

    def __init__(self, api: Any, namespace: str) -> None:
        self._api = api
        self.namespace = namespace

    @classmethod
    async def connect(cls, namespace: str | None, context: str | None) -> Self:
        """Find the API server and its credentials.

        Raises
        ------
        StartFailed, HostUnreachable, Refused, DeadlinePassed
        """
        import kr8s.asyncio

        async with _readable("be asked for its version"):
            try:
                api = await kr8s.asyncio.api(namespace=namespace, context=context)
            except (ValueError, TypeError, OSError) as error:
                raise StartFailed(
                    f"{sys.executable} finds no Kubernetes to talk to: {error}.",
                    "Set KUBECONFIG to a file with a context that works with kubectl get pods.",
                ) from error
        return cls(api, str(namespace or api.namespace or "default"))

    async def close(self) -> None:
        """Close the connections to the API server; the next question opens one again."""
        session = getattr(self._api, "_session", None)
        if session is not None:
            await session.aclose()

    async def _ask(self, method: str, kind: str, name: str = "", **more: Any) -> Any:
        version, plural = KINDS[kind]
        url = f"{plural}/{name}" if name else plural
        async with (
            _readable(f"{method} {plural}", kind),
            self._api.call_api(
                method, version=version, url=url, namespace=self.namespace, **more
            ) as answer,
        ):
            return answer.json()

    async def find(self, kind: str, selector: str = "") -> list[dict[str, Any]]:
        """Objects with these labels (``a=b,c=d``)."""
        params = {"labelSelector": selector} if selector else {}
        found = await self._ask("GET", kind, params=params)
        return list(found["items"])

    async def of(self, kind: str, cluster: str, part: str = "") -> list[dict[str, Any]]:
        """Objects of one DaskCluster, and of one part of it (``scheduler``, ``worker``)."""
        query = f"{CLUSTER_LABEL}={cluster}"
        return await self.find(kind, f"{query},dask.org/component={part}" if part else query)

    async def get(self, kind: str, name: str) -> dict[str, Any] | None:
        """The object, or ``None``."""
        try:
            return dict(await self._ask("GET", kind, name))
        except _Gone:
            return None

    async def create(self, manifest: dict[str, Any]) -> None:
        """Create what a manifest says."""
        await self._ask("POST", manifest["kind"], json=manifest)

    async def patch(self, kind: str, name: str, change: dict[str, Any]) -> None:
        """Change an object (RFC 7386)."""
        import json

        headers = {"Content-Type": "application/merge-patch+json"}
        await self._ask("PATCH", kind, name, content=json.dumps(change), headers=headers)

    async def delete(self, kind: str, name: str) -> None:
        """Delete an object; it may be gone already."""
        with contextlib.suppress(_Gone):
            await self._ask("DELETE", kind, name)

    async def delete_of(self, kind: str, cluster: str) -> None:
        """Delete everything of this kind that has the cluster's label."""
        try:
            await self._ask("DELETE", kind, params={"labelSelector": f"{CLUSTER_LABEL}={cluster}"})
        except Refused:  # of a collection is a right of its own
            for item in await self.of(kind, cluster):
                await self.delete(kind, item["metadata"]["name"])

    async def logs(self, pod: str, lines: int, *, previous: bool = False) -> list[str]:
        """The last lines of a pod's container, or of the one before it; none if there are none."""
        params = {"tailLines": str(lines), **({"previous": "true"} if previous else {})}
        try:
            async with (
                _readable("logs"),
                self._api.call_api(
                    "GET", version="v1", url=f"pods/{pod}/log", namespace=self.namespace,
                    params=params,
                ) as answer,
            ):  # fmt: skip
                return str(answer.text).splitlines()
        except DasklabError:  # it has not started, or may not be read: then there is none to show
            return []

    async def forward(self, service: str, port: int) -> tuple[Any, int]:
        """Forward any free port of loopback to a service's; what ends it, and the port."""
        from kr8s.asyncio.objects import Service

        async with _readable("forward a port"):
            found = await Service.get(service, namespace=self.namespace, api=self._api)
            while True:
                # kr8s draws a port, and says so as well where it could not have it.
                forward = found.portforward(port, local_port=_free_port())
                local = int(await forward.start())
                end = time.monotonic() + LISTENING
                while time.monotonic() < end:
                    if forward.servers:
                        return forward, local
                    await asyncio.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class _Gone(NotFound):
    """There is no such object, or no such kind; another one than for who asked in vain."""

    code = "kubernetes.gone"


@contextlib.asynccontextmanager
async def _readable(what: str, kind: str = "") -> AsyncIterator[None]:
    """Say what a failure of the API means; give up after :data:`DEADLINE`."""
    import httpx
    import kr8s

    try:
        async with _deadline():
            yield
    except (asyncio.TimeoutError, kr8s.APITimeoutError):
        raise DeadlinePassed(
            f"Kubernetes' API did not answer within {DEADLINE:g} seconds ({what}).",
            "Try kubectl get pods; the way to it (a VPN, a proxy) may be closed.",
        ) from None
    except httpx.TransportError as error:
        raise HostUnreachable(
            f"Kubernetes' API cannot be reached: {str(error) or type(error).__name__}.",
            "Try kubectl get pods; the kubeconfig names another context, or the way is closed.",
        ) from error
    except kr8s.NotFoundError as error:
        raise _Gone(f"Kubernetes has no such object ({what}): {error}.") from error
    except kr8s.ServerError as error:
        raise _failure(error, what, kind) from error


@contextlib.asynccontextmanager
async def _deadline() -> AsyncIterator[None]:
    """``asyncio.timeout`` for Python 3.10."""
    task = asyncio.current_task()
    assert task is not None
    late = False

    def cancel() -> None:
        nonlocal late
        late = True
        task.cancel()

    timer = asyncio.get_running_loop().call_later(DEADLINE, cancel)
    try:
        yield
    except asyncio.CancelledError:
        if late:
            raise asyncio.TimeoutError from None
        raise
    finally:
        timer.cancel()


def _failure(error: Any, what: str, kind: str) -> DasklabError:
    status = getattr(error.response, "status_code", 0)
    said = str(error).strip() or f"status {status}"
    if status == 404 and kind.startswith("Dask") and "requested resource" in said:
        return StartFailed("This Kubernetes does not know the Dask operator's resources.", OPERATOR)
    if status == 404:
        return _Gone(f"Kubernetes has no such object ({what}): {said}.")
    if status in (401, 403):
        return Refused(
            f"Kubernetes refuses it: {said}.",
            "Ask for a role with that right in this namespace, or choose another namespace.",
        )
    if status == 409:
        return StartFailed(f"Kubernetes has one of that name already: {said}.", "Start it again.")
    return StartFailed(f"Kubernetes does not take it: {said}.", "Compare it with the preview.")
