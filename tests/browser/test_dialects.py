# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person follows the sheet at the page of each dialect, Chromium records, and what is learned drives the modules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.cai.console.plugins.plugin_utils._learn import sheet
from cai_lab.control_client import LabControl
from page_support import scribe
from page_support.person import Person

OPTIONS = 17


@pytest.mark.parametrize("dialect", scribe.NAMES)
def test_a_dialect_is_learned_and_driven(dialect: str, person: Person, lab: LabControl, tmp_path: Path) -> None:
    first = scribe.Scribe(person, dialect).record(scribe.CLOUD)
    whole, plain = first.har(), first.har(sanitised=True)
    second = scribe.Scribe(person, dialect).record(scribe.AGENT, whole=False).har()
    (tmp_path / "first.har").write_bytes(whole)
    (tmp_path / "second.har").write_bytes(second)
    agent = person.id_of(scribe.AGENT)
    binding, report = scribe.learned(whole, second, agent)
    opened = [row for row in report if row["verdict"] == "open"]
    assert opened == []
    assert len([row for row in report if row["verdict"] == "found" and "." in row["what"]]) == OPTIONS
    text = json.dumps(binding)
    secrets: list[Any] = [mark for mark in sheet.markers(scribe.SEED) if not mark.isdecimal()]
    secrets += [cookie["value"] for cookie in person.browser.get_cookies()] + [agent]
    assert [secret for secret in secrets if secret in text] == []
    for target in ("Cloud Server", scribe.AGENT):
        assert scribe.wrong_fields(lab, binding, target) == []
    without, said = scribe.learned(plain, second, agent)
    assert "open" in without["session"] or "headers" in without["session"]
    assert any(row["what"] == "session" for row in said)
