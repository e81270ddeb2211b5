# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module email_service."""

from __future__ import annotations

import pytest
from ansible_collections.cai.console.plugins.module_utils._resources.email_service import EMAIL_SERVICE

from .truth import ServiceTruth, argument_spec, run

# They say how a run goes about it, and describe nothing that the console stores.
MANNER = {
    "update_secrets",
    "reuse_stored_secret",
    "state_dir",
    "test",
    "test_when",
    "on_test_failure",
    "accept_alert_gap",
}


class TestEmailService(ServiceTruth):
    """``email_service``."""

    name = "email_service"

    @pytest.mark.parametrize("given", [{"port": 0}, {"port": 65536}, {"host": "smtp://mail.example.org"}])
    def test_a_value_that_can_never_be_right_is_refused_before_the_first_request(self, given, capfd):
        printed = run(self.name, {"target": "agent-a", **given}, capfd)
        assert printed["error"]["code"] == "invalid_option"
        assert next(iter(given)) in printed["msg"]

    def test_its_secrets_are_marked(self, monkeypatch):
        spec = argument_spec(self.name, monkeypatch)
        assert spec["password"]["no_log"] is True
        assert spec["oauth"]["options"]["client_secret"]["no_log"] is True

    def test_no_option_about_what_is_stored_has_a_default(self, monkeypatch):
        spec = argument_spec(self.name, monkeypatch)
        own = {name for name, option in spec.items() if "default" in option and not name.startswith("console_")}
        assert own == MANNER
        assert MANNER.isdisjoint(EMAIL_SERVICE.options)
        assert [name for name, option in spec["oauth"]["options"].items() if "default" in option] == []
