# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The world that the jobs run in: a lab, its targets, the secrets that are planted, and a person with a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

from awx.content import Content
from cai_lab.browserless import Person
from cai_lab.control_client import LabControl
from cai_lab.plain_client import PlainClient
from support.leaks import leaks

from .jobs import Done, Hosts, Job, sliced

LINK = re.compile(r"[Oo]pen (https://[^\"\s]+)")
SENDER, RECIPIENT = "alerts@lab.test", "operations@lab.test"
SECRET, SECOND = "console-client-Secret-1", "console-client-Secret-2"
REDIRECT = "https://localhost:8400/callback"
SCOPE = ["https://outlook.office.com/SMTP.Send", "offline_access"]
TARGETS = {"agent-a": "agent-a", "agent-b": "agent-b", "cloud-server": "Cloud Server", "east": "cluster-east"}


@dataclass
class World:
    """Runs templates. ``inputs`` are the credentials' by name; ``keep`` is a folder that outlives each job."""

    lab: LabControl
    content: Content
    folder: Path
    inputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    jobs: int = 0

    def __post_init__(self) -> None:
        self.person = Person(SENDER, self.lab.addresses["mail_accounts"][SENDER], self.lab.addresses["ca"])
        self.inputs = {
            "CAI console (plan)": self.console("robot@lab.test"),
            "CAI console (apply)": self.console("robot@lab.test"),
            "CAI SMTP password": {"username": SENDER, "password": self.lab.addresses["mail_accounts"][SENDER]},
            "CAI OAuth client": {
                "client_id": "console-client",
                "client_secret": SECRET,
                "consent_key": "CANARY-consent-key-" + "k" * 30,
            },
            "CAI probe mailbox": {"host": "127.0.0.1", "username": SENDER, "password": "CANARY-probe-mailbox-pw"},
            "CAI vault": {"vault_password": "CANARY-vault-password"},
        }
        self.variables = self.quickstart("password")

    def console(self, user: str) -> dict[str, Any]:
        password = next(known["password"] for known in self.lab.addresses["users"] if known["name"] == user)
        return {
            "url": self.lab.addresses["console"],
            "username": user,
            "password": password,
            "binding": "lab",
            "ca": Path(self.lab.addresses["ca"]).read_text(encoding="utf-8"),
            "fingerprint_key": "CANARY-fingerprint-key-" + "f" * 20,
        }

    def quickstart(self, authentication: str) -> dict[str, Any]:
        """What group_vars of the project hold: no secret, and no address that a credential gives."""
        return {
            "fault_alerts_enabled": True,
            "fault_alerts_action": "send_email",
            "fault_alerts_email": RECIPIENT,
            "fault_alerts_suspend_on_uncaught_fault": True,
            "email_service_enabled": True,
            "email_service_host": "localhost",
            "email_service_port": self.lab.addresses["smtp"]["starttls_port"],
            "email_service_security": "tls",
            "email_service_authentication": authentication,
            **({"email_service_oauth": self.oauth()} if authentication == "oauth" else {}),
        }

    def oauth(self) -> dict[str, Any]:
        """OAuth settings as a variable; the secret is looked up where the job runs."""
        urls = self.lab.addresses["oauth"]
        return {
            "authorization_url": urls["authorization_url"],
            "token_url": urls["token_url"],
            "client_id": "console-client",
            "scope": SCOPE,
            "client_secret": "{{ lookup('ansible.builtin.env', 'CAI_OAUTH_CLIENT_SECRET') }}",
        }

    @property
    def hosts(self) -> Hosts:
        """The inventory."""
        return {host: {"cai_target_id": target, "ansible_connection": "local"} for host, target in TARGETS.items()}

    def job(self, name: str, hosts: Hosts | None = None, **more: Any) -> Job:
        """A job of the template of this name, with a folder of its own."""
        template = self.content.one("templates", name)
        assert template
        self.jobs += 1
        folder = self.folder / f"job-{self.jobs}"
        chosen = self.hosts if hosts is None else hosts
        return Job(self.content, template, folder, chosen, self.variables, self.inputs, **more)

    def open_links(self, output: str) -> int:
        """Let the person open what a job shows; how many links."""
        found = LINK.findall(output)
        for link in found:
            self.person.open(link, self.lab.addresses["console"])
        return len(found)

    def assert_clean(self, *jobs: Done, answers: Mapping[str, Any] | None = None) -> None:
        """No planted secret is in anything that the jobs left, in clear or encoded."""
        planted = {
            f"{name}: {key}": str(value)
            for name, given in self.inputs.items()
            for key, value in given.items()
            if re.search("password|secret|key$", key)
        }
        planted |= {name: str(value) for name, value in (answers or {}).items()}
        assert len(planted) >= 8
        for job in jobs:
            found = {name: leaks(text, planted) for name, text in job.files()}
            told = {name: what for name, what in found.items() if what}
            assert told == {}, told
            assert {"stdout", "command"} <= set(found)

    def status(self, host: str) -> dict[str, Any]:
        """The Email Service of a target, as the console has it."""
        return dict(PlainClient(self.lab).admin("GET", "server/services/email", TARGETS[host]).json())

    def reset(self) -> None:
        """No authorization, no mail, no log."""
        robot = PlainClient(self.lab)
        for target in TARGETS.values():
            robot.admin("DELETE", "server/services/email/authorization", target)
        self.lab.clear_mailbox()
        self.lab.clear_operations()


