# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The export: what grew by hand becomes variables, and applying them changes nothing."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from cai_lab.control_client import LabControl
from support.hand import Hand
from support.labs import Watch
from support.leaks import leaks
from support.play import Player, Run

MAIL_PASSWORD, CLIENT_SECRET = "Export-mail-pw1", "Export-client-cs1"
MAIL = {
    "enabled": True,
    "hostName": "smtp.example.org",
    "port": 587,
    "security": "TLS",
    "userName": "Alerts@example.org",
}
OAUTH = {
    "authorizationUrl": "https://login.example.org/authorize",
    "tokenUrl": "https://login.example.org/token",
    "clientId": "client-1",
    "clientSecret": CLIENT_SECRET,
    "scope": "SMTP.Send offline_access",
}
VAULT = {
    "vault_smtp_password_alerts_example_org_at_smtp_example_org": MAIL_PASSWORD,
    "vault_oauth_client_secret_client_1": CLIENT_SECRET,
}
TEMPLATE = "{{ 7 * 7 }}"


class Folder:
    """An inventory of five agents, that nobody has configured alike, and what is exported beside it."""

    def __init__(self, folder: Path, agents: list[str]) -> None:
        folder.mkdir()
        self.path = folder
        self.agents = agents
        self.inventory = folder / "hosts.yml"
        hosts: dict[str, Any] = dict.fromkeys(agents)
        children = {"by_password": {"hosts": dict.fromkeys(agents[:3])}, "rest": {"hosts": dict.fromkeys(agents[3:])}}
        self.inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts, "children": children}}))

    @property
    def options(self) -> tuple[str, ...]:
        """What a run needs to use it."""
        return ("-i", str(self.inventory))

    def read(self, name: str) -> Any:
        """The data of a file of variables; what is marked as no template as its text."""

        class Loader(yaml.SafeLoader):
            """Knows the mark."""

        Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))
        return yaml.load((self.path / name).read_text(encoding="utf-8"), Loader=Loader)

    def text(self) -> str:
        """All files together."""
        return "\n".join(path.read_text(encoding="utf-8") for path in sorted(self.path.rglob("*.yml")))


@pytest.fixture
def folder(lab: LabControl, hand: Hand, tmp_path: Path) -> Iterator[Folder]:
    """Three agents with a password, of which one has a port of its own; one with OAuth; one without mail."""
    last = lab.add_agents(5)
    agents = [f"bulk-{number:04d}" for number in range(last - 4, last + 1)]
    for agent in agents[:3]:
        hand.set_email(agent, **MAIL, password=MAIL_PASSWORD)
        hand.set_alert(agent, enabled=True, action="SEND_EMAIL", emailForAlerts="operations@example.org")
        hand.set_properties(agent, suspendOnUncaughtFault=True)
    hand.set_email(agents[2], port=2525, password=MAIL_PASSWORD)
    hand.set_email(agents[3], **{**MAIL, "userName": "", "authenticationType": "OAUTH", "oauth": OAUTH})
    hand.set_alert(agents[4], enabled=False, action="CUSTOM_SERVICE", service=TEMPLATE)
    yield Folder(tmp_path / "site", agents)


def export(play: Player, link: dict[str, Any], folder: Folder, **how: Any) -> Run:
    """Run the playbook."""
    variables = {**{f"cai_{name}": value for name, value in link.items()}, "export_dest": str(folder.path)}
    variables.update(how.pop("variables", {}))
    return play.playbook(
        "cai.console.export",
        hosts=how.pop("hosts", {}),
        variables=variables,
        options=(*folder.options, *how.pop("options", ())),
        **how,
    )


def result_of(run: Run) -> dict[str, Any]:
    return run.one("Write the fleet as it is into variables").result


def test_applying_the_export_changes_nothing(play: Player, link: dict[str, Any], folder: Folder, watch: Watch) -> None:
    run = export(play, link, folder)
    watch.assert_untouched()
    assert result_of(run)["exported_hosts"] == folder.agents
    assert {secret["name"]: secret["hosts"] for secret in result_of(run)["secrets"]} == {
        "vault_smtp_password_alerts_example_org_at_smtp_example_org": folder.agents[:3],
        "vault_oauth_client_secret_client_1": folder.agents[3:4],
    }
    together = {"name": "fleet", "cai.console.fleet": {"document": "wishes"}, "register": "fleet", "run_once": True}
    alone = {"name": "alone", "cai.console.execution_target": {}, "args": "{{ wishes }}"}
    applied = play([together, alone], hosts={}, variables=VAULT, options=folder.options)
    assert applied.one("fleet").result["counts"]["unchanged"] == 5
    assert [row.result["changed"] for row in applied.all("alone")] == [False] * 5
    watch.assert_untouched()


