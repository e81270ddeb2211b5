# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rollout says: its result, its table, and the report for programs."""

from __future__ import annotations

import collections
import dataclasses
import os
import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._files import keep
from ansible_collections.cai.console.plugins.plugin_utils._rollout import _plan_file
from ansible_collections.cai.console.plugins.plugin_utils._rollout._model import (
    FAILED,
    FINISHED,
    NOT_BEGUN,
    NOT_FINISHED,
    PENDING,
    REFUSED,
    ROLLED_BACK,
    STATUSES,
    UNCHANGED,
    Row,
)

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._budget import Budget
    from ansible_collections.cai.console.plugins.plugin_utils._rollout._plan_file import Plan, PlanRow

VERSION = 1
NAME = "rollout.json"
PLAN_STATUSES = (
    _plan_file.CHANGE,
    _plan_file.UNCHANGED,
    _plan_file.DOWN,
    _plan_file.FAILED,
    _plan_file.SHARED,
)
Result = dict[str, t.Any]


def count(rows: t.Sequence[Row], statuses: t.Sequence[str]) -> dict[str, int]:
    """Return the number of rows, in all and of each status."""
    found = collections.Counter(row.status for row in rows)
    return {"total": len(rows), **{status: found[status] for status in statuses}}


def summary(rows: t.Sequence[Row], statuses: t.Sequence[str]) -> str:
    """Return the counts as one sentence."""
    counts = count(rows, statuses)
    return (
        f"{counts.pop('total')} targets: "
        + ", ".join(f"{n} {name.replace('_', ' ')}" for name, n in counts.items())
        + "."
    )


def result_of_plan(plan: Plan, path: str) -> Result:
    """Return the task's result for a plan, the table included."""
    handling = [
        {"host": row.host, **_suspend(row), **(row.processes or {})} for row in plan.rows if row.processes is not None
    ]
    return {
        "changed": False,
        "msg": f"{summary(plan.rows, PLAN_STATUSES)} The digest of the plan is {plan.digest()}.",
        "plan_digest": plan.digest(),
        "plan_file": path,
        "counts": count(plan.rows, PLAN_STATUSES),
        "targets": [_public(row) for row in plan.rows],
        "fault_handling": handling,
        "table": table_of_plan(plan, handling),
    }


def table_of_plan(plan: Plan, handling: t.Sequence[Result]) -> list[str]:
    """Return the lines of the plan's table; changes of fault handling are a section of their own."""
    lines = [summary(plan.rows, PLAN_STATUSES), ""]
    lines += _lines(plan.rows, [status for status in PLAN_STATUSES if status != _plan_file.UNCHANGED])
    if handling:
        lines += ["", f"The handling of faults changes at {len(handling)} targets:"]
        lines += [
            f"{row['host']:<40} suspend on uncaught fault: {_word(row['from'])} -> {_word(row['to'])}; processes now: "
            f"{row['faulted']} faulted, {row['suspended']} suspended"
            for row in handling
        ]
    return [*lines, "", f"Digest of the plan: {plan.digest()}"]


def table(rows: t.Sequence[Row], *, gate: str, stopped_at: str | None) -> list[str]:
    """Return the lines of the report's table."""
    lines = [summary(rows, STATUSES), *([f"Stopped at {stopped_at}."] if stopped_at else []), gate, ""]
    return lines + _lines(rows, [status for status in STATUSES if status != UNCHANGED])


