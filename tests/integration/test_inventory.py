# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory plugin, by ``ansible-inventory`` and in plays: hosts, groups, variables, cache, vault, errors."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support.inventories import Inventories
from support.labs import PARENT, ROBOT, Watch, connection, password_of
from support.places import PROGRAMS
from support.play import Player

HOSTS = {
    "Cloud-Server.00LAB1",
    "Agent-Zurich-3.00LAB1",
    "agent-a.00LAB1",
    "agent-b.00LAB1",
    "agent-stopped.00LAB1",
    "agent-unreachable.00LAB1",
    "cluster-east.00LAB1",
    "shared-eu.00LAB1",
}
ALLOWED = {
    "ansible_connection",
    "cai_console_organization_id",
    *(f"cai_target_{name}" for name in ("host", "id", "kind", "name", "organization", "organization_name", "owner")),
    *(f"cai_target_{name}" for name in ("platform", "running", "state", "version", "writable")),
}
FAILED = {"ANSIBLE_INVENTORY_UNPARSED_FAILED": "True"}


@pytest.fixture
def inventories(tmp_path: Path, lab: LabControl) -> Inventories:
    """Inventory files over the lab."""
    return Inventories(tmp_path / "inventories", lab)


def seeded(hosts: dict[str, Any]) -> set[str]:
    """The hosts without the agents that other tests added."""
    return {name for name in hosts if not name.startswith("bulk-")}


def test_every_execution_target_is_a_host_and_nothing_else_is(inventories: Inventories, watch: Watch) -> None:
    hosts = inventories.hosts(inventories.write())
    assert seeded(hosts) == HOSTS
    assert {frozenset(variables) for variables in hosts.values()} == {frozenset(ALLOWED)}
    watch.assert_untouched()
    assert watch.names().count("sign_in") == watch.names().count("sign_out") == 1


def test_variables_are_those_of_the_target(inventories: Inventories, lab: LabControl) -> None:
    zuerich = inventories.hosts(inventories.write())["Agent-Zurich-3.00LAB1"]
    assert zuerich["cai_target_id"] == lab.target("Agent Zürich 3")["id"]
    assert (zuerich["cai_target_name"], zuerich["ansible_connection"]) == ("Agent Zürich 3", "local")
    assert (zuerich["cai_target_state"], zuerich["cai_target_running"]) == ("running", True)
    assert zuerich["cai_console_organization_id"] == lab.addresses["organisations"]["00LAB1"]["uuid"]


def test_groups_tell_kind_state_version_platform_organisation_and_access(inventories: Inventories) -> None:
    listed = inventories.listed(inventories.write())
    members = {group: set(content.get("hosts", ())) for group, content in listed.items() if group != "_meta"}
    assert seeded(dict.fromkeys(members["cai_execution_targets"])) == HOSTS
    assert members["cai_kind_cloud"] == {"Cloud-Server.00LAB1"}
    assert members["cai_kind_group"] == {"cluster-east.00LAB1", "shared-eu.00LAB1"}
    assert members["cai_state_stopped"] == {"agent-stopped.00LAB1"}
    assert "agent-a.00LAB1" in members["cai_version_70_1"] & members["cai_platform_linux64"]
    assert members["cai_organization_00lab1"] >= HOSTS
    assert members["cai_read_only"] == {"shared-eu.00LAB1"}
    assert members["cai_writable"] == members["cai_execution_targets"] - members["cai_read_only"]


def test_two_organisations_stay_apart_and_the_shared_group_has_one_writable_host(inventories: Inventories) -> None:
    first, second = inventories.write("first"), inventories.write("second", PARENT)
    alone, together = inventories.hosts(first), inventories.hosts(first, second)
    assert {name: together[name] for name in alone} == alone
    assert {name for name in together if name.endswith(".00LAB0")} == {"Cloud-Server.00LAB0", "shared-eu.00LAB0"}
    assert together == inventories.hosts(second, first)
    assert together["shared-eu.00LAB1"]["cai_target_id"] == together["shared-eu.00LAB0"]["cai_target_id"]
    assert together["shared-eu.00LAB1"]["cai_target_writable"] is False
    assert together["shared-eu.00LAB1"]["cai_target_owner"] == "00LAB0"
    assert together["shared-eu.00LAB0"]["cai_target_writable"] is True


