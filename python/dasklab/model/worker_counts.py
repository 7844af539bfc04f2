"""Which numbers of workers a launch may ask for: said by a deployment, kept to at every door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..errors import WorkersInvalid
from .scaling import Scaling

__all__ = ("WorkerCounts",)


@dataclass(frozen=True)
class WorkerCounts:
    """What a launch of a deployment takes as its number of workers; none at all it always takes.

    Parameters
    ----------
    number
        Whether it takes a number.
    adaptive
        Whether it takes a range, for adaptive scaling.
    least
        The least number.
    why, hint
        What is said to who asks for something else: why it is not taken, and what to do.
    """

    number: bool = True
    adaptive: bool = True
    least: int = 0
    why: str = ""
    hint: str = ""

    def check(self, scaling: Scaling | None) -> None:
        """Refuse what a launch does not take.

        Raises
        ------
        WorkersInvalid
        """
        if scaling is None:
            return
        numbered = self.number and scaling.wanted >= self.least
        if not (self.adaptive if scaling.adaptive else numbered):
            raise WorkersInvalid(self.why, self.hint)

    def to_wire(self) -> dict[str, Any]:
        """The object under ``workers`` in a row of the catalogue."""
        return asdict(self)

    @classmethod
    def from_wire(cls, data: Mapping[str, Any]) -> WorkerCounts:
        """What :meth:`to_wire` has written."""
        return cls(**data)