def result_of_run(plan: Plan, rows: t.Sequence[Row], gate: str, stopped_at: str | None, **more: t.Any) -> Result:
    """Return the task's result for what was, or is, done. ``more`` goes into the result and the report as it is."""
    waves: dict[str, list[Row]] = {}
    for row in rows:
        if row.wave:
            waves.setdefault(row.wave, []).append(row)
    return {
        "msg": summary(rows, STATUSES),
        "plan_digest": plan.digest(),
        "counts": count(rows, STATUSES),
        "stopped_at": stopped_at,
        "gate": gate,
        "waves": [{"name": name, **count(waves[name], STATUSES)} for name in sorted(waves, key=_order)],
        "targets": [_public(row) for row in rows],
        "pending_hosts": names(rows, PENDING),
        "refused_hosts": names(rows, REFUSED),
        "failed_hosts": names(rows, FAILED),
        "rolled_back_hosts": names(rows, ROLLED_BACK),
        "left_hosts": names(rows, NOT_BEGUN, NOT_FINISHED, FAILED, ROLLED_BACK, REFUSED),
        "finished": sum(row.status in FINISHED for row in rows),
        "table": table(rows, gate=gate, stopped_at=stopped_at),
        **more,
    }


def names(rows: t.Iterable[Row], *statuses: str) -> list[str]:
    """Return the hosts that have one of the statuses."""
    return [row.host for row in rows if row.status in statuses]


def failure(
    rows: t.Sequence[Row], stopped_at: str | None, budget: Budget, *, cancelled: bool = False
) -> ConsoleError | None:
    """Return what the run ends with, None where all is well. A target that is pending is no failure."""
    said = f"Stopped at {stopped_at}. " if stopped_at else ""
    if cancelled:
        return ConsoleError("run_cancelled", f"{said}The run was ended.", stage="rollout")
    if stopped_at or budget.is_exceeded:
        bad = [row for row in rows if row.status in (FAILED, ROLLED_BACK)]
        said = f"{said}{budget.failed} targets failed; max_failed is {budget.limit}. {_said(bad)}"
        return ConsoleError("targets_failed", said.strip(), stage="rollout")
    refused = [row for row in rows if row.status == REFUSED]
    if refused:
        names = ", ".join(row.host for row in refused)
        return ConsoleError("changed_since_plan", f"These were changed since the plan: {names}.", stage="rollout")
    return None


def write_report(folder: str, result: t.Mapping[str, t.Any]) -> str:
    """Write the report for programs, without the table, and return its path."""
    path = os.path.join(os.path.expanduser(folder), NAME)
    content = {
        "version": VERSION,
        **{name: value for name, value in result.items() if name not in ("table", "changed")},
    }
    try:
        keep(path, content)
    except OSError as error:
        raise ConsoleError(
            "invalid_option", f"report: {path} cannot be written: {error.strerror}.", stage="options"
        ) from None
    return path


def _said(rows: t.Sequence[Row], most: int = 10) -> str:
    texts = [row.message if (row.message or "").startswith(row.host) else f"{row.host}: {row.message}" for row in rows]
    rest = len(texts) - most
    return " ".join(map(str, texts[:most])) + (f" And {rest} more." if rest > 0 else "")


def _public(row: Row) -> Result:
    return {name: value for name, value in dataclasses.asdict(row).items() if name not in ("wishes_digest",)}


def _suspend(row: PlanRow) -> Result:
    found = next((change for change in row.changes if change["field"] == "suspend_on_uncaught_fault"), {})
    return {"from": found.get("from"), "to": found.get("to")}


def _lines(rows: t.Sequence[Row], statuses: t.Sequence[str]) -> list[str]:
    return [
        f"{status:<12} {(row.wave or ''):<9} {row.host:<40} {row.message or _changes(row)}".rstrip()
        for status in statuses
        for row in rows
        if row.status == status
    ]


def _changes(row: Row) -> str:
    return ", ".join(
        f"{change['service']}.{change['field']}: {_word(change['from'])} -> {_word(change['to'])}"
        for change in row.changes
    )


def _word(value: t.Any) -> str:
    return (
        {None: "none", True: "true", False: "false"}.get(value, str(value))
        if not isinstance(value, list)
        else str(value)
    )


def _order(name: str) -> tuple[int, int]:
    number = name.rpartition(" ")[2]
    return (1, int(number)) if number.isdigit() else (0 if name == "canary" else 2, 0)
