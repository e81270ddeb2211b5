# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module console_doctor."""

from __future__ import annotations

from .truth import ModuleTruth, run


class TestConsoleDoctor(ModuleTruth):
    """``console_doctor``."""

    name = "console_doctor"

    def test_a_bad_verdict_is_no_failure(self, capfd):
        printed = run(self.name, {"console_binding": None, "console_timeout": 5}, capfd)
        assert not printed.get("failed")
        assert printed["changed"] is False
        assert printed["fit"] is False
        assert len(printed["report"]) == len(printed["findings"])
