# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is true of every action that works on all hosts of the play at once."""

from __future__ import annotations

from types import SimpleNamespace

from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import shell_loader
from ansible.template import Templar

from .truth import CONNECTION, ModuleTruth, has_code


class FleetTruth(ModuleTruth):
    """The truths of a module that only documents such an ``action``."""

    action: type

    def ended(self, params, capfd):
        """Run the action, as a worker does."""
        loader = DataLoader()
        keywords = {"async_val": 0, "check_mode": False, "diff": False, "environment": []}
        task = SimpleNamespace(args={**CONNECTION, **params}, get_path=lambda: "play.yml:1", **keywords)
        connection = SimpleNamespace(_shell=shell_loader.get("sh"))
        action = self.action(task, connection, SimpleNamespace(), loader, Templar(loader), None)
        return action.run(task_vars={"ansible_play_batch": [], "ansible_play_hosts_all": [], "hostvars": {}})

    def test_the_module_is_documentation_only(self):
        assert not has_code(self.name)
