"""Every test has a registry, a temporary folder and a configuration of its own, and leaves nothing.

After each test: what its registry lists is stopped, and the test fails if a process of its is
still there, a scratch folder was left, or a Dask client or thread of its own goes on.
"""

from __future__ import annotations

import contextlib
import multiprocessing.process
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from .support import SmallDisk, alive, end_leftovers, marked, wait_for

# How fast the machine is at the moment is no matter of what is tested.
settings.register_profile("dasklab", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("dasklab")

KEPT_THREADS = (
    "dasklab-client",
    "dasklab-host",
    "dasklab-reap",
    "asyncio_",
    "pydevd",
    "ThreadPool",
    "Dask-Offload",
)
"""Threads that a process keeps by design, one each, or that end by themselves."""


SYSTEMS = {
    "slurm": "slurm",
    "sge": "sge",
    "kubernetes": "kubernetes",
    "helm": "kubernetes",
    "gateway": "gateway",
    "/hub/": "hub",
    "ssh": "ssh",
    "amazon": "amazon",
}
"""By a part of a test's path: what it starts that is real, once a session."""


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests of one file, or of one system, run in one process: what they share is started once.

    Not by xdist's own groups: pytest 9.2 keeps the ids of tests where xdist 3.8 does not mark them.
    """
    from xdist.scheduler import LoadScopeScheduling

    class BySystem(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return next((system for part, system in SYSTEMS.items() if part in path), path)

    return BySystem(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that was skipped, for whatever reason, has failed."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"In CI nothing may be left out. {reason}"
    return report


@pytest.fixture(scope="session", autouse=True)
def _basetemp(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Have pytest choose its folder before a test's own temporary folder is the one."""
    tmp_path_factory.getbasetemp()


@pytest.fixture(autouse=True)
def home() -> Iterator[Path]:
    """The test's own ``DASKLAB_HOME``; what is left behind makes the test fail."""
    with own_home() as home:
        yield home


@contextlib.contextmanager
def own_home() -> Iterator[Path]:
    """A registry, a temporary folder and a configuration, and nothing left of them after it."""
    # Short: the path of a socket has 108 bytes.
    root = Path(tempfile.mkdtemp(prefix="dlt-"))
    home, temporary, settings = root / "home", root / "tmp", root / "dask"
    temporary.mkdir()
    settings.mkdir()
    threads = set(threading.enumerate())
    with pytest.MonkeyPatch.context() as patch, _configuration():
        patch.setenv("DASKLAB_HOME", str(home))
        patch.setenv("TMPDIR", str(temporary))
        patch.setattr(tempfile, "tempdir", str(temporary))
        patch.setenv("DASK_DASKLAB__STANDBY__ENABLED", "false")
        # Not in the environment: catalogues and standbys are kept by what is there.
        patch.setattr("dask.config.PATH", str(settings))
        patch.setattr("dask.config.paths", [str(settings)])
        yield home
        end_leftovers(home)
        left = _left_behind(f"DASKLAB_HOME={home}", temporary, threads)
    shutil.rmtree(root, ignore_errors=True)
    if left:
        pytest.fail("Left behind: " + "; ".join(left), pytrace=False)


@contextlib.contextmanager
def _configuration() -> Iterator[None]:
    """Dask's configuration as it comes, without a standby; changes end with the test."""
    import dask.config

    from dasklab import config

    config.get("standby.enabled")  # brings the defaults in
    with dask.config.set({"dasklab.standby.enabled": False}):
        yield


def _left_behind(marker: str, temporary: Path, threads: set[threading.Thread]) -> list[str]:
    left = []
    here: dict[int, str] = {}

    def gone() -> bool:
        here.clear()
        here.update({pid: line for pid, line in marked(marker).items() if alive(pid)})
        return not here

    with contextlib.suppress(AssertionError):
        wait_for(gone, 5.0)
    for pid, command in here.items():
        left.append(f"process {pid}: {command}")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    mine = multiprocessing.process.current_process()._config.get("tempdir")  # type: ignore[attr-defined]
    for path in temporary.iterdir():
        if path.name.startswith(("dasklab-", "pymp-")) and str(path) != mine:
            left.append(f"folder {path.name} of {[p.name for p in path.iterdir()][:5]}")
    with contextlib.suppress(AssertionError):  # workers of a queue's jobs may still be tidying up
        wait_for(lambda: not list(temporary.glob("dask-scratch-space/*/")), 10.0)
    for path in temporary.glob("dask-scratch-space/*/"):
        left.append(f"folder {path.relative_to(temporary)}")
    if "distributed" in sys.modules:
        from distributed.client import _global_clients

        for client in list(_global_clients.values()):
            if client.status != "closed":
                left.append(f"{client}")
                client.close(timeout=2)

    def surplus() -> list[str]:
        return [
            thread.name
            for thread in set(threading.enumerate()) - threads
            if thread.is_alive()
            and (not thread.daemon or "IO loop" in thread.name)
            and not thread.name.startswith(KEPT_THREADS)
        ]

    with contextlib.suppress(AssertionError):
        wait_for(lambda: not surplus(), 3.0)
    left += [f"thread {name}" for name in surplus()]
    return left


@pytest.fixture
def dask_folder(home: Path) -> Path:
    """The test's own folder of Dask's configuration."""
    return home.parent / "dask"


@pytest.fixture
def registry(home: Path) -> Any:
    """The test's registry."""
    from dasklab.registry import Registry

    return Registry(home)


@pytest.fixture
def small_disk(home: Path) -> Iterator[SmallDisk]:
    """The registry on a disk that can be filled."""
    disk = SmallDisk(home)
    yield disk
    disk.free()
    end_leftovers(home)
    disk.close()


@pytest.fixture(name="wait_for")
def _wait_for() -> Callable[..., Any]:
    """:func:`support.wait_for`, for suites that import nothing from here."""
    return wait_for


@pytest.fixture(scope="session")
def _catalogues() -> dict[str, bytes]:
    """Catalogues that were asked for once, by file name."""
    return {}


@pytest.fixture
def catalogued(home: Path, _catalogues: dict[str, bytes]) -> Iterator[None]:
    """What can be launched here is known already, as it is but for the very first time."""
    home.mkdir(mode=0o700, exist_ok=True)
    for name, content in _catalogues.items():
        (home / name).write_bytes(content)
    yield
    for path in home.glob("catalogue-*.json"):
        _catalogues[path.name] = path.read_bytes()


@pytest.fixture
def launch(catalogued: None) -> Callable[..., Any]:
    """:func:`dasklab.launch` with one small worker unless something else is said."""
    from dasklab import launch as start

    def one(deployment: str = "local", *, workers: Any = 1, **keywords: Any) -> Any:
        keywords.setdefault("timeout", 60)
        return start(deployment, workers=workers, **keywords)

    return one


@pytest.fixture(scope="class")
def shared(request: pytest.FixtureRequest, _catalogues: dict[str, bytes]) -> Iterator[Any]:
    """One running cluster for the tests of a class, which leave it with two workers.

    Of the class's attributes ``deployment`` and ``options``, local and none by default.
    """
    from dasklab import launch as start

    with own_home() as home:
        home.mkdir(mode=0o700)
        for name, content in _catalogues.items():
            (home / name).write_bytes(content)
        cluster = start(
            getattr(request.cls, "deployment", "local"),
            workers=2,
            name="shared",
            timeout=60,
            **getattr(request.cls, "options", {}),
        )
        yield cluster
        cluster.stop()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What has been asked of interpreters: the mode of each request."""
    from dasklab.launching import interpreter

    modes = []
    original = interpreter.ask

    def ask(environment: Any, request: dict[str, Any], environ: Any) -> Any:
        modes.append(request["mode"])
        return original(environment, request, environ)

    monkeypatch.setattr(interpreter, "ask", ask)
    return modes


@pytest.fixture
def rehearsal(monkeypatch: pytest.MonkeyPatch) -> str:
    """Hosts find the deployments in ``fixtures/deployments``; the name of the first of them."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "fixtures" / "deployments"))
    return "rehearsal"


@pytest.fixture(scope="class")
def own_clusters() -> Iterator[None]:
    """Hosts can import ``fixtures/classes/own_clusters.py``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(__file__).parent / "fixtures" / "classes"))
        yield


@pytest.fixture
def setting() -> Iterator[Callable[..., None]]:
    """Change a setting for this test: ``setting("limits.workers", 3)``."""
    import dask.config

    with contextlib.ExitStack() as stack:

        def change(name: str, value: Any) -> None:
            stack.enter_context(dask.config.set({f"dasklab.{name}": value}))

        yield change
