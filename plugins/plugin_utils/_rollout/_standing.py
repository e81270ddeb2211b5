# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a target stands when a run begins: from the plan, and from what earlier runs noted. Pure."""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.cai.console.plugins.plugin_utils._rollout import _ledger, _plan_file
from ansible_collections.cai.console.plugins.plugin_utils._rollout._model import (
    FINISHED,
    NOT_BEGUN,
    NOT_FINISHED,
    PENDING,
    SHARED,
    UNCHANGED,
    Row,
)

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.plugin_utils._rollout._ledger import Record
    from ansible_collections.cai.console.plugins.plugin_utils._rollout._plan_file import PlanRow

LEFT, TO_TEST, WAITING, OVER = "left", "to_test", "waiting", "over"
"""To be written; written and to be tested; for catch_up only; nothing to do."""


@dataclasses.dataclass
class Standing:
    """``todo``: one of the words above. ``expected``: the digest of what has to be there before a write, None where
    anything may be, because an interrupted write of ours made it, or because nobody could look when it was planned.
    """

    todo: str
    row: Row
    expected: str | None = None
    record: Record | None = None


def stand(host: str, planned: PlanRow | None, record: Record | None) -> Standing:
    """Return where a target stands, as far as its plan and the records of earlier runs know."""
    row = Row(host, NOT_BEGUN, planned.target, changes=planned.changes) if planned else Row(host, NOT_BEGUN)
    return (_by_record(row, record) if record else None) or _by_plan(row, planned, record)


def _by_record(row: Row, record: Record) -> Standing | None:
    """Take over what earlier runs noted; return where that leaves a target that is finished, or written."""
    row.wave, row.target, row.mail = record.wave, record.target or row.target, record.mail
    row.become(record.status, record.code, record.message)
    if record.status in FINISHED:
        return Standing(OVER, row, record=record)
    if record.status == _ledger.WRITTEN:
        row.become(NOT_FINISHED)
        return Standing(TO_TEST, row, record=record)
    return None


def _by_plan(row: Row, planned: PlanRow | None, record: Record | None) -> Standing:
    """Return where the plan leaves a target that no run has written yet, or not to its end."""
    if planned and planned.status in (_plan_file.UNCHANGED, _plan_file.SHARED):
        row.become(UNCHANGED if planned.status == _plan_file.UNCHANGED else SHARED, planned.code, planned.message)
        return Standing(OVER, row)
    if planned is None:
        said = "It joined after the plan was made; --tags catch_up takes it."
        row.become(PENDING, "not_in_plan", (record and record.message) or said)
    elif planned.status != _plan_file.CHANGE:
        row.become(PENDING, (record or planned).code, (record or planned).message)
    if row.status == PENDING:
        known = planned.before_digest if planned else None
        return Standing(WAITING, row, None if record and record.touched else known, record)
    if row.status == _ledger.BEGUN:
        row.become(NOT_FINISHED)
    return Standing(LEFT, row, _expected(planned, record), record)


def _expected(planned: PlanRow | None, record: Record | None) -> str | None:
    if record and record.touched:
        return record.left_digest
    return planned.before_digest if planned else None
