# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The step ``plan``: a look at every target, and the plan's file. Nothing is written to any console."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import CHANGED, DOWN, FAILED, NOT_BEGUN
from ansible_collections.cai.console.plugins.plugin_utils._rollout import _plan_file
from ansible_collections.cai.console.plugins.plugin_utils._rollout._ground import Ground, look, plan_path
from ansible_collections.cai.console.plugins.plugin_utils._rollout._ledger import now
from ansible_collections.cai.console.plugins.plugin_utils._rollout._model import NOT_OWNER
from ansible_collections.cai.console.plugins.plugin_utils._rollout._plan_file import Plan, PlanRow, changes_of

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._targets import Target
    from ansible_collections.cai.console.plugins.module_utils._tasks import Work
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import Job, Outcome

STATUS = {CHANGED: _plan_file.CHANGE, DOWN: _plan_file.DOWN, FAILED: _plan_file.FAILED, NOT_BEGUN: _plan_file.FAILED}


def make_plan(ground: Ground, hosts: t.Sequence[str]) -> tuple[Plan, list[str]]:
    """Look at the hosts, write the plan, and return it with what the targets warn of."""
    params = ground.params
    rows: dict[str, PlanRow] = {}
    wishes: dict[str, str] = {}
    warnings: list[str] = []

    def make(job: Job, target: Target) -> Work:
        wishes[job.host] = _plan_file.digest_of_wishes(job, params["state_dir"], params["fingerprint_key"])
        return look(job, target)

    def take(outcome: Outcome) -> None:
        rows[outcome.host] = row_of(outcome)
        warnings.extend(f"{outcome.host}: {text}" for text in outcome.result.get("warnings") or ())

    ground.work_through(hosts, make, take)
    for host, row in rows.items():
        row.wishes_digest = wishes.get(host)
    plan = Plan(params["name"], now(), [rows[host] for host in hosts])
    plan.write(plan_path(params))
    return plan, warnings


def row_of(outcome: Outcome) -> PlanRow:
    """Return the plan's row for what was seen of a target."""
    result = outcome.result
    code = (result.get("error") or {}).get("code")
    status = STATUS.get(outcome.status, _plan_file.UNCHANGED)
    return PlanRow(
        outcome.host,
        _plan_file.SHARED if code == NOT_OWNER else status,
        target=result["target"] if isinstance(result.get("target"), dict) else None,
        code=code,
        message=result.get("msg") if code else None,
        changes=changes_of(result.get("diff")),
        before_digest=result.get("before_digest"),
        processes=result.get("processes"),
    )
