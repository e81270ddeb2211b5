# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module targets_info."""

from __future__ import annotations

from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC

from .truth import ModuleTruth, argument_spec, run


class TestTargetsInfo(ModuleTruth):
    """``targets_info``."""

    name = "targets_info"

    def test_it_takes_a_connection_and_nothing_else(self, monkeypatch):
        assert set(argument_spec(self.name, monkeypatch)) == set(CONNECTION_SPEC)

    def test_it_needs_no_binding(self, capfd):
        printed = run(self.name, {"console_binding": None, "console_timeout": 5}, capfd)
        assert printed["error"]["code"] == "console_unreachable"
