# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge to Ansible: the only place that knows AnsibleModule. Builds it, runs one thing, ends with exit_json or
fail_json once.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.cai.console.plugins.module_utils._access import NoConsole, opened
from ansible_collections.cai.console.plugins.module_utils._binding import find_binding
from ansible_collections.cai.console.plugins.module_utils._connection import Connection
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Result, Task


def execute(task: Task, params: Params, *, check_mode: bool, environ: t.Mapping[str, str] | None = None) -> Result:
    """Check everything that needs no request, then sign in, work, sign out. Returns the task's result, with ``failed``
    where it failed.
    """
    try:
        if not task.uses_console(params):
            return task.prepare(params)(NoConsole(check_mode=check_mode))
        connection = Connection.from_params(params)
        if "target" in task.spec:
            find_binding(connection.binding)
        work = task.prepare(params)
        with opened(connection, check_mode=check_mode, environ=environ) as access:
            return work(access)
    except ConsoleError as error:
        error.target = error.target or params.get("target")
        return {"failed": True, "changed": False, **error.as_result()}


def run(task: Task) -> None:
    """Be the module: parse the arguments, execute, leave."""
    module = AnsibleModule(argument_spec=task.spec, supports_check_mode=True)
    result = execute(task, module.params, check_mode=module.check_mode)
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
