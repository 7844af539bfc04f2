"""TLS for clients: files are named in the record, used by every client, and private."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from dasklab import connect, publish
from dasklab.errors import DasklabError, Unsupported
from dasklab.tls import files_of, is_loopback, make, of_files, travelling, write


@pytest.fixture(scope="module")
def security() -> Any:
    from distributed import Security

    return Security.temporary()


def test_files_are_private_and_do(security: Any, tmp_path: Path) -> None:
    files = write(security, str(tmp_path / "security"))

    assert (tmp_path / "security").stat().st_mode & 0o777 == 0o700
    assert [os.stat(path).st_mode & 0o777 for path in files.values()] == [0o600] * 3
    made = of_files(files)
    assert made is not None
    assert made.require_encryption
    assert files_of(made) == files
    assert files_of(security) == {}, "in memory only"
    assert travelling(security)["tls_worker_key"] == security.tls_worker_key


def test_a_sites_own_files_go_first(security: Any, tmp_path: Path) -> None:
    import dask

    files = write(security, str(tmp_path))
    names = {"ca-file": files["tls_ca_file"]}
    for role in ("client", "scheduler", "worker"):
        names |= {f"{role}.cert": files["tls_client_cert"], f"{role}.key": files["tls_client_key"]}
    with dask.config.set({f"distributed.comm.tls.{name}": path for name, path in names.items()}):
        made = make("python")
    assert made.tls_scheduler_cert == files["tls_client_cert"]
    assert travelling(made)["tls_worker_key"] == security.tls_worker_key, "as text: it travels"


@pytest.mark.parametrize("bad", [{"tls_client_cert": "/no/file", "tls_ca_file": "/no/file"},
                                 {"tls_client_cert": "/no/file"}])  # fmt: skip
def test_files_that_are_none(bad: dict[str, str]) -> None:
    with pytest.raises(DasklabError, match="The TLS files cannot be used"):
        of_files(bad)


def test_loopback() -> None:
    assert is_loopback(["127.0.0.1", "::1", "127.0.0.2"])
    assert not is_loopback(["127.0.0.1", "10.0.0.1"])
    assert not is_loopback(["0.0.0.0"])
    assert not is_loopback(["node1"])


def test_a_notebooks_own_cluster_with_tls(security: Any, tmp_path: Path) -> None:
    from distributed import LocalCluster

    keywords: Any = {"n_workers": 1, "processes": False, "dashboard_address": None}
    with LocalCluster(security=of_files_for_all(security, tmp_path), **keywords) as cluster:
        found = publish(cluster, "mine")
        with connect("mine", set_as_default=False) as client:
            assert client.scheduler.address.startswith("tls://")
            assert client.submit(sum, (2, 3)).result(timeout=30) == 5
        assert found.record.scheduler["security"]["tls_client_key"].startswith(str(tmp_path))
    with LocalCluster(security=security, **keywords) as cluster:
        publish(cluster, "in-memory")
        with pytest.raises(Unsupported, match="only its own notebook has"):
            connect("in-memory")


def of_files_for_all(security: Any, folder: Path) -> Any:
    """All roles from the same files."""
    from distributed import Security

    files = write(security, str(folder))
    cert, key = files["tls_client_cert"], files["tls_client_key"]
    roles = ("client", "scheduler", "worker")
    named = {f"tls_{role}_cert": cert for role in roles} | {f"tls_{r}_key": key for r in roles}
    return Security(require_encryption=True, tls_ca_file=files["tls_ca_file"], **named)
