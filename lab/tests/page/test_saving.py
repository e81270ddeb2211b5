# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is saved by the page is what the interface reads, and the reverse."""

from __future__ import annotations

import re
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from cai_lab.plain_client import PlainClient

EMAIL, ALERT, PROPERTIES = "server/services/email", "server/services/alert", "server/properties"
ADDRESS = "/console/services"
OAUTH = {
    "authorization_url": "https://id.test/authorize",
    "token_url": "https://id.test/token",
    "client_id": "client-1",
    "client_secret": "SECRET-client",
    "scope": "https://outlook.office.com/SMTP.Send offline_access",
}


def said(page: str) -> str:
    """The messages of a page."""
    return " ".join(re.findall(r'<div class="message.*?</div>', page, re.DOTALL))


def shown(visitor: Any, section: str, target: str = "Cloud Server") -> dict[str, str]:
    """What the form of a section shows, without what travels hidden."""
    visitor.services(target)
    form = dict(visitor.form(f"{ADDRESS}/{section}"))
    for name in ("token", "target", "version"):
        form.pop(name)
    return form


@pytest.mark.parametrize("target", ["Cloud Server", "agent-b", "Agent Zürich 3", "cluster-east"])
def test_the_email_service(lab: LabControl, visitor: Any, robot: PlainClient, target: str) -> None:
    visitor.services(target)
    lab.clear_operations()
    answer = visitor.send(
        f"{ADDRESS}/email",
        enabled="on",
        host=" smtp.lab.test ",
        port="587",
        security="TLS",
        username="alerts@lab.test",
        password="alerts-Mail-pw1",
        password_again="alerts-Mail-pw1",
    )
    assert "Saved." in said(answer.text)
    read = robot.admin("GET", EMAIL, target).json()
    assert (read["enabled"], read["hostName"], read["port"], read["security"]) == (True, "smtp.lab.test", 587, "TLS")
    assert (read["userName"], read["modifiedBy"]) == ("alerts@lab.test", "robot@lab.test")
    assert lab.secret(target, "password", "alerts-Mail-pw1")["equal"]
    (entry,) = lab.operations(operation="write_email_service")
    by_hand = f"{robot.base(target)}/restadmin/{EMAIL}".removeprefix(lab.addresses["console"])
    assert (entry["listener"], entry["method"], entry["path"]) == ("page", "PUT", by_hand)
    assert (entry["user"], entry["mutates"], entry["status"]) == ("robot@lab.test", True, 200)
    assert {"hostName", "password", "oauth.scope"} <= set(entry["members"])


def test_the_oauth_fields(lab: LabControl, visitor: Any, robot: PlainClient) -> None:
    lab.authorize("agent-a", by="owner@lab.test")
    assert "by owner@lab.test, last completed" in visitor.services("agent-a").text
    visitor.send(f"{ADDRESS}/email", authentication="OAUTH", **OAUTH)
    read = robot.admin("GET", EMAIL, "agent-a").json()
    assert read["authenticationType"] == "OAUTH"
    assert read["oauth"] == {
        "authorizationUrl": OAUTH["authorization_url"],
        "tokenUrl": OAUTH["token_url"],
        "clientId": OAUTH["client_id"],
        "scope": OAUTH["scope"],
    }
    assert lab.secret("agent-a", "oauth.clientSecret", "SECRET-client")["equal"]


def test_alert_service_and_server_properties(visitor: Any, robot: PlainClient) -> None:
    visitor.services("agent-a")
    visitor.send(f"{ADDRESS}/alert", enabled="on", action="CUSTOM_SERVICE", email="", service="AlertHandler")
    read = robot.admin("GET", ALERT, "agent-a").json()
    assert [read[name] for name in ("enabled", "action", "emailForAlerts", "service")] == [
        True,
        "CUSTOM_SERVICE",
        None,
        "AlertHandler",
    ]
    visitor.send(f"{ADDRESS}/properties", suspend="on", process_count="7", without=("validate",))
    read = robot.admin("GET", PROPERTIES, "agent-a").json()
    assert (read["suspendProcessesOnUncaughtFault"], read["validateServiceMessages"]) == (True, False)
    assert (read["processCount"], read["loggingLevel"]) == (7, "execution")


