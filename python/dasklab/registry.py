"""The registry: a folder with one record per cluster.

Everybody reads it; each host writes its own record and nobody else's. The folder is 0700 and the
files 0600, because they hold the control tokens. Records are replaced, never edited, so a reader
sees the old one or the new one. Standard library only.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from . import record_file
from .errors import (
    ClusterExists,
    ClusterUnknown,
    DasklabError,
    DiskFull,
    RegistryError,
)
from .model.record import Phase, Record
from .processes import is_alive

__all__ = ("Registry", "default_folder", "settle")

ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""What an id may be made of: it becomes the name of a file."""

HISTORY = 24 * 3600.0
"""Seconds that the record of an ended cluster is kept, so that its end can be read."""

UNDONE = 30 * HISTORY
"""Seconds that it is kept whose checkpoint nobody has undone: it is all that is known of what was
left elsewhere. Jobs have ended by then, and machines have been noticed."""

SILENCE = 300.0
"""Seconds after which the host on another machine counts as dead: it touches its record every
minute, and its process cannot be seen from here."""


def default_folder() -> Path:
    """Where records are kept: ``$DASKLAB_HOME``, else the user's state folder.

    Kernels, servers and shells of one user must agree, whatever their environment.
    """
    home = os.environ.get("DASKLAB_HOME")
    if home:
        return Path(home).expanduser()
    import platformdirs

    return Path(platformdirs.user_state_dir("dasklab", appauthor=False))


def settle(record: Record, modified: float | None = None) -> Record:
    """A record as it must be read: one whose host died without a word has ended ``lost``."""
    if record.phase.ended or record.host is None:
        return record
    alive = is_alive(record.host)
    if alive is None:
        alive = modified is None or time.time() - modified < SILENCE
    if alive:
        return record
    if record.warden is not None and is_alive(record.warden):
        # It is about to say what happened, once nothing is left; a moment, as a rule.
        return replace(record, phase=Phase.STOPPING, can=())
    owner = "kernel" if record.origin == "kernel" else "host"
    if owner == "kernel":
        message = "The kernel that owned this cluster has ended."
        hint = "Run its cell again, or start one with %dask start: that outlives kernels."
    else:
        message = (
            "The host of this cluster died without a word: it was killed, the machine restarted, "
            "or the disk was full."
        )
        hint = "Its log may say more; start it again with %dask start."
    reason = {"code": f"{owner}.lost", "message": message, "hint": hint, "details": {}}
    return record.ended_as(Phase.LOST, reason, record.updated)


