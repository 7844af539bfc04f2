"""Counting how far a set of tasks has come, in the scheduler.

Shipped by value (cloudpickle) with a request for a feed, because the scheduler may not have
dasklab: this file imports the standard library and distributed, and nothing here may use another
module of ours. A task that is not being watched costs one dictionary look-up a transition.
"""

from __future__ import annotations

import uuid
from typing import Any

from distributed.diagnostics.plugin import SchedulerPlugin

__all__ = ("ProgressFeed", "close", "open_feed", "report")

GROUPS_LIMIT = 200
"""Prefixes that are counted apart; tasks of further ones are counted together."""

TEXT_LIMIT = 2_000
ACTIVE = frozenset({"waiting", "processing", "queued", "no-worker"})


class Group:
    """The tasks of one prefix."""

    __slots__ = (
        "average",
        "before",
        "cancelled",
        "done",
        "erred",
        "name",
        "nbytes",
        "retries",
        "total",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.total = 0
        self.done = 0
        self.erred = 0
        self.cancelled = 0
        self.retries = 0
        self.nbytes = 0
        self.average = -1.0  # seconds that one takes, as the scheduler has learnt
        self.before = 0  # done when the watching began


class ProgressFeed(SchedulerPlugin):  # type: ignore[misc]
    """Follows keys and all that has to be computed for them.

    Totals are exact from the moment when the scheduler has the keys, as those of Dask's
    MultiProgress are. Results that a client holds already are input and are not counted.

    Parameters
    ----------
    keys
        The keys that somebody waits for; those that the scheduler does not know yet are awaited.
    """

    def __init__(self, scheduler: Any, keys: list[Any]) -> None:
        self.name = f"dasklab-progress-{uuid.uuid4().hex}"
        self.scheduler = scheduler
        self.keys = frozenset(keys)
        self.missing = set(keys)  # not in the scheduler yet
        self.left = set(keys)  # neither computed nor failed nor cancelled yet
        self.tracked: dict[Any, Group] = {}
        self.groups: dict[str, Group] = {}
        self.done: set[Any] = set()
        self.erred: set[Any] = set()
        self.cancelled: set[Any] = set()
        self.interrupted: set[Any] = set()  # left a worker without a result
        self.held: dict[Any, int] = {}
        self.error: tuple[str, str] | None = None
        self.changed = True
        self.restarted = False

    # -- what is to be done ------------------------------------------------------------------
    def look(self, among: Any) -> None:
        """Begin to follow missing keys that have come."""
        tasks = self.scheduler.tasks
        found = [key for key in among if key in self.missing and key in tasks]
        if found:
            self.missing.difference_update(found)
            self.track([tasks[key] for key in found])

    def track(self, tasks: list[Any]) -> None:
        """Follow tasks and all that was or is computed for them.

        Results that a client holds are input, not work, unless they are the keys themselves.
        """
        tracked, keys = self.tracked, self.keys
        self.changed = True
        stack = [(task, False) for task in tasks]
        while stack:
            task, used = stack.pop()
            key = task.key
            if key in tracked:
                continue
            state = task.state
            # Released below a result: it has been computed, used and dropped.
            done = state == "memory" or (used and state == "released")
            if done and key not in keys and task.who_wants:
                continue
            group = self.group(task.prefix)
            tracked[key] = group
            group.total += 1
            if done:
                self.is_done(key, group, task)
                group.before += 1
            elif state == "erred":
                self.is_erred(key, group, task)
            stack.extend((other, done) for other in task.dependencies)

    def group(self, prefix: Any) -> Group:
        """The counts of a prefix."""
        name = str(prefix.name)
        found = self.groups.get(name)
        if found is None:
            if len(self.groups) >= GROUPS_LIMIT:
                name = "other tasks"
                if name in self.groups:
                    return self.groups[name]
            found = self.groups[name] = Group(name)
        return found

    # -- what happens ------------------------------------------------------------------------
    def update_graph(self, scheduler: Any, *, tasks: Any = (), **kwargs: Any) -> None:
        if self.missing:
            self.look(tasks)

    def transition(self, key: Any, start: str, finish: str, *args: Any, **kwargs: Any) -> None:
        group = self.tracked.get(key)
        if group is None:
            return
        self.changed = True
        if start == "memory":
            group.nbytes -= self.held.pop(key, 0)
        if finish == "memory":
            self.is_done(key, group, self.scheduler.tasks[key])
        elif finish == "erred":
            self.is_erred(key, group, self.scheduler.tasks[key])
        elif finish == "forgotten":
            if key not in self.done and key not in self.erred:
                self.is_cancelled(key, group)
        elif start == "processing" and finish != "processing":
            self.interrupted.add(key)
        elif finish in ACTIVE:
            self.is_active(key, group)

    def is_done(self, key: Any, group: Group, task: Any) -> None:
        self.no_more(key, group)
        self.done.add(key)
        self.left.discard(key)
        group.done += 1
        if task.state == "memory":
            size = max(int(task.nbytes), 0)
            self.held[key] = size
            group.nbytes += size

    def is_erred(self, key: Any, group: Group, task: Any) -> None:
        self.no_more(key, group)
        self.erred.add(key)
        self.left.discard(key)
        group.erred += 1
        if self.error is None:
            blame = getattr(task, "exception_blame", None) or task
            text = getattr(blame, "exception_text", None) or "The task failed."
            self.error = (str(blame.key)[:TEXT_LIMIT], str(text)[:TEXT_LIMIT])

    def is_cancelled(self, key: Any, group: Group) -> None:
        self.no_more(key, group)
        self.cancelled.add(key)
        self.left.discard(key)
        group.cancelled += 1

    def is_active(self, key: Any, group: Group) -> None:
        """It runs again when it had a result, an error, or a worker."""
        again = key in self.interrupted or key in self.done or key in self.erred
        self.no_more(key, group)
        if again:
            group.retries += 1
            if key in self.keys:
                self.left.add(key)

    def no_more(self, key: Any, group: Group) -> None:
        """Forget how it stood."""
        self.interrupted.discard(key)
        if key in self.done:
            self.done.remove(key)
            group.done -= 1
            group.nbytes -= self.held.pop(key, 0)
        elif key in self.erred:
            self.erred.remove(key)
            group.erred -= 1
        elif key in self.cancelled:
            self.cancelled.remove(key)
            group.cancelled -= 1

    def restart(self, scheduler: Any) -> None:
        """All workers were restarted and all tasks forgotten."""
        for key, group in self.tracked.items():
            if key not in self.done and key not in self.erred and key not in self.cancelled:
                self.is_cancelled(key, group)
        self.missing.clear()
        self.left.clear()
        self.restarted = self.changed = True

    # -- what is told --------------------------------------------------------------------------
    def report(self) -> dict[str, Any] | None:
        """How it stands; ``None`` when nothing has changed since the last time."""
        if self.missing:
            self.look(list(self.missing))
        if not self.changed:
            return None
        self.changed = False
        prefixes = self.scheduler.task_prefixes
        rows = []
        for group in self.groups.values():
            prefix = prefixes.get(group.name)
            if prefix is not None:
                group.average = float(prefix.duration_average)
            rows.append(
                [
                    group.name[:TEXT_LIMIT],
                    group.total,
                    group.done,
                    group.erred,
                    group.cancelled,
                    group.retries,
                    group.nbytes,
                    group.average,
                    group.before,
                ]
            )
        return {
            "groups": rows,
            "missing": len(self.missing),
            "left": len(self.left),
            "error": list(self.error) if self.error else None,
            "restarted": self.restarted,
        }


def open_feed(scheduler: Any, keys: list[Any]) -> ProgressFeed:
    """Begin: the feed's ``setup``, with the keys bound to it."""
    feed = ProgressFeed(scheduler, keys)
    # Before it looks, so that no transition is missed in between.
    scheduler.add_plugin(feed, name=feed.name)
    feed.look(list(feed.missing))
    return feed


def report(_scheduler: Any, feed: ProgressFeed) -> dict[str, Any] | None:
    """The feed's ``function``."""
    return feed.report()


def close(scheduler: Any, feed: ProgressFeed | None) -> None:
    """The feed's ``teardown``."""
    if feed is not None and feed.name in scheduler.plugins:
        scheduler.remove_plugin(name=feed.name)
