# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the lab's mail ends: a Maildir that says of each message how it came."""

from __future__ import annotations

import email
import email.policy
import mailbox
import re
import threading
from dataclasses import asdict, dataclass
from email.header import Header
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from email.message import EmailMessage
    from pathlib import Path

_NAME = re.compile(r"(\d+)\.M(\d+)P\d+Q(\d+)")


@dataclass(frozen=True)
class Message:
    """One delivered message.

    ``sender`` and ``recipients`` are the envelope's, ``date`` and ``headers`` are as sent (the first of equal headers),
    ``body`` is the text part, ``received_by`` is the listener's ``address:port``.
    """

    id: str
    sender: str
    recipients: list[str]
    subject: str
    date: str
    body: str
    headers: dict[str, str]
    received_by: str
    tls: bool
    auth_user: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return the message as plain values, ready for JSON."""
        return asdict(self)


class Mailbox:
    """A Maildir in ``folder``, safe to share between threads and mail servers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        folder.parent.mkdir(parents=True, exist_ok=True)
        self._open()

    def deliver(
        self,
        content: bytes,
        *,
        sender: str,
        recipients: Sequence[str],
        received_by: str,
        tls: bool,
        auth_user: str | None,
    ) -> str:
        """Store a message as it came over the wire and return its id.

        How it came is put in front, so that headers of the same names in ``content`` count for nothing.
        """
        how = {
            "Return-Path": f"<{sender}>",
            "X-Lab-Recipients": ", ".join(recipients),
            "X-Lab-Received-By": received_by,
            "X-Lab-Tls": "yes" if tls else "no",
            "X-Lab-Auth-User": auth_user or "",
        }
        lines = "".join(f"{name}: {_header(value)}\n" for name, value in how.items())
        with self._lock:
            return self._open().add((lines.encode("ascii") + content).replace(b"\r\n", b"\n"))

    def messages(self) -> list[Message]:
        """Return all messages, oldest first."""
        with self._lock:
            box = self._open()
            return [_message(key, box.get_bytes(key)) for key in sorted(box.keys(), key=_arrival)]

    def clear(self) -> None:
        """Remove all messages."""
        with self._lock:
            self._open().clear()

    def _open(self) -> mailbox.Maildir:
        # A new object each time: Maildir keeps a table of contents, which other writers would make stale.
        return mailbox.Maildir(self._folder)


def _header(value: str) -> str:
    return value if value.isascii() else Header(value, "utf-8", maxlinelen=10_000).encode()


def _arrival(key: str) -> tuple[int, ...]:
    """Order of delivery, from the file name; its microseconds are not padded, so text order would be wrong."""
    match = _NAME.match(key)
    return tuple(int(part) for part in match.groups()) if match else (0, 0, 0)


def _message(key: str, raw: bytes) -> Message:
    parsed: EmailMessage = email.message_from_bytes(raw, policy=email.policy.default)
    headers: dict[str, str] = {}
    for name, value in parsed.items():
        headers.setdefault(name, str(value))
    return Message(
        id=key,
        sender=headers.get("Return-Path", "").strip("<>"),
        recipients=[name for name in headers.get("X-Lab-Recipients", "").split(", ") if name],
        subject=headers.get("Subject", ""),
        date=headers.get("Date", ""),
        body=_text(parsed),
        headers=headers,
        received_by=headers.get("X-Lab-Received-By", ""),
        tls=headers.get("X-Lab-Tls") == "yes",
        auth_user=headers.get("X-Lab-Auth-User") or None,
    )


def _text(parsed: EmailMessage) -> str:
    part = parsed.get_body(("plain", "html")) or parsed
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except (KeyError, LookupError):  # no text part at all, or a character set that Python does not know
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
