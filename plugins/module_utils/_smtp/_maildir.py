# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Maildir and its folders (Maildir++), read from the file system of the host that probes."""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp._found import FETCH_OCTETS, Found, is_junk, unreadable


class Maildir:
    """Files are told apart by the part of the name that stays when a mail program moves them from new to cur."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._known: set[tuple[str, str]] = set()

    def open(self) -> None:
        """Remember what is there."""
        if not os.path.isdir(self._path):
            raise unreadable(f"{self._path} is no folder on the host that probes.")
        with self._faults():
            self._known = {(folder, _stem(path)) for folder, path in self._files()}

    def fresh(self) -> list[Found]:
        """Return the messages that came since ``open``."""
        found = []
        with self._faults():
            for folder, path in self._files():
                if (folder, _stem(path)) in self._known:
                    continue
                # A mail program that moves the file meanwhile leaves it for the next look.
                with contextlib.suppress(FileNotFoundError), open(path, "rb") as stream:
                    found.append(Found(folder, path, stream.read(FETCH_OCTETS), is_junk(folder)))
        return found

    def remove(self, found: Found) -> bool:
        """Delete a message."""
        try:
            os.unlink(found.key)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Nothing is held open."""

    @contextlib.contextmanager
    def _faults(self) -> t.Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unreadable(f"{error.filename or self._path} cannot be read: {error.strerror}.") from None

    def _files(self) -> list[tuple[str, str]]:
        files = []
        for folder, place in self._folders():
            for part in ("new", "cur"):
                inside = os.path.join(place, part)
                if os.path.isdir(inside):
                    files += [(folder, os.path.join(inside, name)) for name in os.listdir(inside)]
        return files

    def _folders(self) -> list[tuple[str, str]]:
        below = [name for name in os.listdir(self._path) if name.startswith(".") and name not in (".", "..")]
        return [("INBOX", self._path), *((name[1:], os.path.join(self._path, name)) for name in below)]


def _stem(path: str) -> str:
    return os.path.basename(path).split(":", 1)[0]
