"""A runner whose commands answer what real ones, or their documentation, said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dasklab.deployments.queues.runner import Answer, Runner

__all__ = ("Recorded", "text")

FOLDER = Path(__file__).with_name("recorded")


def text(name: str) -> str:
    """A recording: of a real system, with other names of people, folders and machines."""
    return (FOLDER / name).read_text(encoding="utf-8")


class Recorded(Runner):
    """Answers by the beginning of a command line; one that it does not know is a test's mistake.

    Parameters
    ----------
    answers
        What is said to command lines that begin so; a text means success.
    """

    def __init__(self, answers: Mapping[str, str | Answer]) -> None:
        super().__init__()
        self.answers = dict(answers)
        self.asked: list[str] = []

    async def __call__(self, argv: Sequence[str], deadline: float = 8.0) -> Answer:
        line = " ".join(argv)
        self.asked.append(line)
        known = [begin for begin in self.answers if line.startswith(begin)]
        assert known, f"nobody has recorded: {line}"
        answer = self.answers[max(known, key=len)]
        return Answer(0, answer, "") if isinstance(answer, str) else answer
