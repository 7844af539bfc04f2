"""What EC2 would do with moto's instances: run their user data, and tell what came of it.

Of cloud-init's commands those are run that begin containers, and the shutdown that follows them;
Docker is there, as on a machine image that has it. Beyond moto it refuses what EC2 refuses: user
data of more than 16 KiB, more machines of the type ``c5.large`` than the quota allows.
"""

from __future__ import annotations

import copy
import shlex
from pathlib import Path
from typing import Any

import yaml
from moto.core.responses import ActionResult
from moto.core.types import Base64EncodedString
from moto.core.utils import utcnow
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance, InstanceBackend, StateReason
from moto.ec2.responses.general import General

from .programs import Program

USER_DATA = 16_384
QUOTA = {"c5.large": 1}


class Machines:
    """The instances that run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.running: dict[str, Program] = {}
        self._refuse()
        self._tell()

    def look(self) -> None:
        """Begin what is new, end what was terminated, shut down what is done."""
        there = {
            instance.id: instance
            for backends in list(ec2_backends.values())
            for backend in list(backends.values())
            for reservation in list(backend.reservations.values())
            for instance in list(reservation.instances)
            if instance.state == "running"
        }
        for name in [name for name in self.running if name not in there]:
            self.running.pop(name).end()
        for name, instance in there.items():
            if name not in self.running:
                command = _container(instance.user_data)
                if command is not None:
                    self.running[name] = self._begin(name, instance.private_ip, command)
            elif self.running[name].ended is not None:
                self._shut_down(instance)

    def close(self) -> None:
        for program in self.running.values():
            program.end()

    def console(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _begin(self, name: str, address: str, command: list[str]) -> Program:
        """``docker run``: options, an image, a command of its own."""
        environ, words = {}, iter(command[2:])
        for word in words:
            if word == "-e":
                key, _, value = next(words).partition("=")
                environ[key] = value
            elif not word.startswith("-"):
                break
        image, inside = word, list(words)
        if inside and inside[0] == "env":
            given, inside = inside[1], inside[2:]
            environ |= dict([given.split("=", 1)])
        program = Program(image, inside, environ, self.console(name), address)
        if program.failure:
            with open(program.output, "a", encoding="utf-8") as file:
                file.write(f"docker: Error response from daemon: {program.failure}.\n")
        return program

    def _shut_down(self, instance: Any) -> None:
        """What ``shutdown -h now`` comes to, of a machine that is then terminated."""
        self.running.pop(instance.id).end()
        instance.terminate()
        reason = "Client.InstanceInitiatedShutdown"
        instance._reason = ""
        instance.state_reason = StateReason(f"{reason}: Instance initiated shutdown", reason)

    def _refuse(self) -> None:
        run_instances = InstanceBackend.run_instances

        def run(backend: Any, image_id: str, count: int, user_data: Any, *args: Any, **more: Any):  # type: ignore[no-untyped-def]
            raw = user_data.decode() if user_data else ""
            if len(raw) > USER_DATA:
                text = f"User data is limited to {USER_DATA} bytes"
                raise EC2ClientError("InvalidParameterValue", text)
            kind = more.get("instance_type")
            same = [
                one
                for reservation in backend.reservations.values()
                for one in reservation.instances
                if one.instance_type == kind and one.state == "running"
            ]
            if len(same) >= QUOTA.get(str(kind), 1_000):
                text = (
                    f"You have requested more vCPU capacity than your current vCPU limit of "
                    f"{2 * len(same)} allows for the instance bucket that the specified instance "
                    "type belongs to."
                )
                raise EC2ClientError("VcpuLimitExceeded", text)
            return run_instances(backend, image_id, count, user_data, *args, **more)

        InstanceBackend.run_instances = run  # type: ignore[method-assign]
        terminate = Instance.terminate

        def once(instance: Any) -> Any:
            """To terminate what is terminated is no error at EC2."""
            if instance.state == "terminated":
                return copy.copy(instance._state)
            return terminate(instance)

        Instance.terminate = once  # type: ignore[method-assign]

    def _tell(self) -> None:
        machines = self

        def get_console_output(response: Any) -> ActionResult:
            name = response.ec2_backend.get_instance(response._get_param("InstanceId")).id
            path = machines.console(name)
            said = path.read_text(errors="replace") if path.exists() else ""
            output = Base64EncodedString.from_raw_string(said[-65_536:])
            return ActionResult({"InstanceId": name, "Timestamp": utcnow(), "Output": output})

        General.get_console_output = get_console_output  # type: ignore[method-assign]


def _container(user_data: Any) -> list[str] | None:
    """The command of user data that begins a container."""
    if not user_data:
        return None
    said = yaml.safe_load(user_data.decode()) or {}
    for line in said.get("runcmd", ()):
        if isinstance(line, str) and line.startswith("docker run "):
            return shlex.split(line)
    return None
