"""The pages of a scheduler's dashboard, as the scheduler itself lists them."""

from __future__ import annotations

import difflib
import http.client
import json
from urllib.parse import urlsplit

from ..errors import HostUnreachable, PageUnknown
from ..tls import trusting

__all__ = ("COMMON", "ask_pages", "choose_page")

COMMON = {
    "status": "Status",
    "workers": "Workers",
    "tasks": "Tasks",
    "system": "System",
    "profile": "Profile",
    "graph": "Graph",
    "groups": "Groups",
    "info/main/workers.html": "Info",
}
"""Whole pages; every version of distributed has them. The single plots it names itself."""

ANSWER_LIMIT = 1_000_000


def ask_pages(address: str, ca: str = "") -> dict[str, str]:
    """The pages that a dashboard has: path, title.

    Parameters
    ----------
    address
        The dashboard's own address, such as ``http://127.0.0.1:8787``.
    ca
        File of the authority of its certificate, where it has one of its own.

    Raises
    ------
    HostUnreachable
        The dashboard does not answer.
    """
    place = urlsplit(address)
    # Not urllib: proxies of the environment have no business on the way to our own scheduler.
    host, port = place.hostname or "", place.port
    connection = http.client.HTTPConnection(host, port, timeout=10)
    try:
        if place.scheme == "https":
            context = trusting(ca)
            connection = http.client.HTTPSConnection(host, port, timeout=10, context=context)
        connection.request("GET", f"{place.path}/individual-plots.json")
        answer = connection.getresponse()
        found = json.loads(answer.read(ANSWER_LIMIT)) if answer.status == 200 else {}
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise HostUnreachable(
            f"The dashboard does not answer ({str(error)[:200] or type(error).__name__}).",
            "It may be very busy; try again.",
        ) from error
    finally:
        connection.close()
    pages = dict(COMMON)
    if isinstance(found, dict):
        for title, path in found.items():
            pages[str(path).strip("/")] = str(title).removeprefix("Individual ")
    return pages


def choose_page(word: str, pages: dict[str, str]) -> str:
    """The path of the page that was meant: ``task-stream`` and ``Task Stream`` will do.

    Raises
    ------
    PageUnknown
        With the nearest names.
    """
    plain = "-".join(word.strip("/").lower().replace("_", " ").split())
    names: dict[str, str] = {}
    for path, title in pages.items():
        for name in (title.lower().replace(" ", "-"), path.removeprefix("individual-"), path):
            names[name] = path
    names |= {path: path for path in pages}  # whole pages go before plots of the same name
    if plain in names:
        return names[plain]
    squeezed = {name.replace("-", ""): path for name, path in names.items()}
    if plain.replace("-", "") in squeezed:
        return squeezed[plain.replace("-", "")]
    every = sorted({path.removeprefix("individual-") for path in pages})
    near = difflib.get_close_matches(plain, names, 3, 0.5)
    shown = list(dict.fromkeys(name.removeprefix("individual-") for name in near))
    raise PageUnknown(
        f"The dashboard has no page {word[:60]!r}.",
        f"Did you mean {' or '.join(shown)}?" if shown else f"There are: {', '.join(every)}.",
        details={"names": sorted(pages)},
    )
