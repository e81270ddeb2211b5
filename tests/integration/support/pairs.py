# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pairwise: few rows in which every two positions of every two switches meet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations

Row = dict[str, str]
Pair = frozenset[tuple[str, str]]


def pairs_of(row: Mapping[str, str]) -> set[Pair]:
    """The pairs that meet in a row."""
    return {frozenset(pair) for pair in combinations(row.items(), 2)}


def all_pairs(switches: Mapping[str, Sequence[str]]) -> set[Pair]:
    """Every pair that can meet."""
    found: set[Pair] = set()
    for one, other in combinations(switches, 2):
        found |= {frozenset(((one, here), (other, there))) for here in switches[one] for there in switches[other]}
    return found


def pairwise(switches: Mapping[str, Sequence[str]]) -> list[Row]:
    """Rows, made greedily: each begins with a pair that has not met, and adds the positions that meet most new ones."""
    waiting, rows = all_pairs(switches), []
    while waiting:
        row = dict(min(waiting, key=sorted))
        for name in switches:
            if name not in row:
                row[name] = max(switches[name], key=lambda word: len(waiting & _new(row, name, word)))
        waiting -= pairs_of(row)
        rows.append(row)
    return rows


def _new(row: Row, name: str, position: str) -> set[Pair]:
    return {frozenset(((name, position), known)) for known in row.items()}
