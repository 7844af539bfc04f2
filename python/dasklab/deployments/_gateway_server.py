"""A Dask Gateway server, asked through dask-gateway's own client; its failures made readable.

Used by ``gateway`` only. Address, proxy and login come from Dask's configuration (``gateway.*``)
unless options say otherwise, so a site's ``gateway.yaml`` is all that most users need.
"""

from __future__ import annotations

import asyncio
import contextlib
import warnings
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

from ..errors import ClusterUnknown, Conflict, OptionsInvalid, StartFailed
from ..model.record import Endpoint

__all__ = ("GatewayServer", "configured", "unnoted")

ANSWER = 20.0
"""Seconds for an answer."""

HELD = 120.0
"""The same where the server holds a question back until it has something to say: it does so for
20 seconds by itself."""

WINDOW = 20.0
"""Seconds after a request in which a cluster of ours that nobody has noted may have been made."""

ENDED = ("STOPPED", "FAILED")


def configured(setting: str) -> Any:
    """A setting of the section ``gateway`` of Dask's configuration; its variables filled in."""
    import os

    import dask

    value = dask.config.get(f"gateway.{setting}", None)
    if not isinstance(value, str):
        return value
    try:
        return value.format(**os.environ)  # as dask-gateway does
    except (KeyError, ValueError, IndexError):
        return value


class GatewayServer:
    """One server, as one user sees it; to be closed.

    Parameters
    ----------
    address, proxy_address, auth
        As :class:`dask_gateway.Gateway` takes them; ``None`` for those of the configuration.

    Raises
    ------
    OptionsInvalid
        There is no address.
    """

    def __init__(
        self,
        address: str | None = None,
        proxy_address: str | int | None = None,
        auth: str | None = None,
    ) -> None:
        from dask_gateway import Gateway

        self.address = str(address or configured("address") or "").rstrip("/")
        if not self.address:
            raise OptionsInvalid(
                "No Dask Gateway is named.",
                "Give --address http://HOST, or set gateway.address in Dask's configuration.",
            )
        try:
            self._gateway = Gateway(
                address=self.address,
                proxy_address=proxy_address,
                public_address=self.address,  # dashboards are fetched by us, not by a browser
                auth=auth,
                asynchronous=True,
            )
        except (TypeError, ValueError, ImportError, AttributeError) as error:
            raise OptionsInvalid(
                f"The login of the gateway cannot be used: {error}.",
                "gateway.auth in Dask's configuration has its type and its keyword arguments.",
            ) from error

    @contextlib.contextmanager
    def _readable(self) -> Iterator[None]:
        """A sentence for whatever goes wrong; ``OSError`` where the server is not there."""
        import aiohttp
        from dask_gateway import GatewayClusterError
        from dask_gateway.client import GatewayServerError

        try:
            yield
        except asyncio.TimeoutError:
            raise OSError(f"The gateway at {self.address} does not answer.") from None
        except aiohttp.ClientResponseError as error:
            said = f"({error.status} {error.message})"
            if error.status in (401, 403):
                raise StartFailed(
                    f"The gateway at {self.address} does not accept your login {said}.",
                    "gateway.auth in Dask's configuration says who you are to it.",
                ) from error
            raise StartFailed(
                f"{self.address} does not answer as a gateway {said}.",
                "gateway.address in Dask's configuration is where its API is.",
            ) from error
        except aiohttp.InvalidURL as error:
            raise OptionsInvalid(
                f"{self.address} is not the address of a gateway.",
                "gateway.address in Dask's configuration is where its API is.",
            ) from error
        except (GatewayClusterError, GatewayServerError) as error:
            raise StartFailed(
                f"The gateway says: {' '.join(str(error).split())[:500]}",
                "Its administrator can find more in its log.",
            ) from error

    async def options(self) -> list[Any]:
        """The server's own options, with the defaults of the configuration."""
        with self._readable():
            found = await asyncio.wait_for(self._gateway.cluster_options(), ANSWER)
        return list(found._fields.values())

    async def submit(self, options: dict[str, Any]) -> str:
        """Ask for a cluster; the name that the server gives it.

        Raises
        ------
        OptionsInvalid
            In the server's own words.
        """
        with self._readable():
            try:
                return str(await asyncio.wait_for(self._gateway.submit(**options), ANSWER))
            except ValueError as error:
                raise OptionsInvalid(
                    f"The gateway does not take these options: {error}",
                    "%dask help start gateway lists what it takes.",
                ) from error

    async def clusters(self) -> list[Any]:
        """Reports on all clusters of this user that are not over."""
        with self._readable():
            return list(await asyncio.wait_for(self._gateway.list_clusters(), ANSWER))

    async def report(self, name: str, *, wait: bool = False) -> Any:
        """What the server says of a cluster; with ``wait``, when it has something to say.

        Raises
        ------
        ClusterUnknown
            It has none of that name, or has forgotten it.
        """
        seconds = HELD if wait else ANSWER
        with self._readable():
            try:
                return await asyncio.wait_for(self._gateway.get_cluster(name, wait=wait), seconds)
            except ValueError as error:
                raise ClusterUnknown(
                    f"The gateway has no cluster {name[:80]!r} of yours.",
                    "See %dask discover for those it has.",
                ) from error

    async def scale(self, name: str, count: int) -> str:
        """Have that many workers; what the server has to say to that, if anything."""
        with self._readable():
            return await _heard(self._gateway.scale_cluster(name, count))

    async def adapt(self, name: str, minimum: int, maximum: int) -> str:
        """Scale by load; what the server has to say to that, if anything."""
        with self._readable():
            question = self._gateway.adapt_cluster(name, minimum=minimum, maximum=maximum)
            return await _heard(question)

    async def stop(self, name: str, seconds: float) -> bool:
        """Stop a cluster; whether the server says in that time that nothing of it is left."""
        with self._readable():
            await asyncio.wait_for(self._gateway.stop_cluster(name), ANSWER)
        deadline = asyncio.get_running_loop().time() + seconds
        while asyncio.get_running_loop().time() < deadline:
            try:
                if (await self.report(name)).status.name in ENDED:
                    return True
            except ClusterUnknown:
                return True
            await asyncio.sleep(0.1)  # it tells nobody when: asked while somebody waits
        return False

    def dashboard(self, report: Any) -> Endpoint | None:
        """Where the server's proxy has a cluster's dashboard."""
        if not report.dashboard_link:
            return None
        link = urlsplit(report.dashboard_link)
        port = link.port or (443 if link.scheme == "https" else 80)
        path = link.path.removesuffix("/status").rstrip("/")
        return Endpoint(link.hostname or "", port, scheme=link.scheme, path=path)

    async def close(self) -> None:
        """Let go of the server."""
        await self._gateway.close()


