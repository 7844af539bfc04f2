"""Several clusters stopped at once: one that cannot be asked keeps none of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import DasklabError
from .blocking import Cluster

__all__ = ("stop_all",)


def stop_all(
    clusters: Sequence[Cluster],
    *,
    asked: Callable[[Cluster], None],
    ended: Callable[[Cluster], None],
) -> None:
    """Ask all of them first, then wait: many end in the time of one.

    Parameters
    ----------
    asked
        Told of each that will end.
    ended
        Told of each that has.

    Raises
    ------
    DasklabError
        Why some have not ended, once all others have.
    """
    ending: list[Cluster] = []
    errors: list[DasklabError] = []
    for cluster in clusters:
        try:
            cluster.stop(wait=False)
        except DasklabError as error:
            errors.append(error)
        else:
            asked(cluster)
            ending.append(cluster)
    for cluster in ending:
        try:
            cluster.stop()
        except DasklabError as error:
            errors.append(error)
        else:
            ended(cluster)
    if len(errors) > 1:
        messages = " ".join(error.message for error in errors)
        hints = dict.fromkeys(error.hint for error in errors if error.hint)
        raise type(errors[0])(
            messages, " ".join(hints), details={"errors": [error.to_wire() for error in errors]}
        )
    if errors:
        raise errors[0]