class Registry:
    """The folder of records.

    Parameters
    ----------
    folder
        Its path; :func:`default_folder` by default. Made on first use.
    """

    def __init__(self, folder: str | os.PathLike[str] | None = None) -> None:
        self.folder = Path(folder) if folder is not None else default_folder()
        self.clusters = self.folder / "clusters"
        self.standbys = self.folder / "standby"
        self.logs = self.folder / "logs"
        self._cache: dict[str, tuple[tuple[int, ...], Record | DasklabError]] = {}

    def __repr__(self) -> str:
        return f"Registry({str(self.folder)!r})"

    # -- the folder --------------------------------------------------------------------------
    def open(self) -> None:
        """Make the folders, or refuse ones that others may write to.

        Raises
        ------
        RegistryError
            Not ours, not private, or cannot be made.
        """
        for folder in (self.folder, self.clusters, self.standbys, self.logs):
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                info = folder.lstat()
            except OSError as error:
                raise self.failure(error, f"The folder {folder} cannot be used") from error
            if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.geteuid():
                raise RegistryError(
                    f"{folder} is not a folder of yours.",
                    "Remove it, or point DASKLAB_HOME at another folder.",
                )
            if info.st_mode & 0o077:
                raise RegistryError(f"Others can reach into {folder}.", f"Run: chmod 700 {folder}")

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the registry's lock: names are given out, and records removed, under it."""
        self.open()
        try:
            handle = os.open(self.folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self.failure(error, "The registry cannot be locked") from error
        try:
            try:
                record_file.take(handle, self.folder / "lock")
            except OSError as error:  # some network file systems have no locks
                raise self.failure(error, "The registry cannot be locked") from error
            yield
        finally:
            os.close(handle)

    @staticmethod
    def failure(error: OSError, what: str) -> RegistryError:
        """The sentence for a file operation that failed."""
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            return DiskFull(
                f"{what}: the disk is full, or your quota is used up.",
                "Free some space and try again; nothing was lost.",
            )
        return RegistryError(
            f"{what}: {error.strerror or error}.",
            "Check the folder's permissions, or point DASKLAB_HOME at another one.",
        )

    # -- reading -----------------------------------------------------------------------------
    def path(self, cluster_id: str) -> Path:
        """The file of a record."""
        if not ID.fullmatch(cluster_id):
            raise ClusterUnknown(f"There is no cluster {cluster_id[:80]!r}.", "See %dask list.")
        return self.clusters / f"{cluster_id}.json"

    def recording(self, cluster_id: str) -> Path:
        """The file with the telemetry of a cluster that has ended."""
        return self.logs / f"{self.path(cluster_id).stem}.frames"

    def _entry(self, path: str) -> tuple[Record | DasklabError, float] | None:
        """What one file holds (a record, or why it cannot be read) and when it was written."""
        try:
            info = os.lstat(path)
        except OSError:
            return None
        key = (info.st_mtime_ns, info.st_ino, info.st_size, info.st_mode, info.st_uid)
        cached = self._cache.get(path)
        if cached is None or cached[0] != key:
            content: Record | DasklabError
            try:
                content = record_file.read(path, info)
            except DasklabError as error:
                content = error
            except OSError as error:
                if error.errno == errno.ENOENT:
                    return None
                content = self.failure(error, f"The record {path} cannot be read")
            cached = self._cache[path] = (key, content)
        return cached[1], info.st_mtime

    def records(self, alive: Collection[str] = ()) -> tuple[list[Record], list[DasklabError]]:
        """All clusters, newest first, and what could not be read.

        Files that did not change since the last call are not read again.

        Parameters
        ----------
        alive
            Ids of clusters whose hosts the caller is connected to: no need to look for those.
        """
        records: list[Record] = []
        problems: list[DasklabError] = []
        try:
            names = [entry.name for entry in os.scandir(self.clusters)]
        except FileNotFoundError:
            return [], []
        except OSError as error:
            return [], [self.failure(error, f"The folder {self.clusters} cannot be read")]
        seen = set()
        for name in names:
            if not name.endswith(".json") or name.startswith("."):
                continue
            path = f"{self.clusters}/{name}"
            seen.add(path)
            found = self._entry(path)
            if found is None:
                continue
            content, modified = found
            if isinstance(content, Record):
                known = content.id in alive
                records.append(content if known else settle(content, modified))
            else:
                problems.append(content)
        for path in self._cache.keys() - seen:
            self._cache.pop(path, None)
        records.sort(key=lambda record: record.created, reverse=True)
        return records, problems

    def get(self, cluster_id: str) -> Record:
        """One cluster by id.

        Raises
        ------
        ClusterUnknown, RegistryError
        """
        found = self._entry(str(self.path(cluster_id)))
        if found is None:
            raise ClusterUnknown(f"There is no cluster {cluster_id[:80]!r}.", "See %dask list.")
        if isinstance(found[0], DasklabError):
            raise found[0]
        return settle(found[0], found[1])

    def find(self, text: str) -> Record:
        """One cluster by name, id, unique beginning of an id, or scheduler address.

        A live cluster goes before an ended one of the same name.

        Raises
        ------
        ClusterUnknown
            With the nearest name.
        """
        records, _ = self.records()
        for live in (True, False):
            for record in records:
                if record.phase.ended != live and text in (record.name, record.id):
                    return record
                address = (record.scheduler or {}).get("address")
                if record.phase.ended != live and address and text == address:
                    return record
        started = [record for record in records if len(text) >= 6 and record.id.startswith(text)]
        if len(started) == 1:
            return started[0]
        import difflib

        names = [record.name for record in records if not record.phase.ended]
        near = difflib.get_close_matches(text, names, 1)
        raise ClusterUnknown(
            f"There is no cluster {text[:80]!r}.",
            f"Did you mean {near[0]!r}?" if near else "See %dask list.",
            details={"names": names},
        )

    # -- writing (a host, its own record) ------------------------------------------------------
    def write(self, record: Record) -> None:
        """Replace a record on disk.

        Raises
        ------
        DiskFull, RegistryError
        """
        self.open()
        path = self.path(record.id)
        temporary = None
        try:
            handle, temporary = tempfile.mkstemp(prefix=".", suffix=".tmp", dir=self.clusters)
            with open(handle, "w", encoding="utf-8") as file:
                json.dump(record.to_disk(), file, allow_nan=False, default=str)
            os.replace(temporary, path)
        except (OSError, ValueError, TypeError) as error:
            if temporary is not None:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
            what = f"The record of {record.name} cannot be written"
            if isinstance(error, OSError):
                raise self.failure(error, what) from error
            raise RegistryError(f"{what}: {error}.") from error  # not JSON

    def claim(self, record: Record, *, automatic: bool) -> tuple[Record, bool]:
        """Enter a new cluster, once.

        Parameters
        ----------
        record
            Its first record.
        automatic
            Number its name (or its deployment's, if it has none): ``local-1``, ``local-2``, …

        Returns
        -------
        record, created
            The record that stands now; ``created`` is false when its id was entered before.

        Raises
        ------
        ClusterExists
            A live cluster has that name.
        """
        with self.lock():
            self.prune()
            records, _ = self.records()
            for other in records:
                if other.id == record.id:
                    return other, False
            taken = {other.name for other in records if not other.phase.ended}
            if automatic:
                stem, number = record.name or record.deployment, 1
                while f"{stem}-{number}" in taken:
                    number += 1
                record = replace(record, name=f"{stem}-{number}")
            elif record.name in taken:
                raise ClusterExists(
                    f"A cluster named {record.name!r} is there already.",
                    f"Use it with %dask use {record.name}, stop it, or choose another name.",
                    details={"name": record.name},
                )
            self.write(record)
            return record, True

    def forget(self, cluster_id: str) -> None:
        """Remove the record and log of a cluster that has ended.

        Raises
        ------
        ClusterUnknown, RegistryError
        """
        with self.lock():
            record = self.get(cluster_id)
            if not record.phase.ended:
                raise RegistryError(f"The cluster {record.name!r} has not ended.", "Stop it first.")
            self._remove(record)

    def _remove(self, record: Record) -> None:
        recording = self.recording(record.id)
        kept = (str(recording), str(recording.with_suffix(".keys")))
        for path in (str(self.path(record.id)), record.log, f"{record.log}.1", *kept):
            # Only what lies in the registry: a record's text must not name files elsewhere.
            inside = os.path.dirname(os.path.abspath(path)) in (
                str(self.clusters.absolute()),
                str(self.logs.absolute()),
            )
            if inside:
                with contextlib.suppress(OSError):
                    os.unlink(path)
        shutil.rmtree(self.folder / "jobs" / record.id, ignore_errors=True)
        record_file.remove_scratch(record)

    def prune(self, keep: float = HISTORY) -> None:
        """Remove records that ended more than ``keep`` seconds ago; call under the lock.

        And what a host and a warden that were killed at once could not remove.
        """
        now = time.time()
        for record in self.records()[0]:
            if record.phase is Phase.LOST:
                record_file.remove_scratch(record)
            # By the file's time, not the record's: a host touches its file while it lives.
            with contextlib.suppress(OSError):
                age = now - self.path(record.id).stat().st_mtime
                if record.phase.ended and age > (UNDONE if record.checkpoint else keep):
                    self._remove(record)
