# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that several processes share: each is there as a whole or not at all, and one process at a time changes it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import tempfile
import typing as t

CHUNK = 65536


def read_file(path: str) -> bytes:
    """Return what is in a small file, by the fewest calls of the system: at each, a thread lets all others go first.

    Raises OSError.
    """
    handle = os.open(path, os.O_RDONLY)
    try:
        content = os.read(handle, CHUNK)
        while len(content) % CHUNK == 0 and (more := os.read(handle, CHUNK)):
            content += more
        return content
    finally:
        os.close(handle)


def replace_file(path: str, data: bytes, *, durable: bool = False) -> None:
    """Replace a file (mode 0600) so that another process finds all of it, or all of what was there before.

    ``durable``: so that it is there after a loss of power too. Raises OSError.
    """
    _put(path, data, os.replace, durable)


def keep(path: str, content: t.Mapping[str, t.Any]) -> None:
    """Replace a file by the JSON of ``content``, durably; its folder (mode 0700) is made if need be. Raises OSError."""
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    replace_file(path, json.dumps(content, indent=1).encode(), durable=True)


def create_file(path: str, data: bytes) -> None:
    """Make a file (mode 0600), durably, of which others see all or nothing. FileExistsError where there is one."""
    _put(path, data, os.link, durable=True)


@contextlib.contextmanager
def locked(path: str) -> t.Iterator[None]:
    """Keep others from a file meanwhile, as long as they ask for it by the same path. Raises OSError.

    The kernel drops the lock when a process dies. Its file, which is empty, stays: whoever removed it could take it
    from somebody who waits for it.
    """
    with open(os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _put(path: str, data: bytes, place: t.Callable[[str, str], None], durable: bool) -> None:
    folder = os.path.dirname(os.path.abspath(path))
    handle, aside = tempfile.mkstemp(dir=folder, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        place(aside, path)
        if durable:
            _sync(folder)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(aside)


def _sync(folder: str) -> None:
    """Let a new name survive a loss of power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
