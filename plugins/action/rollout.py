# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A planned change of many targets, in waves. ``modules/rollout.py`` is its documentation only."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._tasks import Task
from ansible_collections.cai.console.plugins.plugin_utils._fleet._door import FleetDoor
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import TASK
from ansible_collections.cai.console.plugins.plugin_utils._rollout._model import SPEC
from ansible_collections.cai.console.plugins.plugin_utils._rollout.task import run

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params
    from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import Result
    from ansible_collections.cai.console.plugins.plugin_utils._fleet.tasks import Surroundings


class ActionModule(FleetDoor):
    """Runs once for all hosts of the play."""

    task: t.ClassVar[Task] = Task(SPEC, TASK.prepare)

    def work(self, params: Params, around: Surroundings) -> Result:
        """Do it for the hosts, and return the task's result."""
        return run(params, around)
