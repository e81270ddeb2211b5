# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is recorded of a probe: a row for each stage, and findings that end nothing."""

from __future__ import annotations

import contextlib
import time
import typing as t

from ansible_collections.cai.console.plugins.module_utils._smtp._model import STAGES, StageFault, stages_of

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._model import Reply

OK, WARNING, FAILED, UNKNOWN, NOT_NEEDED, NOT_RUN = "ok", "warning", "failed", "unknown", "not_needed", "not_run"


class Rows:
    """The rows of the stages: ``{stage: {status, code, enhanced_code, ms, detail, remedy}}``."""

    def __init__(self) -> None:
        self.stages: dict[str, dict[str, t.Any]] = {stage: _row(NOT_RUN) for stage in STAGES}
        self.findings: list[dict[str, str]] = []

    @contextlib.contextmanager
    def timing(self, stage: str) -> t.Iterator[None]:
        """Time a stage. A StageFault marks it, or the stage that the fault names, as failed, and goes on."""
        began = time.perf_counter()
        row = self.stages[stage]
        try:
            yield
        except StageFault as fault:
            fault.stage = fault.stage or stage
            if fault.stage == stage:
                row["ms"] = _since(began)
            self.fail(fault)
            raise
        row["ms"] = _since(began)
        if row["status"] == NOT_RUN:
            row["status"] = OK

    def note(self, stage: str, detail: str) -> None:
        """Say something about a stage that goes well."""
        self.stages[stage]["detail"] = detail

    def said(self, stage: str, reply: Reply) -> None:
        """Keep a reply that is no refusal."""
        self.note(stage, str(reply))

    def skip(self, stage: str, why: str) -> None:
        """Mark a stage that this probe does not need."""
        self.stages[stage].update(status=NOT_NEEDED, detail=why)

    def skip_needless(self, security: str) -> None:
        """Mark the stages that a session with this security does not have."""
        for stage in STAGES:
            if stage not in stages_of(security):
                self.skip(stage, f"security={security}")

    def find(self, stage: str, name: str, detail: str) -> None:
        """Report something that should be looked at. The stage itself still counts as passed."""
        self.findings.append({"stage": stage, "name": name, "detail": detail})
        if self.stages[stage]["status"] in (NOT_RUN, OK):
            self.stages[stage]["status"] = WARNING

    def fail(self, fault: StageFault) -> None:
        """Mark the stage of a fault."""
        row = self.stages[str(fault.stage)]
        row["status"] = UNKNOWN if fault.error_code == "smtp_outcome_unknown" else FAILED
        row["detail"] = fault.detail
        if fault.reply is not None:
            row.update(code=fault.reply.code, enhanced_code=fault.reply.enhanced)


def _row(status: str) -> dict[str, t.Any]:
    return {"status": status, "code": None, "enhanced_code": None, "ms": None, "detail": None, "remedy": None}


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
