# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An organisation with more agents than a fleet is promised to have: the list of all of them is read whole."""

from __future__ import annotations

from cai_lab.control_client import LabControl
from support.play import Player

AGENTS = 8000


def test_the_last_of_very_many_agents_is_found(play: Player, lab: LabControl) -> None:
    last = f"bulk-{lab.add_agents(AGENTS):04d}"
    run = play([{"cai.console.email_service_info": {"target": last}}], hosts=[last])
    assert run.of_collection()[0].result["target"]["name"] == last
