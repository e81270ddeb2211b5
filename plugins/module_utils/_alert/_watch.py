# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits for the alert about one process, wherever it should arrive, and takes no other alert for it."""

from __future__ import annotations

import email
import email.message
import email.policy
import json
import re
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._alert._model import Alert
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._smtp._model import StageFault, readable

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._found import Box, Found

TEXT_LIMIT = 4000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class AlertWatch:
    """One place for one proof. ``others`` counts what else came meanwhile. Nothing is removed: people read it too."""

    def __init__(self, box: Box, *, by_mail: bool, wait: float, poll: float) -> None:
        self._box = box
        self.by_mail = by_mail
        self.wait = wait
        self._poll = poll
        self._others: set[tuple[str, str]] = set()

    @property
    def others(self) -> int:
        """How many messages or calls came that are about something else."""
        return len(self._others)

    def open(self) -> None:
        """Remember what is there now."""
        self._guarded(self._box.open)

    def look(self, mark: str, began: float) -> Alert | None:
        """Return what came and holds ``mark``; None where nothing such came in time. ``began`` is monotonic."""
        end = time.monotonic() + self.wait
        while True:
            for found in self._guarded(self._box.fresh):
                alert = _alert(found, by_mail=self.by_mail, since=began)
                if is_about(f"{alert.subject or ''}\n{alert.text}", mark):
                    return alert._replace(text=_CONTROL.sub("", alert.text)[:TEXT_LIMIT].strip())
                self._others.add((found.folder, found.key))
            left = end - time.monotonic()
            if left <= 0:
                return None
            time.sleep(min(self._poll, left))

    def close(self) -> None:
        """Let go of it."""
        self._box.close()

    def _guarded(self, act: t.Callable[[], t.Any]) -> t.Any:
        try:
            return act()
        except StageFault as fault:
            raise ConsoleError("alert_place_unreadable", f"arrival: {fault.detail}", stage="arrival") from None


def is_about(text: str, mark: str) -> bool:
    """Whether a text holds the mark as a whole: no longer number or name that has it in the middle counts."""
    return re.search(rf"(?<![\w.-]){re.escape(mark)}(?![\w-]|\.\w)", text) is not None


def _alert(found: Found, *, by_mail: bool, since: float) -> Alert:
    latency = round((time.monotonic() - since) * 1000, 1)
    if not by_mail:
        text = found.raw.decode("utf-8", "replace")
        return Alert(found.folder, latency, None, None, text, _details(text))
    message = email.message_from_bytes(found.raw, policy=email.policy.default)
    return Alert(
        found.folder.strip('"'),
        latency,
        readable(str(message.get("Subject", ""))),
        readable(str(message.get("From", ""))),
        _text_of(message),
        None,
    )


def _text_of(message: email.message.EmailMessage) -> str:
    """Return the message's text; one part that cannot be decoded does not hide the others."""
    parts = []
    for part in message.walk():
        if part.get_content_maintype() != "text":
            continue
        try:
            parts.append(str(part.get_content()))
        except (LookupError, ValueError, KeyError):
            parts.append(str(part.get_payload()))
    return "\n".join(parts)


def _details(text: str) -> dict[str, t.Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
