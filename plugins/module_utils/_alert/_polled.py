# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads an address at which a custom service leaves what it is called with."""

from __future__ import annotations

import hashlib
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._smtp._found import FETCH_OCTETS, Found

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._transport import Transport


class Polled:
    """Asks an address again and again. It is read as a mailbox is: each answer that differs is something new."""

    def __init__(self, transport: Transport, address: str, headers: t.Mapping[str, str]) -> None:
        self._transport = transport
        self._address = address
        self._headers = dict(headers)
        self._known: set[str] = set()

    def open(self) -> None:
        """Remember what is there."""
        self._known = {_key(body) for body in [self._ask()] if body}

    def fresh(self) -> list[Found]:
        """Return what is there, if it is new."""
        body = self._ask()
        key = _key(body)
        if not body or key in self._known:
            return []
        return [Found("url", key, body[-FETCH_OCTETS:], False)]

    def remove(self, found: Found) -> bool:
        """What is there is its owner's."""
        return False

    def close(self) -> None:
        """Let go of the connection."""
        self._transport.close()

    def _ask(self) -> bytes:
        """Return the answer; nothing where nothing has been left there yet (204, 404)."""
        reply = self._transport.send("GET", self._address, stage="arrival", headers=self._headers, follow=False)
        if reply.status in (204, 404):
            return b""
        if reply.status != 200:
            said = f"arrival.url answers with status {reply.status}."
            raise ConsoleError("alert_place_unreadable", said, stage="arrival")
        return reply.body


def _key(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
