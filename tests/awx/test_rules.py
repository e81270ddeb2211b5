# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shipped data fits AWX's rules, and each rule rejects something."""

from __future__ import annotations

from typing import Any

import pytest

from .content import KINDS, Content, Item
from .rejected import REJECTED, Change
from .rules import RULES, problems
from .rules.formats import NAMED

NAMES = sorted(rule.name for rule in RULES)


def test_the_shipped_data_fits_every_rule(shipped: Content) -> None:
    assert problems(shipped) == []
    assert all(shipped[kind] for kind in KINDS)


def changed(content: Content, change: Change) -> Content:
    """A copy with a value set."""
    kind, name, path, value = change
    copied = content.copy()
    place: Any = copied.one(kind, name)
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return copied


@pytest.mark.parametrize(("name", "change"), REJECTED, ids=[name for name, _change in REJECTED])
def test_a_rule_rejects(shipped: Content, name: str, change: Change) -> None:
    assert problems(changed(shipped, change), name)


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_nobody_reads_is_rejected(shipped: Content, kind: str) -> None:
    first: Item = shipped[kind][0]
    assert problems(changed(shipped, (kind, first["name"], ("colour",), "x")), f"keys_of_{kind}_are_read")


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_that_is_there_twice_is_rejected(shipped: Content, kind: str) -> None:
    copied = shipped.copy()
    copied[kind].append(copied[kind][0])
    assert problems(copied, f"names_of_{kind}_are_unique")


@pytest.mark.parametrize("kind", KINDS)
def test_a_name_that_does_not_exist_is_rejected(shipped: Content, kind: str) -> None:
    first: Item = shipped[kind][0]
    key = next((key for key in first if key in NAMED), "credential_type")
    wrong = ["nobody"] if isinstance(first.get(key), list) else "nobody"
    assert problems(changed(shipped, (kind, first["name"], (key,), wrong)), f"names_in_{kind}_exist")


def test_every_rule_has_a_rejected_example_and_a_source() -> None:
    general = {
        f"{name}_{kind}_{end}" for kind in KINDS for name, end in (("keys_of", "are_read"), ("names_in", "exist"))
    }
    general |= {f"names_of_{kind}_are_unique" for kind in KINDS}
    assert {name for name, _change in REJECTED} | general == set(NAMES)
    assert len(NAMES) == len(set(NAMES))
    assert all(rule.source.startswith(("awx/", "infra.", "this collection", "the project's")) for rule in RULES)
