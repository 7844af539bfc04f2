"""What AWS says, in words: refusals, and machines and containers that have ended."""

from __future__ import annotations

from typing import Any

import pytest

from dasklab.deployments._aws_looking import Seen, ended, explain
from dasklab.deployments._aws_reasons import refused
from dasklab.errors import StartFailed
from dasklab.model.explanation import Job


class Answer(Exception):
    """A double of botocore's error, with what AWS answered."""

    def __init__(self, code: str, text: str = "no.") -> None:
        super().__init__(code)
        self.response = {"Error": {"Code": code, "Message": text}}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ExpiredTokenException", "does not accept the credentials"),
        ("UnauthorizedOperation", "may not do this"),
        ("VcpuLimitExceeded", "More was asked for than your quota"),
        ("InsufficientInstanceCapacity", "has no machine of this kind left"),
        ("InvalidAMIID.Malformed", "no such machine image"),
        ("InvalidGroup.NotFound", "no such security group"),
        ("InvalidSubnetID.NotFound", "no such network"),
        ("Unsupported", "does not offer this kind of machine"),
        ("Strange", "AWS refused: Strange: no."),
    ],
)
def test_a_refusal_says_what_it_means_and_what_aws_said(code: str, words: str) -> None:
    try:
        raise RuntimeError("Cluster failed to start") from Answer(code)
    except RuntimeError as error:
        found = refused(error)

    assert found is not None
    assert words in found.message
    assert f"{code}: no." in found.message
    assert found.hint


def test_what_botocore_says_before_it_asks() -> None:
    from botocore.exceptions import NoCredentialsError, NoRegionError

    for error, words in ((NoCredentialsError(), "no credentials"), (NoRegionError(), "region")):
        found = refused(error)
        assert found is not None
        assert words in found.message
    assert refused(ValueError("another's")) is None
    ours = StartFailed("ours")
    assert refused(ours) is ours


def seen(state: str, said: list[str] | None = None, **more: Any) -> Seen:
    given = {"id": "i-1", "state": state, "workers": ("w-1",), **more}
    return Seen(Job(**given), said or [])


@pytest.mark.parametrize(
    ("one", "code", "words", "severity"),
    [
        (
            seen("ended", reason="Server.SpotInstanceTermination", text="Spot termination"),
            "cloud.ended", "AWS has taken a spot machine back.", "warning",
        ),
        (
            seen("ended", ["docker: manifest unknown"], reason="Client.InstanceInitiatedShutdown"),
            "pod.image", "The image cannot be pulled (manifest unknown).", "error",
        ),
        (
            seen("ended", id="abc", text="OutOfMemoryError: Container killed"),
            "cloud.ended", "A container was ended because it used more memory", "error",
        ),
        (
            seen("ended", ["strange"], reason="Client.InstanceInitiatedShutdown"),
            "cloud.ended", "The machine i-1 has ended by itself (Client.Inst", "error",
        ),
        (seen("running"), "cloud.booting", "1 of the workers' machines run or", "note"),
        (seen("pending", id="abc"), "cloud.booting", "1 of the workers' containers", "note"),
    ],
)  # fmt: skip
def test_workers_that_do_not_come_are_explained(
    one: Seen, code: str, words: str, severity: str
) -> None:
    found = explain([one], [])

    assert found.jobs == (one.job,)
    assert (found.advice[0].code, found.advice[0].severity) == (code, severity)
    assert found.advice[0].message.startswith(words)


def test_who_has_come_is_not_missed_and_the_scheduler_is_no_worker() -> None:
    assert explain([seen("running")], ["w-1"]).advice == ()
    assert explain([seen("ended", workers=())], []).jobs == ()


def test_why_the_scheduler_ended() -> None:
    gone = seen("ended", ["Error: No module named 'distributed'"], workers=())
    error = ended([gone], "i-1")

    assert error is not None
    assert "The scheduler's machine has ended." in error.message
    assert "has no module distributed" in error.message
    assert ended([gone], "i-2") is None
    assert ended([seen("running")], "i-1") is None
