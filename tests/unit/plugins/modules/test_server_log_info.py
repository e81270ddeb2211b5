# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module server_log_info."""

from __future__ import annotations

from .truth import ServiceTruth, run


class TestServerLogInfo(ServiceTruth):
    """``server_log_info``."""

    name = "server_log_info"

    def test_a_time_that_is_none_is_refused_before_any_request(self, capfd):
        printed = run(self.name, {"target": "agent-a", "since": "yesterday"}, capfd)
        assert printed["error"]["code"] == "invalid_option"
        assert "yesterday" in printed["msg"]
