# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rule, and the list of all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from awx.content import Content

Check = Callable[[dict[str, Any], "Content"], Iterator[str]]


@dataclass(frozen=True)
class Rule:
    """What holds for each object of a kind: ``source`` says who demands it, ``check`` yields what is wrong."""

    name: str
    kind: str
    source: str
    check: Check


RULES: list[Rule] = []


def rule(kind: str, source: str) -> Callable[[Check], Check]:
    """Add the function to the rules, under its own name."""

    def add(check: Check) -> Check:
        RULES.append(Rule(getattr(check, "__name__", ""), kind, source, check))
        return check

    return add


def problems(content: Content, name: str | None = None) -> list[str]:
    """What is wrong with the content, by all rules or the one of this name."""
    return [
        f"{rule.kind}: {item.get('name')}: {problem} [{rule.name}: {rule.source}]"
        for rule in RULES
        if name in (None, rule.name)
        for item in content[rule.kind]
        for problem in rule.check(item, content)
    ]
