# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo with OAuth, which docs/oauth.md names, shows what the other one shows, and 95 days."""

from __future__ import annotations

import json
from typing import Any

from ..pages import ROOT
from .conftest import Reader


def report(reader: Reader, demo: str) -> dict[str, Any]:
    """What a demo reports, which is made here where that was not done before."""
    path = reader.checkout / "build" / demo / "report.json"
    if not path.exists():
        reader.types(f"make {demo}")
    return dict(json.loads(path.read_text(encoding="utf-8")))


def test_the_demo_with_oauth_reports_the_same_and_the_days(reader: Reader) -> None:
    assert "`make demo-oauth`" in (ROOT / "docs" / "oauth.md").read_text(encoding="utf-8")
    shown = reader.types("make demo-oauth")
    assert "Seen: an alert 95 days after the consent, and no consent refreshed by us or revoked." in shown
    plain, found = report(reader, "demo"), report(reader, "demo-oauth")
    assert found.keys() == plain.keys() | {"days_moved", "oauth"}
    assert (found["days_moved"], found["left_processes"], found["oauth"]["revoked"]) == (95, 0, 0)
    assert (found["first_run"]["changed"], found["second_run"]["changed"]) == (len(found["targets"]), 0)
    assert found["alert"].keys() == plain["alert"].keys()
