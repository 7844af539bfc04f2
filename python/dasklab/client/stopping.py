"""Several clusters stopped at once: one that cannot be asked keeps none of the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..errors import DasklabError
from .blocking import Cluster
from .words import stopped_sentence

__all__ = ("stop_all",)


def stop_all(
    clusters: Sequence[Cluster],
    *,
    say: Callable[[str], None],
    asked: Callable[[Cluster], None] = lambda _: None,
    detach: bool = False,
) -> None:
    """Ask all of them first, then wait: many end in the time of one.

    Parameters
    ----------
    say
        Given a sentence about each that has ended.
    asked
        Told of each that will end.
    detach
        Only let go of those that were found running.

    Raises
    ------
    DasklabError
        Why some have not ended, once all others have.
    """
    found = {cluster.id for cluster in clusters if "detach" in cluster.record.can}
    ending: list[Cluster] = []
    errors: list[DasklabError] = []
    for cluster in clusters:
        try:
            cluster.stop(wait=False, detach=detach)
        except DasklabError as error:
            errors.append(error)
        else:
            asked(cluster)
            ending.append(cluster)
    for cluster in ending:
        try:
            cluster.stop(detach=detach)
        except DasklabError as error:
            errors.append(error)
        else:
            was = cluster.id in found
            say(stopped_sentence(cluster.name, cluster.phase, found=was, detached=detach))
    if len(errors) > 1:
        messages = " ".join(error.message for error in errors)
        hints = dict.fromkeys(error.hint for error in errors if error.hint)
        raise type(errors[0])(
            messages, " ".join(hints), details={"errors": [error.to_wire() for error in errors]}
        )
    if errors:
        raise errors[0]
