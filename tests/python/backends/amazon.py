"""A stand-in of Amazon's API for a session: moto's server, on loopback.

It keeps what is asked of it and runs nothing: no test may connect to an address that it gives out.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..support import wait_for

__all__ = ("REGION", "amazon", "client")

REGION = "eu-central-1"


def client(service: str) -> Any:
    """A client of the stand-in, with the credentials that tests have."""
    import botocore.session

    return botocore.session.get_session().create_client(service, region_name=REGION)


@pytest.fixture(scope="session")
def _moto() -> Iterator[str]:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    environ = {key: value for key, value in os.environ.items() if key != "DASKLAB_HOME"}
    environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"  # those that Amazon has for everybody
    with tempfile.TemporaryFile() as log:
        command = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p"]
        process = subprocess.Popen([*command, str(port)], stdout=log, stderr=log, env=environ)
        try:
            wait_for(lambda: _listens(port), 60, "moto")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def amazon(_moto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that asks Amazon asks the stand-in."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", _moto)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