def test_plain_names(inventories: Inventories) -> None:
    hosts = inventories.hosts(inventories.write(host_names="plain"))
    assert seeded(hosts) == {name.removesuffix(".00LAB1") for name in HOSTS}


def test_graph(inventories: Inventories) -> None:
    ended = inventories.ask("-i", inventories.write(), "--graph", "cai_kind_group")
    assert ended.returncode == 0
    assert ended.stdout.splitlines()[1:] == ["  |--cluster-east.00LAB1", "  |--shared-eu.00LAB1"]


def test_groups_keyed_groups_and_compose(inventories: Inventories) -> None:
    more = {
        "strict": True,
        "groups": {"zuerich": "'Zürich' in cai_target_name"},
        "keyed_groups": [{"key": "cai_target_kind", "prefix": "is"}],
        "compose": {"where": "cai_target_host | default('cloud', true)"},
    }
    listed = inventories.listed(inventories.write(**more))
    assert listed["zuerich"]["hosts"] == ["Agent-Zurich-3.00LAB1"]
    assert listed["is_cloud"]["hosts"] == ["Cloud-Server.00LAB1"]
    assert listed["_meta"]["hostvars"]["Cloud-Server.00LAB1"]["where"] == "cloud"


def test_a_wrong_expression_is_an_error_only_if_strict(inventories: Inventories) -> None:
    wrong = {"groups": {"odd": "nobody_defined_this"}}
    assert seeded(inventories.hosts(inventories.write(**wrong))) == HOSTS
    ended = inventories.ask("-i", inventories.write(strict=True, **wrong), "--list", variables=FAILED)
    assert ended.returncode != 0
    assert "nobody_defined_this" in ended.stderr


def test_constructed_on_top(inventories: Inventories) -> None:
    constructed = inventories.folder / "z_constructed.yml"
    constructed.write_text(
        "plugin: ansible.builtin.constructed\nstrict: true\ngroups:\n  down: not (cai_target_running | bool)\n"
    )
    listed = inventories.listed(inventories.write(), constructed)
    assert listed["down"]["hosts"] == ["agent-stopped.00LAB1"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"console_password": "a-Wrong-pw1"}, "sign_in_refused"),
        ({"console_url": "http://127.0.0.1:9"}, "console_unreachable"),
        ({"console_url": "console.example.org"}, "invalid_option"),
        ({"console_password": None}, "invalid_option"),
        ({"console_organization_id": "another"}, "organization_mismatch"),
        ({"console_url": "http://console.example.org"}, "cleartext_refused"),
    ],
)
def test_an_inventory_that_cannot_be_read_fails_as_job_runners_ask(
    inventories: Inventories, more: dict[str, Any], code: str
) -> None:
    path = inventories.write(**more)
    ended = inventories.ask("-i", path, "--list", variables=FAILED)
    assert ended.returncode != 0
    assert f"{code}: " in ended.stderr
    assert "a-Wrong-pw1" not in ended.stderr + ended.stdout
    assert password_of(inventories.lab, ROBOT) not in ended.stderr + ended.stdout


def test_a_file_of_another_name_is_not_taken(inventories: Inventories) -> None:
    path = inventories.write()
    other = path.rename(path.with_name("hosts.yml"))
    assert inventories.ask("-i", other, "--list", variables=FAILED).returncode != 0


def test_options_come_from_the_environment_too(inventories: Inventories, lab: LabControl) -> None:
    path = inventories.write(console_url=None, console_username=None, console_password=None)
    link = connection(lab)
    given = {f"CAI_{name.upper()}": str(value) for name, value in link.items() if name != "console_binding"}
    assert seeded(inventories.hosts(path, **given)) == HOSTS
    # A job runner's credential leaves a variable empty for each field that nobody filled in.
    empty = {
        f"CAI_CONSOLE_{name}": "" for name in ("CA_PATH", "PROXY", "REGION", "ORGANIZATION_ID", "ALLOWED_AGENT_HOSTS")
    }
    assert seeded(inventories.hosts(path, **given, **empty)) == HOSTS


