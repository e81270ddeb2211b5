# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the servers' logs say happened: connections, sign-ins, messages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

LINE = re.compile(r"postfix/(?P<service>[\w-]+)/smtpd\[(?P<pid>\d+)\]: (?P<text>.*)")
STATISTIC = re.compile(r"(?P<verb>[a-z]+)=(?P<good>\d+)(?:/(?P<all>\d+))?")
TURNED_AWAY = "Connection concurrency limit exceeded"
RATED = "rate limit exceeded"
DOVECOT_FAILED = re.compile(r"auth: (?:Info|Error): (?:passwd-file|oauth2)\((?P<user>[^,)]*),.*")


@dataclass
class Counters:
    """What Postfix saw since a mark. ``peak`` is the most connections at once, as clients tried.

    ``turned_away``: connections over the limit of those at once; ``rate_limited``: commands over a rate; ``auth_ok``,
    ``auth_failed``: AUTH commands; ``messages``: accepted after the dot; ``refused_messages``: not.
    """

    connections: int = 0
    open: int = 0
    peak: int = 0
    turned_away: int = 0
    rate_limited: int = 0
    auth_ok: int = 0
    auth_failed: int = 0
    messages: int = 0
    refused_messages: int = 0

    def add(self, text: str) -> None:
        """Take in one line of a service, without its prefix."""
        if text.startswith("connect from "):
            self.connections += 1
            self.open += 1
            self.peak = max(self.peak, self.open)
        elif text.startswith("disconnect from "):
            self.open -= 1
            self._session(text)
        self.turned_away += TURNED_AWAY in text
        self.rate_limited += RATED in text

    def _session(self, text: str) -> None:
        for found in STATISTIC.finditer(text):
            good = int(found["good"])
            bad = int(found["all"] or good) - good
            if found["verb"] == "auth":
                self.auth_ok += good
                self.auth_failed += bad
            elif found["verb"] in {"data", "bdat"}:
                self.messages += good
                self.refused_messages += bad


class Journal:
    """A log that is read from a mark on; a mark is a place in the file (octets)."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def mark(self) -> int:
        """Return the place of the next line."""
        return self.path.stat().st_size if self.path.exists() else 0

    def lines(self, since: int = 0) -> list[str]:
        """Return the whole lines written since the mark."""
        if not self.path.exists():
            return []
        with self.path.open("rb") as stream:
            stream.seek(since)
            text = stream.read()
        return text[: text.rfind(b"\n") + 1].decode("utf-8", "replace").splitlines()


def count(lines: Iterable[str], service: str | None = None) -> Counters:
    """Count over the lines of Postfix's log: of one variant, or of all together."""
    counters = Counters()
    for line in lines:
        found = LINE.search(line)
        if found and service in {None, found["service"]}:
            counters.add(found["text"])
    return counters


def failed_signins(lines: Iterable[str]) -> list[str]:
    """Return, from the lines of Dovecot's log, the user of each failed sign-in (SMTP, IMAP and submission alike)."""
    return [found["user"] for line in lines if (found := DOVECOT_FAILED.search(line))]
