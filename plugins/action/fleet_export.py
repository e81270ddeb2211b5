# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet as it is, as variables, on the controller. ``modules/fleet_export.py`` is its documentation only."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.plugin_utils._export.task import SPEC, run
from ansible_collections.cai.console.plugins.plugin_utils._fleet.door import FleetDoor

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Spec
    from ansible_collections.cai.console.plugins.plugin_utils._fleet.tasks import Surroundings

Result = dict[str, t.Any]


class ActionModule(FleetDoor):
    """Reads all targets, and writes files of variables."""

    BYPASS_HOST_LOOP = True
    spec: t.ClassVar[Spec] = SPEC

    def work(self, params: Params, around: Surroundings, task_vars: t.Mapping[str, t.Any]) -> Result:
        """Read, then write."""
        return run(params, around, task_vars.get("groups", {}))
