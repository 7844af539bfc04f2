"""Log lines."""

from __future__ import annotations

from typing import Any

import pytest

from dasklab.model.record import Phase
from dasklab.registry import Registry

from ..conftest import Ask


async def test_the_logs_of_a_running_cluster(api: Ask, running: Any) -> None:
    cluster = await running(workers=1)
    for source, word in (("host", "Host of dasklab"), ("scheduler", "Scheduler"), ("workers", "")):
        answer = await api("GET", f"clusters/{cluster['id']}/logs?source={source}&lines=50")
        assert answer.code == 200
        text = "\n".join(line["text"] for line in answer.json["lines"])
        assert word in text, source
    few = await api("GET", f"clusters/{cluster['id']}/logs?lines=1")
    assert len(few.json["lines"]) == 1


async def test_the_hosts_log_is_there_when_the_cluster_has_ended_and_is_hostile_text(
    api: Ask, registered: Any, registry: Registry
) -> None:
    registry.open()
    log = registry.logs / "x.log"
    log.write_text("\x1b[1mbold\x1b[0m <img src=x onerror=alert(1)>\x00\n" + "B" * 500_000 + "\n")
    record = registered(phase=Phase.STOPPED, log=str(log))
    answer = await api("GET", f"clusters/{record.id}/logs")
    lines = answer.json["lines"]
    assert lines[0]["text"] == "bold <img src=x onerror=alert(1)>"
    assert len(answer.body) < 20_000


@pytest.mark.parametrize(
    "query",
    ["source=disk", "source=", "lines=0", "lines=-1", "lines=2.5", "lines=many", "lines=99999",
     "lines=", "lines=%C2%B2", "source=%00"],
)  # fmt: skip
async def test_what_cannot_be_asked_for(api: Ask, registered: Any, query: str) -> None:
    record = registered(log="/nowhere")
    answer = await api("GET", f"clusters/{record.id}/logs?{query}")
    assert (answer.code, answer.error["code"]) == (400, "request.malformed")


async def test_the_schedulers_log_of_a_cluster_that_has_ended_is_gone(
    api: Ask, registered: Any
) -> None:
    record = registered(phase=Phase.STOPPED)
    answer = await api("GET", f"clusters/{record.id}/logs?source=scheduler")
    assert answer.error["code"] == "cluster.gone"
