# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stored services: what is checked, kept, hidden, and said in the log."""

from __future__ import annotations

from typing import Any

import pytest
from cai_lab.control_client import LabControl
from cai_lab.plain_client import PlainClient

EMAIL, ALERT, PROPERTIES = "server/services/email", "server/services/alert", "server/properties"


@pytest.mark.parametrize("target", ["Cloud Server", "agent-a", "Agent Zürich 3", "cluster-east"])
def test_what_was_written_is_read_back(robot: PlainClient, target: str, email: dict[str, Any]) -> None:
    oauth = {"authorizationUrl": None, "tokenUrl": "https://id.test/token", "clientId": "c", "scope": "a b"}
    sent = {**email, "oauth": {**oauth, "clientSecret": "hush"}, "extra": {"kept": [1]}}
    written = robot.admin("PUT", EMAIL, target, json=sent).json()
    read = robot.admin("GET", EMAIL, target).json()
    assert written == read
    assert read["oauth"] == oauth
    assert read["extra"] == {"kept": [1]}
    assert "password" not in read
    assert read["modifiedBy"] == "robot@lab.test"


def test_direct_and_through_the_cloud_are_the_same(lab: LabControl, robot: PlainClient) -> None:
    robot.admin("PUT", EMAIL, "agent-b", json={"hostName": "b.test"})
    direct = f"{lab.addresses['agents']['agent-b']}/process-engine/restadmin/{EMAIL}"
    assert robot.ask("GET", direct).json() == robot.admin("GET", EMAIL, "agent-b").json()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (EMAIL, {"enabled": "yes"}),
        (EMAIL, {"port": 0}),
        (EMAIL, {"port": 65536}),
        (EMAIL, {"port": "587"}),
        (EMAIL, {"port": True}),
        (EMAIL, {"port": None}),
        (EMAIL, {"security": "STARTTLS"}),
        (EMAIL, {"security": "tls"}),
        (EMAIL, {"security": 1}),
        (EMAIL, {"authenticationType": None}),
        (EMAIL, {"oauth": []}),
        (EMAIL, {"oauth": {"scope": ["a"]}}),
        (EMAIL, {"password": 5}),
        (EMAIL, {"oauth": {"clientSecret": {}}}),
        (ALERT, {"action": "send_email"}),
        (ALERT, {"emailForAlerts": ["a@lab.test"]}),
        (ALERT, {"enabled": True, "action": "CUSTOM_SERVICE", "service": "NotThere"}),
        (PROPERTIES, {"suspendProcessesOnUncaughtFault": "true"}),
        (PROPERTIES, {"processCount": 0}),
        (EMAIL, []),
    ],
)
def test_what_a_console_would_not_take(lab: LabControl, robot: PlainClient, path: str, body: Any) -> None:
    before = lab.state()["hash"]
    assert robot.admin("PUT", path, json=body).status_code == 400
    assert lab.state()["hash"] == before


def test_a_body_must_be_json(robot: PlainClient) -> None:
    broken = robot.admin("PUT", EMAIL, data="{", headers={"Content-Type": "application/json"})
    assert broken.status_code == 400
    assert robot.admin("PUT", EMAIL, data="{}", headers={"Content-Type": "text/plain"}).status_code == 415


def test_a_secret_is_kept_cleared_and_replaced(lab: LabControl, robot: PlainClient, email: dict[str, Any]) -> None:
    robot.admin("PUT", EMAIL, json=email)
    assert lab.secret("Cloud Server", "password", "alerts-Mail-pw1") == {"set": True, "equal": True}
    del email["password"]
    robot.admin("PUT", EMAIL, json=email)
    assert lab.secret("Cloud Server", "password", "alerts-Mail-pw1")["equal"]
    robot.admin("PUT", EMAIL, json={**email, "password": "other"})
    assert lab.secret("Cloud Server", "password", "other")["equal"]
    robot.admin("PUT", EMAIL, json={**email, "password": None})
    assert lab.secret("Cloud Server", "password", "other") == {"set": False, "equal": False}


