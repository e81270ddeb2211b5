# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authorize Access of the console: the link, the callback, sending with its own tokens, and the mail server's part."""

from __future__ import annotations

import dataclasses
import smtplib
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from cai_lab.browserless import Person
from cai_lab.control_client import LabControl
from cai_lab.plain_client import PlainClient

EMAIL = "server/services/email"
AUTH = f"{EMAIL}/authorization"
DAY_S = 24 * 3600


@pytest.fixture
def robot(lab: LabControl) -> Iterator[PlainClient]:
    client = PlainClient(lab)
    yield client
    client.close()


@pytest.fixture
def service(lab: LabControl) -> dict[str, Any]:
    urls = lab.addresses["oauth"]
    return {
        "enabled": True,
        "hostName": "127.0.0.1",
        "port": lab.addresses["smtp"]["starttls_port"],
        "security": "TLS",
        "authenticationType": "OAUTH",
        "userName": "alerts@lab.test",
        "oauth": {
            "authorizationUrl": urls["authorization_url"],
            "tokenUrl": urls["token_url"],
            "clientId": "console-client",
            "clientSecret": "console-client-Secret-1",
            "scope": "https://outlook.office.com/SMTP.Send offline_access",
        },
    }


def authorize(lab: LabControl, robot: PlainClient, person: Person, target: str) -> str:
    started = robot.admin("POST", AUTH, target)
    return person.open(started.json()["authorizationUrl"], lab.addresses["console"])


def send(robot: PlainClient, target: str) -> dict[str, Any]:
    return dict(robot.admin("POST", f"{EMAIL}/test", target, json={"recipient": "reports@lab.test"}).json())


def test_consent_then_mail_for_more_than_ninety_days(
    lab: LabControl, robot: PlainClient, person: Person, service: dict[str, Any]
) -> None:
    lab.set_switches(refresh_rotation="revokes_old")
    robot.admin("PUT", EMAIL, "agent-a", json=service)
    assert (send(robot, "agent-a")["stage"], lab.mailbox()) == ("authorization", [])
    assert "is authorized" in authorize(lab, robot, person, "agent-a")
    status = robot.admin("GET", AUTH, "agent-a").json()
    assert (status["status"], status["authorizedBy"]) == ("AUTHORIZED", "robot@lab.test")
    for day in (0, 80, 95):
        lab.set_clock(day * DAY_S)
        assert send(PlainClient(lab), "agent-a")["ok"] is True
    assert [mail["auth_user"] for mail in lab.mailbox()] == ["alerts@lab.test"] * 3
    assert PlainClient(lab).admin("GET", AUTH, "agent-a").json() == status
    lab.set_clock(186 * DAY_S)
    late = PlainClient(lab)
    assert late.admin("GET", AUTH, "agent-a").json()["status"] == "EXPIRED"
    failed = send(late, "agent-a")
    assert (failed["ok"], failed["stage"]) == (False, "authorization")
    assert "AADSTS700082" in failed["message"]


def test_the_wrong_mailbox_is_refused_by_the_mail_server(
    lab: LabControl, robot: PlainClient, person: Person, service: dict[str, Any]
) -> None:
    robot.admin("PUT", EMAIL, "agent-b", json=service)
    other = dataclasses.replace(person, login="reports@lab.test", password="reports-Mail-pw1")
    authorize(lab, robot, other, "agent-b")
    failed = send(robot, "agent-b")
    assert (failed["stage"], failed["code"]) == ("auth", 535)
    assert '"status": "401"' in failed["message"]


def test_it_waits_for_the_save_where_the_switch_says_so(
    lab: LabControl, robot: PlainClient, person: Person, service: dict[str, Any]
) -> None:
    lab.set_switches(authorization_effect="when_saved")
    robot.admin("PUT", EMAIL, json=service)
    authorize(lab, robot, person, "Cloud Server")
    assert send(robot, "Cloud Server")["stage"] == "authorization"
    robot.admin("PUT", EMAIL, json=robot.admin("GET", EMAIL).json())
    assert send(robot, "Cloud Server")["ok"] is True


@pytest.mark.parametrize(("position", "status"), [("keeps", "AUTHORIZED"), ("drops", "NOT_AUTHORIZED")])
def test_changed_fields_drop_it_or_not(
    lab: LabControl, robot: PlainClient, person: Person, service: dict[str, Any], position: str, status: str
) -> None:
    lab.set_switches(oauth_change=position)
    robot.admin("PUT", EMAIL, "cluster-east", json=service)
    authorize(lab, robot, person, "cluster-east")
    service["oauth"]["clientSecret"] = "console-client-Secret-2"
    robot.admin("PUT", EMAIL, "cluster-east", json=service)
    assert robot.admin("GET", AUTH, "cluster-east").json()["status"] == status
    assert send(robot, "cluster-east")["ok"] is (position == "keeps")


def test_forget_and_refusals(lab: LabControl, robot: PlainClient, person: Person, service: dict[str, Any]) -> None:
    assert robot.admin("POST", AUTH, "Agent Zürich 3").status_code == 400
    robot.admin("PUT", EMAIL, "Agent Zürich 3", json=service)
    url = robot.admin("POST", AUTH, "Agent Zürich 3").json()["authorizationUrl"]
    place = person.consent(url, lab.addresses["console"])
    assert requests.get(place, timeout=10).status_code == 200
    assert requests.get(place, timeout=10).status_code == 400
    assert robot.admin("DELETE", AUTH, "Agent Zürich 3").status_code == 204
    assert robot.admin("GET", AUTH, "Agent Zürich 3").json()["status"] == "NOT_AUTHORIZED"
    lab.set_switches(authorization_start="none")
    assert robot.admin("POST", AUTH, "Agent Zürich 3").status_code == 404
    assert robot.admin("PUT", f"{AUTH}/tokens", json={"refreshToken": "x"}).status_code == 404


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
@pytest.mark.parametrize("initial", [True, False])
def test_the_mail_server_against_smtplib(
    lab: LabControl, http: requests.Session, mechanism: str, initial: bool
) -> None:
    import ssl

    form = {
        "grant_type": "client_credentials",
        "client_id": "daemon",
        "client_secret": "daemon-Secret-1",
        "scope": "https://outlook.office365.com/.default",
    }
    token = http.post(lab.addresses["oauth"]["token_url"], data=form).json()["access_token"]
    frames = {"XOAUTH2": "user={0}\x01auth=Bearer {1}\x01\x01", "OAUTHBEARER": "n,a={0},\x01auth=Bearer {1}\x01\x01"}

    def sign_in(user: str, secret: str) -> int:
        with smtplib.SMTP("127.0.0.1", lab.addresses["smtp"]["starttls_port"], timeout=10) as client:
            client.starttls(context=ssl.create_default_context(cafile=lab.addresses["ca"]))
            client.ehlo()
            blob = frames[mechanism].format(user, secret)

            def answer(challenge: bytes | None = None) -> str:
                return "" if challenge else blob

            try:
                return client.auth(mechanism, answer, initial_response_ok=initial)[0]
            except smtplib.SMTPAuthenticationError as error:
                return error.smtp_code

    assert sign_in("reports@lab.test", token) == 235
    assert sign_in("alerts@lab.test", token) == 535
    assert sign_in("reports@lab.test", "junk") == 535
