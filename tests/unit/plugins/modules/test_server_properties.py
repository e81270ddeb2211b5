# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module server_properties."""

from __future__ import annotations

from .truth import ServiceTruth, argument_spec


class TestServerProperties(ServiceTruth):
    """``server_properties``."""

    name = "server_properties"

    def test_the_property_has_no_default(self, monkeypatch):
        assert "default" not in argument_spec(self.name, monkeypatch)["suspend_on_uncaught_fault"]