def test_the_state_names_secrets_but_does_not_tell_them(
    lab: LabControl, robot: PlainClient, email: dict[str, Any]
) -> None:
    robot.admin("PUT", EMAIL, json={**email, "password": "SECRET-1"})
    first = lab.state()
    robot.admin("PUT", EMAIL, json={**email, "password": "SECRET-2"})
    second = lab.state()
    assert first["hash"] != second["hash"]
    assert second["stored"]["email"]["00LAB1/cloud"][""]["secrets"]["password"] == "set"
    assert "SECRET-" not in str(second)


def test_reading_changes_no_state(lab: LabControl, robot: PlainClient) -> None:
    before = lab.state()["hash"]
    for path in (EMAIL, f"{EMAIL}/authorization", ALERT, PROPERTIES, "processes/", "server/log"):
        assert robot.admin("GET", path).status_code == 200
    assert lab.state()["hash"] == before
    assert lab.operations(mutates=True) == []


def test_read_only_members_are_ignored(robot: PlainClient) -> None:
    sent = {"authorizationStatus": {"status": "AUTHORIZED"}, "modified": "x", "modifiedBy": "y"}
    read = robot.admin("PUT", EMAIL, json=sent).json()
    assert read["authorizationStatus"]["status"] == "NOT_AUTHORIZED"
    assert read["modifiedBy"] == "robot@lab.test"
    properties = robot.admin("PUT", PROPERTIES, json={"serverStatus": "Stopped", "version": "0"}).json()
    assert (properties["serverStatus"], properties["version"]) != ("Stopped", "0")


@pytest.mark.parametrize("path", [EMAIL, ALERT, PROPERTIES])
def test_a_stale_version_is_refused(robot: PlainClient, path: str) -> None:
    tag = robot.admin("GET", path).headers["ETag"]
    first = robot.admin("PUT", path, json={}, headers={"If-Match": tag})
    assert first.status_code == 200
    assert first.headers["ETag"] != tag
    assert robot.admin("PUT", path, json={}, headers={"If-Match": tag}).status_code == 412
    assert robot.admin("PUT", path, json={}, headers={"If-Match": "*"}).status_code == 200


def test_the_authorization_expires_after_ninety_days(lab: LabControl, robot: PlainClient) -> None:
    lab.authorize("agent-a", by="owner@lab.test")
    given = robot.admin("GET", f"{EMAIL}/authorization", "agent-a").json()
    assert (given["status"], given["authorizedBy"]) == ("AUTHORIZED", "owner@lab.test")
    lab.set_clock(91 * 24 * 3600)
    later = PlainClient(lab).admin("GET", EMAIL, "agent-a").json()
    assert later["authorizationStatus"] == {**given, "status": "EXPIRED"}


def test_operations_tell_names_of_members_and_no_values(
    lab: LabControl, robot: PlainClient, email: dict[str, Any]
) -> None:
    robot.admin("PUT", EMAIL, json={**email, "password": "SECRET-3", "oauth": {"scope": "SECRET-4"}})
    (entry,) = lab.operations(operation="write_email_service")
    assert entry["members"] == [*email, "oauth", "oauth.scope"]
    assert (entry["listener"], entry["method"], entry["target"]) == ("console", "PUT", "cloud")
    assert (entry["user"], entry["mutates"], entry["status"]) == ("robot@lab.test", True, 200)
    assert "SECRET-" not in str(lab.operations())


def test_the_log_names_changes_by_service(robot: PlainClient) -> None:
    robot.admin("PUT", ALERT, "agent-b", json={})
    entries = robot.admin("GET", "server/log?service=Alert", "agent-b").json()["entries"]
    assert entries[-1]["source"] == "User"
    assert "robot@lab.test" in entries[-1]["message"]
    assert {entry["service"] for entry in entries} == {"Alert"}
    assert robot.admin("GET", "server/log?service=Other").status_code == 400
