# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The picture as SVG: cards in rows, lines between them, light and dark by the reader's own setting."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from .imports import CONTROLLER_ONLY, NAMED_BY_USERS
from .layout import Joint

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .layout import Place, Rows

WIDTH, CARD, WIDE_CARD, JOINT, GAP, MARGIN = 1240, 218, 452, 12, 24, 36
TOP, ROW_GAP, LINE, PAD = 92, 54, 16, 14
LETTERS, WIDE_LETTERS, MOST_LINES = 28, 60, 4

STYLE = """
    svg { --ground: #fbfbfa; --card: #ffffff; --edge: #d7d9de; --ink: #1c2230; --soft: #5a6272; --line: #a9b0bd;
          --user: #2457c5; --door: #8a3ea8; --pack: #0d7a68; --code: #6b7484; }
    @media (prefers-color-scheme: dark) {
      svg { --ground: #14171d; --card: #1d222b; --edge: #363d4a; --ink: #eef1f6; --soft: #a7b0c0; --line: #566072;
            --user: #7fa6ff; --door: #d79bf0; --pack: #58cdb8; --code: #98a2b3; }
    }
    text { font-family: ui-sans-serif, system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; fill: var(--soft);
           font-size: 12px; }
    .title { font-size: 21px; font-weight: 600; fill: var(--ink); }
    .name { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 13px;
            font-weight: 600; fill: var(--ink); }
    .ground { fill: var(--ground); }
    .card { fill: var(--card); stroke: var(--edge); }
    .way { fill: none; stroke: var(--line); stroke-width: 1.4; }
    .head { fill: var(--line); }
    .user { fill: var(--user); } .door { fill: var(--door); } .pack { fill: var(--pack); } .code { fill: var(--code); }
"""
NOTE = "Made from the code. Every import points downwards; one that also follows from others is left out."
LICENCE = """<!--
Copyright (c) 2026, The cai.console authors
GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
SPDX-License-Identifier: GPL-3.0-or-later
-->"""
KINDS = {
    "user": "what a user names",
    "door": "on the controller only",
    "code": "shared code, one file",
    "pack": "shared code, a package",
}


@dataclass(frozen=True)
class Card:
    """What stands on a card."""

    name: str
    kind: str
    lines: tuple[str, ...]

    @property
    def width(self) -> int:
        """Width in pixels."""
        return WIDE_CARD if self.kind == "user" else CARD

    @property
    def height(self) -> int:
        """Height in pixels."""
        return PAD * 2 + 14 + LINE * len(self.lines)


@dataclass(frozen=True)
class Box:
    """Where something stands, in pixels."""

    x: float
    y: float
    width: float
    height: float


def make_card(name: str, members: Sequence[str], about: str) -> Card:
    """The card of a file, a package or a folder that holds ``members`` files."""
    folder, _slash, rest = name.partition("/")
    names = ", ".join(member.split("/")[-1] for member in members if member != name)
    if folder in NAMED_BY_USERS:
        return Card(f"{folder}/", "user", _wrapped(names, WIDE_LETTERS, len(members)))
    kind = "door" if folder in CONTROLLER_ONLY else "pack" if names else "code"
    return Card(rest + ("/" if names else ".py"), kind, _wrapped(about or names, LETTERS, MOST_LINES))


def _wrapped(text: str, letters: int, most: int) -> tuple[str, ...]:
    return tuple(textwrap.wrap(text, letters, max_lines=most, placeholder=" …", break_on_hyphens=False))


