# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plays that are measured: the collection's, ``debug`` as Ansible's floor, and a recipe of plain ``uri`` tasks."""

from __future__ import annotations

from typing import Any

from cai_lab.control_client import LabControl

MAIL_USER = "alerts@lab.test"


def settings(lab: LabControl) -> dict[str, Any]:
    """Return the Email Service that all plays configure."""
    return {
        "enabled": True,
        "host": "localhost",
        "port": lab.addresses["smtp"]["starttls_port"],
        "security": "tls",
        "authentication": "password",
        "username": MAIL_USER,
        "password": "{{ mail_password }}",
    }


def variables(lab: LabControl) -> dict[str, Any]:
    """Return the inventory's variables."""
    user = lab.addresses["users"][0]
    return {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "cai_console_url": lab.addresses["console"],
        "cai_console_username": user["name"],
        "cai_console_password": user["password"],
        "cai_console_binding": "lab",
        "mail_password": lab.addresses["mail_accounts"][MAIL_USER],
        **({"cai_console_ca_path": lab.addresses["ca"]} if lab.addresses["console"].startswith("https:") else {}),
    }


def plays(lab: LabControl) -> dict[str, list[dict[str, Any]]]:
    """Return every measured play by its name."""
    email = {"name": "Configure the Email Service", "cai.console.email_service": settings(lab)}
    together = {
        "name": "Configure the three services",
        "cai.console.execution_target": {
            "server_properties": {"suspend_on_uncaught_fault": True},
            "email_service": settings(lab),
            "alert_service": {"enabled": True, "action": "send_email", "email": "operations@lab.test"},
        },
    }
    far = {"vars": {"ansible_connection": "elsewhere"}}
    return {
        "empty": _play([]),
        "debug": _play([{"name": "Say something", "ansible.builtin.debug": {"msg": "something"}}]),
        "email_service": _play([email]),
        "execution_target": _play([together]),
        "email_service, its module": _play([{**email, **far}]),
        "uri recipe": _play(_recipe(lab)),
    }


def _play(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"hosts": "all", "gather_facts": False, "tasks": tasks}]


def _recipe(lab: LabControl) -> list[dict[str, Any]]:
    """Return what one writes without a collection: sign in once, read, compare, write."""
    url = f"{lab.addresses['console']}/activevos/local/{{{{ wire_id }}}}/restadmin/server/services/email"
    headers = {"IDS-SESSION-ID": "{{ sign_in.json.userInfo.sessionId }}"}
    wanted = {
        "enabled": True,
        "hostName": "localhost",
        "port": lab.addresses["smtp"]["starttls_port"],
        "security": "TLS",
        "authenticationType": "PASSWORD",
        "userName": MAIL_USER,
    }
    common = {"return_content": True, "headers": headers, "ca_path": "{{ cai_console_ca_path | default(omit) }}"}
    differs = " or ".join(f"current.json.{name} != wanted.{name}" for name in wanted)
    return [
        {
            "name": "Sign in",
            "run_once": True,
            "register": "sign_in",
            "ansible.builtin.uri": {
                "url": f"{lab.addresses['console']}/saas/public/core/v3/login",
                "method": "POST",
                "body_format": "json",
                "body": {"username": "{{ cai_console_username }}", "password": "{{ cai_console_password }}"},
                "ca_path": "{{ cai_console_ca_path | default(omit) }}",
            },
        },
        {"name": "Read", "register": "current", "ansible.builtin.uri": {"url": url, **common}},
        {
            "name": "Write what differs",
            "vars": {"wanted": wanted},
            "when": differs,
            "ansible.builtin.uri": {
                "url": url,
                "method": "PUT",
                "body_format": "json",
                "body": "{{ current.json | combine(wanted, {'password': mail_password}) }}",
                "status_code": [200, 204],
                **common,
            },
        },
    ]
