"""What the front end costs the page that it is loaded into.

In a real browser (chromium), against real servers of JupyterLab: one with dasklab's extension and
one that has never heard of it, in turns.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_path

from .figures import Figure, alternate, ratio
from .kernel import home
from .server import Server

__all__ = ("figures",)

ROOT = Path(__file__).parent
CLUSTERS = 20
CHANGES = 60
ROUNDS = 7


def _measure(url: str, command: str, **options: Any) -> Any:
    """One command of ``frontend.mjs`` in a fresh browser."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise RuntimeError("This benchmark needs chromium: apt-get install chromium")
    done = subprocess.run(
        ["node", str(ROOT / "frontend.mjs"), url, chromium, command, json.dumps(options)],
        capture_output=True,
        text=True,
        cwd=ROOT.parent,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return json.loads(done.stdout)


def _bundle() -> Iterator[Figure]:
    """Kilobytes of JavaScript, as the production build makes it into a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="dasklab-bench-bundle-") as folder:
        copy = Path(folder) / "dasklab"
        ignored = shutil.ignore_patterns(
            ".git", ".venv", "node_modules", "dist", "results", "test-*"
        )
        shutil.copytree(ROOT.parent, copy, ignore=ignored)
        (copy / "node_modules").symlink_to(ROOT.parent / "node_modules")
        subprocess.run(["jlpm", "build:prod"], cwd=copy, check=True, capture_output=True)
        scripts = sorted((copy / "labextension" / "dist" / "static").glob("*.js"))
        sizes = {path.name: path.stat().st_size / 1000 for path in scripts}
        widget = (copy / "python" / "dasklab" / "static" / "widget.js").stat().st_size / 1000
    # They come with the first plot that is drawn, and the target was set before there were any.
    plots = sum(size for name, size in sizes.items() if name.startswith("plots."))
    yield Figure(
        "labextension bundle without the plots, minified",
        sum(sizes.values()) - plots,
        400,
        "kB",
        note=f"{sum(sizes.values()):.0f} kB with them, in {len(sizes)} files",
    )
    yield Figure("module of the widget, minified", widget, 150, "kB")


def _changes(server: Server) -> Iterator[Figure]:
    """Milliseconds of the page's main thread for a change of one of twenty clusters."""
    from dasklab.client import launch

    clusters = [launch("local", workers=0, name=f"many-{number}") for number in range(CLUSTERS)]
    url = f"{server.url}lab?token={server.token}"
    work = _measure(url, "changes", clusters=CLUSTERS, changes=CHANGES)
    yield Figure(
        f"main thread per change with {CLUSTERS} clusters, median",
        statistics.median(work),
        5,
        "ms",
        note=f"p95 {sorted(work)[int(0.95 * len(work))]:.1f} ms of {len(work)} changes",
    )
    for cluster in clusters:
        cluster.stop()


def _without_it(config: Path) -> None:
    """Configure a server as if dasklab were not installed: neither its page nor its server has it.

    Disabling it in the page would not do: the bundle is fetched and evaluated all the same.
    """
    others = config / "labextensions"
    others.mkdir()
    for place in jupyter_path("labextensions"):
        for found in (*Path(place).glob("[!@.]*"), *Path(place).glob("@*/*")):
            link = others / found.relative_to(place)
            if found.name != "dasklab" and not link.exists():
                link.parent.mkdir(exist_ok=True)
                link.symlink_to(found.resolve())
    for name, content in (
        ("lab", {"LabApp": {"labextensions_path": [str(others)]}}),
        ("server", {"ServerApp": {"jpserver_extensions": {"dasklab": False}}}),
    ):
        (config / f"jupyter_{name}_config.json").write_text(json.dumps(content))


def _extensions(server: Server) -> set[str]:
    """The names of the extensions that a page of JupyterLab loads."""
    page = server.fetch("GET", "lab").decode()
    data = page.partition('id="jupyter-config-data"')[2].partition(">")[2].partition("</script>")[0]
    return {each["name"] for each in json.loads(data)["federated_extensions"]}


def figures() -> Iterator[Figure]:
    """Size of the bundle, work per change, and JupyterLab's start-up as a ratio."""
    yield from _bundle()
    with home(DASK_DASKLAB__STANDBY__ENABLED="false"):
        with Server("lab") as server:
            yield from _changes(server)
        with tempfile.TemporaryDirectory(prefix="dasklab-bench-config-") as folder:
            _without_it(Path(folder))
            with Server("lab") as ours, Server("lab", JUPYTER_CONFIG_DIR=folder) as bare:
                if _extensions(ours) - _extensions(bare) != {"dasklab"}:
                    raise RuntimeError("The pages of both servers do not differ by dasklab alone.")

                def start(server: Server) -> float:
                    return float(_measure(f"{server.url}lab/?reset&token={server.token}", "start"))

                start(ours), start(bare)  # the servers' own first time
                mine, other = alternate(ROUNDS, lambda: start(ours), lambda: start(bare))
    yield ratio("start-up of JupyterLab to its running sections", mine, other, 1.05)
