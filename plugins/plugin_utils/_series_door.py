# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door of ``alert_test``: alerts page people, so a fleet is only taken one target after the other."""

from __future__ import annotations

import typing as t

from ansible import context
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._door import Door, Result


class SeriesDoor(Door):
    """Refuses a task that Ansible would run on several hosts at the same time."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Run the task, or refuse it before any request."""
        batch = (task_vars or {}).get("ansible_play_batch") or ()
        if len(batch) > 1 and not self._is_in_series():
            said = f"The task would run on {len(batch)} hosts at the same time."
            error = ConsoleError("alert_not_in_series", said, stage="options")
            return {"failed": True, "changed": False, **error.as_result()}
        return super().run(tmp, task_vars)

    def _is_in_series(self) -> bool:
        settings: t.Mapping[str, t.Any] = context.CLIARGS
        return bool(self._task.throttle == 1 or self._task.run_once or settings.get("forks") == 1)
