# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Execution targets: who owns them, and how one is found."""

from __future__ import annotations

import json

import pytest
from ansible_collections.cai.console.plugins.module_utils._errors import ConsoleError
from ansible_collections.cai.console.plugins.module_utils._session import OwnSessions
from ansible_collections.cai.console.plugins.module_utils._targets import (
    CLOUD_SERVER,
    Directory,
    Target,
    list_targets,
    read_organization,
)
from ansible_collections.cai.console.plugins.module_utils._transport import Reply


class Platform:
    """A session whose platform gives prepared answers; ``asked`` are the paths."""

    platform_url = ""

    def __init__(self, **answers):
        self.store = OwnSessions()
        self.asked = []
        self._answers = answers

    def send(self, method, url, carry, **more):
        self.asked.append(url)
        name = url.split("/")[3].split("?")[0]
        return Reply(200, {}, json.dumps(self._answers[name]).encode())


def engine(clustered=False, status="RUNNING"):
    configs = [{"type": "cluster", "name": "enabled", "value": "true" if clustered else "false"}]
    return {"agentEngineStatus": {"appname": "process-engine", "status": status}, "agentEngineConfigs": configs}


def platform(shared, owner="00OWN", clustered=False):
    agent = {"id": "a1", "name": "agent", "agentGroupId": "g1", "agentEngines": [engine(clustered)]}
    described = {"agentVersion": "70.1", "platform": "linux64"}
    environment = {"id": "g1", "name": "group", "orgId": owner, "isShared": shared, "agents": [{"id": "a1"}]}
    org = {"id": "00OURS", "orgUuid": "uuid-of-ours", "name": "Ours"}
    return Platform(agent=[{**agent, **described}], runtimeEnvironment=[environment], org=org)


@pytest.mark.parametrize("clustered", [False, True])
@pytest.mark.parametrize(
    "shared, owner, wanted", [(True, "00OWN", "00OWN"), (True, "00OURS", None), (False, "x", None)]
)
def test_what_another_organisation_shares_is_its_own(clustered, shared, owner, wanted):
    targets = [target for target in list_targets(platform(shared, owner, clustered)) if target.is_target()]
    assert [target.kind for target in targets] == ["cloud", "group" if clustered else "agent"]
    assert targets[1].owner == wanted
    assert targets[1].as_dict()["writable"] is (wanted is None)
    assert (targets[1].version, targets[1].platform) == ("70.1", "linux64")


def test_the_own_organisation_is_asked_for_only_where_it_matters_and_once():
    asked = platform(False)
    list_targets(asked)
    assert not [path for path in asked.asked if path.endswith("/org")]
    shared = platform(True)
    list_targets(shared)
    assert read_organization(shared) == ("00OURS", "uuid-of-ours", "Ours")
    assert len([path for path in shared.asked if path.endswith("/org")]) == 1


def test_nothing_of_an_agents_details_is_remembered_but_what_a_target_is():
    """Details hold settings of the process engine, and passwords among them; what is remembered lies in a file."""
    asked = platform(True)
    (agent,) = asked._answers["agent"]
    agent["agentEngines"][0]["agentEngineConfigs"].append({"type": "db", "name": "password", "value": "planted"})
    agent["proxyPassword"] = "planted"
    list_targets(asked)
    assert set(asked.store._known) == {"targets", "organization"}
    assert "planted" not in json.dumps(asked.store._known)
    assert "agentEngineConfigs" not in json.dumps(asked.store._known)


MEMBER = Target("m1", "node", "agent", group="cluster")
TARGETS = [
    CLOUD_SERVER,
    Target("g1", "cluster", "group"),
    MEMBER,
    Target("a1", "node", "agent"),
    Target("a2", "x", "agent"),
]
DIRECTORY = Directory([*TARGETS, Target("a3", "x", "agent"), Target("a4", "off", "agent", "STOPPED")])


@pytest.mark.parametrize(
    "name, found",
    [("cloud-server", "cloud_server"), ("cluster", "g1"), ("g1", "g1"), ("node", "a1"), ("a3", "a3")],
)
def test_a_target_is_found_by_name_or_id(name, found):
    assert DIRECTORY.choose(name).id == found


@pytest.mark.parametrize(
    "name, code",
    [("m1", "group_member"), ("x", "target_ambiguous"), ("clustre", "target_unknown"), ("off", "agent_stopped")],
)
def test_what_cannot_be_worked_on_is_said(name, code):
    with pytest.raises(ConsoleError) as caught:
        DIRECTORY.choose(name)
    assert caught.value.code == code
