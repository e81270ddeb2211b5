# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data in extensions/awx, as Ansible loads it: variables rendered, what is marked unsafe left as it stands."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
AWX = ROOT / "extensions" / "awx"
PROJECT = AWX / "project"

# What the user of the data has to set, as the guide says.
USERS_VARIABLES: dict[str, Any] = {
    "cai_awx_project_url": "https://git.example.org/operations/cai.git",
    "cai_awx_image": "registry.example.org/cai:1.0.0",
    "cai_awx_webhook_url": "https://chat.example.org/hooks/cai",
    "cai_awx_inputs": {
        "console_plan": {"url": "https://cai.example.org", "username": "r", "password": "p", "binding": "lab"},
        "console_apply": {"url": "https://cai.example.org", "username": "w", "password": "p", "binding": "lab"},
        "smtp": {"username": "alerts@example.org", "password": "p"},
        "oauth": {"client_id": "c", "client_secret": "s"},
        "probe": {"host": "imap.example.org", "username": "probe@example.org", "password": "p"},
        "vault": {"vault_password": "p"},
    },
}
# Types that AWX brings along; awx_plugins/credentials/plugins.py, here the fields that are used.
MANAGED_TYPES: list[dict[str, Any]] = [
    {
        "name": "Vault",
        "inputs": {
            "fields": [
                {"id": "vault_password", "label": "Vault Password", "type": "string", "secret": True},
                {"id": "vault_id", "label": "Vault Identifier", "type": "string"},
            ],
            "required": ["vault_password"],
        },
        "injectors": {},
    }
]

Item = dict[str, Any]
KINDS = (
    "credential_types",
    "credentials",
    "execution_environments",
    "inventories",
    "inventory_sources",
    "notifications",
    "projects",
    "schedules",
    "templates",
    "workflows",
)


@dataclass
class Content:
    """The objects by kind (the variables' names without ``controller_``), and the folder of the project."""

    data: dict[str, list[Item]]
    project: Path = PROJECT

    def __getitem__(self, kind: str) -> list[Item]:
        """The objects of a kind."""
        return self.data[kind]

    def one(self, kind: str, name: Any) -> Item | None:
        """The object of this name, or None."""
        more = MANAGED_TYPES if kind == "credential_types" else []
        return next((item for item in [*self.data[kind], *more] if item.get("name") == name), None)

    def copy(self) -> Content:
        """A copy that can be changed."""
        return Content(copy.deepcopy(self.data), self.project)


def load(folder: Path, users: dict[str, Any] | None = None) -> Content:
    """Let Ansible load the data with a user's variables, ``users`` over the usual ones; ``folder`` is for its files."""
    variables = {f"controller_{kind}" for kind in KINDS}
    wanted = ", ".join(f"'{name}': {name}" for name in sorted(variables))
    tasks = [
        {"ansible.builtin.include_vars": {"dir": str(AWX / "controller")}},
        {"ansible.builtin.copy": {"content": "{{ {%s} | to_json }}" % wanted, "dest": str(folder / "data.json")}},
    ]
    play = [{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": tasks}]
    (folder / "load.json").write_text(json.dumps(play), encoding="utf-8")
    (folder / "users.json").write_text(json.dumps({**USERS_VARIABLES, **(users or {})}), encoding="utf-8")
    (folder / "ansible.cfg").touch()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
    command = [Path(sys.executable).parent / "ansible-playbook", "load.json", "-e", "@users.json"]
    more = {"ANSIBLE_CONFIG": str(folder / "ansible.cfg"), "ANSIBLE_HOME": str(folder / "home")}
    ended = subprocess.run(command, cwd=folder, env={**kept, **more}, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    found = json.loads((folder / "data.json").read_text(encoding="utf-8"))
    return Content({name.removeprefix("controller_"): items for name, items in found.items()})
