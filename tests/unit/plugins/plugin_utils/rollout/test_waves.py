# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a rollout is cut into waves."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.plugin_utils._rollout._waves import CANARY, Wave, cut, size_of, with_canary

HOSTS = [f"host-{number}" for number in range(10)]


def sizes(waves: list[Wave]) -> list[tuple[str, int]]:
    return [(wave.name, len(wave.hosts)) for wave in waves]


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("3", 3),
        ("0", 0),
        (" 10% ", 20),
        ("0.1%", 1),
        ("100%", 200),
        ("1.5", None),
        ("-1", None),
        ("some", None),
        ("", None),
    ],
)
def test_a_size_is_a_number_or_a_percentage(text: str, size: int | None) -> None:
    assert size_of(text, 200) == size


@pytest.mark.parametrize(
    ("canary", "waves", "expected"),
    [
        ("1", ["10%", "100%"], [(CANARY, 1), ("wave 1", 1), ("wave 2", 8)]),
        ("0", ["100%"], [("wave 1", 10)]),
        ("100%", ["1"], [(CANARY, 10)]),
        ("2", ["3"], [(CANARY, 2), ("wave 1", 3), ("wave 2", 3), ("wave 3", 2)]),
        ("1", ["0"], [(CANARY, 1), *[(f"wave {number}", 1) for number in range(1, 10)]]),
        ("1", [], [(CANARY, 1), ("wave 1", 9)]),
    ],
)
def test_every_host_is_in_one_wave(canary: str, waves: list[str], expected: list[tuple[str, int]]) -> None:
    found = cut(HOSTS, canary, None, waves)
    assert sizes(found) == expected
    assert [host for wave in found for host in wave.hosts] == HOSTS


def test_the_canary_can_be_named() -> None:
    found = cut(HOSTS, "1", ["host-4", "host-2", "nobody"], ["100%"])
    assert found[0].hosts == ("host-2", "host-4")
    assert sorted(host for wave in found for host in wave.hosts) == HOSTS


def test_no_hosts_are_no_waves() -> None:
    assert cut([], "1", None, ["100%"]) == []


def test_a_canary_that_is_down_is_replaced_by_the_next_that_is_not() -> None:
    waves = cut(HOSTS, "2", None, ["4"])
    assert with_canary(waves, {"host-1", "host-5"}) == waves
    found = with_canary(waves, {"host-3", "host-7", "host-8"})
    assert found[0] == Wave(CANARY, ("host-0", "host-1", "host-3", "host-7"))
    assert sizes(found) == [(CANARY, 4), ("wave 1", 3), ("wave 2", 3)]
    assert with_canary(cut(HOSTS, "0", None, ["100%"]), set()) == cut(HOSTS, "0", None, ["100%"])
