"""How many workers are wanted: a number, or a range for adaptive scaling; and of worker groups.

The only reader of worker counts: magics, Python API, REST and hosts all come through here, so
``-2``, ``2.5``, ``true``, ``NaN``, ``"many"`` and ``6:3`` get the same sentence everywhere.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..errors import WorkersInvalid

__all__ = ("DEFAULT_MAXIMUM", "Scaling", "read_count")

DEFAULT_MAXIMUM = 1_000
"""Most workers of one cluster unless ``dasklab.limits.workers`` says otherwise. A typing mistake
(``-n 20000``) must not take a machine or a queue down."""


def read_count(value: object, what: str, maximum: int, things: str = "workers") -> int:
    """A whole number from 0 to ``maximum``.

    Raises
    ------
    WorkersInvalid
        A sentence that says why it is none.
    """
    if isinstance(value, str):
        text = value.strip()
        try:
            value = int(text)
        except ValueError:
            try:
                value = float(text)
            except ValueError:
                raise WorkersInvalid(
                    f"{what} is {text[:60]!r}, which is not a number.",
                    "Give a whole number such as 4, or a range such as 1:8.",
                ) from None
    elif not isinstance(value, (int, float)):
        try:
            value = operator.index(value)  # type: ignore[arg-type]  # numpy's whole numbers
        except TypeError:
            pass
    if isinstance(value, bool):
        raise WorkersInvalid(
            f"{what} is {str(value).lower()}, which is not a number.",
            "Give a whole number such as 4.",
        )
    if isinstance(value, float):
        if math.isnan(value) or math.isinf(value):
            raise WorkersInvalid(
                f"{what} is {value}, which is not a usable number.",
                "Give a whole number such as 4.",
            )
        if value != int(value):
            raise WorkersInvalid(
                f"{what} is {value:g}: there are no fractions of {things}.",
                f"Give a whole number such as {math.ceil(value) if value > 0 else 1}.",
            )
        value = int(value)
    if not isinstance(value, int):
        kind = "nothing" if value is None else f"a {type(value).__name__}"
        raise WorkersInvalid(f"{what} is {kind}, not a number.", "Give a whole number such as 4.")
    if value < 0:
        raise WorkersInvalid(
            f"{what} is {_shown(value)}: there cannot be fewer than 0 {things}.",
            "Give 0 or more.",
        )
    if value > maximum:
        raise WorkersInvalid(
            f"{what} is {_shown(value)}, more than the {maximum} that are allowed here.",
            "Ask for fewer: the deployment, or dasklab.limits.workers in Dask's configuration, "
            "allows no more.",
        )
    return value


def _shown(value: int) -> str:
    """A whole number for a sentence; Python refuses to write out those above 4,300 digits."""
    return str(value) if abs(value) < 10**30 else "a number of more than 30 digits"


@dataclass(frozen=True)
class Scaling:
    """The workers that are wanted.

    Parameters
    ----------
    wanted
        Number of workers; under adaptive scaling what Adaptive asks for at the moment. Those of
        groups are not among them.
    minimum, maximum
        The range of adaptive scaling; both ``None`` when the number is fixed.
    groups
        Number of workers of each group that was named.
    keep
        Only groups were named: the number or range of the others stays as it is.
    """

    wanted: int
    minimum: int | None = None
    maximum: int | None = None
    groups: dict[str, int] = field(default_factory=dict)
    keep: bool = False

    @property
    def adaptive(self) -> bool:
        """Whether the number follows the load."""
        return self.maximum is not None

    @property
    def total(self) -> int:
        """All workers, those of groups among them."""
        return self.wanted + sum(self.groups.values())

    @classmethod
    def parse(cls, value: object, *, limit: int = DEFAULT_MAXIMUM) -> Scaling:
        """Read a count or a range, and numbers of groups, from whatever a user or program gave.

        Parameters
        ----------
        value
            As for :meth:`parse_one`; with groups ``"4 gpu=2"``, ``"gpu=2"``, or
            ``{"workers": 4, "groups": {"gpu": 2}}``.
        limit
            Most workers that are allowed, all together.

        Raises
        ------
        WorkersInvalid
            One sentence that names the value and what would do.
        """
        groups: object = {}
        if isinstance(value, Scaling):
            value = value.request()
        if isinstance(value, str) and "=" in value:
            value, groups = _split(value)
        elif isinstance(value, dict) and "groups" in value:
            value, groups = (
                {key: item for key, item in value.items() if key != "groups"},
                value["groups"],
            )
            value = value["workers"] if value.keys() == {"workers"} else value or None
        if not groups:
            return cls.parse_one(value, limit=limit)
        if not isinstance(groups, Mapping):
            raise WorkersInvalid("groups is not an object.", 'Give {"groups": {"gpu": 2}}.')
        counts = {
            str(name): read_count(
                number, f"The number of workers of the group {str(name)[:40]}", limit
            )
            for name, number in groups.items()
        }
        found = cls(0, keep=True) if value is None else cls.parse_one(value, limit=limit)
        read_count((found.maximum or found.wanted) + sum(counts.values()), "That makes", limit)
        return replace(found, groups=counts)

    @property
    def sentence(self) -> str:
        """What was asked for, for people."""
        text = f"{self.wanted} workers."
        if self.adaptive:
            text = f"Between {self.minimum} and {self.maximum} workers, by load."
        return text + "".join(f" {number} in {name}." for name, number in self.groups.items())

    def beside(self, workers: Mapping[str, Any]) -> Scaling:
        """This scaling with what it leaves as it is, from a record's ``workers``.

        Raises
        ------
        WorkersInvalid
            It names a group that is not there.
        """
        before = dict(workers.get("groups") or {})
        if unknown := sorted(self.groups.keys() - before.keys()):
            names = f"It has {', '.join(before)}." if before else "Name them in the option groups."
            raise WorkersInvalid(f"This cluster has no worker group {unknown[0][:60]!r}.", names)
        found = self
        if self.keep:
            found = Scaling(
                max(0, (workers.get("wanted") or 0) - sum(before.values())),
                workers.get("minimum"),
                workers.get("maximum"),
            )
        return replace(found, groups={**before, **self.groups})

    @classmethod
    def parse_one(cls, value: object, *, limit: int = DEFAULT_MAXIMUM) -> Scaling:
        """Read a count or a range.

        Parameters
        ----------
        value
            ``4``, ``"4"``, ``"1:8"``, ``(1, 8)``, ``{"minimum": 1, "maximum": 8}`` or a
            :class:`Scaling`.
        limit
            Most workers that are allowed.

        Raises
        ------
        WorkersInvalid
            One sentence that names the value and what would do.
        """
        if isinstance(value, Scaling):
            value = value.request()
        low: object
        high: object
        if isinstance(value, str) and ":" in value:
            low, _, high = value.partition(":")
        elif isinstance(value, dict):
            extra = sorted(str(key) for key in set(value) - {"minimum", "maximum"})
            if extra or "maximum" not in value:
                raise WorkersInvalid(
                    "A range of workers has a minimum and a maximum"
                    + (f", not {extra[0][:60]!r}." if extra else "; the maximum is missing."),
                    'Give {"minimum": 1, "maximum": 8}.',
                )
            low, high = value.get("minimum", 0), value["maximum"]
        elif isinstance(value, (tuple, list)):
            if len(value) != 2:
                raise WorkersInvalid(
                    f"A range of workers has two ends, not {len(value)}.", "Give (1, 8)."
                )
            low, high = value
        else:
            return cls(read_count(value, "The number of workers", limit))
        minimum = read_count(low, "The least number of workers", limit)
        maximum = read_count(high, "The greatest number of workers", limit)
        if minimum > maximum:
            raise WorkersInvalid(
                f"The least number of workers, {minimum}, is above the greatest, {maximum}.",
                f"Give {maximum}:{minimum}.",
            )
        if maximum == 0:
            raise WorkersInvalid(
                "A range of 0:0 never starts a worker.", "Give a maximum of 1 or more."
            )
        return cls(minimum, minimum, maximum)

    def to_wire(self) -> dict[str, Any]:
        """The object under ``workers`` in a cluster's JSON, without the running workers."""
        groups = {"groups": self.groups} if self.groups else {}
        return {"wanted": self.total, "minimum": self.minimum, "maximum": self.maximum, **groups}

    def request(self) -> int | dict[str, Any]:
        """What :meth:`parse` reads back to the same scaling; the body of a scale request."""
        plain: int | dict[str, Any] = self.wanted
        if self.adaptive:
            plain = {"minimum": self.minimum, "maximum": self.maximum}
        if not self.groups:
            return plain
        return {"groups": self.groups} if self.keep else {"workers": plain, "groups": self.groups}


def _split(text: str) -> tuple[str | None, dict[str, str]]:
    """``4 gpu=2`` in its parts: the number or range, if there is one, and the groups."""
    plain, groups = [], {}
    for word in re.split(r"[\s,]+", text.strip()):
        name, equals, number = word.partition("=")
        if not equals:
            plain.append(word)
        elif name in groups or not name:
            raise WorkersInvalid(
                f"{text[:60]!r} names the group {name[:40]!r} twice."
                if name
                else f"{word[:40]!r} names no group.",
                "Write: 4 gpu=2",
            )
        else:
            groups[name] = number
    if len(plain) > 1:
        raise WorkersInvalid(
            f"{text[:60]!r} has {len(plain)} numbers for workers without a group.",
            "Write: 4 gpu=2",
        )
    return (plain[0] if plain else None), groups
