# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The edge to Ansible: the only place that knows AnsibleModule. Builds it, runs one thing, ends with exit_json or
fail_json once.
"""

from __future__ import annotations

import typing as t

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.cai.console.plugins.module_utils._access import opened, require_target
from ansible_collections.cai.console.plugins.module_utils._binding import find_binding
from ansible_collections.cai.console.plugins.module_utils._connection import CONNECTION_SPEC, Connection
from ansible_collections.cai.console.plugins.module_utils._converge import Wishes, converge, flatten, nest
from ansible_collections.cai.console.plugins.module_utils._doctor import examine
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._secrets import check_given
from ansible_collections.cai.console.plugins.module_utils._targets import list_targets

if t.TYPE_CHECKING:
    from ansible_collections.cai.console.plugins.module_utils._access import Access
    from ansible_collections.cai.console.plugins.module_utils._console import Console
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

Spec = t.Dict[str, t.Dict[str, t.Any]]
Params = t.Mapping[str, t.Any]
Result = t.Dict[str, t.Any]
Work = t.Callable[["Access"], Result]


class Task(t.NamedTuple):
    """What a module is, as data: its argument ``spec``, and ``prepare``, which checks the parameters without a request
    and returns the work.
    """

    spec: Spec
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
        return _at_target(params, lambda console: converge(service, console, wishes))

    return Task(
        {**CONNECTION_SPEC, **TARGET_SPEC, **service.options, **(SECRETS_SPEC if service.secrets else {})}, prepare
    )


def reading(service: Service) -> Task:
    """Return the task that reads ``service``: settings, what can only be read, and the secrets' states."""

    def read(console: Console) -> Result:
        stored = console.read(service.name)
        result: Result = {"changed": False, service.name: nest({**stored.settings, **stored.facts})}
        return {**result, "secrets": stored.secrets} if service.secrets else result

    return Task({**CONNECTION_SPEC, **TARGET_SPEC}, lambda params: _at_target(params, read))


def listing_targets() -> Task:
    """Return the task that lists the organisation's execution targets."""

    def work(access: Access) -> Result:
        return {"changed": False, "targets": [target.as_dict() for target in list_targets(access.session)]}

    return Task(dict(CONNECTION_SPEC), lambda params: work)


def examining() -> Task:
    """Return the task that examines whether this collection fits an organisation."""

    def work(access: Access, params: Params) -> Result:
        return {"changed": False, **examine(access, params["targets"])}

    spec: Spec = {**CONNECTION_SPEC, "targets": {"type": "list", "elements": "str"}}
    return Task(spec, lambda params: lambda access: work(access, params))


def _at_target(params: Params, work: t.Callable[[Console], Result]) -> Work:
    """Return ``work`` at the task's target; its result names the target."""
    name = require_target(params["target"])

    def there(access: Access) -> Result:
        console = access.console(name)
        return {**work(console), "target": console.target.as_name()}

    return there


def execute(task: Task, params: Params, *, check_mode: bool, environ: t.Mapping[str, str] | None = None) -> Result:
    """Check everything that needs no request, then sign in, work, sign out. Returns the task's result, with ``failed``
    where it failed.
    """
    try:
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
