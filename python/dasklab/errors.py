"""What can go wrong, in words that a user can act on.

Every error that a user may see is one of these classes. The same object is raised in Python,
printed by the magics, shown by the panel and sent by the REST API, so its words are the same
everywhere::

    DasklabError                       500
    ├── InputError                     400   what was asked for makes no sense
    │   ├── OptionsInvalid                   one or more options, all of them at once
    │   ├── WorkersInvalid                   a worker count or range
    │   ├── NameInvalid                      a cluster name
    │   ├── RequestMalformed                 a body that is not the JSON that was expected
    │   └── UsageError                       a %dask line
    ├── NotFound                       404
    │   ├── ClusterUnknown
    │   ├── DeploymentUnknown
    │   ├── EnvironmentUnknown
    │   ├── PageUnknown
    │   └── ProfileUnknown
    ├── Conflict                       409
    │   ├── ClusterExists                    the name is taken
    │   ├── ConfigUnreadable                 a file of Dask's configuration is broken
    │   ├── ConfigUnwritable                 a profile cannot be saved
    │   ├── ProfileFixed                     another file defines it
    │   └── Unsupported                      this cluster cannot do that
    ├── ClusterGone                    410   it was here and is not any more
    ├── Refused                        403   a cap or a rule says no
    ├── LaunchError                    422   nothing was started, and why
    │   ├── InterpreterMissing
    │   ├── InterpreterUnfit                 no distributed in it, too old, not a Python
    │   ├── PortTaken
    │   └── StartFailed
    ├── DeadlinePassed                 504   it did not come up in time
    ├── HostUnreachable                502   the cluster's host does not answer
    ├── QueueError                     502   a batch system's command is missing or failed
    │   └── QueueSilent                504   it did not answer in time
    └── RegistryError                  500
        ├── RecordCorrupt
        ├── RecordForeign
        ├── RecordNewer
        └── DiskFull                   507

This module imports nothing of dasklab and only the standard library: hosts use it under
interpreters where dasklab is not installed.
"""

from __future__ import annotations

from typing import Any, ClassVar

__all__ = (
    "ClusterExists",
    "ClusterGone",
    "ClusterUnknown",
    "ConfigUnreadable",
    "ConfigUnwritable",
    "Conflict",
    "DasklabError",
    "DeadlinePassed",
    "DeploymentUnknown",
    "DiskFull",
    "EnvironmentUnknown",
    "HostUnreachable",
    "InputError",
    "InterpreterMissing",
    "InterpreterUnfit",
    "LaunchError",
    "NameInvalid",
    "NotFound",
    "OptionsInvalid",
    "PageUnknown",
    "PortTaken",
    "ProfileFixed",
    "ProfileUnknown",
    "QueueError",
    "QueueSilent",
    "RecordCorrupt",
    "RecordForeign",
    "RecordNewer",
    "Refused",
    "RegistryError",
    "RequestMalformed",
    "StartFailed",
    "Unsupported",
    "UsageError",
    "WorkersInvalid",
    "from_wire",
)

MESSAGE_LIMIT = 4_000
"""Characters of a message that travel. Exception texts may be megabytes and are foreign text."""


