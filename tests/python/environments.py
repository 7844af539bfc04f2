"""Environments that tests make, as old as the project allows or with little in them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import tomllib

__all__ = (
    "ROOT",
    "environment_over",
    "environment_with_pip",
    "floors",
    "oldest_python",
    "pythons",
    "run",
)

ROOT = Path(__file__).parents[2]
"""The checkout."""

NAMES = [f"python{version}" for version in ("2.7", "3.8", "3.9", "3.10", "3.11", "3.12")]
PYENV = Path.home() / ".pyenv" / "versions"


def pythons() -> list[tuple[tuple[int, ...], str]]:
    """The interpreters of this machine, oldest first."""
    found = {}
    for path in [*PYENV.glob("*/bin/python"), *map(Path, filter(None, map(shutil.which, NAMES)))]:
        code = "import sys; print('.'.join(map(str, sys.version_info[:3])))"
        out = subprocess.run([path, "-c", code], capture_output=True, text=True, check=False)
        if out.returncode == 0:
            found.setdefault(tuple(map(int, out.stdout.strip().split("."))), str(path))
    return sorted(found.items())


def oldest_python() -> str:
    """The oldest interpreter of this machine that a kernel may have."""
    fit = [path for version, path in pythons() if (3, 10) <= version < (3, 13)]
    return fit[0] if fit else sys.executable


def floors() -> dict[str, str]:
    """The oldest of all that a kernel's environment needs: what to ask pip for, by name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pairs = [item.split(">=") for item in project["dependencies"]]
    return {name: f"{name}=={floor}.*" for name, floor in pairs}


def run(*command: object) -> str:
    """Run a command that must succeed; what it printed."""
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr[-2_000:]
    return done.stdout + done.stderr


def environment_with_pip(folder: Path, python: str = sys.executable) -> Path:
    """Make an environment, also where Python has no ensurepip (Debian's); its interpreter."""
    found = folder / "bin" / "python"
    run(python, "-m", "venv", "--without-pip", folder)
    run(sys.executable, "-m", "pip", "--python", found, "install", "--quiet", "pip")
    return found


def environment_over(folder: Path, *packages: str) -> Path:
    """Make an environment of these packages alone, over all that this one has; its interpreter."""
    found = folder / "bin" / "python"
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    run(sys.executable, "-m", "pip", "--python", found, "install", "--no-deps", *packages)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    beneath = run(sys.executable, "-c", where).strip()
    # After pip, which would take what is beneath for installed.
    line = f"import site; site.addsitedir({beneath!r})\n"
    (Path(run(found, "-c", where).strip()) / "beneath.pth").write_text(line)
    return found


if __name__ == "__main__":  # for the browser suite
    environment_over(Path(sys.argv[1]), *sys.argv[2:])
