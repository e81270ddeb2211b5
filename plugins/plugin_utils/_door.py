# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door between a task and its work: in the worker itself where the task is local, else the module, wherever the
task sends it.
"""

from __future__ import annotations

import importlib
import typing as t

from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase
from ansible_collections.cai.console.plugins.module_utils._edge import execute, lend
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._session import SessionRecord
from ansible_collections.cai.console.plugins.plugin_utils._arguments import (
    Arguments,
    connection_of,
    environment_of,
    keep_state,
    said_of,
    secret_variables,
)
from ansible_collections.cai.console.plugins.plugin_utils._binding_files import take_bindings_along
from ansible_collections.cai.console.plugins.plugin_utils._run_end import rearm
from ansible_collections.cai.console.plugins.plugin_utils._stores import STORES
from ansible_collections.cai.console.plugins.plugin_utils._warm_up import warm_up

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._tasks import Task

Result = dict[str, t.Any]

# Ansible loads an action in the parent; what is made here exists once in a run, and the workers inherit it.
for name in ("encodings.idna", "gc"):  # a worker would load them at its first request, and at its end
    importlib.import_module(name)
warm_up()
rearm()


class Door(ActionBase):
    """Base of the action plugins that bear a module's name; ``task`` is what that module is.

    The target is the task's ``target``, else the host variable ``cai_target_id``, else ``inventory_hostname``. A
    connection option ``console_x`` that the task leaves out is the host variable ``cai_console_x``, if there is one.
    A task on a local connection, without ``become`` and ``async``, runs here: no process is started for it, and the
    Python is Ansible's own. Any other runs as the module, with the run's session unless ``lends_session`` is off.
    """

    task: t.ClassVar[Task]
    lends_session: t.ClassVar[bool] = True
    _arguments: t.ClassVar[Arguments]
    _supports_check_mode = True
    _supports_async = True

    def __init_subclass__(cls) -> None:
        if "task" in vars(cls):
            cls._arguments = Arguments(cls.task.spec)

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Run the task and return its result."""
        result: Result = super().run(tmp, task_vars)
        host_vars = task_vars or {}
        arguments = {**connection_of(self, host_vars), **self._task.args}
        if "target" in self.task.spec and not arguments.get("target"):
            arguments["target"] = self._templar.template(
                host_vars.get("cai_target_id") or host_vars.get("inventory_hostname")
            )
        environ = environment_of(self)
        try:
            take_bindings_along(self, self.task.spec, arguments, environ)
        except ConsoleError as error:
            return {**result, "failed": True, "changed": False, **error.as_result()}
        result.update(
            self._run_here(arguments, environ) if self._is_local() else self._run_there(arguments, environ, host_vars)
        )
        return result

    def _is_local(self) -> bool:
        return bool(self._connection.transport == "local" and not self._connection.become and not self._task.async_val)

    def _run_here(self, arguments: Result, environ: t.Mapping[str, str], task: Task | None = None) -> Result:
        """Check the arguments and do the work (``task`` in place of this plugin's own) in this process."""
        if "state_dir" in self.task.spec:
            keep_state(arguments, environ)
        valid = self._validate(arguments, environ)
        hidden = valid._no_log_values
        if valid.error_messages:
            return _masked({"failed": True, "msg": said_of(self, valid.errors[0])}, hidden)
        result = execute(
            task or self.task,
            valid.validated_parameters,
            check_mode=self._task.check_mode,
            environ=environ,
            stores=STORES,
        )
        return _masked(result, hidden)

    def _run_there(self, arguments: Result, environ: t.Mapping[str, str], task_vars: t.Any) -> Result:
        """Run the module, with the run's session in place of the password. If that has ended, once more with a new
        one; Ansible itself waits for an asynchronous task, so such a one is not repeated.
        """
        lent = self._lend(arguments, environ)
        if isinstance(lent, dict):
            return lent
        if lent:
            arguments = {**arguments, **_organization(arguments, environ, lent)}
        result = self._run_module(arguments, lent, task_vars)
        ended = result.get("failed") and (result.get("error") or {}).get("code") == "session_expired"
        if lent and ended:
            lent = self._lend(arguments, environ, refused_id=lent.id)
            if isinstance(lent, dict):
                return lent
            result = self._run_module(arguments, lent, task_vars)
        return result

    def _lend(
        self, arguments: Result, environ: t.Mapping[str, str], refused_id: str | None = None
    ) -> SessionRecord | Result | None:
        valid = self._validate(arguments, environ)
        if not self.lends_session or valid.error_messages:
            return None
        lent = lend(self.task, valid.validated_parameters, environ=environ, stores=STORES, refused_id=refused_id)
        return _masked(lent, valid._no_log_values) if isinstance(lent, dict) else lent

    def _compute_environment_string(self, raw_environment_out: dict[str, t.Any] | None = None) -> str:
        """Return what Ansible puts before the module's command, without secrets: processes and screens show it."""
        found: dict[str, t.Any] = {}
        super()._compute_environment_string(found)
        if raw_environment_out is not None:
            raw_environment_out.clear()
            raw_environment_out.update(found)
        hidden = secret_variables(self.task.spec).values()
        prefix = self._connection._shell.env_prefix(**{name: found[name] for name in found if name not in hidden})
        return str(prefix)

    def _run_module(self, arguments: Result, lent: SessionRecord | None, task_vars: t.Any) -> Result:
        found: dict[str, t.Any] = {}
        self._compute_environment_string(found)
        secrets = {name: found[known] for name, known in secret_variables(self.task.spec).items() if known in found}
        arguments = {**secrets, **arguments}
        if lent:
            arguments = {**arguments, "console_session": lent.as_option()}
            arguments.pop("console_password", None)
        result: Result = self._execute_module(
            module_args=arguments, task_vars=task_vars, wrap_async=self._task.async_val
        )
        return _masked(result, [lent.id]) if lent else result

    def _validate(self, arguments: Result, environ: t.Mapping[str, str]) -> t.Any:
        return self._arguments.check(arguments, environ)


def _organization(arguments: Result, environ: t.Mapping[str, str], lent: SessionRecord) -> Result:
    """Return the option that tells the module the organisation, which a lent session cannot, unless it is given."""
    name = "console_organization_id"
    given = arguments.get(name) or environ.get(f"CAI_{name.upper()}") or not lent.organization_ids
    return {} if given else {name: lent.organization_ids[0]}


def _masked(result: Result, hidden: t.Iterable[str]) -> Result:
    masked: Result = remove_values(result, hidden)
    return masked
