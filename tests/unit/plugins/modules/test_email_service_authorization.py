# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module email_service_authorization."""

from __future__ import annotations

import pytest

from .truth import ServiceTruth, argument_spec, run


class TestEmailServiceAuthorization(ServiceTruth):
    """``email_service_authorization``."""

    name = "email_service_authorization"

    @pytest.mark.parametrize("given", [{"as_of": "the day after tomorrow"}, {"refresh_token": ""}])
    def test_a_value_that_can_never_be_right_is_refused_before_the_first_request(self, given, capfd):
        printed = run(self.name, {"target": "agent-a", **given}, capfd)
        assert printed["error"]["code"] == "invalid_option"
        assert printed["error"]["stage"] == "options"
        assert next(iter(given)) in printed["msg"]

    def test_it_only_reads_unless_asked_for_more(self, monkeypatch):
        assert argument_spec(self.name, monkeypatch)["state"]["default"] == "status"

    def test_the_token_that_is_handed_over_is_the_one_secret_of_its_own(self, monkeypatch):
        spec = argument_spec(self.name, monkeypatch)
        own = [name for name, option in spec.items() if option.get("no_log") and not name.startswith("console_")]
        assert own == ["refresh_token"]
