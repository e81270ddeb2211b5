# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The module learn_binding: documentation of an action, which does the work on the controller."""

from __future__ import annotations

from types import SimpleNamespace

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import shell_loader
from ansible.template import Templar
from ansible_collections.cai.console.plugins.action.learn_binding import ActionModule

from .truth import ModuleTruth, has_code


class TestLearnBinding(ModuleTruth):
    """``learn_binding``."""

    name = "learn_binding"
    wrong = {"step": "learn", "seed": "3f9a"}

    def ended(self, params, capfd):
        """Run the action, as a worker does."""
        loader = DataLoader()
        task = SimpleNamespace(args=params, async_val=0, check_mode=False, diff=False, environment=[])
        connection = SimpleNamespace(_shell=shell_loader.get("sh"))
        action = ActionModule(task, connection, SimpleNamespace(), loader, Templar(loader), None)
        return action.run(task_vars={})

    def test_the_module_is_documentation_only(self):
        assert not has_code(self.name)

    def test_a_live_target_is_refused(self, capfd):
        printed = self.ended({}, capfd)
        assert printed["error"]["code"] == "invalid_option"
        assert "secret_at_hand" in printed["msg"]
        assert self.ended({"secret_at_hand": True}, capfd)["sheet"]

    def test_the_sheet_follows_from_its_seed(self, capfd):
        one = self.ended({"scratch_target": True}, capfd)
        again = self.ended({"scratch_target": True, "seed": one["seed"]}, capfd)
        assert one["sheet"] == again["sheet"]
        assert any(one["seed"] in line for line in one["sheet"])
