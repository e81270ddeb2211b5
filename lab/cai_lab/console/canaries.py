# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that end in a fault that nothing catches, of each kind that decides whether they are suspended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

SUSPENDABLE = ("FULL", "PERSIST")
"""Documented: suspending on an uncaught fault needs one of these (Suspending_a_Process_on_Uncaught_Faults.html)."""
UNLISTED = "NONE"
"""Documented: a process with this persistence is not in the list of processes."""


@dataclass(frozen=True)
class Canary:
    """``suspends``: its own option, which overrides the server's property; None: it has none. ``answers``: whether it
    replies with its id before it faults, or the fault is its answer.
    """

    suspends: bool | None = None
    persistence: str = "FULL"
    answers: bool = True

    def suspended(self, server_suspends: bool) -> bool:
        """Whether it is suspended on a server whose property says so, or does not."""
        wanted = server_suspends if self.suspends is None else self.suspends
        return wanted and self.persistence in SUSPENDABLE


CANARY = "CaiCanary"
CANARIES: Mapping[str, Canary] = {
    CANARY: Canary(),
    "CaiCanarySuspends": Canary(suspends=True),
    "CaiCanaryFaults": Canary(suspends=False),
    "CaiCanaryFinal": Canary(persistence="FINAL"),
    "CaiCanaryNone": Canary(persistence=UNLISTED),
    "CaiCanaryMute": Canary(answers=False),
}
