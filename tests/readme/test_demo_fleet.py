# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The demo of a rollout, which the guide about many targets names, holds, and its report is counted, not claimed."""

from __future__ import annotations

import json

from ..pages import GUIDES
from .conftest import Reader


def test_the_demo_of_a_rollout_reports_what_the_guide_says(reader: Reader) -> None:
    assert "``make demo-fleet``" in (GUIDES / "guide_fleet.rst").read_text(encoding="utf-8")
    shown = reader.types("make demo-fleet")
    folder = reader.checkout / "build" / "demo-fleet"
    found = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert found.keys() == {"targets", "stopped_at", "resumed", "rewritten_on_resume", "pending", "sign_ins"}
    assert (found["targets"], found["stopped_at"], found["rewritten_on_resume"]) == (60, "wave 2", 0)
    assert f"{found['resumed']} done by the jobs that went on, none written twice, 2 pending." in shown
    reports = [json.loads((folder / f"report-{name}" / "rollout.json").read_text()) for name in ("sub", "parent")]
    rows = [row for report in reports for row in report["targets"]]
    assert [row["status"] for row in rows].count("pending") == found["pending"] == 2
    assert 0 < found["resumed"] < [row["status"] for row in rows].count("changed")
    assert found["sign_ins"] == len(list(folder.glob("*.log"))) + 1
    assert list(folder.glob("job-*")) == []
