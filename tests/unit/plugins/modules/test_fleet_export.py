# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module fleet_export: documentation of an action, which does the work on the controller."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.action.fleet_export import ActionModule

from .fleet_truth import FleetTruth


class TestFleetExport(FleetTruth):
    """``fleet_export``."""

    name = "fleet_export"
    action = ActionModule
    wrong = {"console_url": "ftp://console.example.org", "dest": "/nowhere"}

    def test_without_hosts_nothing_is_written_and_nothing_fails(self, capfd, tmp_path):
        printed = self.ended({"dest": str(tmp_path)}, capfd)
        assert not printed.get("failed")
        assert (printed["changed"], printed["files"], printed["left_out"]) == (False, [], [])
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("given", [{"document": "my wishes"}, {"workers": 0}, {"requests_per_second": 0}])
    def test_a_wrong_option_is_named_before_anything_is_asked(self, given, capfd, tmp_path):
        printed = self.ended({"dest": str(tmp_path), **given}, capfd)
        assert printed["error"]["code"] == "invalid_option"
        assert next(iter(given)) in printed["msg"]
