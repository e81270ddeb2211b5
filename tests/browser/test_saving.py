# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person saves on the page is what the collection's modules read, and the reverse."""

from __future__ import annotations

import pytest
from cai_lab.control_client import LabControl
from page_support.modules import Modules
from page_support.person import Person

SECRET = "SECRET-Mail-pw9"
TRACES = ("SECRET-", "alerts-Mail-pw1", "****", "encrypted:")


@pytest.mark.parametrize("target", ["Cloud Server", "agent-b", "Agent Zürich 3", "cluster-east"])
def test_a_person_tests_and_saves_and_the_modules_read_it(
    lab: LabControl, person: Person, modules: Modules, target: str
) -> None:
    person.open("cloud" if target == "Cloud Server" else target)
    person.fill_email()
    person.type("email", "Recipient of the test", "reports@lab.test")
    assert "The test mail was accepted." in person.test_email()
    assert lab.mailbox()[0]["recipients"] == ["reports@lab.test"]
    # The form is as it was, passwords included: what was tested can be saved.
    person.tick("email", "Enable SMTP Service")
    assert "Saved." in person.save("email")
    person.tick("properties", "Suspend processes on uncaught fault")
    assert "Saved." in person.save("properties")
    person.tick("alert", "Enable Alert Service")
    person.choose("alert", "Custom Service")
    person.type("alert", "Service", "AlertHandler")
    assert "Saved." in person.save("alert")

    email = modules.read("email_service", target)
    expected = {
        "enabled": True,
        "host": "127.0.0.1",
        "port": lab.addresses["smtp"]["starttls_port"],
        "authentication": "password",
        "username": "alerts@lab.test",
        "security": "tls",
    }
    assert {name: email[name] for name in expected} == expected
    assert lab.secret(target, "password", "alerts-Mail-pw1")["equal"]
    alert = modules.read("alert_service", target)
    assert (alert["enabled"], alert["action"], alert["service"]) == (True, "custom_service", "AlertHandler")
    assert modules.read("server_properties", target)["suspend_on_uncaught_fault"] is True
    again = modules.set("email_service", target, host="127.0.0.1", security="tls", username="alerts@lab.test")
    assert again["changed"] is False


def test_the_oauth_fields_are_what_the_modules_read(lab: LabControl, person: Person, modules: Modules) -> None:
    person.open("agent-a")
    person.choose("email", "OAuth")
    texts = {
        "Authorization URL": "https://id.test/authorize",
        "Token Request URL": "https://id.test/token",
        "Client ID": "client-1",
        "Client Secret": SECRET,
        "Scope": "https://outlook.office.com/SMTP.Send offline_access",
    }
    for label, text in texts.items():
        person.type("email", label, text)
    assert not person.field("email", "Confirm Password").is_displayed()
    assert not person.button("Authorize Access").is_enabled()
    assert "Saved." in person.save("email")
    email = modules.read("email_service", "agent-a")
    assert email["authentication"] == "oauth"
    assert email["oauth"]["authorization_url"] == texts["Authorization URL"]
    assert email["oauth"]["token_url"] == texts["Token Request URL"]
    assert email["oauth"]["client_id"] == "client-1"
    assert sorted(email["oauth"]["scope"]) == sorted(texts["Scope"].split())
    assert lab.secret("agent-a", "oauth.clientSecret", SECRET)["equal"]


def test_what_the_modules_set_is_what_a_person_sees(lab: LabControl, person: Person, modules: Modules) -> None:
    target = f"bulk-{lab.add_agents(1):04d}"
    wishes = {"enabled": True, "host": "mail.test", "port": 465, "security": "ssl", "username": "u", "password": SECRET}
    assert modules.set("email_service", target, **wishes)["changed"]
    assert modules.set("alert_service", target, enabled=True, action="send_email", email="ops@lab.test")["changed"]
    assert modules.set("server_properties", target, suspend_on_uncaught_fault=True)["changed"]
    person.open(target)
    shown = {
        "Host": "mail.test",
        "Port": "465",
        "Username": "u",
        "Password": "",
        "Confirm Password": "",
    }
    assert {label: person.field("email", label).get_attribute("value") for label in shown} == shown
    assert person.field("email", "SSL", choice=True).is_selected()
    assert person.field("email", "Enable SMTP Service").is_selected()
    assert person.field("alert", "Send Email", choice=True).is_selected()
    assert person.field("alert", "Email for Alerts").get_attribute("value") == "ops@lab.test"
    assert person.field("properties", "Suspend processes on uncaught fault").is_selected()
    # Nothing typed: nothing changed, and the password is the one that the module sent.
    assert "Saved." in person.save("email")
    assert lab.secret(target, "password", SECRET)["equal"]
    assert modules.set("email_service", target, **{**wishes, "password": None})["changed"] is False


def test_a_password_that_is_typed_differently_is_refused(lab: LabControl, person: Person) -> None:
    person.open("agent-b")
    before = lab.state()["hash"]
    person.fill_email(**{"Confirm Password": "alerts-Mail-pw2"})
    assert "The two passwords differ." in person.save("email")
    assert lab.state()["hash"] == before
    assert person.field("email", "Host").get_attribute("value") == "127.0.0.1"
    assert not any(trace in person.browser.page_source for trace in TRACES)


@pytest.mark.parametrize("how", ["omitted", "masked", "encrypted"])
def test_no_secret_is_in_a_page(lab: LabControl, person: Person, modules: Modules, how: str) -> None:
    modules.set("email_service", "agent-b", enabled=True, host="mail.test", username="u", password=SECRET)
    lab.set_switches(secret_on_read=how)
    for view in ("services", "log", "processes", "mailbox"):
        person.open("agent-b", view)
        assert not any(trace in person.browser.page_source for trace in TRACES), view
    person.open("agent-b")
    person.save("email")
    assert lab.secret("agent-b", "password", SECRET)["equal"]


def test_what_somebody_else_saved_is_not_overwritten(person: Person, modules: Modules) -> None:
    person.open("agent-b")
    modules.set("email_service", "agent-b", host="theirs.test", reuse_stored_secret=True)
    person.type("email", "Host", "mine.test")
    said = person.save("email")
    assert "Not saved" in said
    assert "changed by somebody else" in said
    assert modules.read("email_service", "agent-b")["host"] == "theirs.test"


def test_the_test_says_where_it_failed(lab: LabControl, person: Person) -> None:
    person.open("agent-a")
    person.fill_email(Password="wrong", **{"Confirm Password": "wrong"})
    said = person.test_email()
    assert "The test failed at the stage" in said
    assert "535" in said
    assert person.field("email", "Password").get_attribute("value") == "wrong"
    assert lab.operations(listener="page", operation="write_email_service") == []
