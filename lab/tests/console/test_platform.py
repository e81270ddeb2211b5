# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Agents, runtime environments, organisations, and who sees which target."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import requests
from cai_lab.control_client import LabControl
from cai_lab.plain_client import PlainClient


def engine(agent: dict[str, Any]) -> dict[str, Any] | None:
    for item in agent["agentEngines"]:
        if item["agentEngineStatus"]["appname"] == "process-engine":
            return dict(item)
    return None


def settings(agent: dict[str, Any]) -> dict[str, str]:
    found = engine(agent)
    assert found is not None
    return {item["name"]: item["value"] for item in found["agentEngineConfigs"]}


@pytest.fixture
def details(robot: PlainClient) -> dict[str, dict[str, Any]]:
    """Agents with settings, by name."""
    return {agent["name"]: agent for agent in robot.platform("agent/details?onlyStatus=false").json()}


def test_the_seeded_fleet(details: dict[str, dict[str, Any]]) -> None:
    status = {}
    for name, agent in details.items():
        found = engine(agent)
        status[name] = found and found["agentEngineStatus"]["status"]
    running = {"agent-a", "agent-b", "Agent Zürich 3", "agent-unreachable", "node-1", "node-2"}
    running |= {"parent-agent-1", "parent-agent-2"}
    assert status == {**dict.fromkeys(running, "RUNNING"), "agent-stopped": "STOPPED", "agent-plain": None}
    assert {name for name, agent in details.items() if "readyToRun" not in agent} == {"agent-b", "Agent Zürich 3"}


def test_settings_are_quoted_hold_passwords_and_lead_to_the_agent(
    lab: LabControl, details: dict[str, dict[str, Any]]
) -> None:
    found = settings(details["agent-a"])
    assert found["host-name"] == "'localhost'"
    assert found["key-store-password"] == "'SECRET-key-store-password'"
    address = f"http://{details['agent-a']['agentHost']}:{found['http-port']}"
    assert address == lab.addresses["agents"]["agent-a"]
    assert settings(details["node-2"]) | {"enabled": "true", "primary-node": "'node-1'"} == settings(details["node-2"])


def test_without_only_status_false_there_are_no_settings(robot: PlainClient) -> None:
    for agent in robot.platform("agent/details").json():
        assert all("agentEngineConfigs" not in item for item in agent["agentEngines"])


def test_single_agents_by_id_and_by_name_with_blanks_and_umlauts(robot: PlainClient) -> None:
    named = robot.platform(f"agent/name/{quote('Agent Zürich 3')}").json()
    assert robot.platform(f"agent/{named['id']}").json() == named
    assert robot.platform(f"agent/details/{named['id']}").json()["name"] == "Agent Zürich 3"
    missing = robot.platform("agent/00LAB108999999999999")
    assert missing.status_code == 404
    assert missing.json()["@type"] == "error"


def test_groups_and_the_shared_one(robot: PlainClient) -> None:
    groups = {group["name"]: group for group in robot.platform("runtimeEnvironment").json()}
    shared = groups["shared-eu"]
    assert (shared["isShared"], shared["orgId"]) == (True, "00LAB0")
    assert [agent["name"] for agent in groups["cluster-east"]["agents"]] == ["node-1", "node-2"]
    assert robot.platform(f"runtimeEnvironment/{shared['id']}").json() == shared
    assert robot.platform("runtimeEnvironment/name/shared-eu").json() == shared


def test_the_parent_sees_its_own_agents_only(lab: LabControl) -> None:
    owner = PlainClient(lab, "owner@parent.test")
    agents = owner.platform("agent/details").json()
    assert {agent["name"] for agent in agents} == {"parent-agent-1", "parent-agent-2"}
    assert owner.platform("org").json()["id"] == "00LAB0"
    assert owner.platform("org/00LAB1").json()["parentOrgId"] == "00LAB0"
    assert owner.platform("org/name/Lab").json()["id"] == "00LAB1"


def test_a_sub_organisation_does_not_see_its_parent(robot: PlainClient) -> None:
    assert robot.platform("org").json()["id"] == "00LAB1"
    assert robot.platform("org/00LAB0").status_code == 404


def test_bulk_agents_are_listed_and_reached_through_the_cloud(lab: LabControl, robot: PlainClient) -> None:
    before = len(lab.targets())
    lab.add_agents(7)
    bulk = [target for target in lab.targets() if target["name"].startswith("bulk-")]
    assert len(lab.targets()) == before + 7
    assert len(robot.platform("agent/details").json()) == 10 + 7
    base = f"{lab.addresses['console']}/activevos/local/{bulk[-1]['id']}/restadmin"
    assert robot.ask("GET", f"{base}/server/services/email").json()["enabled"] is False


@pytest.mark.parametrize(("target", "status"), [("agent-stopped", 503), ("agent-unreachable", 504)])
def test_targets_that_do_not_answer(robot: PlainClient, target: str, status: int) -> None:
    assert robot.admin("GET", "server/properties", target).status_code == status


def test_an_agent_without_process_engine_is_no_target(robot: PlainClient) -> None:
    plain = robot.platform("agent/name/agent-plain").json()
    base = f"{robot.lab.addresses['console']}/activevos/local/{plain['id']}/restadmin"
    assert robot.ask("GET", f"{base}/server/properties").status_code == 404


def test_nothing_listens_at_the_unreachable_agent(details: dict[str, dict[str, Any]]) -> None:
    port = settings(details["agent-unreachable"])["http-port"]
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{port}/process-engine/restadmin/processes/", timeout=5)


def test_members_of_a_cluster_and_the_group_are_one_target(lab: LabControl, robot: PlainClient) -> None:
    robot.admin("PUT", "server/services/email", "cluster-east", json={"hostName": "one.test"})
    member = robot.platform("agent/name/node-1").json()["id"]
    through = f"{lab.addresses['console']}/activevos/local/{member}/restadmin"
    direct = f"{lab.addresses['agents']['node-2']}/process-engine/restadmin"
    for base in (through, direct):
        assert robot.ask("GET", f"{base}/server/services/email").json()["hostName"] == "one.test"
    assert {entry["target"] for entry in lab.operations(operation="read_email_service")} == {
        lab.target("cluster-east")["id"]
    }


def test_a_shared_group_is_written_by_its_owner_only(lab: LabControl, robot: PlainClient) -> None:
    owner = PlainClient(lab, "owner@parent.test")
    assert robot.admin("PUT", "server/services/email", "shared-eu", json={"hostName": "x"}).status_code == 403
    assert owner.admin("PUT", "server/services/email", "shared-eu", json={"hostName": "y.test"}).status_code == 200
    assert robot.admin("GET", "server/services/email", "shared-eu").json()["hostName"] == "y.test"


def test_organisations_keep_their_cloud_servers_apart(lab: LabControl, robot: PlainClient) -> None:
    owner = PlainClient(lab, "owner@parent.test")
    robot.admin("PUT", "server/services/email", json={"hostName": "sub.test"})
    assert owner.admin("GET", "server/services/email").json()["hostName"] is None
    assert owner.admin("GET", "server/services/email", "agent-a").status_code == 404
    direct = f"{lab.addresses['agents']['agent-a']}/process-engine/restadmin/server/services/email"
    assert owner.ask("GET", direct).status_code == 403


def test_a_viewer_reads_the_platform_but_not_restadmin(lab: LabControl) -> None:
    viewer = PlainClient(lab, "viewer@lab.test")
    assert viewer.platform("agent/details").status_code == 200
    for path in ("server/services/email", "server/properties", "processes/"):
        assert viewer.admin("GET", path).status_code == 403
