# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module fleet: documentation of an action, which does the work on the controller."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.action.fleet import ActionModule
from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import DOCUMENT_SPEC

from .fleet_truth import FleetTruth
from .truth import argument_spec


class TestFleet(FleetTruth):
    """``fleet``."""

    name = "fleet"
    action = ActionModule
    wrong = {"console_url": "ftp://console.example.org", "common_document": {}}

    def test_a_document_holds_what_execution_target_takes_but_the_connection_and_the_target(self, monkeypatch):
        spec = argument_spec("execution_target", monkeypatch)
        assert set(DOCUMENT_SPEC) == set(spec) - set(CONNECTION_SPEC) - {"target"}
        assert not set(argument_spec(self.name, monkeypatch)) & set(DOCUMENT_SPEC)

    def test_without_hosts_nothing_is_done_and_nothing_fails(self, capfd):
        printed = self.ended({"document": "wishes"}, capfd)
        assert not printed.get("failed")
        assert (printed["changed"], printed["targets"], printed["counts"]["total"]) == (False, [], 0)

    @pytest.mark.parametrize(
        "given, named",
        [
            ({}, "common_document"),
            ({"document": "wishes", "common_document": {}}, "common_document"),
            ({"document": "wishes", "workers": 0}, "workers"),
            ({"document": "wishes", "workers": 1000}, "workers"),
            ({"document": "wishes", "max_failed": "some"}, "max_failed"),
            ({"document": "wishes", "max_failed": "-1"}, "max_failed"),
            ({"document": "wishes", "requests_per_second": 0}, "requests_per_second"),
            ({"document": "wishes", "progress_interval": -1}, "progress_interval"),
            ({"document": "wishes", "journal": "/nowhere/at/all"}, "journal"),
            ({"common_document": {"passwort": "x"}}, "passwort"),
            ({"common_document": {"email_service": {"port": "many"}}}, "port"),
        ],
    )
    def test_what_can_never_be_right_is_refused_before_any_request(self, given, named, capfd):
        printed = self.ended(given, capfd)
        assert printed["failed"] is True
        assert printed["error"]["code"] == "invalid_option"
        assert named in printed["msg"]

    def test_no_secret_is_repeated(self, capfd):
        secret = "a-Secret-1"
        wrong = {"email_service": {"password": secret, "port": f"x{secret}"}}
        printed = self.ended({"common_document": wrong}, capfd)
        assert printed["failed"] is True
        assert secret not in str(printed)

    def test_without_a_binding_nothing_is_requested(self, capfd):
        printed = self.ended({"document": "wishes", "console_binding": None}, capfd)
        assert printed["error"]["code"] == "binding_missing"
