"""The server's kernelspecs, in the form that launching asks for.

Launching calls ``get_all_specs()`` from a thread; a server's manager may be asynchronous, as a
Gateway's is, so it is asked here, once per request.
"""

from __future__ import annotations

import asyncio
from inspect import isawaitable
from typing import Any

__all__ = ("KnownSpecs", "default_environment", "known_specs")


class KnownSpecs:
    """Kernelspecs as they were a moment ago.

    Parameters
    ----------
    specs
        What a KernelSpecManager's ``get_all_specs`` gives.
    """

    def __init__(self, specs: dict[str, Any]) -> None:
        self._specs = specs

    def get_all_specs(self) -> dict[str, Any]:
        """All of them, by name."""
        return self._specs


async def known_specs(manager: Any) -> KnownSpecs:
    """Ask a manager, synchronous (it reads files) or not."""
    found = await asyncio.to_thread(manager.get_all_specs)
    return KnownSpecs(await found if isawaitable(found) else found)


def default_environment(specs: KnownSpecs, kernels: Any) -> str | None:
    """The environment of the kernel that new notebooks get; ``None`` where that is not Python.

    The server's own interpreter is the wrong guess: it often has no Dask in it.
    """
    name = str(getattr(kernels, "default_kernel_name", "") or "")
    entry = specs.get_all_specs().get(name)
    language = str((entry or {}).get("spec", {}).get("language", ""))
    return name if language.lower() == "python" else None
