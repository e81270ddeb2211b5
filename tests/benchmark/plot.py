# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draw what ``cost.py`` saved: the CPU time of ``fleet`` against the number of targets, with the lines that fit best.

    plot.py SAVED.json PICTURE.svg

The lines' slopes are printed too.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 760, 440, 70, 250, 50, 60
SERIES = {
    "first_cpu": ("first run: every target is written", "first"),
    "second_cpu": ("second run: nothing differs", "second"),
    "empty_cpu": ("empty play over the same inventory", "empty"),
}
HEADER = """<!--
Copyright (c) 2026, The cai.console authors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->
"""
STYLE = """<style>
    svg { --ground: #fbfbfa; --ink: #1c2230; --soft: #5a6272; --grid: #d7d9de; --first: #8a3ea8; --second: #2457c5;
          --empty: #6b7484; }
    @media (prefers-color-scheme: dark) {
      svg { --ground: #14171d; --ink: #eef1f6; --soft: #a7b0c0; --grid: #363d4a; --first: #d79bf0; --second: #7fa6ff;
            --empty: #98a2b3; }
    }
    text { font-family: ui-sans-serif, system-ui, "Segoe UI", Arial, sans-serif; font-size: 12px; fill: var(--soft); }
    .title { font-size: 16px; font-weight: 600; fill: var(--ink); }
    .ground { fill: var(--ground); } .grid { stroke: var(--grid); } .line { fill: none; stroke-width: 2; }
    .first { stroke: var(--first); } .second { stroke: var(--second); } .empty { stroke: var(--empty); }
    circle.first { fill: var(--first); } circle.second { fill: var(--second); } circle.empty { fill: var(--empty); }
</style>
"""


def fit(rows: Sequence[dict[str, Any]], name: str) -> tuple[float, float]:
    """Return the seconds of a job without targets, and for each target, by least squares."""
    line = statistics.linear_regression([row["targets"] for row in rows], [row[name] for row in rows])
    return line.intercept, line.slope


def step(most: float) -> float:
    """Return a round distance between lines of the grid, of which there are four to eight."""
    power = 10 ** (len(str(int(most))) - 1)
    return next(size for size in (power / 5, power / 2, power, 2 * power) if most / size <= 8)


class Plane:
    """Turns targets and seconds into places of the picture."""

    def __init__(self, targets: float, seconds: float) -> None:
        self.targets, self.seconds = targets, seconds

    def x(self, targets: float) -> float:
        """The place from the left."""
        return round(LEFT + targets / self.targets * (WIDTH - LEFT - RIGHT), 1)

    def y(self, seconds: float) -> float:
        """The place from above."""
        return round(HEIGHT - BOTTOM - seconds / self.seconds * (HEIGHT - TOP - BOTTOM), 1)

    def grid(self) -> list[str]:
        """Lines and numbers."""
        across, up = step(self.targets), step(self.seconds)
        found = []
        for number in range(int(self.seconds / up) + 1):
            place = self.y(number * up)
            found.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{place}" y2="{place}"/>')
            found.append(f'<text x="{LEFT - 8}" y="{place + 4}" text-anchor="end">{number * up:g}</text>')
        for number in range(int(self.targets / across) + 1):
            place = self.x(number * across)
            found.append(
                f'<text x="{place}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{number * across:g}</text>'
            )
        return found


def draw(rows: Sequence[dict[str, Any]]) -> str:
    """Return the picture."""
    plane = Plane(max(row["targets"] for row in rows), 1.05 * max(row["first_cpu"] for row in rows))
    parts = [
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>',
        f'<text class="title" x="{LEFT}" y="28">CPU time of fleet against the number of targets</text>',
        *plane.grid(),
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 14}" text-anchor="middle">targets</text>',
        f'<text x="{LEFT - 50}" y="{TOP - 8}">seconds</text>',
    ]
    for name, (words, kind) in SERIES.items():
        start, slope = fit(rows, name)
        end = start + slope * plane.targets
        below, place = plane.y(max(start, 0)), plane.y(end)
        parts.append(f'<path class="line {kind}" d="M{LEFT} {below}L{WIDTH - RIGHT} {place}"/>')
        parts += [
            f'<circle class="{kind}" cx="{plane.x(row["targets"])}" cy="{plane.y(row[name])}" r="3.5"/>' for row in rows
        ]
        parts.append(f'<text x="{WIDTH - RIGHT + 10}" y="{place}">{words}</text>')
        parts.append(f'<text x="{WIDTH - RIGHT + 10}" y="{place + 15}">{said(start, slope)}</text>')
    about = "; ".join(f"{words}: {said(*fit(rows, name))}" for name, (words, _kind) in SERIES.items())
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d">'
    title = '<title id="t">CPU time of fleet against the number of targets</title>'
    return "\n".join([HEADER + head, title, f'<desc id="d">{about}</desc>', STYLE, *parts, "</svg>\n"])


def said(start: float, slope: float) -> str:
    """Return a line as a formula."""
    return f"{start:.1f} s + {slope * 1000:.1f} ms × N"


def main(arguments: list[str]) -> int:
    """Draw, and print the lines."""
    saved, picture = map(Path, arguments)
    rows = json.loads(saved.read_text(encoding="utf-8"))["whole"]
    picture.write_text(draw(rows), encoding="utf-8")
    for name, (words, _kind) in SERIES.items():
        print(f"{words}: {said(*fit(rows, name))}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
