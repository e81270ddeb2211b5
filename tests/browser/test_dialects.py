# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person follows the sheet at the page of each dialect, Chromium records, and what is learned drives everything."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from cai_lab.control_client import LabControl
from page_support import scribe
from page_support.course import Course
from page_support.person import Person
from support import client
from support.labs import Watch, connection

OPTIONS = 17


@pytest.fixture
def course(person: Person, lab: LabControl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """That person, with a folder, and a memory of secrets that is this test's own."""
    monkeypatch.setenv("CAI_STATE_DIR", str(tmp_path / "memory"))
    return Course(person, lab, tmp_path)


@pytest.mark.parametrize("dialect", scribe.NAMES)
def test_a_dialect_is_learned_and_driven(dialect: str, course: Course, lab: LabControl) -> None:
    recorded = course.record(dialect)
    binding, report = course.learn(dialect, recorded)
    assert [row for row in report if row["verdict"] == "open"] == []
    assert len([row for row in report if row["verdict"] == "found" and "." in row["what"]]) == OPTIONS
    assert course.leaked(dialect, json.dumps(binding)) == []
    assert course.wrong(dialect, binding, course.request(dialect, recorded)) == []
    assert course.leaked(dialect, (course.folder / f"{dialect}.yml").read_text(encoding="utf-8")) == []
    without, said = scribe.learned(dialect, recorded.sanitised.read_bytes(), None, course.agent_id)
    if "headers" in binding["session"]:
        assert without["session"]["headers"] == binding["session"]["headers"]
        return
    (row,) = [row for row in said if row["what"] == "session"]
    assert (row["verdict"], row["why"]) == ("open", "session carrier not found: export with sensitive data")
    watch = Watch(lab)
    refused = client.run(
        "email_service", {**connection(lab), "console_binding": json.dumps(without)}, host="x.example.org"
    )
    assert refused["error"]["code"] == "binding_open"
    assert "session carrier not found" in refused["msg"]
    assert watch.writes() == []
