# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Planned faults of the wire, and the control interface's own manners."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from cai_lab.control_client import LabControl, LabError
from cai_lab.plain_client import PlainClient

EMAIL = "server/services/email"


@pytest.mark.parametrize("body", ["v2", "v3", "html", "empty"])
def test_a_status_with_each_body_hits_as_often_as_said(lab: LabControl, robot: PlainClient, body: str) -> None:
    lab.set_faults({"method": "GET", "path": "email$", "times": 2, "status": 503, "body": body, "retry_after": 7})
    for _ in range(2):
        reply = robot.admin("GET", EMAIL)
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "7")
    assert robot.admin("GET", EMAIL).status_code == 200
    assert [entry["fault"] for entry in lab.operations(operation="read_email_service")] == ["status", "status", None]
    assert lab.faults()[0]["left"] == 0


def test_a_rule_hits_its_method_path_and_listener_only(lab: LabControl, robot: PlainClient) -> None:
    lab.set_faults({"method": "PUT", "path": "email", "times": None, "status": 500, "listener": "agent"})
    assert robot.admin("GET", EMAIL).status_code == 200
    assert robot.admin("PUT", EMAIL, json={}).status_code == 200
    direct = f"{lab.addresses['agents']['agent-a']}/process-engine/restadmin/{EMAIL}"
    assert robot.ask("GET", direct).status_code == 200
    assert robot.ask("PUT", direct, json={}).status_code == 500


def test_a_share_of_the_requests_is_hit_and_the_seed_says_which(lab: LabControl, robot: PlainClient) -> None:
    def asked(seed: int) -> list[int]:
        lab.set_faults({"path": "email$", "times": None, "status": 503, "share": 0.25, "seed": seed})
        return [robot.admin("GET", EMAIL).status_code for _ in range(80)]

    first = asked(7)
    assert 5 <= first.count(503) <= 40
    assert first == asked(7)
    assert first != asked(8)


def test_latency(lab: LabControl, robot: PlainClient) -> None:
    lab.set_faults({"latency_ms": 300, "path": "email"})
    with pytest.raises(requests.ReadTimeout):
        robot.admin("GET", EMAIL, timeout=0.1)
    assert robot.admin("GET", EMAIL, timeout=5).status_code == 200


def test_truncate_cuts_the_json(lab: LabControl, robot: PlainClient) -> None:
    lab.set_faults({"truncate": True, "path": "email"})
    reply = robot.admin("GET", EMAIL)
    assert reply.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(reply.text)


def test_reset_does_not_carry_out_and_drop_reply_does(lab: LabControl, robot: PlainClient) -> None:
    robot.admin("PUT", EMAIL, json={"hostName": "before.test"})
    for action, stored in (("reset", "before.test"), ("drop_reply", "after.test")):
        lab.set_faults({"method": "PUT", action: True})
        with pytest.raises(requests.ConnectionError):
            robot.admin("PUT", EMAIL, json={"hostName": "after.test"})
        assert robot.admin("GET", EMAIL).json()["hostName"] == stored
        assert lab.operations(operation="write_email_service")[-1]["status"] is None


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"status": 503, "reset": True},
        {"status": 200},
        {"status": 503, "body": "xml"},
        {"status": 503, "path": "("},
        {"status": 503, "times": 0},
        {"status": 503, "retry_after": "soon"},
        {"status": 503, "listener": "nobody"},
        {"latency_ms": "long"},
        {"status": 503, "share": 1},
        {"status": 503, "share": 0.1, "seed": "x"},
        {"status": 503, "nonsense": 1},
    ],
)
def test_a_rule_that_means_nothing_is_refused(lab: LabControl, rule: dict[str, Any]) -> None:
    with pytest.raises(LabError):
        lab.set_faults(rule)
    assert lab.faults() == []


def test_the_control_interface_explains_mistakes(lab: LabControl) -> None:
    control = lab.addresses["control"]
    for method, path, body in (
        ("PUT", "clock", {"offset_s": "x"}),
        ("POST", "fleet", {"add": 0}),
        ("POST", "deploy", {"target": "nowhere", "process": "p"}),
        ("PUT", "authorization", {"target": "agent-a", "status": "MAYBE"}),
        ("POST", "secret", {"target": "agent-a", "name": "host"}),
        ("GET", "operations?nonsense=1", None),
    ):
        reply = requests.request(method, f"{control}/{path}", json=body)
        assert reply.status_code == 400
        assert reply.json()["error"]


def test_operations_are_numbered_filtered_and_cleared(lab: LabControl, robot: PlainClient) -> None:
    robot.admin("GET", EMAIL)
    robot.admin("PUT", EMAIL, "agent-a", json={})
    numbers = [entry["n"] for entry in lab.operations()]
    assert numbers == list(range(numbers[0], numbers[0] + 3))
    assert [entry["operation"] for entry in lab.operations()] == [
        "sign_in", "read_email_service", "write_email_service",
    ]  # fmt: skip
    assert len(lab.operations(since=numbers[1])) == 1
    assert [entry["n"] for entry in lab.operations(mutates=True)] == [numbers[2]]
    assert len(lab.operations(target=lab.target("agent-a")["id"])) == 1
    lab.clear_operations()
    assert lab.operations() == []


def test_all_sessions_can_be_ended(lab: LabControl, robot: PlainClient) -> None:
    assert lab.end_sessions() >= 1
    assert robot.admin("GET", EMAIL).status_code == 401
