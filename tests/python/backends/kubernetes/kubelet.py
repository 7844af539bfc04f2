"""What runs pods in the stand-in: Deployments become pods, and containers local processes.

A container's command is really run, with its environment, its output is its log, and it is started
again when it ends, with a growing pause. What differs from a real node is the network: a port of
a pod is any free port of loopback, of which a worker's pod has an address of its own, and a
scheduler's service name is replaced by its address.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import socket
import subprocess
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .store import Store, moment

NODE = "node-1"
NOWHERE = "tcp://127.0.0.1:9"
OLD = ("dask-scheduler", "dask-worker")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@dataclass
class Running:
    """A pod that is (or was) run."""

    folder: Path
    number: int
    ip: str = ""
    begun: str = ""
    ports: dict[int, int] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    again: float = 0.0
    ready: bool = False
    finished: bool = False

    def log(self, start: int) -> Path:
        return self.folder / f"{start}.log"


class Kubelet:
    """The one node, and the controllers of Deployments and services.

    ``faults``: ``quota`` (pods at most in a namespace), ``cores`` (of the node), ``idle`` (do
    nothing with new Deployments), ``absent`` and ``forbidden`` (kinds, of which the API says so).
    An image with "missing" in its name cannot be pulled.
    """

    def __init__(self, store: Store, folder: Path) -> None:
        self.store = store
        self.folder = folder
        self.faults: dict[str, Any] = {}
        self.running: dict[str, Running] = {}
        self.pods = 0

    async def run(self) -> None:
        """Look whenever something changed, and at processes a few times a second."""
        while True:
            changed = self.store.changed
            await self.reconcile()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(changed.wait(), 0.2)

    def close(self) -> None:
        for pod in list(self.running):
            self._end(pod, kill=True)

    def log(self, name: str, *, previous: bool = False) -> list[str]:
        pod = self.running.get(name)
        if pod is None or not pod.starts:
            return []
        running = pod.process is not None
        start = pod.starts - (1 if previous and running else 0)
        path = pod.log(start)
        return path.read_text(errors="replace").splitlines() if path.exists() else []

    async def connect(self, name: str, port: int) -> Any:
        pod = self.running.get(name)
        if pod is None or port not in pod.ports:
            raise ConnectionRefusedError(f"nothing of {name} listens on {port}")
        return await asyncio.open_connection("127.0.0.1", pod.ports[port])

    # -- controllers -----------------------------------------------------------------------------
    def _collect_garbage(self) -> None:
        """Remove what has owners, and none that is still there."""
        there = {item["metadata"]["uid"] for item in self.store.objects.values()}
        for (plural, space, name), item in list(self.store.objects.items()):
            owners = [owner["uid"] for owner in item["metadata"].get("ownerReferences", ())]
            if owners and not there.intersection(owners):
                self.store.delete(plural, space, name)

    async def reconcile(self) -> None:
        self._collect_garbage()
        for service in self.store.list("services"):
            if "status" not in service:
                self._status("services", service, {"loadBalancer": {}})
        owned: dict[str, list[dict[str, Any]]] = {}
        for pod in self.store.list("pods"):
            for owner in pod["metadata"].get("ownerReferences", ()):
                owned.setdefault(owner["uid"], []).append(pod)
        for deployment in self.store.list("deployments"):
            there = owned.get(deployment["metadata"]["uid"], [])
            count = deployment["spec"].get("replicas", 1)
            if len(there) < count and not self.faults.get("idle"):
                self._make_pod(deployment)
            for pod in sorted(there, key=self._worth)[: max(len(there) - count, 0)]:
                meta = pod["metadata"]
                self.store.delete("pods", meta["namespace"], meta["name"])
        pods = {pod["metadata"]["name"]: pod for pod in self.store.list("pods")}
        for name in [name for name in self.running if name not in pods]:
            self._end(name)
        for name, pod in pods.items():
            if name not in self.running:
                self.pods += 1
                ip = f"127.1.{self.pods // 250}.{self.pods % 250 + 1}"
                self.running[name] = Running(self.folder / name, self.pods, ip)
                self.running[name].folder.mkdir(parents=True)
            await self._look_at(pod, self.running[name])

    def _make_pod(self, deployment: dict[str, Any]) -> None:
        meta, template = deployment["metadata"], deployment["spec"]["template"]
        space = meta["namespace"]
        quota = self.faults.get("quota")
        if quota is not None and len(self.store.list("pods", space)) >= quota:
            text = (
                f'pods "{meta["name"]}-" is forbidden: exceeded quota: small, requested: pods=1, '
                f"used: pods={quota}, limited: pods={quota}"
            )
            condition = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate"}
            self._status("deployments", deployment, {"conditions": [condition | {"message": text}]})
            return
        owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": meta["name"]}
        pod = {
            "metadata": {
                "name": f"{meta['name']}-{uuid.uuid4().hex[:5]}",
                "labels": template["metadata"].get("labels", {}),
                "ownerReferences": [owner | {"uid": meta["uid"]}],
            },
            "spec": template["spec"],
            "status": {"phase": "Pending"},
        }
        self.store.create("pods", space, pod)

    def _worth(self, pod: dict[str, Any]) -> tuple[bool, int, float]:
        """Which pods of a Deployment stay: those that run, that cost more to end, the older ones."""
        meta = pod["metadata"]
        run = self.running.get(meta["name"])
        cost = meta.get("annotations", {}).get("controller.kubernetes.io/pod-deletion-cost", "0")
        return run is not None and run.ready, int(cost), -(run.number if run else self.pods + 1)

    def _status(self, plural: str, item: dict[str, Any], status: dict[str, Any]) -> None:
        meta = item["metadata"]
        if item.get("status") != status:
            self.store.patch(plural, meta.get("namespace", ""), meta["name"], {"status": None})
            self.store.patch(plural, meta.get("namespace", ""), meta["name"], {"status": status})

    def _event(self, pod: dict[str, Any], reason: str, text: str) -> None:
        meta = pod["metadata"]
        about = {"kind": "Pod", "name": meta["name"], "uid": meta["uid"]}
        self.store.create(
            "events",
            meta["namespace"],
            {
                "metadata": {"name": f"{meta['name']}.{uuid.uuid4().hex[:12]}"},
                "involvedObject": about | {"namespace": meta["namespace"]},
                "reason": reason,
                "message": text,
                "type": "Warning",
                "lastTimestamp": moment(),
            },
        )

    # -- a pod -----------------------------------------------------------------------------------
    async def _look_at(self, pod: dict[str, Any], run: Running) -> None:
        container = pod["spec"]["containers"][0]
        if run.finished:
            return
        if run.process is None and asyncio.get_running_loop().time() < run.again:
            return
        if run.process is not None:
            if run.process.poll() is None:
                probed = "readinessProbe" in container
                if not run.ready and (not probed or await self._answers(run)):
                    run.ready = True
                    self._running(pod, run)
                return
            self._ended(pod, run)
            return
        if not run.starts and not self._fits(pod, container):
            return
        if pod["metadata"].get("labels", {}).get("dask.org/component") == "job-runner":
            cluster = pod["metadata"]["labels"]["dask.org/cluster-name"]
            if self._scheduler(f"{cluster}-scheduler", pod) == NOWHERE:
                return  # what it would ask for by its name would keep it waiting
        if "missing" in container["image"]:
            self._not_pulled(pod, container["image"])
            run.again = float("inf")
            return
        self._begin(pod, run, container)

    def _fits(self, pod: dict[str, Any], container: dict[str, Any]) -> bool:
        cores = self.faults.get("cores")
        asked = (container.get("resources") or {}).get("requests", {}).get("cpu", 0)
        if cores is None or float(asked) <= cores:
            return True
        text = "0/1 nodes are available: 1 Insufficient cpu. preemption: not helpful."
        condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}
        self._status(
            "pods", pod, {"phase": "Pending", "conditions": [condition | {"message": text}]}
        )
        return False

    def _not_pulled(self, pod: dict[str, Any], image: str) -> None:
        self._event(
            pod,
            "Failed",
            f'Failed to pull image "{image}": rpc error: code = NotFound desc = failed to resolve '
            f"reference: {image}: not found",
        )
        waiting = {"reason": "ImagePullBackOff", "message": f'Back-off pulling image "{image}"'}
        self._container(pod, {"waiting": waiting}, phase="Pending")

    def _begin(self, pod: dict[str, Any], run: Running, container: dict[str, Any]) -> None:
        run.starts += 1
        run.ready = False
        run.begun = moment()
        environ = {item["name"]: str(item.get("value", "")) for item in container.get("env", ())}
        command = [
            re.sub(r"\$\((\w+)\)", lambda found: environ.get(found[1], found[0]), word)
            for word in [*container.get("command", ()), *container.get("args", ())]
        ]
        command = self._of_the_chart(command, pod) + self._places(pod, run)
        at = environ.get("DASK_SCHEDULER_ADDRESS", "")
        if found := re.match(r"tcp://([\w.-]+-scheduler)\.", at):
            environ["DASK_SCHEDULER_ADDRESS"] = self._scheduler(found[1], pod)
        kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
        kept["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        with open(run.log(run.starts), "wb") as log:
            try:
                run.process = subprocess.Popen(
                    command, env={**kept, **environ}, stdout=log, stderr=log, cwd=run.folder,
                    stdin=subprocess.DEVNULL, start_new_session=True,
                )  # fmt: skip
            except FileNotFoundError:
                text = f'exec: "{command[0]}": executable file not found in $PATH: unknown'
                log.write(text.encode())
                self._back_off(pod, run, {"reason": "StartError", "exitCode": 128, "message": text})
                return
        self._running(pod, run)

    def _of_the_chart(self, command: list[str], pod: dict[str, Any]) -> list[str]:
        """What a container of the chart runs; its image has commands that Dask has no more."""
        if "release" not in pod["metadata"].get("labels", {}):
            return command
        found = command[0].split("-") if command[0] in OLD else command[:1]
        for word in command[1:]:
            name, _, port = word.partition(":")
            found.append(self._scheduler(name, pod) if port == "8786" else word)
        return found

    def _places(self, pod: dict[str, Any], run: Running) -> list[str]:
        """Where a process of Dask is to listen: the last of several equal options counts."""
        labels = pod["metadata"].get("labels", {})
        part = labels.get("dask.org/component") or labels.get("component")
        if part == "scheduler":
            if not run.ports:
                run.ports = {8786: free_port(), 8787: free_port()}
            at = ["--port", str(run.ports[8786])]
            return [
                *at,
                "--host",
                "127.0.0.1",
                "--dashboard-address",
                f"127.0.0.1:{run.ports[8787]}",
            ]
        if part == "worker":
            return ["--host", run.ip, "--dashboard-address", "127.0.0.1:0"]
        return []

    def _scheduler(self, service: str, pod: dict[str, Any]) -> str:
        """The address behind the name of a scheduler's service."""
        space = pod["metadata"]["namespace"]
        for found in self.store.list("services", space, fields=f"metadata.name={service}"):
            query = ",".join(f"{key}={value}" for key, value in found["spec"]["selector"].items())
            for one in self.store.list("pods", space, query):
                run = self.running.get(one["metadata"]["name"])
                if run is not None and run.ports:
                    return f"tcp://127.0.0.1:{run.ports[8786]}"
        return NOWHERE

    async def _answers(self, run: Running) -> bool:
        """The readiness probe."""
        if not run.ports:
            return True
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", run.ports[8786])
        except OSError:
            return False
        writer.close()
        return True

    def _ended(self, pod: dict[str, Any], run: Running) -> None:
        assert run.process is not None
        code = run.process.returncode
        run.process = None
        if pod["spec"].get("restartPolicy") == "Never":
            run.finished = True
            ended = {"terminated": {"exitCode": code, "reason": "Error" if code else "Completed"}}
            self._container(pod, ended, phase="Failed" if code else "Succeeded")
            return
        oom = code == -signal.SIGKILL
        reason = "OOMKilled" if oom else "Error" if code else "Completed"
        self._back_off(pod, run, {"reason": reason, "exitCode": 137 if oom else code})

    def _back_off(self, pod: dict[str, Any], run: Running, last: dict[str, Any]) -> None:
        run.again = asyncio.get_running_loop().time() + min(2.0**run.starts, 60.0)
        waiting = {"reason": "CrashLoopBackOff", "message": "back-off restarting failed container"}
        last = {**last, "startedAt": run.begun, "finishedAt": moment()}
        self._container(pod, {"waiting": waiting}, last=last, restarts=run.starts)

    def _running(self, pod: dict[str, Any], run: Running) -> None:
        state = {"running": {"startedAt": moment()}}
        self._container(pod, state, ready=run.ready, restarts=run.starts - 1)

    def _container(
        self,
        pod: dict[str, Any],
        state: dict[str, Any],
        *,
        phase: str = "Running",
        ready: bool = False,
        restarts: int = 0,
        last: dict[str, Any] | None = None,
    ) -> None:
        name = pod["spec"]["containers"][0]["name"]
        status = {"name": name, "state": state, "ready": ready, "restartCount": restarts}
        if last is not None:
            status["lastState"] = {"terminated": last}
        conditions = [
            {"type": "PodScheduled", "status": "True"},
            {"type": "ContainersReady", "status": str(ready)},
            {"type": "Ready", "status": str(ready)},
        ]
        pod["spec"].setdefault("nodeName", NODE)
        ip = self.running[pod["metadata"]["name"]].ip
        self._status(
            "pods",
            pod,
            {
                "phase": phase, "conditions": conditions, "containerStatuses": [status],
                "startTime": moment(), "podIP": ip, "podIPs": [{"ip": ip}],
            },
        )  # fmt: skip

    def _end(self, name: str, *, kill: bool = False) -> None:
        run = self.running.pop(name)
        process = run.process
        if process is None or process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL if kill else signal.SIGTERM)
        try:
            process.wait(0.1 if not kill else 10)
        except subprocess.TimeoutExpired:
            asyncio.get_running_loop().call_later(5.0, _kill, process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """The end of a pod's grace."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
