# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to the Cloud Server, to agents through the cloud or at their own address, and to clustered groups."""

from __future__ import annotations

from typing import Any

import pytest
from cai_lab.control_client import LabControl
from support import client
from support.hand import Hand
from support.labs import PARENT, Watch, connection
from support.play import Player

DISCOVERY = ["list_agent_details", "list_runtime_environments"]
ZUERICH = "Agent Zürich 3"
WAYS = ("through the cloud", "allowed host", "own address")


def way_to(target: str, way: str, lab: LabControl) -> dict[str, Any]:
    """The connection options for one of the ways."""
    member = {"cluster-east": "node-1"}.get(target, target)
    options: dict[str, dict[str, Any]] = {
        "through the cloud": {},
        "allowed host": {"console_allowed_agent_hosts": ["*.example.org", "127.*"]},
        "own address": {"console_agent_url": f"{lab.addresses['agents'][member]}/some/page"},
    }
    return options[way]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("target", ["agent-a", "agent-b", ZUERICH, "cluster-east"])
def test_an_agent_is_configured_by_each_way_and_seen_by_the_others(
    target: str, way: str, lab: LabControl, link: dict[str, Any], hand: Hand, watch: Watch
) -> None:
    service = f"Handler {way}"
    wanted = {"enabled": False, "service": service}
    result = client.done("alert_service", {**link, **way_to(target, way, lab)}, target=target, **wanted)
    assert (result["changed"], result["target"]["name"]) == (True, target)
    assert result["target"]["kind"] == ("group" if target == "cluster-east" else "agent")
    assert result["target"]["id"] == lab.target(target)["id"]
    (write,) = watch.writes()
    assert (write["target"], write["listener"]) == (lab.target(target)["id"], "console" if way == WAYS[0] else "agent")
    assert watch.names()[1:3] == DISCOVERY
    assert hand.call("GET", target, "/server/services/alert")["service"] == service


@pytest.mark.parametrize("name", ["Cloud Server", "cloud_server", "CLOUD-SERVER", "cloud server"])
def test_the_cloud_server_is_found_without_a_request(name: str, link: dict[str, Any], watch: Watch) -> None:
    result = client.done("server_properties_info", link, target=name)
    assert result["target"] == {"id": "cloud_server", "name": "Cloud Server", "kind": "cloud"}
    assert watch.names() == ["sign_in", "read_server_properties", "sign_out"]


@pytest.mark.parametrize("target", ["agent-a", "cluster-east"])
def test_a_target_may_be_named_by_its_id(target: str, lab: LabControl, link: dict[str, Any]) -> None:
    identifier = lab.target(target)["id"]
    result = client.done("server_properties_info", link, target=identifier)
    assert (result["target"]["id"], result["target"]["name"]) == (identifier, target)


def test_the_cloud_server_ignores_ways_to_agents(lab: LabControl, link: dict[str, Any], watch: Watch) -> None:
    client.done("server_properties_info", {**link, **way_to("agent-a", "own address", lab)})
    assert [entry["listener"] for entry in watch.operations(operation="read_server_properties")] == ["console"]


def test_a_shared_group_is_read_by_others_and_changed_by_its_owner(lab: LabControl, link: dict[str, Any]) -> None:
    result = client.done("server_properties_info", link, target="shared-eu")
    assert result["target"]["kind"] == "group"
    asked: dict[str, Any] = {"target": "shared-eu", "suspend_on_uncaught_fault": True}
    refused = client.run("server_properties", link, **asked)
    assert refused["error"]["code"] == "not_owner"
    assert client.run("server_properties", link, check=True, **asked)["error"]["code"] == "not_owner"
    owner = connection(lab, PARENT)
    assert client.done("server_properties", owner, **asked)["changed"] is True
    assert client.done("server_properties", link, **asked)["changed"] is False
    client.done("server_properties", owner, target="shared-eu", suspend_on_uncaught_fault=False)


def test_a_name_in_any_script_travels_through_a_playbook(play: Player, lab: LabControl, watch: Watch) -> None:
    task = {"name": "set", "cai.console.alert_service": {"service": "Überwachung ☂"}}
    run = play([task], hosts={"zuerich": {"cai_target_id": ZUERICH}})
    assert run.one("set").result["target"]["id"] == lab.target(ZUERICH)["id"]
    assert run.one("set").result["alert_service"]["service"] == "Überwachung ☂"
    assert [entry["target"] for entry in watch.writes()] == [lab.target(ZUERICH)["id"]]
