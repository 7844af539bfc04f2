"""What stays alive beneath a cell: progress. Imported lazily; the first use imports distributed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import Client

    from .watching import Progress

__all__ = ("progress",)


def progress(obj: Any, *more: Any, client: Client | None = None, wait: bool = False) -> Progress:
    """Show how far futures or collections have come, beneath the cell or in the terminal.

    In a notebook it comes back at once and moves while the cell goes on to block the kernel. Its
    last state stays in the saved notebook. In a terminal or a script it waits, as Dask's own does.

    Parameters
    ----------
    obj, more
        Futures, persisted collections, and lists, tuples, sets and dictionaries of them.
    client
        The client they belong to, where it cannot be told from them.
    wait
        In a notebook too, come back only at the end.

    Returns
    -------
    Progress
        Says how it stands, and can stop watching.

    Raises
    ------
    InputError
        There is nothing in it to watch.

    Examples
    --------
    >>> x = x.persist()  # doctest: +SKIP
    >>> dasklab.progress(x)  # doctest: +SKIP
    """
    from .watching import watch

    return watch((obj, *more) if more else obj, client=client, wait=wait)