def draw(rows: Rows, lines: list[list[Place]], known: Mapping[str, Card]) -> str:
    """The whole picture."""
    boxes = _place(rows, known)
    height = max(box.y + box.height for box in boxes.values()) + 70
    width = max(WIDTH, max(box.x + box.width for box in boxes.values()) + MARGIN)
    parts = [
        LICENCE,
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" role="img"'
        ' aria-labelledby="t d">',
        '<title id="t">Architecture of cai.console</title>',
        '<desc id="d">Cards for the collection\'s parts, in layers; lines downwards for what imports what.</desc>',
        f"<style>{STYLE}</style>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
        '<path class="head" d="M0 0.8 L7.4 4 L0 7.2 z"/></marker></defs>',
        f'<rect class="ground" width="{width:.0f}" height="{height:.0f}" rx="14"/>',
        f'<text class="title" x="{MARGIN}" y="44">What imports what in cai.console</text>',
        f'<text x="{MARGIN}" y="66">{NOTE}</text>',
        *_ways(lines, boxes),
        *(_draw_card(known[place], box) for place, box in boxes.items() if not isinstance(place, Joint)),
        *_legend(height - 30),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _place(rows: Rows, known: Mapping[str, Card]) -> dict[Place, Box]:
    boxes: dict[Place, Box] = {}
    y = float(TOP)
    for row in rows:
        sizes = [JOINT if isinstance(place, Joint) else known[place].width for place in row]
        x = max(float(MARGIN), (WIDTH - sum(sizes) - GAP * (len(row) - 1)) / 2)
        tallest = max((known[place].height for place in row if not isinstance(place, Joint)), default=0)
        for place, size in zip(row, sizes, strict=True):
            height = tallest if isinstance(place, Joint) else known[place].height
            boxes[place] = Box(x, y, size, height)
            x += size + GAP
        y += tallest + ROW_GAP
    return boxes


def _ways(lines: list[list[Place]], boxes: Mapping[Place, Box]) -> list[str]:
    drawn = []
    for line in lines:
        first, last = line[0], line[-1]
        out = _port(first, line[1], [other[1] for other in lines if other[0] == first], boxes)
        into = _port(last, line[-2], [other[-2] for other in lines if other[-1] == last], boxes)
        x, y = out, boxes[first].y + boxes[first].height
        path = f"M{x:.1f} {y:.1f}"
        for place in line[1:]:
            box = boxes[place]
            goal = into if place == last else box.x + box.width / 2
            middle = (y + box.y) / 2
            path += f" C{x:.1f} {middle:.1f} {goal:.1f} {middle:.1f} {goal:.1f} {box.y:.1f}"
            x, y = goal, box.y
            if place != last:
                y += box.height
                path += f" V{y:.1f}"
        drawn.append(f'<path class="way" marker-end="url(#head)" d="{path}"/>')
    return drawn


def _port(place: Place, partner: Place, partners: list[Place], boxes: Mapping[Place, Box]) -> float:
    """Where on a card's edge a line begins or ends: side by side, in the order of where the lines go."""
    box = boxes[place]
    order = sorted(partners, key=lambda other: boxes[other].x + boxes[other].width / 2)
    share = (order.index(partner) + 1) / (len(order) + 1)
    return box.x + box.width * (0.16 + 0.68 * share)


def _draw_card(card: Card, box: Box) -> str:
    text = "".join(
        f'<text x="{box.x + PAD + 4:.1f}" y="{box.y + PAD + 28 + LINE * number:.1f}">{escape(line)}</text>'
        for number, line in enumerate(card.lines)
    )
    return (
        f'<g><rect class="card" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width}" height="{box.height}" rx="9"/>'
        f'<rect class="{card.kind}" x="{box.x:.1f}" y="{box.y + 9:.1f}" width="3.5" height="{box.height - 18}"'
        ' rx="1.5"/>'
        f'<text class="name" x="{box.x + PAD + 4:.1f}" y="{box.y + PAD + 10:.1f}">{escape(card.name)}</text>{text}</g>'
    )


def _legend(y: float) -> list[str]:
    parts, x = [], float(MARGIN)
    for kind, meaning in KINDS.items():
        parts.append(f'<rect class="{kind}" x="{x:.0f}" y="{y - 10:.0f}" width="12" height="12" rx="3"/>')
        parts.append(f'<text x="{x + 20:.0f}" y="{y:.0f}">{escape(meaning)}</text>')
        x += 48 + 6.4 * len(meaning)
    return parts
