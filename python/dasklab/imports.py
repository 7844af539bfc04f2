"""Something to do once a package has been imported, without importing it.

``%load_ext dasklab`` must not import distributed, and yet has to set things up in it (links,
publishing) as soon as a notebook does. Standard library only; imports nothing of dasklab.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ("after_import",)

logger = logging.getLogger(__name__)

Callback = Callable[[ModuleType], object]


def after_import(name: str, callback: Callback) -> None:
    """Call something with a module once that has been imported; at once if it has been.

    Parameters
    ----------
    name
        Full name of the module.
    callback
        Called once with the module, in the thread that imports it, when its code has run. What it
        raises is logged: an import of somebody else's must not fail because of it.
    """
    module = _ready(name)
    if module is None:
        with _lock:
            _waiting.setdefault(name, []).append(callback)
            if _finder not in sys.meta_path:
                sys.meta_path.insert(0, _finder)
        # It may have been imported while we put the callback down.
        module = _ready(name)
        if module is None or not _take_back(name, callback):
            return
    _call(callback, module)


def _ready(name: str) -> ModuleType | None:
    """The module, if its code has run to the end."""
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None)
    # Python calls a module initialized only after its loader, and so our callbacks, are through.
    unfinished = getattr(spec, "_initializing", False) and name not in _ran
    return None if unfinished else module


def _take_back(name: str, callback: Callback) -> bool:
    with _lock:
        callbacks = _waiting.get(name, [])
        if callback not in callbacks:
            return False  # somebody called it in between
        callbacks.remove(callback)
        _forget_if_done(name)
        return True


def _forget_if_done(name: str) -> None:
    if not _waiting.get(name):
        _waiting.pop(name, None)
    if not _waiting and _finder in sys.meta_path:
        sys.meta_path.remove(_finder)


def _imported(module: ModuleType) -> None:
    with _lock:
        _ran.add(module.__name__)
        callbacks = _waiting.pop(module.__name__, [])
        _forget_if_done(module.__name__)
    for callback in callbacks:
        _call(callback, module)


def _call(callback: Callback, module: ModuleType) -> None:
    try:
        callback(module)
    except Exception:
        logger.warning("After importing %s: a callback failed", module.__name__, exc_info=True)


class _Loader:
    """The real loader, and our callbacks after it."""

    def __init__(self, loader: Any) -> None:
        self._loader = loader

    def __getattr__(self, name: str) -> Any:
        # Whoever only looks (importlib.util.find_spec, pkgutil, resources) sees the real one.
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        found: ModuleType | None = self._loader.create_module(spec)
        return found

    def exec_module(self, module: ModuleType) -> None:
        # First of all, so that the module keeps nothing of this for the rest of its life.
        module.__loader__ = self._loader
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        _imported(module)


class _Finder:
    """First on ``sys.meta_path`` while something is waited for; finds what the others find."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if name not in _waiting:
            return None
        for finder in list(sys.meta_path):
            if finder is self or not hasattr(finder, "find_spec"):
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                if spec.loader is not None and hasattr(spec.loader, "exec_module"):
                    spec.loader = _Loader(spec.loader)  # type: ignore[assignment]
                return spec
        return None


_lock = threading.RLock()
_waiting: dict[str, list[Callback]] = {}
_ran: set[str] = set()
_finder: Any = _Finder()
