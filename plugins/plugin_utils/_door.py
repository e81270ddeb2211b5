# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door between a task and its work: in the worker itself where the task is local, else the module, wherever the
task sends it.
"""

from __future__ import annotations

import os
import typing as t

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.parameters import remove_values
from ansible.module_utils.errors import UnsupportedError
from ansible.plugins.action import ActionBase
from ansible_collections.cai.console.plugins.module_utils._edge import execute

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._edge import Task

Result = dict[str, t.Any]


class Door(ActionBase):
    """Base of the action plugins that bear a module's name; ``task`` is what that module is.

    The target is the task's ``target``, else the host variable ``cai_target_id``, else ``inventory_hostname``.
    A task on a local connection, without ``become`` and ``async``, runs here: no process is started for it, and the
    Python is Ansible's own.
    """

    task: t.ClassVar[Task]
    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Run the task and return its result."""
        result: Result = super().run(tmp, task_vars)
        host_vars = task_vars or {}
        arguments = dict(self._task.args)
        if "target" in self.task.spec and not arguments.get("target"):
            arguments["target"] = self._templar.template(
                host_vars.get("cai_target_id") or host_vars.get("inventory_hostname")
            )
        if self._is_local():
            result.update(self._run_here(arguments))
        else:
            result.update(
                self._execute_module(module_args=arguments, task_vars=task_vars, wrap_async=self._task.async_val)
            )
        return result

    def _is_local(self) -> bool:
        return bool(self._connection.transport == "local" and not self._connection.become and not self._task.async_val)

    def _run_here(self, arguments: dict[str, t.Any]) -> Result:
        environ = {**os.environ, **self._task_environment()}
        valid = ArgumentSpecValidator(self.task.spec).validate(_with_environment(self.task.spec, arguments, environ))
        hidden = valid._no_log_values
        if valid.error_messages:
            return _masked({"failed": True, "msg": self._refusal(valid.errors[0])}, hidden)
        return _masked(
            execute(self.task, valid.validated_parameters, check_mode=self._task.check_mode, environ=environ), hidden
        )

    def _refusal(self, error: t.Any) -> str:
        """Return Ansible's words for a wrong argument, as a module would say them."""
        return (
            f"Unsupported parameters for ({self._task.action}) module: {error.msg}"
            if isinstance(error, UnsupportedError)
            else str(error.msg)
        )

    def _task_environment(self) -> dict[str, str]:
        """Return what the task's keyword ``environment`` says, which Ansible itself only gives to modules."""
        found: dict[str, str] = {}
        self._compute_environment_string(found)
        return found


def _with_environment(
    spec: dict[str, dict[str, t.Any]], arguments: dict[str, t.Any], environ: t.Mapping[str, str]
) -> dict[str, t.Any]:
    """Return the arguments, completed by the variables that the options fall back to."""
    variables = {name: option["fallback"][1][0] for name, option in spec.items() if "fallback" in option}
    return {**{name: environ[variable] for name, variable in variables.items() if variable in environ}, **arguments}


def _masked(result: Result, hidden: t.Iterable[str]) -> Result:
    masked: Result = remove_values(result, hidden)
    return masked
