# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A user's first hour, with README's inventory: playbooks run in one terminal, and a person looks at the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from cai_lab.control_client import LabControl
from page_support.person import Person
from support.play import Player, Run

from ..pages import README, blocks

AGENT = "agent-a"
PLAYBOOK = "cai.console.quickstart"
TASK = "Configure server properties (where asked for), mail (where alerts need it) and alerts"
PASSWORDS = {"CONSOLE_PASSWORD": "robot-Console-pw1", "MAIL_PASSWORD": "alerts-Mail-pw1"}


class Terminal:
    """README's inventory, with this lab's ports, and the shipped playbook."""

    def __init__(self, lab: LabControl, folder: Path) -> None:
        self.lab = lab
        inventory = yaml.safe_load(blocks(README, "yaml")[0].text)["all"]
        self.hosts = {name: more or {} for name, more in inventory["hosts"].items()}
        self.variables: dict[str, Any] = {
            **inventory["vars"],
            "cai_console_url": lab.addresses["console"],
            "email_service_port": lab.addresses["smtp"]["starttls_port"],
        }
        self._player = Player(folder, {})

    def run(self, *options: str, exit_code: int = 0, hosts: tuple[str, ...] = (), **more: Any) -> Run:
        """Run the playbook, on some hosts or all; ``more``: variables that are changed for this run."""
        return self._player.playbook(
            PLAYBOOK,
            hosts={name: self.hosts.get(name, {}) for name in hosts or self.hosts},
            variables={**self.variables, **more},
            options=options,
            environment=PASSWORDS,
            exit_code=exit_code,
        )


def differing(run: Run) -> list[str]:
    """The lines of the differences on the screen, without the blanks."""
    found = [line for line in run.stdout.splitlines() if line[:1] in ("-", "+")]
    return ["".join(line.split()) for line in found if not line.startswith(("---", "+++"))]


def result(run: Run, host: str = AGENT) -> dict[str, Any]:
    """What the task returned for a host."""
    return next(row.result for row in run.of_collection() if row.host == host and row.task.endswith(TASK))


@pytest.fixture
def terminal(lab: LabControl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal of a user of whom nothing is remembered."""
    memory = tmp_path / "memory"
    memory.mkdir(mode=0o700)
    monkeypatch.setenv("CAI_STATE_DIR", str(memory))
    return Terminal(lab, tmp_path)


def shown(person: Person) -> dict[str, str]:
    """What the page shows of what this hour is about."""
    person.open(AGENT)
    return {
        "host": str(person.field("email", "Host").get_attribute("value")),
        "port": str(person.field("email", "Port").get_attribute("value")),
        "alerts": str(person.field("alert", "Email for Alerts").get_attribute("value")),
    }


def test_one_option_a_foreign_hand_and_back(person: Person, terminal: Terminal, lab: LabControl) -> None:
    terminal.run()
    port = str(terminal.variables["email_service_port"])
    assert shown(person) == {"host": "localhost", "port": port, "alerts": "operations@lab.test"}

    # One option changed: a look shows exactly that line, and nothing is written.
    before = lab.state()["hash"]
    looked = terminal.run("--check", "--diff", fault_alerts_email="oncall@lab.test")
    lines = ['-"email":"operations@lab.test",', '+"email":"oncall@lab.test",']
    assert differing(looked) == lines * len(terminal.hosts)
    assert lab.state()["hash"] == before
    assert shown(person)["alerts"] == "operations@lab.test"

    terminal.variables["fault_alerts_email"] = "oncall@lab.test"
    assert differing(terminal.run("--diff")) == lines * len(terminal.hosts)
    assert shown(person) == {"host": "localhost", "port": port, "alerts": "oncall@lab.test"}

    # Somebody edits the port on the page.
    person.type("email", "Port", "2599")
    assert "Saved." in person.save("email")
    assert shown(person)["port"] == "2599"
    back = terminal.run("--diff")
    assert [line for line in differing(back) if "password" not in line] == ['-"port":2599,', f'+"port":{port},']
    assert {"field": "port", "from": 2599, "to": int(port), "source": "task"} in result(back)["why"]
    assert {row.host for row in back.of_collection() if row.result["changed"]} == {AGENT}
    assert shown(person)["port"] == port

    again = terminal.run("--diff")
    assert differing(again) == []
    assert not any(row.result["changed"] for row in again.of_collection())
    assert not any(secret in run.output for run in (looked, back, again) for secret in PASSWORDS.values())


def message(terminal: Terminal, host: str, **more: Any) -> str:
    """The message of a run that fails on a host, as it stands on the screen: one line."""
    run = terminal.run(exit_code=2, hosts=(host,), **more)
    said = str(result(run, host)["msg"])
    assert [line for line in run.stdout.splitlines() + run.stderr.splitlines() if said in line]
    assert "\n" not in said
    return said


def test_a_wrong_password_names_the_option_the_target_and_the_next_step(terminal: Terminal) -> None:
    said = message(terminal, AGENT, cai_console_password="Wrong-pw1")
    assert said.startswith(f"{AGENT}: The console refuses the sign-in of robot@lab.test")
    assert said.endswith("Check console_username and console_password; it is not tried again.")
    assert "Wrong-pw1" not in said


def test_a_stopped_agent_names_the_target_and_the_next_step(terminal: Terminal) -> None:
    said = message(terminal, "agent-stopped")
    assert said == "agent-stopped: The process engine is STOPPED. Start the agent's Process Server, then run again."


def test_a_console_that_is_down_names_the_option_the_target_and_the_next_step(
    terminal: Terminal, tmp_path: Path
) -> None:
    with LabControl.start(tmp_path / "stopped") as other:
        address = other.addresses["console"]
    said = message(terminal, AGENT, cai_console_url=address)
    assert said.startswith(f"{AGENT}: ")
    assert address in said
    assert "no connection" in said
    assert said.endswith("Check console_url, console_proxy and the network between this host and the console.")