def test_a_deviation_from_the_export_is_found_and_mended(
    play: Player, link: dict[str, Any], folder: Folder, hand: Hand
) -> None:
    export(play, link, folder)
    hand.set_alert(folder.agents[1], emailForAlerts="somebody@example.org")
    hand.set_email(folder.agents[3], port=25)
    task = {
        "name": "fleet",
        "cai.console.fleet": {"document": "wishes"},
        "register": "fleet",
        "run_once": True,
    }
    applied = play([task], hosts={}, variables=VAULT, options=folder.options).one("fleet").result
    assert applied["changed_hosts"] == [folder.agents[1], folder.agents[3]]
    assert hand.call("GET", folder.agents[1], "/server/services/alert")["emailForAlerts"] == "operations@example.org"


def test_values_stand_with_the_largest_group_that_has_them_in_common_and_no_secret_does(
    play: Player, link: dict[str, Any], folder: Folder
) -> None:
    run = export(play, link, folder, options=("--diff", "-vvv"))
    planted = {"mail": MAIL_PASSWORD, "client": CLIENT_SECRET, "console": link["console_password"]}
    assert leaks(f"{folder.text()}\n{run.output}", planted) == []
    everyone = folder.read("group_vars/all.yml")["wishes"]
    mail = folder.read("group_vars/by_password.yml")
    assert everyone["email_service"]["security"] == "{{ wishes_email_service_security | default(omit) }}"
    assert everyone["email_service"]["port"] == "{{ wishes_email_service_port | default(omit) }}"
    assert mail["wishes_email_service_username"] == "Alerts@example.org"
    assert mail["wishes_email_service_password_name"] == next(iter(VAULT))
    assert "wishes_email_service_port" not in mail
    ports = [folder.read(f"host_vars/{agent}.yml")["wishes_email_service_port"] for agent in folder.agents[:3]]
    assert ports == [587, 587, 2525]
    assert folder.read(f"host_vars/{folder.agents[4]}.yml")["wishes_alert_service_service"] == TEMPLATE
    modes = {stat.S_IMODE(path.stat().st_mode) & 0o133 for path in folder.path.rglob("*.yml")}
    assert modes == {0}


def test_a_target_that_is_down_is_left_out_and_gets_nothing_by_a_group(
    play: Player, link: dict[str, Any], folder: Folder
) -> None:
    run = export(play, link, folder, hosts={"agent-stopped": {}}, exit_code=2)
    assert [target["host"] for target in result_of(run)["left_out"]] == ["agent-stopped"]
    said = run.one("End with an error if targets are left out").result["msg"]
    assert said == "1 targets are not in the export: agent-stopped"
    assert not (folder.path / "group_vars" / "all.yml").exists()
    assert "wishes" in folder.read("group_vars/by_password.yml")
    export(play, link, folder, hosts={"agent-stopped": {}}, variables={"export_allow_left_out": True})


def test_secrets_from_the_environment_are_demanded(play: Player, link: dict[str, Any], folder: Folder) -> None:
    export(play, link, folder, variables={"export_secret_lookup": "ansible.builtin.env"})
    task = {"name": "fleet", "cai.console.fleet": {"document": "wishes"}, "register": "fleet", "run_once": True}
    given = {"SMTP_PASSWORD_ALERTS_EXAMPLE_ORG_AT_SMTP_EXAMPLE_ORG": MAIL_PASSWORD}
    run = play([task], hosts={}, options=folder.options, environment=given, exit_code=2)
    rows = {row["host"]: row for row in run.one("fleet").result["targets"]}
    assert [rows[agent]["status"] for agent in folder.agents] == [*["unchanged"] * 3, "failed", "unchanged"]
    assert "OAUTH_CLIENT_SECRET_CLIENT_1" in rows[folder.agents[3]]["msg"]


def test_files_are_replaced_only_if_asked_for(play: Player, link: dict[str, Any], folder: Folder, hand: Hand) -> None:
    assert result_of(export(play, link, folder))["changed"] is True
    assert result_of(export(play, link, folder))["changed"] is False
    hand.set_email(folder.agents[0], port=2526, password=MAIL_PASSWORD)
    before = folder.text()
    refused = result_of(export(play, link, folder, exit_code=2))
    assert refused["error"]["code"] == "export_exists"
    assert f"{folder.agents[0]}.yml" in refused["msg"]
    assert folder.text() == before
    only_checked = export(play, link, folder, options=("--check",), variables={"export_overwrite": True})
    assert result_of(only_checked)["changed"] is True
    assert folder.text() == before
    export(play, link, folder, variables={"export_overwrite": True})
    assert folder.read(f"host_vars/{folder.agents[0]}.yml")["wishes_email_service_port"] == 2526


def test_a_file_that_ansible_would_read_instead_is_in_the_way(
    play: Player, link: dict[str, Any], folder: Folder
) -> None:
    (folder.path / "group_vars" / "all").mkdir(parents=True)
    refused = result_of(export(play, link, folder, variables={"export_overwrite": True}, exit_code=2))
    assert refused["error"]["code"] == "export_exists"
    assert not (folder.path / "host_vars").exists()