Prepare = Callable[[World], dict[str, Any]]
"""Brings the world to where a template is of use; the answers to its survey."""


def configured(world: World, authentication: str) -> None:
    """Every target has an Email Service, by the template that does that."""
    world.variables = world.quickstart(authentication)
    done = world.job("CAI configure").run()
    assert done.code == 0, done.output


def authorized(world: World) -> None:
    """Every target uses OAuth, and a person has authorized it."""
    configured(world, "oauth")
    done = world.job("CAI authorize links").run()
    assert done.code == 0, done.output
    assert world.open_links(done.output) == len(TARGETS)


def mailbox(world: World) -> dict[str, Any]:
    """The variables for a mailbox that we hold, and the answer that both jobs get."""
    world.inputs["CAI OAuth client"] |= {"client_id": "mail-client", "client_secret": "mail-client-Secret-1"}
    world.variables = {
        "email_authorization_client": {
            "discovery_url": world.lab.addresses["oauth"]["discovery"],
            "redirect_uri": REDIRECT,
            "ca_path": world.lab.addresses["ca"],
            "scope": ["openid", *SCOPE],
        },
        "authorize_mailbox_file": str(world.folder / "alerts.yml"),
    }
    return {"authorize_mailbox": SENDER}


def consented(world: World) -> dict[str, Any]:
    """A person has opened the link of the first job; the answers of the second."""
    answers = mailbox(world)
    done = world.job("CAI consent begin", answers=answers).run()
    found = LINK.search(done.output)
    assert found, done.output
    return {**answers, "authorize_mailbox_url": world.person.consent(found.group(1), REDIRECT)}


def to_oauth(world: World) -> dict[str, Any]:
    """Passwords are used, and the settings for OAuth are known."""
    configured(world, "password")
    settings = {key: value for key, value in world.oauth().items() if key != "client_secret"}
    world.variables |= {"migrate_to_oauth_settings": settings, "migrate_to_oauth_precheck": False}
    world.variables |= {"migrate_to_oauth_wait": 60}
    return {}


def rotating(world: World) -> dict[str, Any]:
    """There is a second secret."""
    authorized(world)
    return {"rotate_secret_kind": "client_secret", "rotate_secret_new": SECOND}


def revoking(world: World) -> dict[str, Any]:
    """There is something to revoke."""
    authorized(world)
    return {"revoke_consoles": "true"}


def with_(step: Callable[..., None], *arguments: str) -> Prepare:
    """A preparation without a survey."""

    def prepare(world: World) -> dict[str, Any]:
        step(world, *arguments)
        return {}

    return prepare


def as_wished(world: World) -> None:
    """Every target is as the audit's wishes say; the secret is not among them, since state does not outlive a job."""
    configured(world, "password")
    names = ("enabled", "host", "port", "security", "authentication")
    world.variables["audit_common_document"] = {
        "email_service": {name: world.variables[f"email_service_{name}"] for name in names},
        "alert_service": {"enabled": True, "action": "send_email", "email": RECIPIENT},
    }


def to_roll_out(world: World) -> None:
    """Wishes that no target fulfils, and what group_vars hold for a rollout. The console itself tests the mail."""
    configured(world, "password")
    names = ("enabled", "host", "port", "security", "authentication")
    email = {name: world.variables[f"email_service_{name}"] for name in names}
    login = {
        name: f"{{{{ lookup('ansible.builtin.env', 'CAI_SMTP_{name.upper()}') }}}}" for name in ("username", "password")
    }
    recipient = f"planned-{uuid4().hex}@lab.test"
    world.variables = {
        "wishes": {
            "email_service": {**email, **login},
            "alert_service": {"enabled": True, "action": "send_email", "email": recipient},
        },
        "rollout_state_dir": str(world.folder / "state"),
        "rollout_gate": {"vantage": "console", "recipient": RECIPIENT},
    }
    world.lab.clear_mailbox()
    world.lab.clear_operations()


def planned(world: World, hosts: Hosts | None = None) -> dict[str, Any]:
    """There is a plan; the answer that the jobs after it get."""
    to_roll_out(world)
    done = world.job("CAI rollout plan", hosts).run()
    assert done.code == 0, done.output
    return {"rollout_plan_digest": done.kept["rollout_plan_digest"]}


def rolled_out(world: World) -> dict[str, Any]:
    """A plan was applied to half of the targets; the others joined later."""
    half = sliced(world.hosts, 1, 2)
    answers = planned(world, half)
    done = world.job("CAI rollout apply", half, answers=answers).run()
    assert done.code == 0, done.output
    return answers


def exporting(world: World) -> dict[str, Any]:
    """There is something to export, and a folder that outlives the job."""
    configured(world, "password")
    world.lab.clear_operations()
    return {"export_dest": str(world.folder / "export")}


PREPARE: dict[str, Prepare] = {
    "CAI audit": with_(as_wished),
    "CAI authorize confirm": with_(authorized),
    "CAI authorize links": with_(configured, "oauth"),
    "CAI consent begin": mailbox,
    "CAI consent complete": consented,
    "CAI export": exporting,
    "CAI migrate to OAuth": to_oauth,
    "CAI renew authorizations": with_(authorized),
    "CAI revoke": revoking,
    "CAI rollout apply": planned,
    "CAI rollout catch up": rolled_out,
    "CAI rollout plan": with_(to_roll_out),
    "CAI rollout report": rolled_out,
    "CAI rotate secret": rotating,
}
"""What a template needs to find; one that needs nothing is not here."""
