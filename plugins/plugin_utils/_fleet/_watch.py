# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the run still wants this worker: signals that ask for an end, and a parent that is gone."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import typing as t

from ansible_collections.cai.console.plugins.plugin_utils._run_end import note_of

if t.TYPE_CHECKING:
    from types import FrameType


class Watch:
    """As a context: SIGINT and SIGTERM set ``is_ending``; when the block has ended, the signal does its usual work.

    Without this, a worker would die in the middle of a write. A parent that was killed sends nothing; that it is gone
    shows in the process's parent id.
    """

    def __init__(self) -> None:
        parent = multiprocessing.parent_process()
        self._parent = parent.pid if parent else os.getppid()
        self._caught: int | None = None
        self._previous: dict[int, t.Any] = {}

    @property
    def is_ending(self) -> bool:
        """Whether a signal asked for an end."""
        return self._caught is not None

    def is_gone(self) -> bool:
        """Whether the parent has ended, be it by SIGKILL."""
        return os.getppid() != self._parent

    def __enter__(self) -> Watch:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._previous[number] = signal.signal(number, self._catch)
        return self

    def __exit__(self, *_unused: object) -> None:
        for number, previous in self._previous.items():
            signal.signal(number, signal.SIG_DFL if previous is None else previous)
        if self._caught is not None:
            os.kill(os.getpid(), self._caught)

    def _catch(self, number: int, frame: FrameType | None) -> None:
        self._caught = number


@contextlib.contextmanager
def noted() -> t.Iterator[t.TextIO]:
    """Keep a note while the block runs: the end of the run gives such a worker more time, and prints what it says."""
    path = note_of(os.getpid())
    with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as stream:
        yield stream
        silent = stream.tell() == 0
    if silent:
        with contextlib.suppress(OSError):
            os.unlink(path)
