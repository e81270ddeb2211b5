# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets as inventory hosts: names that are valid, stable and told apart, and what becomes a variable."""

from __future__ import annotations

import re

import pytest
from ansible_collections.cai.console.plugins.module_utils._targets import CLOUD_SERVER, Organization, Target
from ansible_collections.cai.console.plugins.plugin_utils._inventory import Row, make_rows, slug

OURS = Organization("0a1b2c", "0123456789abcdefghijkl", "Ours")


def rows(*targets: Target, qualified: bool = True, guard: str | None = "guard") -> list[Row]:
    return make_rows(OURS, targets, qualified=qualified, guard=guard)


def agent(identity: str, name: str, **more: str | bool) -> Target:
    return Target(identity, name, "agent", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("agent-a", "agent-a"),
        ("Agent Zürich 3", "Agent-Zurich-3"),
        ("Straße  7", "Strasse-7"),
        (" a/b:c,d ", "a-b-c-d"),
        ("..x..", "x"),
        ("東京", ""),
    ],
)
def test_a_name_becomes_valid(name: str, wanted: str) -> None:
    assert slug(name) == wanted


def test_a_name_without_a_letter_that_fits_is_the_id() -> None:
    assert [row.name for row in rows(agent("01", "東京"))] == ["01.0a1b2c"]


def test_several_of_one_name_each_get_their_id_whatever_the_order() -> None:
    alike = [agent("01", "A B"), agent("02", "A-B"), agent("03", "a b"), agent("04", "other")]
    names = {row.variables["cai_target_id"]: row.name for row in rows(*alike, qualified=False)}
    assert names == {"01": "A-B-01", "02": "A-B-02", "03": "a-b-03", "04": "other"}
    assert names == {row.variables["cai_target_id"]: row.name for row in rows(*alike[::-1], qualified=False)}


def test_a_name_stays_when_others_come_and_go() -> None:
    (alone,) = rows(agent("01", "a"))
    assert alone in rows(CLOUD_SERVER, agent("01", "a"), agent("02", "b"))


def test_what_is_no_target_is_no_host() -> None:
    plain, member = agent("01", "plain", status=None), agent("02", "node-1", group="cluster")  # type: ignore[arg-type]
    assert rows(plain, member) == []


@pytest.mark.parametrize(
    ("more", "state", "running"),
    [
        ({}, "running", True),
        ({"status": "STOPPED"}, "stopped", False),
        ({"active": False}, "inactive", False),
        ({"status": "NEED_RESTART"}, "need_restart", False),
    ],
)
def test_the_state(more: dict[str, str | bool], state: str, running: bool) -> None:
    (row,) = rows(agent("01", "a", **more))
    assert (row.variables["cai_target_state"], row.variables["cai_target_running"]) == (state, running)
    assert f"cai_state_{state}" in row.groups


def test_a_group_is_named_validly_and_what_is_not_known_has_none() -> None:
    (row,) = rows(agent("01", "a", version="70.1-beta ü", platform="win64"))
    assert {"cai_version_70_1_beta_u", "cai_platform_win64", "cai_organization_0a1b2c"} <= set(row.groups)
    (cloud,) = rows(CLOUD_SERVER)
    assert not [group for group in cloud.groups if group.startswith(("cai_version", "cai_platform"))]
    assert all(re.fullmatch(r"[a-z_][a-z0-9_]*", group) for group in (*row.groups, *cloud.groups))


def test_what_another_organisation_owns_is_read_only() -> None:
    (row,) = rows(agent("01", "a", owner="0x0y0z"))
    assert row.variables["cai_target_writable"] is False
    assert "cai_read_only" in row.groups
    assert "cai_writable" not in row.groups


def test_without_a_known_organisation_no_guard_is_set() -> None:
    (row,) = rows(CLOUD_SERVER, guard=None)
    assert "cai_console_organization_id" not in row.variables
