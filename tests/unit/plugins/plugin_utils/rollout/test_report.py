# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rollout says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._fleet._budget import Budget
from ansible_collections.cai.console.plugins.plugin_utils._rollout._model import Row
from ansible_collections.cai.console.plugins.plugin_utils._rollout._plan_file import Plan, PlanRow
from ansible_collections.cai.console.plugins.plugin_utils._rollout._report import (
    failure,
    result_of_plan,
    result_of_run,
    write_report,
)
from ansible_collections.cai.console.plugins.plugin_utils._rollout._undo import is_whole

CHANGE = {"service": "server_properties", "field": "suspend_on_uncaught_fault", "from": False, "to": True}
ROWS = [
    Row("a", "changed", wave="canary"),
    Row("b", "failed", wave="wave 10", code="console_error", message="b: It failed."),
    Row("c", "refused", wave="wave 2", code="changed_since_plan", message="It was changed."),
    Row("d", "pending"),
    Row("e", "not_begun"),
]
PLAN = Plan(
    "rollout", "2026", [PlanRow("a", "change", changes=[CHANGE], processes={"faulted": 1, "suspended": "at least 2"})]
)


def test_a_plan_shows_changes_of_fault_handling_apart() -> None:
    found = result_of_plan(PLAN, "plan.json")
    assert found["fault_handling"] == [
        {"host": "a", "from": False, "to": True, "faulted": 1, "suspended": "at least 2"}
    ]
    lines = found["table"]
    section = lines.index("The handling of faults changes at 1 targets:")
    assert lines[section + 1].endswith("false -> true; processes now: 1 faulted, at least 2 suspended")
    assert lines[-1] == f"Digest of the plan: {PLAN.digest()}"
    assert "wishes_digest" not in found["targets"][0]


def test_a_run_is_counted_and_its_waves_are_in_order() -> None:
    found = result_of_run(PLAN, ROWS, "No gate.", "wave 10", changed=True)
    assert [wave["name"] for wave in found["waves"]] == ["canary", "wave 2", "wave 10"]
    assert (found["finished"], found["left_hosts"]) == (1, ["b", "c", "e"])
    assert found["table"][1:3] == ["Stopped at wave 10.", "No gate."]
    assert any(line.startswith("failed") and line.endswith("b: It failed.") for line in found["table"])


@pytest.mark.parametrize(
    ("stopped_at", "limit", "failed", "cancelled", "code"),
    [
        (None, "1", 1, False, "changed_since_plan"),
        ("wave 1", "1", 1, False, "targets_failed"),
        (None, "0", 1, False, "targets_failed"),
        ("wave 1", "0", 0, True, "run_cancelled"),
    ],
)
def test_what_a_run_ends_with(stopped_at: str | None, limit: str, failed: int, cancelled: bool, code: str) -> None:
    error = failure(ROWS, stopped_at, Budget(limit, 5, failed), cancelled=cancelled)
    assert error and error.code == code


def test_pending_targets_are_no_failure() -> None:
    assert failure(ROWS[3:], None, Budget("0", 2)) is None


def test_the_report_is_the_result_without_the_table(tmp_path: Path) -> None:
    path = write_report(str(tmp_path / "new"), {"table": ["x"], "changed": True, "msg": "done"})
    assert json.loads(Path(path).read_text()) == {"version": 1, "msg": "done"}
    (tmp_path / "file").touch()
    with pytest.raises(ConsoleError, match="report"):
        write_report(str(tmp_path / "file"), {})


@pytest.mark.parametrize(
    ("undo", "whole"),
    [
        ({"email_service": {"settings": {"host": ["a", "b"]}, "secrets": {}}}, True),
        ({"email_service": {"settings": {"host": ["x********", "b"]}, "secrets": {}}}, False),
        ({"email_service": {"settings": {"host": ["VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "b"]}}}, False),
        (None, False),
    ],
)
def test_a_way_back_that_was_masked_is_none(undo: dict[str, object] | None, whole: bool) -> None:
    assert is_whole(undo) is whole
