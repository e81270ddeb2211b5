# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a message that arrived: whether it is the probe's own, its way here, and delivery reports (RFC 3464)."""

from __future__ import annotations

import email
import email.message
import email.policy
import re
import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp._message import MARK
from ansible_collections.cai.console.plugins.module_utils._smtp._model import Reply, readable

_PART = re.compile(r"\b(from|by|with)\s+([^\s;()]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")
_DIAGNOSTIC = re.compile(r"(?:[\w-]+;)?\s*(\d{3})[ -]?(.*)", re.DOTALL)
_STATUS = re.compile(r"([245])\.(\d{1,3}\.\d{1,3})")


def is_own(raw: bytes, probe: str) -> bool:
    """Whether the message is the probe's own."""
    return str(email.message_from_bytes(raw).get(MARK, "")).strip() == probe


def hops(raw: bytes) -> list[dict[str, t.Any]]:
    """Return the way of a message, first hop first: from, by, protocol, whether under TLS and after a sign-in (RFC
    3848), and when.
    """
    headers = email.message_from_bytes(raw).get_all("Received") or []
    return [_hop(re.sub(r"\s+", " ", str(header))) for header in reversed(headers)]


def _hop(text: str) -> dict[str, t.Any]:
    words: dict[str, str] = {}
    plain, found = text, 1
    while found:
        plain, found = _COMMENT.subn("", plain)
    for name, value in _PART.findall(plain):
        words.setdefault(name.lower(), value)
    protocol = words.get("with", "").upper()
    standard = re.fullmatch(r"(?:UTF8)?(?:E?SMTP|LMTP)(S?A?)", protocol)
    marks = standard.group(1) if standard else ""
    return {
        "from": words.get("from"),
        "by": words.get("by"),
        "protocol": protocol or None,
        "tls": "S" in marks if standard else None,
        "auth": "A" in marks if standard else None,
        "at": text.rpartition(";")[2].strip() or None,
    }


def results(raw: bytes) -> str | None:
    """Return the header Authentication-Results, if there is one."""
    found = email.message_from_bytes(raw).get("Authentication-Results")
    return readable(re.sub(r"\s+", " ", str(found))) if found else None


def report(raw: bytes, probe: str) -> dict[str, t.Any] | None:
    """Return what a delivery report says of the probe's message: ``action``, ``status``, ``recipient``, ``remote``,
    ``diagnostic``; None if the message is no such report.
    """
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    if message.get_content_type() != "multipart/report" or probe.encode() not in raw:
        return None
    fields = _fields(message)
    if not fields.get("action"):
        return None
    return {
        "action": fields["action"].lower(),
        "status": fields.get("status"),
        "recipient": _after_type(fields.get("final-recipient")),
        "remote": _after_type(fields.get("remote-mta")),
        "diagnostic": readable(fields["diagnostic-code"]) if fields.get("diagnostic-code") else None,
    }


def _fields(message: email.message.Message) -> dict[str, str]:
    """The fields of the first recipient's group."""
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for group in t.cast("list[email.message.Message]", part.get_payload()):
            fields = {name.lower(): re.sub(r"\s+", " ", str(value)) for name, value in group.items()}
            if "action" in fields:
                return fields
    return {}


def _after_type(value: str | None) -> str | None:
    return value.partition(";")[2].strip() or value if value else None


def reply_in(found: t.Mapping[str, t.Any]) -> Reply | None:
    """Return the reply that a report quotes; one without a code of its own is made from the status."""
    quoted = _DIAGNOSTIC.match(found.get("diagnostic") or "")
    if quoted:
        return Reply(int(quoted.group(1)), quoted.group(2).strip())
    status = _STATUS.match(found.get("status") or "")
    if not status:
        return None
    return Reply(int(status.group(1)) * 100 + 50, f"{status.group(0)} {found.get('diagnostic') or ''}".strip())
