# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The task: one step of a rollout."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import typing as t

from ansible.module_utils.common.parameters import remove_values
from ansible_collections.cai.console.plugins.module_utils._access import opened
from ansible_collections.cai.console.plugins.module_utils._binding import find_binding
from ansible_collections.cai.console.plugins.module_utils._connection import Connection
from ansible_collections.cai.console.plugins.module_utils._edge import attempt
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._fleet._budget import Budget
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import Unfit
from ansible_collections.cai.console.plugins.plugin_utils._fleet._pace import SharedPace
from ansible_collections.cai.console.plugins.plugin_utils._fleet._watch import Watch, noted
from ansible_collections.cai.console.plugins.plugin_utils._fleet._wishes import Wishes
from ansible_collections.cai.console.plugins.plugin_utils._fleet.tasks import read_wishes
from ansible_collections.cai.console.plugins.plugin_utils._rollout._applying import Applying
from ansible_collections.cai.console.plugins.plugin_utils._rollout._gate import Gate
from ansible_collections.cai.console.plugins.plugin_utils._rollout._ground import Ground, ledger_folder, plan_path
from ansible_collections.cai.console.plugins.plugin_utils._rollout._ledger import Ledger, read_history
from ansible_collections.cai.console.plugins.plugin_utils._rollout._model import FAILED, PLAN, REPORT, check, wrong
from ansible_collections.cai.console.plugins.plugin_utils._rollout._plan_file import Plan, find_plan
from ansible_collections.cai.console.plugins.plugin_utils._rollout._planning import make_plan
from ansible_collections.cai.console.plugins.plugin_utils._rollout._report import (
    failure,
    names,
    result_of_plan,
    result_of_run,
    write_report,
)
from ansible_collections.cai.console.plugins.plugin_utils._rollout._standing import stand

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Result
    from ansible_collections.cai.console.plugins.plugin_utils._fleet.tasks import Surroundings

MERGED = "As the gates of the runs were set."


def run(params: Params, around: Surroundings) -> Result:
    """Return the task's result. What fails before the first target is a failure of the task as a whole."""

    def work() -> Result:
        check(params)
        if params["step"] == REPORT:
            return _reported(params, _merged(params))
        connection = Connection.from_params(params)
        find_binding(connection.binding)
        return Rollout(params, around, connection).run()

    return attempt(work, {})


class Rollout:
    """One run of a step that needs a console."""

    def __init__(self, params: Params, around: Surroundings, connection: Connection) -> None:
        self._gate = Gate(params["gate"], params, around.environ)
        self._around = dataclasses.replace(around, hidden=around.hidden | self._gate.hidden)
        self._params = params
        self._connection = connection
        self._hosts = list(dict.fromkeys(around.batch))
        if set(around.active) - set(around.batch):
            raise wrong("A rollout cuts its waves itself: the play must not have serial.")
        self._watch = Watch()
        self._wishes = self._read_wishes()

    def run(self) -> Result:
        """Do the step and return the task's result."""
        pace = SharedPace(self._params["requests_per_second"], self._watch.is_gone)
        planning = self._params["step"] == PLAN
        with self._watch, noted() as note:
            with opened(
                self._connection,
                check_mode=self._around.check_mode or planning,
                environ=self._around.environ,
                stores=self._around.stores,
                pool=self._params["workers"],
                pace=pace,
            ) as access:
                ground = Ground(self._params, self._around, self._wishes, access, self._watch)
                result = self._plan(ground) if planning else self._apply(ground)
            if self._watch.is_ending:
                note.write(f"rollout: the run is being ended. {result['msg']}\n")
        return _reported(self._params, result)

    def _plan(self, ground: Ground) -> Result:
        plan, warnings = make_plan(ground, self._hosts)
        budget = Budget(self._params["max_failed"], len(self._hosts), len(names(plan.rows, FAILED)))
        result = {**result_of_plan(plan, plan_path(self._params)), "warnings": warnings}
        return _ended(result, failure(plan.rows, None, budget))

    def _apply(self, ground: Ground) -> Result:
        params, digest = self._params, self._params["plan_digest"]
        folder = ledger_folder(params, digest)
        kept = os.path.join(folder, "plan.json")
        plan = find_plan(digest, [kept, plan_path(params)])
        history = read_history(folder)
        ledger = Ledger(None if self._around.check_mode else folder)
        if not self._around.check_mode and not os.path.exists(kept):
            plan.write(kept)
        budget = Budget(params["max_failed"], len(self._hosts))
        applying = Applying(ground, self._hosts, plan, history, ledger, self._gate, budget)
        with contextlib.closing(ledger):
            applying.run()
        history = history if self._around.check_mode else read_history(folder)
        result = result_of_run(
            plan,
            applying.rows,
            self._gate.said(),
            applying.stopped_at,
            changed=applying.changed,
            step=params["step"],
            budget={"max_failed": params["max_failed"], "failed": budget.failed, "exceeded": budget.is_exceeded},
            finished_before=applying.finished_before,
            runs=history.runs,
            warnings=applying.warnings,
        )
        cancelled = self._watch.is_ending
        return _ended(result, failure(applying.rows, applying.stopped_at, budget, cancelled=cancelled))

    def _read_wishes(self) -> Wishes:
        """Wishes that name no folder and no key of their own for what is remembered of secrets take the rollout's."""
        params, environ = self._params, {**self._around.environ, "CAI_STATE_DIR": self._params["state_dir"]}
        if params["fingerprint_key"]:
            environ["CAI_FINGERPRINT_KEY"] = params["fingerprint_key"]
        try:
            return read_wishes(params, dataclasses.replace(self._around, environ=environ))
        except Unfit as unfit:
            raise wrong(remove_values(unfit.error.message, unfit.hidden)) from None


def _merged(params: Params) -> Result:
    """Return what all runs of the plan have done so far, whichever slices they were."""
    digest = params["plan_digest"]
    if digest:
        plan = find_plan(digest, [os.path.join(ledger_folder(params, digest), "plan.json"), plan_path(params)])
    else:
        found = Plan.read(plan_path(params))
        if found is None:
            raise ConsoleError("plan_unknown", f"{plan_path(params)} does not exist.", stage="options")
        plan = found
    history = read_history(ledger_folder(params, plan.digest()))
    planned = plan.by_host()
    hosts = [*planned, *(host for host in history.records if host not in planned)]
    rows = [stand(host, planned.get(host), history.records.get(host)).row for host in hosts]
    return result_of_run(
        plan,
        rows,
        MERGED,
        history.stopped_at(),
        changed=False,
        step=params["step"],
        finished_before=0,
        runs=history.runs,
        warnings=history.warnings,
    )


def _reported(params: Params, result: Result) -> Result:
    if params["report"] and "targets" in result:
        return {**result, "report_file": write_report(params["report"], result)}
    return result


def _ended(result: Result, error: ConsoleError | None) -> Result:
    return {**result, "failed": True, **error.as_result()} if error else result
