# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module alert_test."""

from __future__ import annotations

import pytest

from .truth import ModuleTruth, argument_spec, run

GIVEN = {"confirm": True, "process": "AlertCanary", "arrival": {"maildir": "/nowhere"}}


class TestAlertTest(ModuleTruth):
    """``alert_test``."""

    name = "alert_test"

    def ended(self, params, capfd):
        """Run it to its end, with what it cannot do without."""
        return run(self.name, {**GIVEN, **params}, capfd)

    @pytest.mark.parametrize("check_mode", [False, True])
    def test_without_confirmation_nothing_is_requested(self, check_mode, capfd):
        printed = self.ended({"target": "agent-a", "confirm": False, "_ansible_check_mode": check_mode}, capfd)
        assert (printed["error"]["code"], printed["error"]["stage"]) == ("alert_not_confirmed", "options")
        assert "check mode" in printed["msg"]

    @pytest.mark.parametrize(
        ("given", "named"),
        [
            ({"process": "/"}, "process"),
            ({"process": "../restadmin/processes"}, "process"),
            ({"control_process": "AlertCanary"}, "control_process"),
            ({"arrival": {}}, "imap, maildir, listener, url"),
            ({"arrival": {"maildir": "/nowhere", "listener": {"port": 9020}}}, "arrival"),
            ({"arrival": {"imap": {"host": "imap.example.org"}}}, "username"),
            ({"arrival": {"listener": {"port": 0}}}, "arrival.listener.port"),
            ({"arrival": {"url": {"address": "ftp://example.org"}}}, "arrival.url.address"),
            ({"arrival": {"url": {"address": "https://example.org", "ca_path": "/nowhere"}}}, "arrival.url.ca_path"),
            (
                {"arrival": {"url": {"address": "https://example.org", "headers": {"X-Key": "a\r\nX-Other: b"}}}},
                "arrival.url.headers",
            ),
            (
                {"arrival": {"url": {"address": "https://example.org", "headers": {"X-Key": "\u2713"}}}},
                "arrival.url.headers",
            ),
            ({"arrival": {"maildir": "/nowhere", "wait": 0}}, "wait"),
        ],
    )
    def test_what_can_never_be_right_is_refused_before_the_first_request(self, given, named, capfd):
        printed = self.ended({"target": "agent-a", **given}, capfd)
        assert (printed["error"]["code"], printed["error"]["stage"]) == ("invalid_option", "options")
        assert named in printed["msg"]

    def test_no_binding_is_needed_and_a_wrong_one_is_told(self, capfd):
        without = self.ended({"target": "agent-a", "console_binding": None, "console_timeout": 5}, capfd)
        assert without["error"]["code"] == "console_unreachable"
        unknown = self.ended({"target": "agent-a", "console_binding": "nobodys"}, capfd)
        assert unknown["error"]["code"] == "binding_unknown"

    def test_its_secrets_are_marked(self, monkeypatch):
        arrival = argument_spec(self.name, monkeypatch)["arrival"]["options"]
        secrets = [arrival["imap"]["options"][name] for name in ("password", "token")]
        assert [option["no_log"] for option in (*secrets, arrival["url"]["options"]["headers"])] == [True] * 3
