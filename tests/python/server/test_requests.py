"""From a body to a launch."""

from __future__ import annotations

from pathlib import Path

import pytest

from dasklab.errors import InputError
from dasklab.server.requests import folder_of


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("root/a/b", "root-private", "outside"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "root" / "file").touch()
    return tmp_path / "root"


@pytest.mark.parametrize(
    ("path", "folder"),
    [("", ""), ("/", ""), (".", ""), ("a", "a"), ("/a/b/", "a/b"), ("a//b", "a/b"), ("./a", "a")],
)
def test_a_folder_as_the_file_browser_names_it(root: Path, path: str, folder: str) -> None:
    assert Path(folder_of(path, str(root))) == root / folder


@pytest.mark.parametrize(
    "path",
    ["..", "../root-private", "a/../../outside", "../root/../outside", "a/..", "..\\outside",
     "nul\0", "missing", "file", "~", "/etc"],
)  # fmt: skip
def test_no_other_folder(root: Path, path: str) -> None:
    with pytest.raises(InputError):
        folder_of(path, str(root))