class DasklabError(Exception):
    """An error whose words are meant for the user.

    Parameters
    ----------
    message
        What happened, one sentence.
    hint
        What to do about it, one sentence; empty where there is nothing to do.
    details
        JSON data for programs: the list of single errors, a log tail, the nearest names.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500

    def __init__(
        self, message: str, hint: str = "", *, details: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message[:MESSAGE_LIMIT]
        self.hint = hint[:MESSAGE_LIMIT]
        self.details: dict[str, Any] = dict(details or {})

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def to_wire(self) -> dict[str, Any]:
        """The error as the JSON object that travels and that records keep."""
        return {
            "code": self.code,
            "message": self.message,
            "hint": self.hint,
            "details": self.details,
        }


class InputError(DasklabError):
    """What was asked for makes no sense."""

    code = "input.invalid"
    status = 400


class OptionsInvalid(InputError):
    """One or more options are unknown or ill-typed; ``details["errors"]`` lists all of them."""

    code = "options.invalid"


class WorkersInvalid(InputError):
    """A worker count or range is not a sensible number."""

    code = "workers.invalid"


class NameInvalid(InputError):
    """A cluster name that cannot be used."""

    code = "name.invalid"


class RequestMalformed(InputError):
    """The body of a request is not the JSON that was expected."""

    code = "request.malformed"


class UsageError(InputError):
    """A ``%dask`` line that cannot be understood."""

    code = "usage.invalid"


class NotFound(DasklabError):
    """There is no such thing."""

    code = "not_found"
    status = 404


class ClusterUnknown(NotFound):
    """No record has this id, name or address."""

    code = "cluster.unknown"


class DeploymentUnknown(NotFound):
    """No deployment or profile has this name."""

    code = "deployment.unknown"
    status = 400


class EnvironmentUnknown(NotFound):
    """Neither a kernelspec nor an interpreter."""

    code = "environment.unknown"
    status = 400


class PageUnknown(NotFound):
    """The scheduler has no dashboard page of this name."""

    code = "page.unknown"


class ProfileUnknown(NotFound):
    """No profile has this name, or it is there no more."""

    code = "profile.unknown"


class Conflict(DasklabError):
    """It cannot be done in the present state."""

    code = "conflict"
    status = 409


class ClusterExists(Conflict):
    """A live cluster has this name already."""

    code = "cluster.exists"


class ConfigUnreadable(Conflict):
    """A file of Dask's configuration is broken."""

    code = "config.unreadable"


class ConfigUnwritable(Conflict):
    """A file of Dask's configuration cannot be written."""

    code = "config.unwritable"


class ProfileFixed(Conflict):
    """A profile that another file defines: it is not dasklab's to change."""

    code = "profile.fixed"


class Unsupported(Conflict):
    """This cluster cannot do what was asked."""

    code = "cluster.unsupported"


class ClusterGone(DasklabError):
    """The cluster was here and is not any more."""

    code = "cluster.gone"
    status = 410


class Refused(DasklabError):
    """A cap or a rule of this site says no."""

    code = "refused"
    status = 403


class LaunchError(DasklabError):
    """Nothing was started."""

    code = "launch.failed"
    status = 422


class InterpreterMissing(LaunchError):
    """There is no such program, or it may not be run."""

    code = "interpreter.missing"


class InterpreterUnfit(LaunchError):
    """The interpreter cannot host a cluster: too old, without distributed, or not a Python."""

    code = "interpreter.unfit"


class PortTaken(LaunchError):
    """A port that was asked for is in use."""

    code = "port.taken"


class StartFailed(LaunchError):
    """The host ran and the cluster did not come up, or not all of its workers."""

    code = "start.failed"


class DeadlinePassed(DasklabError):
    """It did not happen in time."""

    code = "deadline.passed"
    status = 504


class HostUnreachable(DasklabError):
    """The cluster's host does not answer."""

    code = "host.unreachable"
    status = 502


class QueueError(DasklabError):
    """A command of the batch system is missing, or failed."""

    code = "queue.failed"
    status = 502


class QueueSilent(QueueError):
    """A command of the batch system did not answer in time, and was killed."""

    code = "queue.silent"
    status = 504


class RegistryError(DasklabError):
    """The folder of records cannot be used as it is."""

    code = "registry.failed"


class RecordCorrupt(RegistryError):
    """A record's file is not what a host writes."""

    code = "record.corrupt"


class RecordForeign(RegistryError):
    """A record belongs to another user, or others may write it."""

    code = "record.foreign"


class RecordNewer(RegistryError):
    """A record was written by a newer dasklab."""

    code = "record.newer"


class DiskFull(RegistryError):
    """No room for the record."""

    code = "registry.disk_full"
    status = 507


def _classes(cls: type[DasklabError]) -> dict[str, type[DasklabError]]:
    found = {cls.code: cls}
    for sub in cls.__subclasses__():
        found.update(_classes(sub))
    return found


def from_wire(data: object) -> DasklabError:
    """Rebuild an error from :meth:`DasklabError.to_wire`, tolerant of anything.

    Parameters
    ----------
    data
        What another process sent. Unknown codes become a plain :class:`DasklabError`.
    """
    if not isinstance(data, dict):
        return DasklabError("The cluster's host answered something that is not an error report.")
    cls = _classes(DasklabError).get(str(data.get("code")), DasklabError)
    details = data.get("details")
    return cls(
        str(data.get("message", "")),
        str(data.get("hint", "")),
        details=details if isinstance(details, dict) else None,
    )