def test_what_the_interface_saved_is_shown(visitor: Any, robot: PlainClient) -> None:
    robot.admin("PUT", EMAIL, "agent-b", json={"enabled": True, "hostName": "b.test", "port": 465, "security": "SSL"})
    robot.admin("PUT", ALERT, "agent-b", json={"enabled": True, "emailForAlerts": "ops@lab.test"})
    robot.admin("PUT", PROPERTIES, "agent-b", json={"suspendProcessesOnUncaughtFault": True})
    email = shown(visitor, "email", "agent-b")
    assert (email["enabled"], email["host"], email["port"], email["security"]) == ("on", "b.test", "465", "SSL")
    assert shown(visitor, "alert", "agent-b")["email"] == "ops@lab.test"
    assert shown(visitor, "properties", "agent-b")["suspend"] == "on"


@pytest.mark.parametrize("how", ["omitted", "null", "masked", "encrypted"])
def test_saving_never_sends_a_mask(lab: LabControl, visitor: Any, robot: PlainClient, how: str) -> None:
    secrets = {"password": "SECRET-1", "oauth": {"clientSecret": "SECRET-2"}, "extra": [1]}
    robot.admin("PUT", EMAIL, json=secrets)
    lab.set_switches(secret_on_read=how)
    page = visitor.services().text
    assert not any(word in page for word in ("SECRET-", "****", "encrypted:"))
    visitor.send(f"{ADDRESS}/email", host="new.test")
    assert lab.operations(operation="write_email_service", listener="page")[-1]["status"] == 200
    assert not {"password", "oauth.clientSecret"} & set(lab.operations(operation="write_email_service")[-1]["members"])
    assert lab.secret("Cloud Server", "password", "SECRET-1")["equal"]
    assert lab.secret("Cloud Server", "oauth.clientSecret", "SECRET-2")["equal"]
    read = robot.admin("GET", EMAIL).json()
    assert (read["hostName"], read["extra"]) == ("new.test", [1])


@pytest.mark.parametrize(
    "positions",
    [
        {"port_type": "string"},
        {"security_words": "lower"},
        {"security_words": "none_word"},
        {"write_answer": "empty"},
        {"write_answer": "no_content"},
        {"concurrency": "none"},
        {"partial_write": "merge"},
        {"session_kind": "jwt"},
        {"error_body": "html"},
    ],
    ids=lambda positions: "-".join(next(iter(positions.items()))),
)
def test_in_every_position_of_the_switches(lab: LabControl, visitor: Any, positions: dict[str, str]) -> None:
    lab.set_switches(**positions)
    visitor.services("agent-a")
    tls = "tls" if positions.get("security_words") == "lower" else "TLS"
    assert "Saved." in said(visitor.send(f"{ADDRESS}/email", host="a.test", port="2525", security=tls).text)
    again = shown(visitor, "email", "agent-a")
    assert (again["host"], again["port"], again["security"]) == ("a.test", "2525", tls)
    assert "Saved." in said(visitor.send(f"{ADDRESS}/email").text)


def test_a_password_that_was_not_typed_twice_alike_is_refused(lab: LabControl, visitor: Any) -> None:
    visitor.services()
    before = lab.state()["hash"]
    for path in (f"{ADDRESS}/email", f"{ADDRESS}/email/test"):
        answer = visitor.send(
            f"{ADDRESS}/email", to=path, password="SECRET-1", password_again="SECRET-2", host="x.test"
        )
        assert answer.status_code == 400
        assert "The two passwords differ." in said(answer.text)
        assert "SECRET-" not in answer.text
        assert visitor.form(f"{ADDRESS}/email")["host"] == "x.test"
    assert lab.state()["hash"] == before
    assert lab.operations(mutates=True, listener="page", operation="write_email_service") == []
    assert lab.operations(operation="test_email_service") == []


