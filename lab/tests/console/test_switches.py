# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each switch in each position."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from cai_lab.control_client import LabControl, LabError
from cai_lab.plain_client import PlainClient
from cai_lab.switches import SWITCHES

EMAIL, ALERT = "server/services/email", "server/services/alert"
TEST = f"{EMAIL}/test"


@pytest.mark.parametrize(
    ("position", "seen"), [("omitted", {}), ("null", {"password": None}), ("masked", {"password": "********"})]
)
def test_secret_on_read(lab: LabControl, robot: PlainClient, position: str, seen: dict[str, Any]) -> None:
    lab.set_switches(secret_on_read=position)
    read = robot.admin("PUT", EMAIL, json={"password": "hush"}).json()
    assert {name: value for name, value in read.items() if name == "password"} == seen
    assert read["oauth"].get("clientSecret") is None


def test_secret_on_read_encrypted(lab: LabControl, robot: PlainClient) -> None:
    lab.set_switches(secret_on_read="encrypted")
    read = robot.admin("PUT", EMAIL, json={"oauth": {"clientSecret": "hush"}, "password": None}).json()
    assert read["oauth"]["clientSecret"].startswith("encrypted:")
    assert "hush" not in str(read)
    assert read["password"] is None


@pytest.mark.parametrize(("position", "port"), [("number", 587), ("string", "587")])
def test_port_type(lab: LabControl, robot: PlainClient, position: str, port: object) -> None:
    lab.set_switches(port_type=position)
    assert robot.admin("PUT", EMAIL, json={"port": port}).json()["port"] == port
    assert robot.admin("PUT", EMAIL, json={"port": "5 87"}).status_code == 400


@pytest.mark.parametrize(
    ("position", "words", "refused"),
    [
        ("upper", ["TLS", "SSL", None], "tls"),
        ("lower", ["tls", "ssl", None], "TLS"),
        ("none_word", ["TLS", "SSL", "NONE"], "none"),
    ],
)
def test_security_words(lab: LabControl, robot: PlainClient, position: str, words: list[Any], refused: str) -> None:
    lab.set_switches(security_words=position)
    for word in words:
        assert robot.admin("PUT", EMAIL, json={"security": word}).json()["security"] == word
    assert robot.admin("PUT", EMAIL, json={"security": refused}).status_code == 400
    assert robot.admin("PUT", EMAIL, json={"security": None}).json()["security"] == words[2]


@pytest.mark.parametrize(
    ("position", "status", "empty"), [("object", 200, 0), ("empty", 200, 1), ("no_content", 204, 1)]
)
def test_write_answer(lab: LabControl, robot: PlainClient, position: str, status: int, empty: int) -> None:
    lab.set_switches(write_answer=position)
    reply = robot.admin("PUT", EMAIL, json={"hostName": position})
    assert (reply.status_code, not reply.content) == (status, bool(empty))
    assert robot.admin("GET", EMAIL).json()["hostName"] == position


@pytest.mark.parametrize(("position", "stale"), [("etag", 412), ("none", 200)])
def test_concurrency(lab: LabControl, robot: PlainClient, position: str, stale: int) -> None:
    lab.set_switches(concurrency=position)
    assert ("ETag" in robot.admin("GET", EMAIL).headers) == (position == "etag")
    assert robot.admin("PUT", EMAIL, json={}, headers={"If-Match": '"old"'}).status_code == stale


@pytest.mark.parametrize("position", ["replace", "merge"])
def test_partial_write(lab: LabControl, robot: PlainClient, position: str) -> None:
    robot.admin("PUT", EMAIL, json={"hostName": "a.test", "oauth": {"scope": "s"}, "extra": 1})
    lab.set_switches(partial_write=position)
    read = robot.admin("PUT", EMAIL, json={"oauth": {"clientId": "c"}}).json()
    kept = (read["hostName"], read["oauth"]["scope"], read.get("extra"))
    assert kept == (("a.test", "s", 1) if position == "merge" else (None, None, None))
    assert read["oauth"]["clientId"] == "c"


@pytest.mark.parametrize("position", ["kept", "cleared"])
def test_omitted_secret(lab: LabControl, robot: PlainClient, position: str) -> None:
    robot.admin("PUT", EMAIL, json={"password": "hush"})
    lab.set_switches(omitted_secret=position)
    robot.admin("PUT", EMAIL, json={"hostName": "a.test"})
    assert lab.secret("Cloud Server", "password", "hush")["set"] == (position == "kept")


@pytest.mark.parametrize(
    ("position", "stored", "candidate"),
    [("stored_or_candidate", 200, 200), ("stored", 200, 400), ("candidate", 400, 200)],
)
def test_test_values(lab: LabControl, robot: PlainClient, position: str, stored: int, candidate: int) -> None:
    robot.admin("PUT", EMAIL, json={})
    lab.set_switches(test_values=position)
    assert robot.admin("POST", TEST, json={}).status_code == stored
    assert robot.admin("POST", TEST, json={"configuration": {}}).status_code == candidate


def test_test_answer_job(lab: LabControl, robot: PlainClient, email: dict[str, Any], eventually: Any) -> None:
    lab.set_switches(test_answer="job")
    started = robot.admin("POST", TEST, json={"configuration": email})
    assert started.status_code == 202
    path = f"{TEST}/{started.json()['jobId']}"
    done = eventually(lambda: (state := robot.admin("GET", path).json())["state"] == "DONE" and state)
    assert done["ok"] is True
    assert robot.admin("GET", path, "agent-a").status_code == 404


