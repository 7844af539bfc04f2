"""A real kernel, spoken to as a front end does."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager, start_new_kernel
from typing_extensions import Self

__all__ = ("Cell", "Kernel")

PATIENCE = 60.0


class Cell:
    """A cell that runs or has run: its messages, with the time of their arrival."""

    def __init__(self, message_id: str) -> None:
        self.id = message_id
        self.messages: list[tuple[float, dict[str, Any]]] = []

    def of(self, kind: str) -> list[dict[str, Any]]:
        """The contents of the messages of a kind."""
        return [m["content"] for _, m in self.messages if m["msg_type"] == kind]

    @property
    def text(self) -> str:
        """What it printed."""
        return "".join(content["text"] for content in self.of("stream"))

    @property
    def shown(self) -> dict[str, dict[str, Any]]:
        """The last state of each display: what is in the saved notebook."""
        found: dict[str, dict[str, Any]] = {}
        for _, message in self.messages:
            if message["msg_type"] in ("display_data", "update_display_data"):
                content = message["content"]
                found[content.get("transient", {}).get("display_id", str(len(found)))] = content
        return found

    @property
    def error(self) -> str:
        """The error's text as it is shown; empty when all went well."""
        return "\n".join("\n".join(content["traceback"]) for content in self.of("error"))


class Kernel:
    """A kernel with this process's environment variables."""

    manager: KernelManager
    client: BlockingKernelClient

    def __enter__(self) -> Self:
        self.manager, self.client = start_new_kernel()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)
        self.manager.cleanup_resources()

    def start(self, code: str, cell: str | None = None) -> Cell:
        """Begin to run a cell, which JupyterLab calls by an id."""
        if cell is None:
            return Cell(self.client.execute(code, stop_on_error=False))
        content = {"code": code, "silent": False, "store_history": True, "stop_on_error": False}
        message = self.client.session.msg("execute_request", content, metadata={"cellId": cell})
        self.client.shell_channel.send(message)
        return Cell(message["header"]["msg_id"])

    def follow(self, cell: Cell, until: Any = None, timeout: float = PATIENCE) -> Cell:
        """Read the cell's messages until ``until(cell)`` holds, or it has ended."""
        deadline = time.monotonic() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=deadline - time.monotonic())
            if message["parent_header"].get("msg_id") != cell.id:
                continue
            cell.messages.append((time.monotonic(), message))
            ended = (
                message["msg_type"] == "status" and message["content"]["execution_state"] == "idle"
            )
            if ended or (until is not None and until(cell)):
                return cell

    def run(self, code: str, cell: str | None = None) -> Cell:
        """Run a cell to its end."""
        return self.follow(self.start(code, cell))

    def interrupt(self) -> None:
        """What the stop button does."""
        self.manager.interrupt_kernel()
