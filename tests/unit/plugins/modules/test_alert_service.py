# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module alert_service."""

from __future__ import annotations

import pytest

from .truth import ServiceTruth, argument_spec, run


class TestAlertService(ServiceTruth):
    """``alert_service``."""

    name = "alert_service"

    @pytest.mark.parametrize("email", ["one@example.org, two@example.org", "nobody", ""])
    def test_there_is_exactly_one_recipient(self, email, capfd):
        printed = run(self.name, {"target": "agent-a", "email": email}, capfd)
        assert printed["error"]["code"] == "invalid_option"
        assert "email" in printed["msg"]

    def test_it_has_no_secret_of_its_own(self, monkeypatch):
        own = {name: option for name, option in argument_spec(self.name, monkeypatch).items() if "console_" not in name}
        assert [name for name, option in own.items() if option.get("no_log")] == []
        assert "update_secrets" not in own