@pytest.mark.parametrize(
    ("position", "given", "to"),
    [
        ("optional", None, "alerts@lab.test"),
        ("optional", "reports@lab.test", "reports@lab.test"),
        ("required", "reports@lab.test", "reports@lab.test"),
        ("ignored", "reports@lab.test", "alerts@lab.test"),
    ],
)
def test_test_recipient(
    lab: LabControl, robot: PlainClient, email: dict[str, Any], position: str, given: str | None, to: str
) -> None:
    lab.set_switches(test_recipient=position)
    body = {"configuration": email} | ({"recipient": given} if given else {})
    assert robot.admin("POST", TEST, json=body).json()["ok"] is True
    assert [message["recipients"] for message in lab.mailbox()] == [[to]]


def test_test_recipient_required_and_missing(lab: LabControl, robot: PlainClient, email: dict[str, Any]) -> None:
    lab.set_switches(test_recipient="required")
    assert robot.admin("POST", TEST, json={"configuration": email}).status_code == 400
    assert lab.mailbox() == []


@pytest.mark.parametrize("position", ["accepted", "400", "409", "422"])
def test_alert_without_email(lab: LabControl, robot: PlainClient, position: str) -> None:
    robot.admin("PUT", EMAIL, json={"enabled": False})
    lab.set_switches(alert_without_email=position)
    status = robot.admin("PUT", ALERT, json={"enabled": True, "emailForAlerts": "a@lab.test"}).status_code
    assert status == (200 if position == "accepted" else int(position))
    robot.admin("PUT", EMAIL, json={"enabled": True})
    assert robot.admin("PUT", ALERT, json={"enabled": True}).status_code == 200


@pytest.mark.parametrize(("position", "status"), [("refused", 400), ("accepted", 200)])
def test_custom_service_not_deployed(lab: LabControl, robot: PlainClient, position: str, status: int) -> None:
    lab.set_switches(custom_service_not_deployed=position)
    alert = {"enabled": True, "action": "CUSTOM_SERVICE", "service": "Nowhere"}
    assert robot.admin("PUT", ALERT, json=alert).status_code == status
    assert robot.admin("PUT", ALERT, json={**alert, "service": "AlertHandler"}).status_code == 200


@pytest.mark.parametrize(("position", "name"), [("kept", "a@lab.test"), ("dropped", None)])
def test_username_under_oauth(lab: LabControl, robot: PlainClient, position: str, name: str | None) -> None:
    lab.set_switches(username_under_oauth=position)
    sent = {"authenticationType": "OAUTH", "userName": "a@lab.test"}
    assert robot.admin("PUT", EMAIL, json=sent).json()["userName"] == name
    assert robot.admin("PUT", EMAIL, json={"userName": "a@lab.test"}).json()["userName"] == "a@lab.test"


@pytest.mark.parametrize("change", [{"clientId": "new"}, {"scope": "new"}, {"clientSecret": "new"}])
@pytest.mark.parametrize(("position", "status"), [("keeps", "AUTHORIZED"), ("drops", "NOT_AUTHORIZED")])
def test_oauth_change(lab: LabControl, robot: PlainClient, position: str, status: str, change: dict[str, str]) -> None:
    oauth = {"clientId": "old", "scope": "old", "clientSecret": "old"}
    robot.admin("PUT", EMAIL, json={"oauth": oauth})
    lab.authorize("Cloud Server")
    lab.set_switches(oauth_change=position)
    unchanged = robot.admin("PUT", EMAIL, json={"oauth": oauth, "hostName": "h.test"}).json()
    assert unchanged["authorizationStatus"]["status"] == "AUTHORIZED"
    changed = robot.admin("PUT", EMAIL, json={"oauth": {**oauth, **change}}).json()
    assert changed["authorizationStatus"]["status"] == status


@pytest.mark.parametrize("position", ["v3", "v2", "html", "empty"])
def test_error_body(lab: LabControl, robot: PlainClient, position: str) -> None:
    lab.set_switches(error_body=position)
    reply = robot.admin("PUT", EMAIL, json={"port": 0})
    assert reply.status_code == 400
    if position == "v3":
        assert "port" in reply.json()["error"]["message"]
    elif position == "v2":
        assert reply.json()["statusCode"] == 400
    elif position == "html":
        assert reply.headers["Content-Type"].startswith("text/html")
    else:
        assert reply.content == b""
    assert robot.platform("agent/none").json()["@type"] == "error"


def test_switches_are_listed_checked_and_reset(lab: LabControl) -> None:
    listed = lab.switches()
    assert {name: tuple(item["positions"]) for name, item in listed.items()} == {
        name: switch.positions for name, switch in SWITCHES.items()
    }
    with pytest.raises(LabError, match="positions"):
        lab.set_switches(port_type="string", error_body="no such")
    assert lab.switches()["port_type"]["position"] == "number"
    with pytest.raises(LabError, match="there is no switch"):
        lab.set_switches(nonsense="x")


def test_the_page_about_the_lab_has_every_switch() -> None:
    page = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", page.partition("### Switches")[2].partition("\n### ")[0], re.M)
    told = {name: tuple(position.strip() for position in positions.split(",")) for name, positions in rows}
    assert told == {name: switch.positions for name, switch in SWITCHES.items()}
