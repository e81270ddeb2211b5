# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where the cards stand: rows by the longest way from the top, in an order that keeps lines short."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .imports import reachable

if TYPE_CHECKING:
    from .imports import Graph

ROUNDS = 24


@dataclass(frozen=True)
class Joint:
    """A place in a row that a line passes on its way from one card to another further down."""

    start: str
    end: str
    row: int


Place = str | Joint
Rows = list[list[Place]]


def ranks(graph: Graph) -> dict[str, int]:
    """The row of each node: one more than the lowest row of those that import it. The graph has no cycle."""
    above = {node: [other for other in graph if node in graph[other]] for node in graph}
    found: dict[str, int] = {}

    def rank(node: str) -> int:
        if node not in found:
            found[node] = max((rank(other) + 1 for other in above[node]), default=0)
        return found[node]

    return {node: rank(node) for node in sorted(graph)}


def reduced(graph: Graph) -> Graph:
    """The graph without the imports that also follow from others by a longer way."""
    return {
        node: {other for other in below if not any(other in reachable(graph, between) for between in below - {other})}
        for node, below in graph.items()
    }


def arrange(graph: Graph, rank: dict[str, int]) -> tuple[Rows, list[list[Place]]]:
    """Rows of cards and joints, and each line as the places that it passes."""
    rows: Rows = [[] for _ in range(max(rank.values()) + 1)]
    for node in sorted(graph):
        rows[rank[node]].append(node)
    lines: list[list[Place]] = []
    for node in sorted(graph):
        for other in sorted(graph[node]):
            joints = [Joint(node, other, row) for row in range(rank[node] + 1, rank[other])]
            for joint in joints:
                rows[joint.row].append(joint)
            lines.append([node, *joints, other])
    return _with_fewest_crossings(rows, lines), lines


def _with_fewest_crossings(rows: Rows, lines: list[list[Place]]) -> Rows:
    best, fewest = [list(row) for row in rows], crossings(rows, lines)
    for turn in range(ROUNDS):
        steps = range(1, len(rows)) if turn % 2 == 0 else range(len(rows) - 2, -1, -1)
        for row in steps:
            _sort_by_neighbours(rows, lines, row, row - 1 if turn % 2 == 0 else row + 1)
        count = crossings(rows, lines)
        if count < fewest:
            best, fewest = [list(row) for row in rows], count
    return best


def _sort_by_neighbours(rows: Rows, lines: list[list[Place]], row: int, other: int) -> None:
    position = {place: (index + 0.5) / len(rows[other]) for index, place in enumerate(rows[other])}
    wishes: dict[Place, list[float]] = {place: [] for place in rows[row]}
    for line in lines:
        for one, two in zip(line, line[1:], strict=False):
            for here, there in ((one, two), (two, one)):
                if here in wishes and there in position:
                    wishes[here].append(position[there])
    own = {place: (index + 0.5) / len(rows[row]) for index, place in enumerate(rows[row])}
    rows[row].sort(key=lambda place: sum(wishes[place]) / len(wishes[place]) if wishes[place] else own[place])


def crossings(rows: Rows, lines: list[list[Place]]) -> int:
    """How often lines cross between neighbouring rows."""
    position = {place: (number, index) for number, row in enumerate(rows) for index, place in enumerate(row)}
    steps: dict[int, list[tuple[int, int]]] = {}
    for line in lines:
        for one, two in zip(line, line[1:], strict=False):
            steps.setdefault(position[one][0], []).append((position[one][1], position[two][1]))
    return sum(
        (a[0] - b[0]) * (a[1] - b[1]) < 0
        for pairs in steps.values()
        for index, a in enumerate(pairs)
        for b in pairs[:index]
    )
