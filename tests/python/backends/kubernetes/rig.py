"""Starts and ends the stand-in and the operator; fixture ``kubernetes`` for a session."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ...support import wait_for
from .store import KINDS

ROOT = Path(__file__).parents[4]
MODULE = "tests.python.backends.kubernetes"
NO_FINALIZERS = {"metadata": {"finalizers": None}}
OWN = ("DASKLAB_HOME", "TMPDIR", "DASK_CONFIG", "PYTHONPATH")
"""Of the test that happens to start it, not of what serves all of them."""


class Rig:
    """The running stand-in."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kube-"))
        self.config = self.folder / "kubeconfig"
        self.url = ""
        self._processes: list[subprocess.Popen[bytes]] = []
        self._operator: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin; returns when the operator has taken up its work."""
        command = [sys.executable, "-m", MODULE, str(self.folder / "pods")]
        (self.folder / "pods").mkdir()
        server = self._run(command, "server", stdout=subprocess.PIPE)
        assert server.stdout is not None
        self.url = f"http://127.0.0.1:{int(server.stdout.readline())}"
        for path, user in ((self.config, "someone"), (self.folder / "operator", "operator")):
            context = {"cluster": "stand-in", "user": user, "namespace": "science"}
            path.write_text(
                yaml.safe_dump(
                    {
                        "apiVersion": "v1",
                        "kind": "Config",
                        "current-context": "stand-in",
                        "clusters": [{"name": "stand-in", "cluster": {"server": self.url}}],
                        "contexts": [{"name": "stand-in", "context": context}],
                        "users": [{"name": user, "user": {"token": user}}],
                    }
                )
            )
        self.operate()

    def operate(self) -> None:
        """See that the operator runs: Kubernetes, too, starts it again when it has ended."""
        if self._operator is not None and self._operator.poll() is None:
            return
        modules = ["-m", "dask_kubernetes.operator.controller", "-m", f"{MODULE}.settings"]
        run = ["-m", "kopf", "run", "--standalone", "--all-namespaces", *modules]
        self._operator = self._run([sys.executable, *run], "operator")
        wait_for(self._acts, 60, "the operator")

    def stop(self) -> None:
        """End everything that runs, and remove the folder."""
        for process in reversed(self._processes):
            process.terminate() if process.stdin is None else process.stdin.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(15)
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, command: list[str], name: str, stdout: Any = None) -> subprocess.Popen[bytes]:
        environ = {key: value for key, value in os.environ.items() if key not in OWN}
        environ |= {"KUBECONFIG": str(self.folder / "operator"), "PYTHONPATH": str(ROOT)}
        with open(self.folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen(
                command, stdout=stdout or log, stderr=log, env=environ, cwd=self.folder,
                stdin=subprocess.PIPE if name == "server" else None,
            )  # fmt: skip
        self._processes.append(process)
        return process

    def _acts(self) -> bool:
        """Whether the operator has logged in; what is made before it watches, it finds then."""
        return "Initial authentication has finished" in self.said("operator")

    def said(self, name: str) -> str:
        """What one of the processes has logged."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    # -- for tests -------------------------------------------------------------------------------
    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the API server."""
        request = urllib.request.Request(
            self.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read())

    def names(self, *plurals: str) -> list[str]:
        """Everything of these kinds, in every namespace."""
        found = []
        for plural in plurals or ("pods", "services", "deployments", "daskclusters",
                                  "daskworkergroups", "daskautoscalers", "daskjobs"):  # fmt: skip
            items = self.call("GET", f"{self.path(plural, '')}")["items"]
            found += [f"{plural}/{item['metadata']['name']}" for item in items]
        return found

    @staticmethod
    def path(plural: str, namespace: str = "science") -> str:
        """Where a kind's objects are."""
        version = KINDS[plural][0]
        base = f"/api/{version}" if version == "v1" else f"/apis/{version}"
        return f"{base}/namespaces/{namespace}/{plural}" if namespace else f"{base}/{plural}"

    def emptied(self, before: list[str]) -> None:
        """Nothing goes wrong any longer, and what a test has made goes: else it fails, once.

        What is left is taken away before, so that the next test does not fail of it, too.
        """
        self.faults()
        try:
            wait_for(lambda: sorted(self.names()) == before, 60, "the end of what the test made")
        except AssertionError as error:
            left = sorted({*self.names()} - {*before})
            for one in left:
                plural, name = one.split("/")
                with contextlib.suppress(OSError):  # gone with what owned it
                    self.call("PATCH", f"{self.path(plural)}/{name}", NO_FINALIZERS)
                    self.call("DELETE", f"{self.path(plural)}/{name}")
            said = "\n".join(self.said("operator").splitlines()[-40:])
            ended = self._operator is not None and self._operator.poll()
            raise AssertionError(f"Left: {left}; the operator ({ended}) said:\n{said}") from error

    def install(self, manifests: list[dict[str, Any]]) -> None:
        """Create objects, as ``helm install`` does."""
        for manifest in manifests:
            self.call("POST", self.path(f"{manifest['kind'].lower()}s"), manifest)

    def uninstall(self, manifests: list[dict[str, Any]]) -> None:
        """Remove them again."""
        for manifest in manifests:
            path = self.path(f"{manifest['kind'].lower()}s")
            self.call("DELETE", f"{path}/{manifest['metadata']['name']}")

    def faults(self, **faults: Any) -> None:
        """What goes wrong from now on; nothing, if nothing is said."""
        self.call("PUT", "/stand-in/faults", faults)


@pytest.fixture(scope="session")
def kubernetes() -> Iterator[Rig]:
    """The stand-in, the operator, and ``KUBECONFIG`` for everything that tests start."""
    rig = Rig()
    with pytest.MonkeyPatch.context() as patch:
        try:
            rig.start()
            patch.setenv("KUBECONFIG", str(rig.config))
            yield rig
        finally:
            rig.stop()
