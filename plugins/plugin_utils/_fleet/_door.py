# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin of a task that works on all hosts of the play at once."""

from __future__ import annotations

import abc
import gc
import typing as t

from ansible.module_utils.common.parameters import remove_values
from ansible.plugins.action import ActionBase
from ansible.template import Templar
from ansible.utils.display import Display
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.plugin_utils._arguments import (
    connection_of,
    environment_of,
    keep_state,
    said_of,
    validate,
)
from ansible_collections.cai.console.plugins.plugin_utils._binding_files import take_bindings_along
from ansible_collections.cai.console.plugins.plugin_utils._fleet._host_variables import read_quickly
from ansible_collections.cai.console.plugins.plugin_utils._fleet._model import SHARED
from ansible_collections.cai.console.plugins.plugin_utils._fleet._templates import compiled_once
from ansible_collections.cai.console.plugins.plugin_utils._fleet.tasks import Surroundings
from ansible_collections.cai.console.plugins.plugin_utils._run_end import rearm
from ansible_collections.cai.console.plugins.plugin_utils._run_folder import run_folder
from ansible_collections.cai.console.plugins.plugin_utils._stores import STORES

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Task

rearm()
Result = dict[str, t.Any]


class FleetDoor(ActionBase):
    """Runs once for all hosts of the play, in one worker, whatever the connection. ``task`` has the options."""

    BYPASS_HOST_LOOP = True
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False
    task: t.ClassVar[Task]

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Result:
        """Run the task and return its result."""
        # What the parent holds is walked through again and again otherwise, whenever thousands of targets are read.
        gc.freeze()
        result: Result = super().run(tmp, task_vars)
        known = task_vars or {}
        environ = environment_of(self)
        left_out = [name for name in SHARED if self._task.args.get(name) is None]
        read = {name: value for name, value in connection_of(self, known).items() if name in left_out}
        arguments = {**read, **self._task.args}
        try:
            take_bindings_along(self, self.task.spec, arguments, environ)
        except ConsoleError as error:
            return {**result, "failed": True, "changed": False, **error.as_result()}
        if "state_dir" in self.task.spec:
            keep_state(arguments, environ)
        valid = validate(self.task.spec, arguments, environ)
        hidden = frozenset(valid._no_log_values)
        if valid.error_messages:
            return {**result, **remove_values({"failed": True, "msg": said_of(self, valid.errors[0])}, hidden)}
        around = Surroundings(
            batch=known.get("ansible_play_batch", ()),
            active=known.get("ansible_play_hosts", ()),
            groups=known.get("groups", {}),
            everyone=known.get("ansible_play_hosts_all", ()),
            place=str(self._task.get_path()),
            folder=run_folder(),
            hostvars=known.get("hostvars", {}),
            templar=Templar(loader=self._loader, variables={}),
            environ=environ,
            check_mode=self._task.check_mode,
            diff=self._task.diff,
            console={name: read.get(name) for name in left_out},
            hidden=hidden,
            say=Display().display,
            stores=STORES,
        )
        with read_quickly(), compiled_once():
            found = self.work(valid.validated_parameters, around)
        # What came of targets is masked already, each with its own secrets too.
        return {**result, **(found if "targets" in found else remove_values(found, hidden))}

    @abc.abstractmethod
    def work(self, params: Params, around: Surroundings) -> Result:
        """Do it for the hosts, and return the task's result."""