def test_a_password_that_the_form_does_not_show_counts_for_nothing(lab: LabControl, visitor: Any) -> None:
    visitor.services("cluster-east")
    answer = visitor.send(f"{ADDRESS}/email", authentication="OAUTH", password="SECRET-1", client_secret="SECRET-2")
    assert "Saved." in said(answer.text)
    assert not lab.secret("cluster-east", "password", "SECRET-1")["equal"]
    assert lab.secret("cluster-east", "oauth.clientSecret", "SECRET-2")["equal"]


@pytest.mark.parametrize(
    ("section", "changes", "words"),
    [
        ("email", {"port": "seven"}, "port must be a number."),
        ("email", {"port": "70000"}, "port must be from 1 to 65535."),
        ("email", {"security": "STARTTLS"}, "security must be one of"),
        ("alert", {"enabled": "on", "action": "CUSTOM_SERVICE", "service": "NotThere"}, "NotThere is not deployed"),
        ("properties", {"process_count": "0"}, "processCount must be 1 or more."),
    ],
)
def test_the_servers_words_stand_beside_the_section(
    lab: LabControl, visitor: Any, section: str, changes: dict[str, str], words: str
) -> None:
    visitor.services()
    before = lab.state()["hash"]
    answer = visitor.send(f"{ADDRESS}/{section}", **changes)
    assert answer.status_code == 400
    (where,) = re.findall(rf'<section class="section" id="{section}".*?</section>', answer.text, re.DOTALL)
    assert words in said(where)
    assert said(answer.text.replace(where, "")) == ""
    # What was typed is shown again; a word that the page does not offer is no choice of it.
    typed = {name: value for name, value in changes.items() if name != "security"}
    assert typed.items() <= visitor.form(f"{ADDRESS}/{section}").items()
    assert lab.state()["hash"] == before


def test_what_somebody_else_saved_is_not_overwritten(visitor: Any, robot: PlainClient) -> None:
    visitor.services()
    robot.admin("PUT", EMAIL, json={"hostName": "theirs.test"})
    answer = visitor.send(f"{ADDRESS}/email", host="mine.test")
    assert answer.status_code == 412
    assert "changed by somebody else" in said(answer.text)
    assert robot.admin("GET", EMAIL).json()["hostName"] == "theirs.test"


@pytest.mark.parametrize("kind", ["now", "job"])
def test_the_test_takes_what_is_typed(lab: LabControl, visitor: Any, email: dict[str, Any], kind: str) -> None:
    lab.set_switches(test_answer=kind)
    typed = {
        "host": email["hostName"],
        "port": str(email["port"]),
        "security": "TLS",
        "username": email["userName"],
        "password": email["password"],
        "password_again": email["password"],
        "recipient": "reports@lab.test",
    }
    visitor.services("agent-b")
    before = lab.state()["hash"]
    answer = visitor.send(f"{ADDRESS}/email", to=f"{ADDRESS}/email/test", **typed)
    assert answer.status_code == 200
    assert "The test mail was accepted." in said(answer.text)
    assert "alerts-Mail-pw1" not in answer.text
    assert lab.state()["hash"] == before
    assert lab.mailbox()[0]["recipients"] == ["reports@lab.test"]
    answer = visitor.send(
        f"{ADDRESS}/email", to=f"{ADDRESS}/email/test", **{**typed, "password": "x", "password_again": "x"}
    )
    assert "The test failed at the stage" in said(answer.text)
    assert "535" in said(answer.text)


def test_the_test_takes_what_is_stored_where_the_console_does(lab: LabControl, visitor: Any) -> None:
    lab.set_switches(test_values="stored")
    visitor.services("agent-b")
    answer = visitor.send(f"{ADDRESS}/email", to=f"{ADDRESS}/email/test", host="typed.test")
    assert answer.status_code == 200
    assert "The stored configuration was tested." in said(answer.text)
