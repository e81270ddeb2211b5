# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drift recipe, as it stands in the guide: a check of all, then tasks for those that drifted and for no others."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml
from cai_lab.control_client import LabControl
from support.hand import Hand
from support.inventories import Inventories
from support.labs import Watch
from support.places import ROOT
from support.play import Player, Run

GUIDE = ROOT / "docs" / "docsite" / "rst" / "guide_fleet.rst"
WISHES = {"alert_service": {"enabled": False, "action": "custom_service", "service": "Handler"}}


@pytest.fixture
def recipe(tmp_path: Path) -> str:
    """The guide's playbook."""
    text = GUIDE.read_text(encoding="utf-8").partition("\nDrift:")[2]
    block = re.search(r"\.\. code-block:: yaml\n\n((?:   .*\n|\n)+)", text)
    assert block
    path = tmp_path / "drift.yml"
    path.write_text(textwrap.dedent(block[1]), encoding="utf-8")
    assert [play["hosts"] for play in yaml.safe_load(path.read_text(encoding="utf-8"))] == ["cai_writable", "drifted"]
    return str(path)


def run(play: Player, recipe: str, lab: LabControl, link: dict[str, Any], folder: Path, number: int) -> Run:
    """Run the recipe over the newest agents of the lab."""
    last = len([target for target in lab.targets() if target["name"].startswith("bulk-")])
    pattern = ":".join(f"bulk-{n:04d}.*" for n in range(last - number + 1, last + 1))
    path = Inventories(folder, lab).write(compose={"wishes": json.dumps(WISHES)})
    variables = {f"cai_{name}": value for name, value in link.items()}
    return play.playbook(
        recipe, hosts={}, variables=variables, options=("-i", str(path), "--limit", f"{pattern}:drifted")
    )


def test_only_what_drifted_is_touched(
    play: Player, recipe: str, lab: LabControl, link: dict[str, Any], tmp_path: Path, hand: Hand, watch: Watch
) -> None:
    last = lab.add_agents(12)
    first = run(play, recipe, lab, link, tmp_path / "first", 12)
    assert len(first.all("Bring the drifted targets back")) == 12
    watch.restart()
    quiet = run(play, recipe, lab, link, tmp_path / "quiet", 12)
    assert quiet.all("Bring the drifted targets back") == []
    assert quiet.one("Compare every target with its wishes").result["counts"]["unchanged"] == 12
    watch.assert_untouched()
    drifted = [f"bulk-{last:04d}", f"bulk-{last - 5:04d}"]
    for name in drifted:
        hand.set_alert(name, service="Another")
    watch.restart()
    mended = run(play, recipe, lab, link, tmp_path / "mended", 12)
    touched = mended.all("Bring the drifted targets back")
    assert sorted(row.host for row in touched) == sorted(f"{name}.00LAB1" for name in drifted)
    assert all(row.result["changed"] for row in touched)
    assert len(watch.writes()) == 2
    assert watch.names().count("sign_in") == 1
