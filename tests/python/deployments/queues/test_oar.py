"""OAR's words, as a real OAR 2.5.9 has said them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from dasklab.deployments.queues.oar import OARQueue

from .doubles import Recorded, text

ANSWERS = {"oarstat -J -f": text("oarstat.json"), "oarstat -J -u": text("oarstat_user.json")}


def ask(*ids: str) -> dict[str, Any]:
    return {job.id: job for job in asyncio.run(OARQueue(Recorded(ANSWERS)).jobs(ids))}


def test_every_job_has_its_state_and_its_reason_in_words() -> None:
    jobs = ask("5", "6", "7", "8", "9", "10", "99")

    assert (jobs["5"].state, jobs["5"].text) == ("ended", "Failed.")
    assert (jobs["6"].state, jobs["6"].text) == ("pending", "Is held.")
    assert jobs["7"].text == "Was ended by the queue at its wall time."
    assert (jobs["8"].state, jobs["8"].node) == ("running", "localhost")
    assert jobs["99"].state == "ended"
    waiting = [job for job in jobs.values() if job.state == "pending" and job.id != "6"]
    assert waiting
    assert {job.text for job in waiting} == {"Waits until enough is free."}
    assert all(job.expected for job in waiting), "its scheduler plans every job"


def test_jobs_are_found_by_name() -> None:
    found = asyncio.run(OARQueue(Recorded(ANSWERS)).find("dasklab-abc"))

    assert {"8", "9", "10"} <= set(found)


def test_knowing_none_is_an_answer() -> None:
    queue = OARQueue(Recorded({"oarstat": ""}))

    assert [job.state for job in asyncio.run(queue.jobs(["1"]))] == ["ended"]
    assert asyncio.run(queue.find("dask")) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [("oarsub_refused.txt", "queue.impossible"), ("oarsub_queue.txt", "queue.unknown")],
)
def test_refusals_are_said_in_words(name: str, code: str) -> None:
    advice = OARQueue(Recorded({})).rejection(text(name))

    assert (advice.code, advice.severity) == (code, "error")
