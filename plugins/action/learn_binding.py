# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Learns a binding from recordings, on the controller. ``modules/learn_binding.py`` is its documentation only."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.cai.console.plugins.plugin_utils._arguments import environment_of, validate
from ansible_collections.cai.console.plugins.plugin_utils._learn import task

Result = dict[str, t.Any]


class ActionModule(ActionBase):
    """Runs in the worker itself, whatever the task's connection: a recording never leaves the controller."""

    spec: t.ClassVar[dict[str, dict[str, t.Any]]] = task.SPEC
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Run the task and return its result."""
        result: Result = super().run(tmp, task_vars)
        valid = validate(self.spec, self._task.args, environment_of(self))
        if valid.error_messages:
            return {**result, "failed": True, "msg": "; ".join(valid.error_messages)}
        return {**result, **task.run(valid.validated_parameters, check_mode=self._task.check_mode)}
