# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab's clock, which a test can move."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class Clock:
    """Wall clock plus an offset in seconds (``offset_s``); sessions and stamps follow it."""

    def __init__(self, offset_s: float = 0.0) -> None:
        self.offset_s = offset_s

    def now(self) -> float:
        """Seconds since the epoch, moved by the offset."""
        return time.time() + self.offset_s

    def stamp(self) -> str:
        """Now, as the console writes times: ``2026-01-31T12:00:00.000Z``."""
        return stamp(self.now())


def stamp(seconds: float) -> str:
    """Seconds since the epoch as the console writes times."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def seconds(text: str) -> float:
    """The reverse of :func:`stamp`; ValueError for anything else."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
