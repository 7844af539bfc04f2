"""What EC2 and Fargate have in common: a security group, reasons, and a look at what runs."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any

from ..errors import DasklabError
from ..model.explanation import Explanation
from ..model.scaling import Scaling
from ._aws import TAG, named, session
from ._aws_looking import Seen, ended, explain
from ._aws_network import make_security_group
from ._aws_reasons import refused
from ._wrapped import Wrapped

__all__ = ("Amazon",)

EVERY = 10.0
"""Seconds between two looks while workers are missing: AWS counts how often it is asked."""


class Amazon(Wrapped):
    """A deployment over one of dask-cloudprovider's classes for AWS."""

    _seen: Sequence[Seen] = ()
    _looked = float("-inf")
    _gone: frozenset[str] = frozenset()
    """Ids of the machines or tasks that were seen to have ended."""

    @abstractmethod
    async def _see(self) -> list[Seen]:
        """What AWS says of the cluster's machines or tasks."""

    @property
    def _region(self) -> str | None:
        found = self.where(self.given).get("region")
        return str(found) if found else None

    @classmethod
    def private(cls, options: dict[str, Any]) -> bool:
        """Whether only private addresses lead to the cluster."""
        name = "use_private_ip" if "use_private_ip" in cls.options["properties"] else ""
        name = name or "fargate_use_private_ip"
        return bool(options[name] if name in options else cls.configured(name))

    @classmethod
    def grouped(cls, options: dict[str, Any]) -> bool:
        """Whether security groups were named, so that none is to be made."""
        return bool(options.get("security_groups") or cls.configured("security_groups"))

    @classmethod
    def guarded(cls, options: dict[str, Any]) -> bool:
        """Whether it is said who may reach the cluster."""
        return bool(cls.grouped(options) or options.get("allow_from") or cls.private(options))

    @classmethod
    def preview(cls, options: dict[str, Any], scaling: Scaling | None) -> str:
        text = super().preview(options, scaling)
        if cls.grouped(options) or not cls.guarded(options):
            return text
        who = options.get("allow_from") or "the addresses of its VPC"
        return f"{text}# With a security group of its own, which lets in {who}.\n"

    async def _prepare(self) -> None:
        """Sign in; make the security group, if none was named and it is known whom it lets in."""
        async with session().create_client("sts", region_name=self._region) as sts:
            await sts.get_caller_identity()  # who is not let in has made nothing
        self._touched = True
        if self.grouped(self.given) or not self.guarded(self.given):
            return
        vpc = self.given.get("vpc") or self.configured("vpc")
        group = await make_security_group(
            session(),
            named(self.context.id),
            {"createdBy": "dasklab", TAG: self.context.id},
            vpc=None if vpc == "default" else vpc,
            allow_from=self.given.get("allow_from"),
            region=self._region,
        )
        self.call["kwargs"]["security_groups"] = [group]

    def _known(self, error: BaseException) -> DasklabError | None:
        return refused(error)

    async def _why_ended(self, job_id: str) -> DasklabError | None:
        return ended(await self._see(), job_id)

    async def explain(self) -> Explanation:
        if time.monotonic() - self._looked > EVERY:
            self._seen, self._looked = await self._see(), time.monotonic()
        seen = self._seen
        self._gone = frozenset(one.job.id for one in seen if one.state == "ended")
        up = getattr(self.cluster, "scheduler_comm", None) is not None
        return explain(seen, await self.arrived() if up else ())

    def _ended(self, worker: Any) -> bool:
        instance = getattr(worker, "instance", None) or {}
        task = getattr(worker, "task_arn", None) or ""
        return bool({instance.get("InstanceId"), task.rpartition("/")[2]} & self._gone)
