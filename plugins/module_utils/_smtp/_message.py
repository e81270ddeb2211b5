# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The message of a probe. It carries a unique id, by which it is known again wherever it arrives."""

from __future__ import annotations

import email.utils
import secrets

MARK = "X-Cai-Console-Probe"
_LINE = "This line only makes the message longer, as message_size asks for. " + "." * 9


def new_id() -> str:
    """Return an id that no other message has."""
    return secrets.token_hex(16)


def message_id(probe: str, sender: str) -> str:
    """Return the Message-ID of a probe, with its angle brackets."""
    domain = sender.rpartition("@")[2]
    return f"<{probe}@{domain if domain.isascii() and domain else 'cai-console.invalid'}>"


def compose(probe: str, sender: str, recipient: str, size: int = 0) -> bytes:
    """Return the message as it goes over the wire (CRLF), ``size`` octets or a little more.

    Sender and recipient are single addresses. It is put together as text: all of it is known, and the package ``email``
    would need more time for it than the whole session does.
    """
    head = [
        f"From: {sender}",
        f"To: {recipient}",
        f"Subject: Mail test {probe}",
        f"Date: {email.utils.formatdate(localtime=True)}",
        f"Message-ID: {message_id(probe, sender)}",
        # RFC 3834: no holiday notice answers this.
        "Auto-Submitted: auto-generated",
        f"{MARK}: {probe}",
        "MIME-Version: 1.0",
        'Content-Type: text/plain; charset="us-ascii"',
        "",
        "This message proves that mail leaves and arrives. It can be deleted.",
    ]
    text = "\r\n".join(head) + "\r\n"
    missing = size - len(text)
    if missing > 0:
        text += (_LINE + "\r\n") * (missing // (len(_LINE) + 2) + 1)
    return text.encode("utf-8")
