# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door of ``smtp_test``: where the probe goes to another host, the console's half stays on the controller."""

from __future__ import annotations

import typing as t

from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._mail_test import smtp_testing
from ansible_collections.cai.console.plugins.module_utils._smtp._options import as_options
from ansible_collections.cai.console.plugins.module_utils._smtp._probe import blank_report
from ansible_collections.cai.console.plugins.module_utils._tasks import Task
from ansible_collections.cai.console.plugins.plugin_utils._door import Door, Result
from ansible_collections.cai.console.plugins.plugin_utils._probe_ledger import FileLedger

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._smtp._model import Settings

MODULE = "cai.console.smtp_test"


def _refuse(_params: t.Mapping[str, t.Any]) -> t.Any:
    raise ConsoleError("smtp_in_background", "async is set.", stage="options")


# In the background nobody could tell the ledger that the probe is over, or that the mailbox has refused it.
IN_BACKGROUND = Task(smtp_testing().spec, _refuse, lambda params: False)


class ProbeDoor(Door):
    """A probe on another host gets the mail server's settings and the secret. It never gets a console's session."""

    def _run_there(self, arguments: Result, environ: t.Mapping[str, str], task_vars: dict[str, t.Any]) -> Result:
        def probe(settings: Settings) -> dict[str, t.Any]:
            return self._probe_there(settings, arguments.get("target"), task_vars)

        where = str(self._play_context.remote_addr or task_vars.get("inventory_hostname") or "elsewhere")
        task = IN_BACKGROUND if self._task.async_val else smtp_testing(FileLedger(), probe, where)
        return self._run_here(arguments, environ, task)

    def _probe_there(self, settings: Settings, target: str | None, task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        result = self._execute_module(
            module_name=MODULE,
            module_args={**as_options(settings), **({"target": target} if target else {})},
            task_vars=task_vars,
        )
        if "stages" in result:
            return {name: result[name] for name in blank_report() if name in result}
        error = result.get("error") or {}
        said = str(result.get("msg") or result.get("module_stderr") or "no answer")
        raise ConsoleError(error.get("code") or "smtp_probe_not_run", f"{said}", stage="options")
