# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's modules at work in this process: what a task reads and sets."""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.cai.console.plugins.module_utils._edge import execute
from ansible_collections.cai.console.plugins.module_utils._resources.alert_service import ALERT_SERVICE
from ansible_collections.cai.console.plugins.module_utils._resources.email_service import EMAIL_SERVICE
from ansible_collections.cai.console.plugins.module_utils._resources.server_properties import SERVER_PROPERTIES
from ansible_collections.cai.console.plugins.module_utils._tasks import converging, reading
from cai_lab.control_client import LabControl

SERVICES = {service.name: service for service in (EMAIL_SERVICE, ALERT_SERVICE, SERVER_PROPERTIES)}


class Modules:
    """The modules, with the connection of a lab's administrator."""

    def __init__(self, lab: LabControl, user: str = "robot@lab.test") -> None:
        password = next(item["password"] for item in lab.addresses["users"] if item["name"] == user)
        self._connection = {
            "console_url": lab.addresses["console"],
            "console_username": user,
            "console_password": password,
            "console_binding": "lab",
        }

    def read(self, service: str, target: str) -> dict[str, Any]:
        """The settings of a service, as the ``_info`` module gives them."""
        return dict(self._run(reading(SERVICES[service]), target=target)[service])

    def set(self, service: str, target: str, /, **wishes: Any) -> dict[str, Any]:
        """The result of setting a service."""
        return self._run(converging(SERVICES[service]), target=target, **wishes)

    def _run(self, task: Any, **arguments: Any) -> dict[str, Any]:
        valid = ArgumentSpecValidator(task.spec).validate({**self._connection, **arguments})
        assert not valid.error_messages, valid.error_messages
        result: dict[str, Any] = execute(task, valid.validated_parameters, check_mode=False, environ={})
        assert not result.get("failed"), result["msg"]
        return result