async def _heard(question: Any) -> str:
    """Ask, and hear what dask-gateway says as a warning."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        await asyncio.wait_for(question, ANSWER)
    return " ".join(str(w.message) for w in heard if w.category.__name__ == "GatewayWarning")


def unnoted(
    reports: Iterable[Any], checkpoint: dict[str, Any], others: Iterable[dict[str, Any]]
) -> str:
    """The cluster whose name a host did not live to note: the only one that came just then.

    Parameters
    ----------
    reports
        On all clusters that the server has of this user.
    others
        Checkpoints of other clusters.

    Returns
    -------
    str
        Its name, empty if there is none.

    Raises
    ------
    Conflict
        There are several, or it may be that of another launch.
    """
    others = list(others)
    at = float(checkpoint.get("at") or 0.0)
    known = {*checkpoint["before"], *(other.get("cluster") for other in others)}
    new = sorted(
        str(report.name)
        for report in reports
        if report.name not in known and -1.0 < report.start_time.timestamp() - at < WINDOW
    )
    asking = [
        other
        for other in others
        if "before" in other and abs(float(other.get("at") or 0.0) - at) < WINDOW
    ]
    if len(new) > 1 or (new and asking):
        raise Conflict(
            f"A launch was cut off that had asked for one of {', '.join(new)}, and it is not known "
            "for which.",
            "Stop by hand what nobody uses: %dask discover lists them.",
        )
    return new[0] if new else ""
