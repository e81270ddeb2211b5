# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module rollout: documentation of an action, which does the work on the controller."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.action.rollout import ActionModule

from .fleet_truth import FleetTruth

PLAN = {"step": "plan", "document": "wishes"}


class TestRollout(FleetTruth):
    """``rollout``."""

    name = "rollout"
    action = ActionModule
    wrong = {"console_url": "ftp://console.example.org", **PLAN}

    @pytest.fixture(autouse=True)
    def folder(self, tmp_path, monkeypatch):
        """Keep what is kept in a folder of the test's own."""
        monkeypatch.setenv("CAI_STATE_DIR", str(tmp_path))
        return tmp_path

    def test_a_plan_of_no_hosts_has_a_digest_and_can_be_applied(self, capfd, folder):
        planned = self.ended(PLAN, capfd)
        assert not planned.get("failed")
        assert (planned["changed"], planned["targets"]) == (False, [])
        assert planned["plan_file"] == str(folder / "rollout" / "rollout" / "plan.json")
        applied = self.ended({**PLAN, "step": "apply", "plan_digest": planned["plan_digest"]}, capfd)
        assert (applied.get("failed"), applied["changed"], applied["counts"]["total"]) == (None, False, 0)

    @pytest.mark.parametrize(
        "given, named",
        [
            ({"step": "plan"}, "common_document"),
            ({**PLAN, "common_document": {}}, "common_document"),
            ({**PLAN, "step": "apply"}, "plan_digest"),
            ({**PLAN, "step": "catch_up"}, "plan_digest"),
            ({**PLAN, "workers": 0}, "workers"),
            ({**PLAN, "requests_per_second": 0}, "requests_per_second"),
            ({**PLAN, "soak": -1}, "soak"),
            ({**PLAN, "name": "../up"}, "name"),
            ({**PLAN, "canary": "some"}, "canary"),
            ({**PLAN, "waves": ["10%", "rest"]}, "waves"),
            ({**PLAN, "max_failed": "-1"}, "max_failed"),
            ({**PLAN, "gate": {"target": "agent-a"}}, "target"),
            ({**PLAN, "gate": {"console_password": "x"}}, "console_password"),
            ({**PLAN, "gate": {"vantage": "moon"}}, "vantage"),
            ({"step": "plan", "common_document": {"passwort": "x"}}, "passwort"),
        ],
    )
    def test_what_can_never_be_right_is_refused_before_any_request(self, given, named, capfd):
        printed = self.ended(given, capfd)
        assert printed["failed"] is True
        assert printed["error"]["code"] == "invalid_option"
        assert named in printed["msg"]

    def test_no_secret_of_the_gate_is_repeated(self, capfd):
        secret = "a-Secret-1"
        printed = self.ended({**PLAN, "gate": {"password": secret, "port": f"x{secret}"}}, capfd)
        assert printed["failed"] is True
        assert secret not in str(printed)

    def test_a_report_without_a_plan_says_where_it_looked(self, capfd, folder):
        printed = self.ended({"step": "report"}, capfd)
        assert printed["error"]["code"] == "plan_unknown"
        assert str(folder) in printed["msg"]

    def test_without_a_binding_nothing_is_requested(self, capfd):
        printed = self.ended({**PLAN, "console_binding": None}, capfd)
        assert printed["error"]["code"] == "binding_missing"
