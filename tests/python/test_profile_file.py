"""Profiles in the files of Dask's configuration, seen by processes that run already."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dasklab import profile_file
from dasklab.errors import (
    ConfigUnreadable,
    ConfigUnwritable,
    InputError,
    NameInvalid,
    ProfileFixed,
    ProfileUnknown,
)
from dasklab.profile_file import origin, own_file, problems, profiles, remove, save

from .support import SOURCE

BIG = {"deployment": "local", "workers": 8}


def write(path: Path, text: str) -> None:
    """A file of the configuration, with a time of its own."""
    path.write_text(text)


def test_saved_profile_is_part_of_dasks_configuration(dask_folder: Path) -> None:
    save("big", {**BIG, "options": {"memory_limit": "4GiB", "environ": {"A": "ü: #"}}})

    assert own_file() == str(dask_folder / "dasklab-profiles.yaml")
    assert stat.S_IMODE(os.stat(own_file()).st_mode) == 0o600
    code = "import dask.config; print(dask.config.get('dasklab.profiles.big'))"
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "DASK_CONFIG": str(dask_folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == str(profiles()["big"])


def test_process_that_runs_sees_what_another_one_saves_changes_and_removes(
    dask_folder: Path,
) -> None:
    code = (
        f"import sys; sys.path.insert(0, {str(SOURCE.parent)!r})\n"
        "from dasklab.profile_file import profiles\n"
        "for _ in sys.stdin: print(profiles(), flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "DASK_CONFIG": str(dask_folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout

        def ask() -> str:
            process.stdin.write("\n")  # type: ignore[union-attr]
            process.stdin.flush()  # type: ignore[union-attr]
            return process.stdout.readline().strip()  # type: ignore[union-attr]

        save("big", BIG)
        assert ask() == str({"big": BIG})
        save("big", {**BIG, "workers": 2})
        assert ask() == str({"big": {**BIG, "workers": 2}})
        remove("big")
        assert ask() == "{}"
        process.stdin.close()


def test_what_this_process_sets_goes_before_other_files(
    dask_folder: Path, setting: Callable[..., None]
) -> None:
    write(dask_folder / "mine.yaml", "dasklab: {profiles: {a: {workers: 1}}}")
    setting("profiles", {"a": {"workers": 2}, "b": None})

    assert profiles() == {"a": {"workers": 2}, "b": {}}


def test_other_content_of_the_file_stays(dask_folder: Path) -> None:
    path = dask_folder / "dasklab-profiles.yaml"
    write(path, "distributed: {x: 1}\ndasklab: {publish: false, profiles: {a: {workers: 1}}}\n")

    save("b", BIG)
    remove("a")

    assert yaml.safe_load(path.read_text()) == {
        "distributed": {"x": 1},
        "dasklab": {"publish": False, "profiles": {"b": BIG}},
    }
    assert path.read_text().startswith("# Profiles saved by dasklab")


def test_link_stays_a_link(dask_folder: Path, tmp_path: Path) -> None:
    (dask_folder / "dasklab-profiles.yaml").symlink_to(tmp_path / "dotfiles.yaml")

    save("big", BIG)

    assert (dask_folder / "dasklab-profiles.yaml").is_symlink()
    assert "big" in (tmp_path / "dotfiles.yaml").read_text()
    assert list(tmp_path.iterdir()) == [tmp_path / "dotfiles.yaml"]


@pytest.mark.parametrize("change", [lambda: save("big", BIG), lambda: remove("big")])
def test_profile_of_another_file_is_left_alone(
    dask_folder: Path, change: Callable[[], None]
) -> None:
    other = dask_folder / "admin.yaml"
    write(other, "dasklab: {profiles: {big: {workers: 3}}}")

    with pytest.raises(ProfileFixed, match=r"'big' is defined in .*admin\.yaml, which dasklab"):
        change()

    assert origin("big") == str(other)
    assert profiles() == {"big": {"workers": 3}}
    assert not Path(own_file()).exists()


def test_profile_that_was_set_in_the_environment_is_left_alone(
    setting: Callable[..., None],
) -> None:
    setting("profiles", {"big": BIG})

    with pytest.raises(ProfileFixed, match="is defined in Dask’s configuration"):
        save("big", BIG)
    assert origin("big") is None


def test_names_that_dask_does_not_tell_apart() -> None:
    save("my-big", BIG)

    with pytest.raises(ProfileFixed, match="does not tell from 'my_big'"):
        save("my_big", BIG)
    save("my-big", {"deployment": "local"})
    assert profiles() == {"my-big": {"deployment": "local"}}


@pytest.mark.parametrize("name", ["", "a b", "../x", "x" * 64, "-x", "ä"])
def test_bad_name(name: str) -> None:
    with pytest.raises(NameInvalid, match="cannot be the name of a profile"):
        save(name, BIG)


@pytest.mark.parametrize("name", ["yes", "null", "1e3", "0x10", "12", "1.5"])
def test_name_that_yaml_takes_for_something_else(name: str) -> None:
    save(name, BIG)

    assert profiles() == {name: BIG}
    remove(name)
    assert profiles() == {}


def test_removed_by_somebody_else() -> None:
    with pytest.raises(ProfileUnknown, match="no profile 'gone'"):
        remove("gone")


@pytest.mark.parametrize("text", ["a: [", "- 1", "\x00", "{" * 5000], ids=range(4))
def test_broken_file_of_another_program_is_said_and_hides_nothing(
    dask_folder: Path, text: str
) -> None:
    write(dask_folder / "broken.yaml", text)

    save("big", BIG)

    assert profiles() == {"big": BIG}
    [problem] = problems()
    assert isinstance(problem, ConfigUnreadable)
    assert f"{dask_folder / 'broken.yaml'} is not a configuration" in problem.message


def test_broken_file_of_our_own_is_not_written_over(dask_folder: Path) -> None:
    path = dask_folder / "dasklab-profiles.yaml"
    write(path, "dasklab: {profiles: {a: {workers: 1}")

    with pytest.raises(ConfigUnreadable, match=r"dasklab-profiles\.yaml is not a configuration"):
        save("big", BIG)

    assert path.read_text() == "dasklab: {profiles: {a: {workers: 1}"


def test_folder_that_cannot_be_written(dask_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (dask_folder / "file").write_text("")
    monkeypatch.setattr("dask.config.PATH", str(dask_folder / "file" / "below"))

    with pytest.raises(ConfigUnwritable, match=r"dasklab-profiles\.yaml cannot be written"):
        save("big", BIG)


def test_disk_that_is_full_leaves_the_file_as_it_was(
    dask_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save("a", BIG)
    before = Path(own_file()).read_text()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(profile_file.os, "fsync", full)
    with pytest.raises(ConfigUnwritable, match="No space left"):
        save("b", BIG)

    assert Path(own_file()).read_text() == before
    assert [path.name for path in dask_folder.iterdir()] == ["dasklab-profiles.yaml"]


def test_dask_config_that_names_a_file(dask_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(dask_folder / "only.yaml", "dasklab: {profiles: {a: {workers: 1}}}")
    home = dask_folder.parent
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr("dask.config.PATH", str(dask_folder / "only.yaml"))
    monkeypatch.setattr(
        "dask.config.paths", [str(home / ".config" / "dask"), str(dask_folder / "only.yaml")]
    )

    save("big", BIG)

    assert own_file() == str(home / ".config" / "dask" / "dasklab-profiles.yaml")
    assert profiles() == {"a": {"workers": 1}, "big": BIG}


def test_saved_at_once_by_many() -> None:
    threads = [threading.Thread(target=save, args=(f"p{n}", BIG)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert set(profiles()) == {f"p{n}" for n in range(8)}


@pytest.mark.parametrize("found", ["x", ["x"], 5])
def test_profile_in_a_file_that_is_none(dask_folder: Path, found: Any) -> None:
    write(dask_folder / "mine.yaml", yaml.safe_dump({"dasklab": {"profiles": {"p": found}}}))

    with pytest.raises(InputError, match="'p' in Dask's configuration is not a section"):
        profiles()
