# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sign-in, sessions, headers."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from cai_lab.control_client import LabControl
from cai_lab.plain_client import PlainClient

V2, V3, CAI = "icSessionId", "INFA-SESSION-ID", "IDS-SESSION-ID"
LOGINS = ("/saas/public/core/v3/login", "/ma/api/v2/user/login")
EMAIL = "/active-bpel/restadmin/server/services/email"


def sign_in(lab: LabControl, path: str, password: str = "robot-Console-pw1") -> requests.Response:
    body = {"username": "robot@lab.test", "password": password}
    return requests.post(lab.addresses["console"] + path, json=body)


def test_v3_tells_the_pod_and_the_organisations(lab: LabControl) -> None:
    reply = sign_in(lab, LOGINS[0]).json()
    assert reply["products"][0]["baseApiUrl"] == f"{lab.addresses['pod']}/saas"
    user = reply["userInfo"]
    assert user["orgId"] == lab.addresses["organisations"]["00LAB1"]["uuid"]
    assert user["parentOrgId"] == lab.addresses["organisations"]["00LAB0"]["uuid"]
    assert len(user["orgId"]) == len(user["id"]) == 22


def test_v2_gives_the_documented_user_object_with_its_secret(lab: LabControl) -> None:
    reply = sign_in(lab, LOGINS[1]).json()
    assert reply["@type"] == "user"
    assert reply["orgId"] == "00LAB1"
    assert reply["serverUrl"] == f"{lab.addresses['pod']}/saas"
    assert reply["securityAnswer"] == "SECRET-security-answer"


def test_one_session_serves_all_headers_and_only_the_right_one(lab: LabControl, robot: PlainClient) -> None:
    urls = {
        CAI: lab.addresses["console"] + EMAIL,
        V2: f"{robot.pod}/api/v2/agent",
    }
    for right, url in urls.items():
        for header in (V2, V3, CAI):
            assert robot.ask("GET", url, header=header).status_code == (200 if header == right else 401)
    assert robot.ask("POST", f"{robot.pod}/public/core/v3/logout", header=V2).status_code == 401
    assert robot.ask("POST", f"{robot.pod}/public/core/v3/logout", header=V3).status_code == 200
    assert robot.ask("GET", urls[CAI]).status_code == 401


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/saas/api/v2/agent", {"@type": "error", "statusCode": 401}),
        ("/saas/public/core/v3/logout", {"error": {}}),
    ],
)
def test_a_missing_session_is_refused_in_the_shape_of_the_version(
    lab: LabControl, path: str, body: dict[str, Any]
) -> None:
    method = "POST" if path.endswith("logout") else "GET"
    reply = requests.request(method, lab.addresses["pod"] + path)
    assert reply.status_code == 401
    assert reply.json().keys() >= body.keys()


@pytest.mark.parametrize("path", LOGINS)
@pytest.mark.parametrize("position", ["401", "400"])
def test_bad_credentials(lab: LabControl, path: str, position: str) -> None:
    lab.set_switches(bad_credentials=position)
    before = lab.sessions()["refused_sign_ins"]
    assert sign_in(lab, path, "wrong").status_code == int(position)
    assert lab.sessions()["refused_sign_ins"] == before + 1


def test_sign_in_needs_texts(lab: LabControl) -> None:
    reply = requests.post(lab.addresses["console"] + LOGINS[0], json={"username": 1, "password": "x"})
    assert reply.status_code == 400


@pytest.mark.parametrize(("path", "header"), [("/api/v2/user/logout", V2), ("/public/core/v3/logout", V3)])
def test_sign_out_ends_that_session_only(lab: LabControl, robot: PlainClient, path: str, header: str) -> None:
    other = PlainClient(lab)
    before = lab.sessions()
    assert robot.ask("POST", robot.pod + path, header=header).status_code == 200
    after = lab.sessions()
    assert after["sign_outs"] == before["sign_outs"] + 1
    assert after["open"] == before["open"] - 1
    assert other.admin("GET", "server/services/email").status_code == 200


def test_a_session_ends_when_idle_and_is_prolonged_by_use(lab: LabControl, robot: PlainClient) -> None:
    lab.set_clock(29 * 60)
    assert robot.admin("GET", "server/properties").status_code == 200
    lab.set_clock(58 * 60)
    assert robot.admin("GET", "server/properties").status_code == 200
    lab.set_clock(89 * 60)
    assert robot.admin("GET", "server/properties").status_code == 401


def test_a_jwt_session_ends_at_a_fixed_time(lab: LabControl) -> None:
    lab.set_switches(session_kind="jwt")
    client = PlainClient(lab)
    assert client.session.count(".") == 2
    lab.set_clock(20 * 60)
    assert client.admin("GET", "server/properties").status_code == 200
    lab.set_clock(31 * 60)
    assert client.admin("GET", "server/properties").status_code == 401


def test_logoutall_ends_every_session_of_the_user_and_is_logged(lab: LabControl, robot: PlainClient) -> None:
    viewer = PlainClient(lab, "viewer@lab.test")
    body = {"@type": "logout", "username": "robot@lab.test", "password": "robot-Console-pw1"}
    assert requests.post(f"{lab.addresses['console']}/ma/api/v2/user/logoutall", json=body).status_code == 200
    assert robot.platform("org").status_code == 401
    assert viewer.platform("org").status_code == 200
    assert len(lab.operations(operation="logout_all")) == 1


def test_valid_session_question_does_not_prolong(lab: LabControl, robot: PlainClient) -> None:
    def ask() -> dict[str, Any]:
        body = {"userName": "robot@lab.test", "icToken": robot.session}
        answer: dict[str, Any] = requests.post(f"{robot.pod}/api/v2/user/validSessionId", json=body).json()
        return answer

    lab.set_clock(20 * 60)
    assert ask()["isValidToken"] is True
    lab.set_clock(31 * 60)
    assert ask() == {"@type": "validatedToken", "isValidToken": False, "timeUntilExpire": 0}


def test_the_console_does_not_serve_the_pods_paths(lab: LabControl, robot: PlainClient) -> None:
    for path in ("/saas/api/v2/agent", "/saas/public/core/v3/logout", "/saas/api/v2/user/logout"):
        assert robot.ask("GET", lab.addresses["console"] + path, header=V2).status_code == 404
