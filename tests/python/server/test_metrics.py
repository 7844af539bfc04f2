"""A scheduler's metrics through the Jupyter server: for a scraper, and for nobody else."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from dasklab.model.record import Endpoint

from ..backends.prometheus import Prometheus, prometheus
from .conftest import BASE, Ask, until

__all__ = ("prometheus",)

CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
- job_name: dask
  authorization: {{type: token, credentials_file: {token}}}
  http_sd_configs:
  - url: {url}
    refresh_interval: 1s
    authorization: {{type: token, credentials_file: {token}}}
"""


async def test_prometheus_finds_and_scrapes_clusters(
    running: Any,
    prometheus: Prometheus,
    http_server_port: Any,
    token: str,
    tmp_path: Path,
) -> None:
    cluster = await running(name="watched")
    (tmp_path / "token").write_text(token)
    url = f"http://127.0.0.1:{http_server_port[1]}{BASE}dasklab/api/metrics"
    config = CONFIG.format(token=tmp_path / "token", url=url)
    await asyncio.to_thread(prometheus.start, config)

    async def scraped() -> Any:
        return await asyncio.to_thread(prometheus.query, "dask_scheduler_workers")

    rows = await until(scraped, 60)
    labels = rows[0]["metric"]
    assert (labels["cluster"], labels["deployment"]) == ("watched", "local")
    assert labels["instance"] == cluster["id"]


async def test_a_cluster_is_a_target_while_it_runs(
    api: Ask, running: Any, reaches: Any, registered: Any
) -> None:
    cluster = (await running())["id"]
    registered(None, name="without-a-place")
    (target,) = (await api("GET", "metrics")).json
    assert target["labels"]["__metrics_path__"] == f"{BASE}dasklab/api/clusters/{cluster}/metrics"
    assert target["targets"][0].startswith("127.0.0.1:")

    await api("DELETE", f"clusters/{cluster}")
    await reaches(cluster, "stopped")
    assert (await api("GET", "metrics")).json == []
    assert (await api("GET", f"clusters/{cluster}/metrics")).error["code"] == "cluster.gone"


async def test_only_the_text_comes_through(fetch: Ask, registered: Any, dashboard: Any) -> None:
    def answer(handler: Any) -> None:
        handler.set_header("Content-Type", "text/html")
        handler.set_header("Set-Cookie", "a=b")
        handler.write("<script>")

    dashboard.answer = answer
    record = registered(dashboard.endpoint)
    path = f"{BASE}dasklab/api/clusters/{record.id}/metrics"
    found = await fetch("GET", f"{path}?next=/elsewhere", headers={"Cookie": "secret=1"})

    assert found.code == 200
    assert found.body == b"<script>"
    assert found.headers["Content-Type"].startswith("text/plain")
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert "a=b" not in str(found.headers.get_list("Set-Cookie"))
    assert dashboard.last.uri == "/metrics"
    assert not {"Cookie", "Authorization"} & set(dashboard.last.headers)


@pytest.mark.parametrize(
    ("status", "code"), [(501, "cluster.unsupported"), (302, "cluster.unsupported")]
)
async def test_a_scheduler_without_metrics(
    fetch: Ask, registered: Any, dashboard: Any, status: int, code: str
) -> None:
    def answer(handler: Any) -> None:
        handler.set_status(status)
        handler.set_header("Location", "http://169.254.169.254/")

    dashboard.answer = answer
    record = registered(dashboard.endpoint)
    found = await fetch("GET", f"{BASE}dasklab/api/clusters/{record.id}/metrics")

    assert found.error["code"] == code
    assert len(dashboard.seen) == 1


@pytest.mark.parametrize(
    ("endpoint", "code"),
    [
        (None, "host.unreachable"),
        (Endpoint("127.0.0.1", 1, ""), "host.unreachable"),
        (Endpoint("192.0.2.1", 8787, ""), "refused"),
    ],
)
async def test_a_scheduler_that_cannot_be_asked(
    fetch: Ask, registered: Any, endpoint: Any, code: str
) -> None:
    record = registered(endpoint)
    found = await fetch("GET", f"{BASE}dasklab/api/clusters/{record.id}/metrics")

    assert found.error["code"] == code
