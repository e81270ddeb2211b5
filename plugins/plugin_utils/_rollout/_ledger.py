# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the runs of a rollout have done, line by line: each run appends to a file of its own beside those of the others.

So slices can work at the same time, and a run that goes on knows what all before it did, however those ended.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import os
import secrets
import threading
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

VERSION = 1
BEGUN, WRITTEN, SOAKED, ENDED = "begun", "written", "soaked", "ended"
"""What is noted beside the status of a target: that its write begins, that it was written and is not tested yet; and
of the run: that the wait after the canary is over, that the run came to its end.
"""


@dataclasses.dataclass
class Record:
    """What is known of one target. ``touched``: a write was begun. ``undo``: how it was before the first of them.
    ``left_digest``: of what was there when a failure or a way back was over.
    """

    status: str
    wave: str | None = None
    code: str | None = None
    message: str | None = None
    target: dict[str, t.Any] | None = None
    mail: dict[str, t.Any] | None = None
    left_digest: str | None = None
    undo: dict[str, t.Any] | None = None
    touched: bool = False

    def follow(self, line: t.Mapping[str, t.Any]) -> Record:
        """Return what is known after one more line."""
        names = {field.name for field in dataclasses.fields(Record)}
        new = Record(**{name: value for name, value in line.items() if name in names})
        new.touched = self.touched or new.status == BEGUN
        new.undo, new.wave, new.target = self.undo or new.undo, new.wave or self.wave, new.target or self.target
        return new


@dataclasses.dataclass
class History:
    """All files together. ``runs``: ``[{"began", "ended", "stopped_at"}]``, in order; ``ended`` is None where a run
    was killed, or still goes on.
    """

    records: dict[str, Record] = dataclasses.field(default_factory=dict)
    runs: list[dict[str, t.Any]] = dataclasses.field(default_factory=list)
    soaked: bool = False
    warnings: list[str] = dataclasses.field(default_factory=list)

    def stopped_at(self) -> str | None:
        """Return where the last run stopped; of several at the same time, the first of them that did."""
        last = max((run["began"] for run in self.runs), default="")
        found = [run["stopped_at"] for run in self.runs if run["stopped_at"] and run["ended"] >= last]
        return found[0] if found else None

    def take(self, line: t.Mapping[str, t.Any]) -> None:
        """Take in one line."""
        if line["status"] == SOAKED:
            self.soaked = True
        elif line["status"] == ENDED:
            self.runs[-1].update(ended=line["at"], stopped_at=line["stopped_at"])
        else:
            self.records[line["host"]] = self.records.get(line["host"], Record("")).follow(line)


def read_history(folder: str) -> History:
    """Read the files of a folder. What is cut off or unreadable is said; a newer version is refused."""
    history = History()
    with contextlib.suppress(FileNotFoundError):
        for name in sorted(os.listdir(folder)):
            if name.endswith(".jsonl"):
                _read(os.path.join(folder, name), history)
    return history


def _read(path: str, history: History) -> None:
    with open(path, encoding="utf-8", errors="replace") as stream:
        *whole, rest = stream.read().split("\n")
    if not whole:
        return
    if rest:
        history.warnings.append(f"The last line of {path} was cut off, and counts as not written.")
    try:
        head, *lines = map(json.loads, whole)
        if head["version"] > VERSION:
            raise ConsoleError("state_too_new", f"{path} has the version {head['version']}.", stage="options")
        found = History(runs=[{"began": head["began"], "ended": None, "stopped_at": None}])
        found.records = {host: dataclasses.replace(record) for host, record in history.records.items()}
        for line in lines:
            found.take(line)
    except (ValueError, KeyError, TypeError, AttributeError):
        os.replace(path, f"{path}.torn")
        aside = f"{os.path.basename(path)}.torn"
        history.warnings.append(f"{path} could not be read and was set aside as {aside}; what it said is not known.")
        return
    history.records = found.records
    history.runs += found.runs
    history.soaked = history.soaked or found.soaked


class Ledger:
    """The file of this run, mode 0600, made when there is something to note; without a folder nothing is. Threads may
    use it.
    """

    def __init__(self, folder: str | None) -> None:
        self._folder = folder
        self._began = now()
        self._lock = threading.Lock()
        self._stream: t.TextIO | None = None

    def note(self, status: str, host: str | None = None, **facts: t.Any) -> None:
        """Append a line; it is on its way to the disk when this returns, so that it outlives a killed run."""
        if self._folder is None:
            return
        line = {"at": now(), "status": status, **({"host": host} if host else {}), **facts}
        with self._lock:
            stream = self._stream = self._stream or self._open(self._folder)
            stream.write(json.dumps(line) + "\n")
            stream.flush()

    def secure(self) -> None:
        """Let what was noted outlive a loss of power too."""
        with self._lock:
            if self._stream:
                os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Close the file."""
        self.secure()
        if self._stream:
            self._stream.close()

    def _open(self, folder: str) -> t.TextIO:
        name = f"{self._began.replace(':', '').replace('+0000', '')}-{secrets.token_hex(4)}.jsonl"
        path = os.path.join(folder, name)
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            stream = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
        except OSError as error:
            raise ConsoleError(
                "state_dir_unusable", f"{path} cannot be written: {error.strerror}.", stage="options"
            ) from None
        stream.write(json.dumps({"version": VERSION, "began": self._began}) + "\n")
        return stream


def now() -> str:
    """Return the time in UTC, ISO 8601; such times sort as they follow each other."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="microseconds")
