"""What ECS on Fargate would do with moto's tasks: run their containers, log them, and end them."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

from moto.ec2.models import elastic_network_interfaces
from moto.ecs import models
from moto.logs.models import logs_backends
from moto.moto_api import state_manager

from .programs import Program

ADDRESSES = (f"127.78.{number // 250}.{number % 250 + 1}" for number in itertools.count())


class Tasks:
    """The tasks that run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, Program] = {}
        self._sent: dict[str, int] = {}
        # moto has tasks end as they are looked at; here they end when their containers do.
        state_manager.set_transition("ecs::task", {"progression": "manual", "times": 10**9})
        # moto gives any address at all; these lead nowhere else.
        models.random_private_ip = lambda *_, **__: next(ADDRESSES)  # type: ignore[attr-defined]
        elastic_network_interfaces.random_public_ip = lambda: next(ADDRESSES)  # type: ignore[attr-defined]

    def look(self) -> None:
        """Begin what is new, end what was stopped, say of what has ended why."""
        there = {
            task.id: (backend, task)
            for backends in list(models.ecs_backends.values())
            for backend in list(backends.values())
            for tasks in list(backend.tasks.values())
            for task in list(tasks.values())
        }
        for name, (backend, task) in there.items():
            wanted = task.desired_status == "RUNNING" and task.attachments
            if wanted and name not in self.running:
                self.running[name] = self._begin(backend, task)
            if name in self.running:
                self._log(backend, task)
            if not wanted and name in self.running:
                self.running.pop(name).end()
            elif wanted and self.running[name].ended is not None:
                self._ended(task, self.running.pop(name))

    def close(self) -> None:
        for program in self.running.values():
            program.end()

    def _definition(self, backend: Any, task: Any) -> dict[str, Any]:
        definition = backend.describe_task_definition(task.task_definition_arn)
        return dict(definition.container_definitions[0])

    def _begin(self, backend: Any, task: Any) -> Program:
        container = self._definition(backend, task)
        [override] = task.overrides.get("containerOverrides") or [{}]
        said = [*container.get("environment", ()), *override.get("environment", ())]
        environ = {one["name"]: one["value"] for one in said}
        command = override.get("command") or container.get("command") or ["sleep", "1000"]
        details = {one["name"]: one["value"] for one in task.attachments[0]["details"]}
        path, address = self.folder / f"{task.id}.log", details["privateIPv4Address"]
        return Program(container["image"], command, environ, path, address)

    def _ended(self, task: Any, program: Program) -> None:
        task.last_status = task.desired_status = "STOPPED"
        task.stopped_reason = "Essential container in task exited"
        if program.failure:
            kind = "Pull" if "manifest" in program.failure else "Start"
            task.stopped_reason = f"Cannot{kind}ContainerError: {program.failure}"
        [container] = task.containers
        container.last_status, container.exitCode = "STOPPED", program.ended

    def _log(self, backend: Any, task: Any) -> None:
        """The log driver ``awslogs``."""
        path = self.folder / f"{task.id}.log"
        text = path.read_bytes() if path.exists() else b""
        new = text[self._sent.get(task.id, 0) :]
        lines = new[: new.rfind(b"\n") + 1]
        if not lines:
            return
        container = self._definition(backend, task)
        options = container["logConfiguration"]["options"]
        logs = logs_backends[backend.account_id][backend.region_name]
        group = options["awslogs-group"]
        stream = f"{options['awslogs-stream-prefix']}/{container['name']}/{task.id}"
        if task.id not in self._sent:
            logs.create_log_stream(group, stream)
        self._sent[task.id] = self._sent.get(task.id, 0) + len(lines)
        at = int(time.time() * 1_000)
        said = lines.decode(errors="replace").splitlines()
        logs.put_log_events(group, stream, [{"timestamp": at, "message": one} for one in said])
