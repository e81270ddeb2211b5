# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A job runner's story: a job that is killed between save and test, and what the jobs after it make of that."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.parsing.vault import VaultLib, VaultSecret
from cai_lab.control_client import LabControl
from cai_lab.mail.mailbox import Mailbox
from cai_lab.mail.pki import Pki
from cai_lab.mail.server import MailServer
from support.gateway import Answer, Gateway, Request, json_answer
from support.jobs import Job, JobRunner, job_runner
from support.labs import Watch, connection
from support.play import Player, rescued

RIGHT, WRONG, NEXT = "Mail-right-pw1", "Mail-wrong-pw2", "Mail-next-pw3"
ROTATED = "Console-rotated-pw4"
VAULT = "vault-pw5"
UNTESTED = "did not see its test pass"
USERS = {"one": "one@lab.test", "two": "two@lab.test"}


@dataclass
class Console:
    """A rule of the gateway. It kills a job when a target's test arrives, and knows of the rotated password."""

    password: str
    kills: Callable[[], None] | None = None
    victim: str = ""
    rotated: bool = False
    killed: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer | None:
        """Answer, or let the lab do it."""
        if self.rotated and request.path.endswith("/login"):
            known = request.body.replace(ROTATED.encode(), self.password.encode())
            refused = known == request.body
            return json_answer(b"{}", 401) if refused else replace(request, body=known).forward()
        if (
            self.kills
            and request.method == "POST"
            and request.path.endswith("/email/test")
            and self.victim in request.path
        ):
            self.killed.append(request.path)
            self.kills()
            return Answer(503)
        return None


class Story:
    """Two agents of a job runner, each with a mailbox of its own, whose passwords are in a vault."""

    def __init__(
        self, lab: LabControl, gateway: Gateway, jobs: JobRunner, agents: dict[str, str], folder: Path
    ) -> None:
        self.lab, self.gateway, self.jobs, self.agents = lab, gateway, jobs, agents
        self.console = Console(str(connection(lab)["console_password"]))
        gateway.rule = self.console
        self.accounts = dict.fromkeys(USERS.values(), RIGHT)
        self.mailbox = Mailbox(folder)
        pki = Pki(Path(lab.addresses["ca"]).parent)
        self.mail = MailServer(
            host="127.0.0.1", starttls_port=0, tls_port=0, accounts=self.accounts, mailbox=self.mailbox, pki=pki
        )
        self.mail.start()

    def start(self, passwords: dict[str, str], *options: str, console_password: str | None = None) -> Job:
        """Start the job: always the same play; the vault, and the console's password, are the job runner's."""
        variables = {"smtp_passwords": passwords, "console_password": console_password or self.console.password}
        vaulted = VaultLib([("default", VaultSecret(VAULT.encode()))]).encrypt(yaml.safe_dump(variables))
        return self.jobs.start(
            [self.task()],
            hosts={name: {"cai_target_id": agent, "mail_user": USERS[name]} for name, agent in self.agents.items()},
            files={"secrets.yml": vaulted.decode(), "vault-pw": VAULT},
            play={"vars_files": ["secrets.yml"]},
            options=["-f", "1", "--diff", *options],
            environment={"ANSIBLE_VAULT_PASSWORD_FILE": "vault-pw"},
        )

    def task(self) -> dict[str, Any]:
        """The play's only task."""
        settings = {
            "enabled": True,
            "host": "localhost",
            "port": self.mail.starttls_port,
            "security": "tls",
            "username": "{{ mail_user }}",
            "password": "{{ smtp_passwords[inventory_hostname] }}",
            "test": "after",
            "console_password": "{{ console_password }}",
        }
        return {"name": "mail", "cai.console.email_service": settings}

    def job(self, passwords: dict[str, str], *options: str, **more: Any) -> Job:
        """Run the job to a good end, and throw its private folder away; what it left is read before."""
        job = self.start(passwords, *options, **more)
        job.end()
        return job

    def signed_in(self) -> list[str]:
        """Who has signed in at the mail server since the last question."""
        users = [str(mail.auth_user) for mail in self.mailbox.messages()]
        self.mailbox.clear()
        return users


