# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table that a benchmark ends with: measured, goal, verdict."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


@dataclass(frozen=True)
class Row:
    """One line of the table. ``at_most`` tells whether the measured value must stay below the goal, or reach it."""

    what: str
    measured: float
    goal: float
    stretch: float | None = None
    unit: str = ""
    at_most: bool = True

    def line(self) -> str:
        """Return it as a line."""
        met = self.measured <= self.goal if self.at_most else self.measured >= self.goal
        stretch = f" ({self.stretch:g})" if self.stretch is not None else ""
        goal = f"{'<=' if self.at_most else '>='} {self.goal:g}{stretch} {self.unit}"
        return f"{self.what:<68} {self.measured:>8.2f} {self.unit:<3} {goal:<16} {'met' if met else 'missed'}"


class Samples:
    """Measured values by name, from several rounds. Each is printed as it comes."""

    def __init__(self) -> None:
        self._found: dict[str, list[float]] = defaultdict(list)

    def add(self, name: str, value: float) -> None:
        """Note a value."""
        say(f"  {name}: {value:.2f}")
        self._found[name].append(value)

    def median(self, name: str) -> float:
        """Return the median of the values of this name; KeyError where there are none."""
        if name not in self._found:
            raise KeyError(name)
        return statistics.median(self._found[name])
