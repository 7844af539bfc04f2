"""What differs between notebook, scheduler and workers is found; what is installed is there."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dasklab.errors import InputError, LaunchError
from dasklab.magics.software import versions_text

from ..support import wait_for


def package(folder: Path, version: str) -> Path:
    """An installed package of one module."""
    info = folder / f"dasklab_tiny-{version}.dist-info"
    info.mkdir(parents=True)
    (folder / "dasklab_tiny.py").write_text(f"version = {version!r}\n")
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: dasklab-tiny\nVersion: {version}\n"
    )
    (info / "top_level.txt").write_text("dasklab_tiny\n")
    return folder


def wheel(folder: Path) -> Path:
    """The same as a wheel."""
    source = package(folder / "source", "3.0")
    path = folder / "dasklab_tiny-3.0-py3-none-any.whl"
    info = "dasklab_tiny-3.0.dist-info"
    (source / info / "WHEEL").write_text(
        "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    with zipfile.ZipFile(path, "w") as file:
        for name in ("dasklab_tiny.py", f"{info}/METADATA", f"{info}/WHEEL"):
            file.write(source / name, name)
        file.writestr(f"{info}/RECORD", "dasklab_tiny.py,,\n")
    return path


@pytest.fixture
def tiny_here(tmp_path: Path) -> Iterator[None]:
    """Version 1.0, imported in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(package(tmp_path / "here", "1.0")))
        import dasklab_tiny

        assert dasklab_tiny.version == "1.0"
        yield
    sys.modules.pop("dasklab_tiny", None)


def test_every_difference_is_found(launch: Any, tmp_path: Path, tiny_here: None) -> None:
    there = package(tmp_path / "there", "2.0")
    (there / "own_module.py").touch()
    cluster = launch(workers=2)

    def bring(folder: str) -> None:
        import sys

        sys.path.insert(0, folder)
        __import__("dasklab_tiny")
        __import__("own_module")

    with cluster.client(set_as_default=False) as client:
        client.run(bring, str(there))
    found = cluster.versions()

    assert "dasklab-tiny" in found["different"]
    row = found["packages"]["dasklab-tiny"]
    assert (row["notebook"], row["scheduler"]) == ("1.0", None)
    assert list(row["workers"].values()) == ["2.0", "2.0"]
    assert "own_module (module)" in found["different"]
    assert found["packages"]["own_module (module)"]["notebook"] is None
    assert len(set(found["packages"]["numpy"]["workers"].values())) == 1
    assert "python" not in found["different"]
    assert "distributed" not in found["different"]
    text = versions_text("mine", found)
    assert "dasklab-tiny" in text
    assert "Only in the cluster: own_module (module)." in text


def test_words() -> None:
    def row(here: Any, *workers: Any) -> dict[str, Any]:
        return {"notebook": here, "scheduler": here, "workers": dict(enumerate(workers))}

    same = {
        "packages": {"python": row("3.11.2", "3.11.2"), "numpy": row("2.0", "2.0")},
        "different": [],
        "executables": {"workers": {0: "python"}},
    }
    assert versions_text("a", same) == (
        "a: 2 packages, and Python, are the same in this notebook, the scheduler and 1 worker."
    )
    unlike = {
        **same,
        "packages": {"numpy": row("2.0", "1.26", "1.26", None), "IPython": {**row("9", None),
                     "scheduler": None}},
        "different": ["numpy", "IPython"],
    }  # fmt: skip
    assert versions_text("a", unlike).splitlines() == [
        "a: 2 of 2 packages that are imported somewhere differ.",
        "         notebook  scheduler  workers",
        "  numpy  2.0       2.0        1.26 (2), missing (1)",
        "Only in this notebook: IPython.",
    ]


def test_installing_on_all_workers_and_on_those_to_come(launch: Any, tmp_path: Path) -> None:
    """Into a folder of its own: the environment of the tests stays as it is."""
    target = tmp_path / "target"
    cluster = launch(workers=1)
    options = ["--no-index", "--no-deps", "--quiet", "--upgrade", "--target", str(target)]
    cluster.install(str(wheel(tmp_path)), pip_options=options)

    assert (target / "dasklab_tiny.py").exists()
    (target / "dasklab_tiny.py").unlink()
    cluster.scale(2, wait=True, timeout=60)
    wait_for((target / "dasklab_tiny.py").exists, 60, "the new worker's pip")


def test_what_pip_says_is_said(launch: Any) -> None:
    cluster = launch(workers=1)
    with pytest.raises(LaunchError, match="pip could not install no-such-package-at-all: ERROR:"):
        cluster.install("no-such-package-at-all", pip_options=["--no-index"])
    cluster.scale(2, wait=True, timeout=60)
    with pytest.raises(InputError, match="nothing to install"):
        cluster.install(" ")
    with pytest.raises(InputError, match="'--upgrade' is no package"):
        cluster.install("--upgrade")
