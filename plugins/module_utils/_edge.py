# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge to Ansible: the only place that knows AnsibleModule. Builds it, runs one thing, ends with exit_json or
fail_json once.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.cai.console.plugins.module_utils._binding import find_binding
from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC, Connection
from ansible_collections.cai.console.plugins.module_utils._console import Console, open_transport
from ansible_collections.cai.console.plugins.module_utils._converge import Wishes, converge, flatten, nest
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._secrets import check_given
from ansible_collections.cai.console.plugins.module_utils._session import Session
from ansible_collections.cai.console.plugins.module_utils._targets import find_target

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._resources._service import Service

TARGET_SPEC: dict[str, dict[str, t.Any]] = {"target": {"type": "str"}}
SECRETS_SPEC: dict[str, dict[str, t.Any]] = {
    "update_secrets": {
        "type": "str",
        "choices": ["always", "on_create"],
        "default": "on_create",
        "aliases": ["update_password"],
        "no_log": False,
    },
    "reuse_stored_secret": {"type": "bool", "default": False, "no_log": False},
}

Params = t.Mapping[str, t.Any]
Result = t.Dict[str, t.Any]
Work = t.Callable[[Console], Result]


class Task(t.NamedTuple):
    """What a module is, as data: its argument ``spec``, and ``prepare``, which checks the parameters without a request
    and returns the work.
    """

    spec: dict[str, dict[str, t.Any]]
    prepare: t.Callable[[Params], Work]


def converging(service: Service) -> Task:
    """Return the task that brings ``service`` to what its parameters say."""

    def prepare(params: Params) -> Work:
        given = flatten({name: params[name] for name in service.options})
        names = {secret.name for secret in service.secrets}
        wishes = Wishes(
            settings={path: value for path, value in given.items() if path not in names},
            secrets={path: value for path, value in given.items() if path in names},
            update_secrets=params.get("update_secrets", "on_create"),
            reuse_stored_secret=params.get("reuse_stored_secret", False),
        )
        service.check_given(wishes.settings)
        check_given(wishes.secrets)
        return lambda console: converge(service, console, wishes)

    return Task(
        {**CONNECTION_SPEC, **TARGET_SPEC, **service.options, **(SECRETS_SPEC if service.secrets else {})}, prepare
    )


def reading(service: Service) -> Task:
    """Return the task that reads ``service``: settings, what can only be read, and the secrets' states."""

    def read(console: Console) -> Result:
        stored = console.read(service.name)
        result: Result = {"changed": False, service.name: nest({**stored.settings, **stored.facts})}
        return {**result, "secrets": stored.secrets} if service.secrets else result

    return Task({**CONNECTION_SPEC, **TARGET_SPEC}, lambda params: read)


def execute(task: Task, params: Params, *, check_mode: bool, environ: t.Mapping[str, str] | None = None) -> Result:
    """Check everything that needs no request, then sign in, find the target, work, sign out. Returns the task's result,
    with ``failed`` where it failed.
    """
    name = params["target"]
    try:
        connection = Connection.from_params(params)
        binding = find_binding(connection.binding)
        if not name:
            raise ConsoleError(
                "invalid_option",
                "target is not set.",
                stage="options",
                remedy="Set target to the name or id of an execution target.",
            )
        work = task.prepare(params)
        transport = open_transport(connection, environ)
        session = Session(transport, connection)
        try:
            target = find_target(session, name)
            result = work(Console(session, transport, connection, binding, target, read_only=check_mode))
        finally:
            session.close()
            transport.close()
    except ConsoleError as error:
        error.target = error.target or name
        return {"failed": True, "changed": False, **error.as_result()}
    return {**result, "target": {"id": target.id, "name": target.name, "kind": target.kind}}


def run(task: Task) -> None:
    """Be the module: parse the arguments, execute, leave."""
    module = AnsibleModule(argument_spec=task.spec, supports_check_mode=True)
    result = execute(task, module.params, check_mode=module.check_mode)
    for warning in result.pop("warnings", ()):
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
