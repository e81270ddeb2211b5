# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan's file and its digest."""

from __future__ import annotations

import dataclasses
import json
import stat
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._tasks import work_at_targets
from ansible_collections.cai.console.plugins.plugin_utils._arguments import validate
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import DOCUMENT_SPEC, Job
from ansible_collections.cai.console.plugins.plugin_utils._rollout._plan_file import (
    Plan,
    PlanRow,
    changes_of,
    digest_of_wishes,
    find_plan,
)

CHANGES = [{"service": "email_service", "field": "host", "from": "a", "to": "b"}]


def plan(**more: Any) -> Plan:
    """A plan of two targets; ``more`` is about the first."""
    row = PlanRow("one", "change", {"id": "1"}, changes=CHANGES, before_digest="x", wishes_digest="y")
    return Plan("rollout", "2026", [dataclasses.replace(row, **more), PlanRow("two", "down")])


def job(email: dict[str, Any], **more: Any) -> Job:
    """A target with wishes."""
    valid = validate(DOCUMENT_SPEC, {"email_service": email, **more}, {})
    params = valid.validated_parameters
    return Job("one", "target-1", params, work_at_targets(params))


def test_a_plan_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "below" / "plan.json"
    plan().write(str(path))
    assert Plan.read(str(path)) == plan()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert find_plan(plan().digest(), [str(tmp_path / "nowhere"), str(path)]) == plan()


@pytest.mark.parametrize(
    "more",
    [{"before_digest": "z"}, {"wishes_digest": "z"}, {"status": "failed"}, {"target": {"id": "2"}}, {"changes": []}],
)
def test_the_digest_is_of_before_states_wishes_and_changes(more: dict[str, Any]) -> None:
    assert plan(**more).digest() != plan().digest()


def test_the_digest_is_not_of_order_time_or_counts_of_processes() -> None:
    other = plan(processes={"faulted": 3})
    assert dataclasses.replace(other, made="2027", rows=other.rows[::-1]).digest() == plan().digest()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"version": 1, "name": "x", "made": "", "targets": [{"no": 1}]}'])
def test_what_is_no_plan_is_said(tmp_path: Path, content: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(content)
    with pytest.raises(ConsoleError) as caught:
        find_plan("x", [str(path)])
    assert caught.value.code == "plan_unknown"
    assert str(path) in caught.value.message


def test_a_plan_that_somebody_altered_or_a_newer_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan().write(str(path))
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "name": "other"}))
    with pytest.raises(ConsoleError, match="not as it was written"):
        Plan.read(str(path))
    path.write_text(json.dumps({**content, "version": 2}))
    with pytest.raises(ConsoleError) as caught:
        Plan.read(str(path))
    assert caught.value.code == "state_too_new"


def test_another_digest_is_refused_and_the_one_that_is_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan().write(str(path))
    with pytest.raises(ConsoleError, match=plan().digest()):
        find_plan("0" * 64, [str(path)])


def test_wishes_have_a_digest_in_which_secrets_take_part_but_are_not(tmp_path: Path) -> None:
    folder = str(tmp_path / "state")
    first = digest_of_wishes(job({"host": "a", "password": "one"}), folder, None)
    assert first == digest_of_wishes(job({"host": "a", "password": "one"}), folder, None)
    others = [
        digest_of_wishes(job({"host": "b", "password": "one"}), folder, None),
        digest_of_wishes(job({"host": "a", "password": "two"}), folder, None),
        digest_of_wishes(job({"host": "a", "password": "one"}), folder, "another key"),
        digest_of_wishes(job({"host": "a", "password": "one"}, update_secrets="always"), folder, None),
    ]
    assert len({first, *others}) == 5
    assert digest_of_wishes(job({"host": "a", "password": "one"}, previous_secret="x"), folder, None) == first


def test_changes_are_by_service_and_option() -> None:
    diff = {
        "before": {"email_service": {"host": None, "oauth": {"scope": ["a"]}, "port": 25}},
        "after": {"email_service": {"host": "b", "oauth": {"scope": ["a", "b"]}, "port": 25}},
    }
    assert changes_of(diff) == [
        {"service": "email_service", "field": "host", "from": None, "to": "b"},
        {"service": "email_service", "field": "oauth.scope", "from": ["a"], "to": ["a", "b"]},
    ]
    assert changes_of(None) == []