def test_a_vaulted_password(inventories: Inventories) -> None:
    key = inventories.folder / "key"
    key.write_text("vault-pw")
    encrypt = [str(PROGRAMS / "ansible-vault"), "encrypt_string", "--vault-password-file", str(key), "--name"]
    command = [*encrypt, "console_password", password_of(inventories.lab, ROBOT)]
    vaulted = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    path = inventories.write(console_password=None)
    path.write_text(path.read_text(encoding="utf-8") + vaulted, encoding="utf-8")
    assert seeded(inventories.hosts(path, options=("--vault-password-file", str(key)))) == HOSTS


def test_the_cache_saves_requests_holds_no_secret_and_is_not_another_users(
    inventories: Inventories, watch: Watch, play: Player
) -> None:
    folder = inventories.folder / "cache"
    kept = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": str(folder)}
    first = inventories.hosts(inventories.write(**kept))
    asked = len(watch.operations())
    assert inventories.hosts(inventories.write(**kept)) == first
    assert len(watch.operations()) == asked
    texts = "".join(path.read_text(encoding="utf-8") for path in folder.rglob("*") if path.is_file())
    assert "agent-a.00LAB1" in texts
    assert "SECRET-" not in texts
    assert password_of(inventories.lab, ROBOT) not in texts
    assert set(inventories.hosts(inventories.write(user=PARENT, **kept))) == {"Cloud-Server.00LAB0", "shared-eu.00LAB0"}
    assert watch.names().count("sign_in") == 2
    told = {"name": "told", "ansible.builtin.debug": {"msg": "{{ cai_target_id }}"}}
    flushed = ("-i", str(inventories.write(**kept)), "--flush-cache", "--limit", "agent-a.*")
    assert play([told], hosts={}, options=flushed).one("told").result["msg"] == first["agent-a.00LAB1"]["cai_target_id"]
    assert watch.names().count("sign_in") == 3


def test_a_play_shares_the_session_of_its_inventory(
    inventories: Inventories, lab: LabControl, play: Player, watch: Watch
) -> None:
    task = {"name": "read", "cai.console.server_properties_info": {}}
    options = ("-i", str(inventories.write()), "--limit", "agent-a.*:agent-b.*:Agent-Zurich*")
    run = play([task], hosts={}, options=options)
    assert {row.result["target"]["id"] for row in run.all("read")} == {
        lab.target(name)["id"] for name in ("agent-a", "agent-b", "Agent Zürich 3")
    }
    names = watch.names()
    assert [names.count(name) for name in ("sign_in", "sign_out", "list_agent_details")] == [1, 1, 1]


def test_a_shared_group_is_refused_outside_its_owner_and_written_by_it(
    inventories: Inventories, lab: LabControl, play: Player, watch: Watch
) -> None:
    task = {"name": "write", "cai.console.server_properties": {"suspend_on_uncaught_fault": True}}
    refused = play(
        [task], hosts={}, options=("-i", str(inventories.write()), "--limit", "cai_read_only"), exit_code=None
    )
    assert refused.one("write", "shared-eu.00LAB1").code == "not_owner"
    watch.assert_untouched()
    owner = ("-i", str(inventories.write("owner", PARENT)), "--limit", "shared-eu.*")
    assert play([task], hosts={}, options=owner, connection=connection(lab, PARENT)).one("write").result["changed"]
    undo = {"name": "undo", "cai.console.server_properties": {"suspend_on_uncaught_fault": False}}
    play([undo], hosts={}, options=owner, connection=connection(lab, PARENT))


def test_a_user_of_another_organisation_is_refused_before_the_first_read(
    inventories: Inventories, lab: LabControl, play: Player, watch: Watch
) -> None:
    guarded = {**connection(lab, PARENT), "console_organization_id": "{{ cai_console_organization_id }}"}
    path = inventories.write()
    watch.restart()
    task = {"name": "read", "cai.console.server_properties_info": {}}
    options = ("-i", str(path), "--limit", "agent-a.*")
    run = play([task], hosts={}, options=options, connection=guarded, exit_code=2)
    assert run.one("read").code == "organization_mismatch"
    assert watch.names(user=PARENT) == ["sign_in", "sign_out"]
