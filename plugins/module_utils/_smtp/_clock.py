# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time: a budget for each stage and one for the whole probe."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp._model import StageFault

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._model import Settings


class Budget:
    """Counts down. ``enter`` starts a stage; ``left`` is what is left of it, and of the whole."""

    def __init__(self, settings: Settings, clock: t.Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._clock = clock
        self._end = clock() + settings.budget
        self._stage = ""
        self._stage_end = self._end

    def enter(self, stage: str) -> None:
        """Begin a stage."""
        self._stage = stage
        self._stage_end = min(self._end, self._clock() + self._settings.seconds(stage))

    def left(self) -> float:
        """Return the seconds that are left; a StageFault ``smtp_timeout`` when there are none."""
        now = self._clock()
        if now < self._stage_end:
            return self._stage_end - now
        whole = now >= self._end
        limit = self._settings.budget if whole else self._settings.seconds(self._stage)
        name = "whole probe" if whole else f"stage {self._stage}"
        raise StageFault("smtp_timeout", f"The {name} was not done within {limit:g} s.")

    def remains(self) -> float:
        """Return the seconds that are left of the whole, not below 0."""
        return max(0.0, self._end - self._clock())
