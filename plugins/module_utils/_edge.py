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
    from ansible_collections.cai.console.plugins.module_utils._access import Stores
    from ansible_collections.cai.console.plugins.module_utils._session import SessionRecord
    from ansible_collections.cai.console.plugins.module_utils._tasks import Params, Result, Task, Work

REFUSALS = ("sign_in_refused", "organization_mismatch")


def execute(
    task: Task,
    params: Params,
    *,
    check_mode: bool,
    environ: t.Mapping[str, str] | None = None,
    stores: Stores | None = None,
) -> Result:
    """Check everything that needs no request, then sign in, work, sign out. Returns the task's result, with ``failed``
    where it failed. With ``stores``, the session is taken from there, and stays.
    """

    def work() -> Result:
        if not task.uses_console(params):
            return task.prepare(params)(NoConsole(check_mode=check_mode))
        connection, work = _checked(task, params)
        with opened(connection, check_mode=check_mode, environ=environ, stores=stores) as access:
            return work(access)

    return attempt(work, params)


def attempt(work: t.Callable[[], Result], params: Params) -> Result:
    """Return what ``work`` returns; where it raises a ConsoleError, the failed result."""
    try:
        return work()
    except ConsoleError as error:
        return _failed(error, params)


def lend(
    task: Task, params: Params, *, environ: t.Mapping[str, str], stores: Stores, refused_id: str | None = None
) -> SessionRecord | Result | None:
    """Return the session of ``stores`` for a module that runs elsewhere, in place of ``refused_id`` if that is given.

    A sign-in that is refused is the task's failed result. None: the module has to see for itself, since a session was
    given, the parameters are wrong, or the console is not reached from here.
    """
    try:
        connection, _work = _checked(task, params)
        if connection.session_id:
            return None
        with opened(connection, check_mode=True, environ=environ, stores=stores) as access:
            return access.session.renew(refused_id)
    except ConsoleError as error:
        return _failed(error, params) if error.code in REFUSALS else None


def _checked(task: Task, params: Params) -> tuple[Connection, Work]:
    connection = Connection.from_params(params)
    if "target" in task.spec and (task.needs_binding or connection.binding):
        find_binding(connection.binding)
    return connection, task.prepare(params)


def _failed(error: ConsoleError, params: Params) -> Result:
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
