# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a target stands, from its plan and what earlier runs noted."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.plugin_utils._rollout._ledger import BEGUN, WRITTEN, Record
from ansible_collections.cai.console.plugins.plugin_utils._rollout._plan_file import PlanRow
from ansible_collections.cai.console.plugins.plugin_utils._rollout._standing import LEFT, OVER, TO_TEST, WAITING, stand

CHANGE = PlanRow("a", "change", before_digest="planned")


def touched(status: str, **more: str | None) -> Record:
    return Record(status, touched=True, **more)


@pytest.mark.parametrize(
    ("planned", "record", "todo", "status", "expected"),
    [
        (CHANGE, None, LEFT, "not_begun", "planned"),
        (CHANGE, touched(BEGUN), LEFT, "not_finished", None),
        (CHANGE, touched(WRITTEN), TO_TEST, "not_finished", None),
        (CHANGE, touched("changed"), OVER, "changed", None),
        (CHANGE, Record("unchanged"), OVER, "unchanged", None),
        (CHANGE, Record("failed"), LEFT, "failed", "planned"),
        (CHANGE, touched("failed", left_digest="left"), LEFT, "failed", "left"),
        (CHANGE, touched("failed"), LEFT, "failed", None),
        (CHANGE, touched("rolled_back", left_digest="left"), LEFT, "rolled_back", "left"),
        (CHANGE, Record("refused"), LEFT, "refused", "planned"),
        (CHANGE, Record("pending"), WAITING, "pending", "planned"),
        (PlanRow("a", "unchanged"), None, OVER, "unchanged", None),
        (PlanRow("a", "shared"), None, OVER, "shared", None),
        (PlanRow("a", "down"), None, WAITING, "pending", None),
        (PlanRow("a", "failed"), None, WAITING, "pending", None),
        (PlanRow("a", "down"), touched("failed", left_digest="left"), WAITING, "pending", None),
        (PlanRow("a", "down"), touched("changed"), OVER, "changed", None),
        (None, None, WAITING, "pending", None),
        (None, touched("changed"), OVER, "changed", None),
    ],
)
def test_where_a_target_stands(
    planned: PlanRow | None, record: Record | None, todo: str, status: str, expected: str | None
) -> None:
    found = stand("a", planned, record)
    assert (found.todo, found.row.status, found.expected) == (todo, status, expected)


def test_a_host_that_joined_says_how_it_is_taken() -> None:
    row = stand("a", None, None).row
    assert row.code == "not_in_plan"
    assert "--tags catch_up" in str(row.message)
