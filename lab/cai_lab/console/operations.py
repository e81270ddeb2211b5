# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The log of operations: every request that reached the console, in order, with names of members and never values."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cai_lab.clock import stamp

KEPT = 200_000


@dataclass(slots=True)
class Entry:
    """One request; ``status`` is None while it is under way and when it got no reply. ``peer`` is the client's port,
    by which connections can be told apart.
    """

    n: int
    time: float
    listener: str
    method: str
    path: str
    operation: str
    mutates: bool
    target: str | None = None
    user: str | None = None
    status: int | None = None
    fault: str | None = None
    peer: int | None = None
    members: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """For the control interface."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return values | {"time": stamp(self.time)}


class Operations:
    """The last 200,000 requests."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._count = 0

    def begin(self, time: float, listener: str, method: str, path: str, operation: str, mutates: bool) -> Entry:
        """Note a request at its arrival."""
        self._count += 1
        entry = Entry(self._count, time, listener, method, path, operation, mutates)
        self._entries.append(entry)
        return entry

    def clear(self) -> None:
        """Forget the entries; the numbering goes on."""
        self._entries.clear()

    def find(self, wanted: dict[str, str]) -> list[dict[str, Any]]:
        """The entries whose members have the wanted text values (``mutates``: true, false; ``since``: n greater)."""
        since = int(wanted.get("since", 0))
        rest = {name: value for name, value in wanted.items() if name != "since"}
        if unknown := rest.keys() - set(Entry.__slots__):
            raise ValueError(f"unknown filter: {', '.join(sorted(unknown))}")
        return [
            entry.as_dict()
            for entry in self._entries
            if entry.n > since and all(_text(getattr(entry, name)) == value for name, value in rest.items())
        ]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def member_paths(value: Any, prefix: str = "") -> Iterator[str]:
    """Dotted paths of a JSON value's members: ``oauth.scope``, ``items[].id``."""
    if isinstance(value, dict):
        for name, item in value.items():
            path = f"{prefix}.{name}" if prefix else str(name)
            yield path
            yield from member_paths(item, path)
    elif isinstance(value, list):
        for path in dict.fromkeys(path for item in value for path in member_paths(item, f"{prefix}[]")):
            yield path