@pytest.fixture
def story(
    lab: LabControl, gateway: Gateway, fresh: Callable[[], str], link: dict[str, Any], tmp_path: Path
) -> Iterator[Story]:
    """The story, set up and put away."""
    known = {name: value for name, value in link.items() if name != "console_password"}
    with job_runner(tmp_path, {**known, "console_url": gateway.console}) as jobs:
        made = Story(lab, gateway, jobs, {"one": fresh(), "two": fresh()}, tmp_path / "mailbox")
        try:
            yield made
        finally:
            made.mail.stop()


def sent(job: Job) -> list[tuple[str, str]]:
    """Host and reason of each secret that a job sent, or would send."""
    return [
        (host, secret["reason"])
        for host, _status, result in job.results("mail")
        for secret in result["secrets"]
        if secret["sent"]
    ]


def warned(job: Job) -> set[str]:
    """The hosts that are named as untested."""
    return {
        host
        for host, _status, result in job.results("mail")
        if any(UNTESTED in warning for warning in result.get("warnings", ()))
    }


def changed(job: Job) -> set[str]:
    """The hosts that a job changed."""
    return {host for host, _status, result in job.results("mail") if result["changed"]}


def test_a_job_that_is_killed_between_save_and_test_and_the_jobs_after_it(story: Story, lab: LabControl) -> None:
    right = dict.fromkeys(USERS, RIGHT)
    story.console.victim = lab_id(lab, story.agents["two"])
    ready: list[Job] = []

    def kill() -> None:
        ready[0].kill()

    story.console.kills = kill
    ready.append(story.start({**right, "two": WRONG}))
    ready[0].end(exit_code=None)
    assert len(story.console.killed) == 1
    assert lab.secret(story.agents["two"], "password", WRONG)["equal"]
    assert story.signed_in() == [USERS["one"]]
    ready[0].throw_away()
    story.console.kills = None

    second = story.job(right)
    assert (warned(second), changed(second)) == ({"two"}, {"two"})
    assert [host for host, _reason in sent(second)] == ["two"]
    assert story.signed_in() == [USERS["two"]]
    second.throw_away()

    watch = Watch(lab)
    third = story.job(right)
    assert (warned(third), changed(third), watch.writes(), story.signed_in()) == (set(), set(), [], [])
    third.throw_away()

    story.console.rotated = True
    refused = story.start(right)
    refused.end(exit_code=2)
    assert {result["error"]["code"] for _host, _status, result in refused.results("mail")} == {"sign_in_refused"}
    fourth = story.job(right, console_password=ROTATED)
    assert (sent(fourth), changed(fourth), watch.writes()) == ([], set(), [])

    story.accounts[USERS["one"]] = NEXT
    checked = story.job({**right, "one": NEXT}, "--check", console_password=ROTATED)
    assert (sent(checked), watch.writes(), story.signed_in()) == ([("one", "changed")], [], [])
    fifth = story.job({**right, "one": NEXT}, console_password=ROTATED)
    assert sent(fifth) == [("one", "changed")]
    carried = [entry["target"] for entry in watch.writes() if "password" in entry["members"]]
    assert carried == [lab_id(lab, story.agents["one"])]
    assert story.signed_in() == [USERS["one"]]


def lab_id(lab: LabControl, name: str) -> str:
    """The id of an agent."""
    return str(next(known["id"] for known in lab.targets() if known["name"] == name))


def test_twenty_forks_with_a_wrong_console_password(
    lab: LabControl, play: Player, link: dict[str, Any], watch: Watch
) -> None:
    """One request; every host fails, none is dropped, and every rescue runs."""
    number = lab.add_agents(20)
    hosts = [f"bulk-{index:04d}" for index in range(number - 19, number + 1)]
    task = {"name": "read", "cai.console.email_service_info": {}}
    wrong = {**link, "console_password": "Wrong-pw9"}
    run = play([rescued(task)], hosts=hosts, connection=wrong, options=["-f", "20"])
    assert [(entry["operation"], entry["status"]) for entry in watch.operations()] == [("sign_in", 401)]
    assert {(row.host, row.status, row.code) for row in run.all("read")} == {
        (host, "failed", "sign_in_refused") for host in hosts
    }
    assert {row.host: row.result["msg"] for row in run.all("rescued: read")} == dict.fromkeys(hosts, "sign_in_refused")
