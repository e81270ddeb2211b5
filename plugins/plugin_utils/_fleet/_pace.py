# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the threads of one task agree on: how many requests a second, when to wait, when to send no more."""

from __future__ import annotations

import random
import threading
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

LOOK_SECONDS = 0.25
"""How often a thread that waits looks whether the run is still there."""


class SharedPace:
    """A rate limit (None: no limit), a common pause, and a gate that closes when ``is_over`` says so."""

    def __init__(
        self,
        per_second: float | None,
        is_over: t.Callable[[], bool],
        *,
        clock: t.Callable[[], float] = time.monotonic,
        sleep: t.Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 1 / per_second if per_second else 0.0
        self._is_over = is_over
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._next = 0.0
        self._held = 0.0

    def enter(self) -> None:
        """Wait for the turn of one request; a ConsoleError ``run_cancelled`` once the run is over."""
        while True:
            if self._is_over():
                raise ConsoleError("run_cancelled", "The run is gone, so nothing more is sent.", stage="fleet")
            with self._lock:
                now = self._clock()
                left = max(self._next, self._held) - now
                if left <= 0:
                    self._next = now + self._interval
                    return
                jitter = random.uniform(0, 0.1) if self._held > now else 0.0
            self._sleep(min(left + jitter, LOOK_SECONDS))

    def hold(self, seconds: float) -> None:
        """Let every thread wait so long from now, unless they wait longer already."""
        with self._lock:
            self._held = max(self._held, self._clock() + seconds)
