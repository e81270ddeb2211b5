# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs playbooks as a user does, over three targets of a lab, with a person who opens the links that they show."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cai_lab.browserless import Person
from cai_lab.control_client import LabControl
from cai_lab.plain_client import PlainClient

ROOT = Path(__file__).resolve().parents[2]
TARGETS = {"cloud-server": "Cloud Server", "agent-a": "agent-a", "agent-b": "agent-b"}
LINK = re.compile(r"[Oo]pen (https://[^\"\s]+)")
SECRET, SECOND = "console-client-Secret-1", "console-client-Secret-2"
PASSWORD = "alerts-Mail-pw1"

CONFIGURE = """
- hosts: all
  connection: local
  gather_facts: false
  module_defaults:
    group/cai.console.console:
      console_url: "{{ cai_console_url }}"
      console_username: "{{ cai_console_username }}"
      console_password: "{{ cai_console_password }}"
      console_binding: "{{ cai_console_binding }}"
  roles:
    - role: cai.console.email_service
"""


class Runner:
    """Runs playbooks over targets of a lab: host names, with the targets' names."""

    def __init__(self, lab: LabControl, folder: Path, targets: Mapping[str, str] = MappingProxyType(TARGETS)) -> None:
        folder.mkdir(exist_ok=True)
        self.lab = lab
        self.folder = folder
        self.targets = dict(targets)
        self.person = Person("alerts@lab.test", PASSWORD, lab.addresses["ca"])
        self.output = ""
        self.pid = 0
        hosts = {host: {"cai_target_id": target} for host, target in targets.items()}
        self.variables: dict[str, Any] = {
            "cai_console_url": lab.addresses["console"],
            "cai_console_username": "robot@lab.test",
            "cai_console_password": "robot-Console-pw1",
            "cai_console_binding": "lab",
            "authorize_wait": 30,
            "migrate_to_oauth_wait": 30,
        }
        (folder / "inventory.json").write_text(
            json.dumps({"all": {"hosts": hosts, "vars": {"ansible_python_interpreter": sys.executable}}})
        )
        (folder / "vault").write_text("pw")
        (folder / "ansible.cfg").touch()

    def oauth(self, secret: str | None = SECRET) -> dict[str, Any]:
        urls = self.lab.addresses["oauth"]
        settings = {
            "authorization_url": urls["authorization_url"],
            "token_url": urls["token_url"],
            "client_id": "console-client",
            "scope": ["https://outlook.office.com/SMTP.Send", "offline_access"],
        }
        return {**settings, **({"client_secret": secret} if secret else {})}

    def service(self, **changes: Any) -> dict[str, Any]:
        values = {
            "enabled": True,
            "host": "localhost",
            "port": self.lab.addresses["smtp"]["starttls_port"],
            "security": "tls",
            "username": "alerts@lab.test",
            **changes,
        }
        return {f"email_service_{name}": value for name, value in values.items()}

    def run(self, playbook: str, *, accept: bool = False, code: int = 0, flags: str = "-v", **more: Any) -> str:
        """Run a playbook; with ``accept``, links that it shows are opened. The output."""
        (self.folder / "vars.json").write_text(json.dumps({**self.variables, **more}))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ANSIBLE_")}
        environment |= {
            "ANSIBLE_COLLECTIONS_PATH": str(ROOT / "build" / "collections"),
            "ANSIBLE_HOME": str(self.folder / "home"),
            "ANSIBLE_CONFIG": str(self.folder / "ansible.cfg"),
            "ANSIBLE_NOCOLOR": "1",
            "CAI_STATE_DIR": str(self.folder / "state"),
        }
        command = [str(Path(sys.executable).parent / "ansible-playbook"), playbook, flags]
        command += ["-i", str(self.folder / "inventory.json"), "-e", f"@{self.folder / 'vars.json'}"]
        command += ["--vault-password-file", str(self.folder / "vault")]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder
        ) as process:
            self.pid = process.pid
            timer = threading.Timer(240, process.kill)
            timer.start()
            lines = []
            for line in process.stdout or ():
                lines.append(line)
                found = LINK.search(line)
                if found and accept:
                    self.person.open(found.group(1), self.lab.addresses["console"])
            process.wait()
            timer.cancel()
        self.output = "".join(lines)
        assert process.returncode == code, self.output
        return self.output

    def status(self, target: str) -> dict[str, Any]:
        return dict(PlainClient(self.lab).admin("GET", "server/services/email", target).json())


def held(runner: Runner, tasks: Any, *more: str, **changes: Any) -> dict[str, Any]:
    """Consents of our own, in vaulted files: by the person of ``tasks`` for the usual mailbox, and by the owners of
    ``more`` for theirs; the variables that say so.
    """
    from .victim import vault

    accounts = runner.lab.addresses["mail_accounts"]
    people = {"alerts@lab.test": tasks.person}
    people |= {user: Person(user, accounts[user], runner.lab.addresses["ca"]) for user in more}
    mailboxes = []
    for user, person in people.items():
        tasks.person = person
        mailboxes.append({"user": user, "refresh_token_file": str(runner.folder / f"{user.partition('@')[0]}.yml")})
        consent = {**changes, "user": user}
        tasks.complete(tasks.come_back(tasks.begin(**consent)), **{**consent, **mailboxes[-1]}, vault=vault("pw"))
    return {
        "email_authorization_mailboxes": mailboxes,
        "email_authorization_client": {
            "discovery_url": runner.lab.addresses["oauth"]["discovery"],
            "client_id": "mail-client",
            "ca_path": runner.lab.addresses["ca"],
            "scope": changes.get("scope", tasks.options()["scope"]),
        },
        "email_authorization_client_secret": "mail-client-Secret-1",
    }
