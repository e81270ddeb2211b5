# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module smtp_test."""

from __future__ import annotations

import pytest

from .truth import CONNECTION, ServiceTruth, argument_spec, run

NO_CONSOLE = dict.fromkeys(CONNECTION)
CLOSED = {"host": "127.0.0.1", "port": 9, "security": "none", "authentication": "none", "stop_after": "ehlo"}


class TestSmtpTest(ServiceTruth):
    """``smtp_test``."""

    name = "smtp_test"

    @pytest.mark.parametrize(
        "given",
        [
            {"port": 0},
            {"host": "smtp://mail.example.org"},
            {"max_connections": 0},
            {"max_messages_per_minute": 0},
            {"token": "one", "password": "the-other"},
            {"vantage": "console", "token": "of-no-use"},
        ],
    )
    def test_a_value_that_can_never_be_right_is_refused_before_the_first_request(self, given, capfd):
        printed = run(self.name, {"target": "agent-a", **given}, capfd)
        assert printed["error"]["code"] == "invalid_option"
        assert printed["error"]["stage"] == "options"
        assert list(given)[-1] in printed["msg"]

    def test_its_secrets_are_marked(self, monkeypatch):
        spec = argument_spec(self.name, monkeypatch)
        imap = spec["arrival"]["options"]["imap"]["options"]
        assert [option["no_log"] for options in (spec, imap) for option in (options["password"], options["token"])] == [
            True
        ] * 4

    def test_without_a_server_and_without_a_console_there_is_nothing_to_test(self, capfd):
        printed = run(self.name, NO_CONSOLE, capfd)
        assert printed["error"]["code"] == "smtp_no_server"

    def test_with_a_host_no_console_is_needed_and_the_stage_is_named(self, capfd):
        printed = run(self.name, {**NO_CONSOLE, **CLOSED}, capfd)
        assert printed["failed"] is True
        assert printed["changed"] is False
        assert printed["failed_stage"] == printed["error"]["stage"] == "connect"
        assert printed["outcome"] == "not_sent"

    def test_check_mode_says_that_nothing_was_tested(self, capfd):
        printed = run(self.name, {**NO_CONSOLE, **CLOSED, "_ansible_check_mode": True}, capfd)
        assert not printed.get("failed")
        assert (printed["changed"], printed["checked"], printed["failed_stage"]) == (False, False, None)
