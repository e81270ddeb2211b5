# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which targets belong to the canary and to each wave. The same hosts and options always give the same waves."""

from __future__ import annotations

import dataclasses
import math
import re
import typing as t

CANARY = "canary"


@dataclasses.dataclass(frozen=True)
class Wave:
    """``name``: ``canary``, ``wave 1``, ``wave 2`` and so on."""

    name: str
    hosts: tuple[str, ...]


def size_of(text: str, total: int) -> int | None:
    """Return how many targets ``3`` or ``10%`` of a total are, a part of one counted as one; None for other words."""
    found = re.fullmatch(r"(\d+)|(\d+(?:\.\d+)?)%", text.strip())
    if not found:
        return None
    return int(found[1]) if found[1] else math.ceil(float(found[2]) * total / 100)


def cut(
    hosts: t.Sequence[str], canary: str, canary_hosts: t.Sequence[str] | None, sizes: t.Sequence[str]
) -> list[Wave]:
    """Return the waves in order. ``canary_hosts``, where given, are the canary, else the first ``canary`` of the hosts;
    ``sizes`` are those of the waves after it, of which the last is repeated. A percentage is one of all hosts.
    """
    chosen = [host for host in hosts if host in set(canary_hosts)] if canary_hosts else None
    first = list(hosts[: size_of(canary, len(hosts)) or 0]) if chosen is None else chosen
    rest = [host for host in hosts if host not in set(first)]
    waves = [Wave(CANARY, tuple(first))] if first else []
    left = list(sizes) or ["100%"]
    number = 0
    while rest:
        number += 1
        size = max(size_of(left[0], len(hosts)) or 0, 1)
        waves.append(Wave(f"wave {number}", tuple(rest[:size])))
        rest = rest[size:]
        left = left[1:] or left
    return waves


def with_canary(waves: t.Sequence[Wave], active: t.Container[str]) -> list[Wave]:
    """Return the waves with a canary that can be one: if none of its hosts is active (they may be down), as many of
    the next active ones take its place.
    """
    if not waves or waves[0].name != CANARY or any(host in active for host in waves[0].hosts):
        return list(waves)
    first, *rest = waves
    others = [host for wave in rest for host in wave.hosts if host in active][: len(first.hosts)]
    kept = [Wave(wave.name, tuple(host for host in wave.hosts if host not in others)) for wave in rest]
    return [Wave(CANARY, (*first.hosts, *others)), *kept]
