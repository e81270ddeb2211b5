# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's work in this process: what a task does once Ansible has parsed it."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.module_utils._edge import execute
from ansible_collections.cai.console.plugins.module_utils._resources._service import Service
from ansible_collections.cai.console.plugins.module_utils._resources.alert_service import ALERT_SERVICE
from ansible_collections.cai.console.plugins.module_utils._resources.email_service import EMAIL_SERVICE
from ansible_collections.cai.console.plugins.module_utils._resources.server_properties import SERVER_PROPERTIES
from ansible_collections.cai.console.plugins.module_utils._tasks import Task
from ansible_collections.cai.console.plugins.plugin_utils._door import Door

from support.places import ROOT

SERVICES: dict[str, Service] = {service.name: service for service in (EMAIL_SERVICE, ALERT_SERVICE, SERVER_PROPERTIES)}
ACTIONS = ROOT / "plugins" / "action"
PREFIX = "ansible_collections.cai.console.plugins.action"
PLUGINS = {path.stem: importlib.import_module(f"{PREFIX}.{path.stem}").ActionModule for path in ACTIONS.glob("*.py")}
TASKS: dict[str, Task] = {name: PLUGINS[name].task for name in sorted(PLUGINS) if issubclass(PLUGINS[name], Door)}
CLOUD = "Cloud Server"
Result = dict[str, Any]


def run(module: str, connection: Mapping[str, Any], *, check: bool = False, **args: Any) -> Result:
    """Run a module with arguments and connection options; its result, with ``failed`` where it failed.

    The target, for a module that has one, is the Cloud Server unless ``target`` is given. The environment has no part
    in it.
    """
    task = TASKS[module]
    place = {"target": CLOUD} if "target" in task.spec else {}
    given = {name: value for name, value in {**place, **connection, **args}.items() if value is not None}
    valid = ArgumentSpecValidator(task.spec).validate(given)
    assert not valid.error_messages, valid.error_messages
    return execute(task, valid.validated_parameters, check_mode=check, environ={})


def done(module: str, connection: Mapping[str, Any], **args: Any) -> Result:
    """Run a module that must not fail."""
    result = run(module, connection, **args)
    assert not result.get("failed"), result["msg"]
    return result


def stored(service: str, connection: Mapping[str, Any], target: str = CLOUD) -> dict[str, Any]:
    """What is stored for a service: option path to value."""
    settings = done(f"{service}_info", connection, target=target)[service]
    settings.pop("authorization", None)
    return flat_state(settings)


def flat_state(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Option path to value, as ``flatten``, but what is None stays: here it was read, not left out."""
    plain = {name: value for name, value in settings.items() if not isinstance(value, dict)}
    inner = {
        f"{name}.{key}": value
        for name, part in settings.items()
        if isinstance(part, dict)
        for key, value in part.items()
    }
    return {**plain, **inner}


def option_paths(service: Service) -> list[str]:
    """Every option of a service, suboptions as dotted paths."""
    paths = []
    for name, spec in service.options.items():
        paths += [f"{name}.{inner}" for inner in spec["options"]] if "options" in spec else [name]
    return paths
