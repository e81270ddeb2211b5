# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Authorize Access: greyed until OAuth is saved, then a person consents or refuses, and the page and modules tell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from page_support.modules import Modules
from page_support.person import Person
from selenium.webdriver.common.by import By

ACCOUNT, PASSWORD = "alerts@lab.test", "alerts-Mail-pw1"
SECRET = "console-client-Secret-1"
BUTTON = "Authorize Access"


@pytest.fixture
def fresh(lab: LabControl) -> Callable[[], str]:
    """Makes a new agent that nobody has configured; its name."""
    return lambda: f"bulk-{lab.add_agents(1):04d}"


def oauth(lab: LabControl) -> dict[str, str]:
    """The fields of the console's own client at the lab's OAuth server, by label."""
    urls = lab.addresses["oauth"]
    return {
        "Host": "localhost",
        "Port": str(lab.addresses["smtp"]["starttls_port"]),
        "Username": ACCOUNT,
        "Authorization URL": urls["authorization_url"],
        "Token Request URL": urls["token_url"],
        "Client ID": "console-client",
        "Client Secret": SECRET,
        "Scope": "https://outlook.office.com/SMTP.Send offline_access",
    }


def save_oauth(person: Person, lab: LabControl, target: str, **other: str) -> None:
    """Fill the form in for OAuth, and save it."""
    person.open(target)
    person.choose("email", "OAuth")
    person.choose("email", "TLS")
    for label, text in {**oauth(lab), **other}.items():
        person.type("email", label, text)
    assert "Saved." in person.save("email")


def answer(person: Person, button: str) -> str:
    """Sign in at the OAuth server as the mailbox's owner, and press a button of the consent; what is said at last."""
    person.type("", "Account", ACCOUNT)
    person.type("", "Password", PASSWORD)
    person.press("Sign in")
    person.press(button)
    return person.browser.find_element(By.TAG_NAME, "main").text


def go_back(person: Person) -> None:
    """Follow the link at the end."""
    person.browser.find_element(By.LINK_TEXT, "Back to System Services").click()
    person.wait(lambda browser: browser.title.startswith("System Services of"))


def status(person: Person) -> str:
    """What the page says of the authorization."""
    return person.browser.find_element(By.CSS_SELECTOR, "#email .authorization p").text


def authorization(modules: Modules, target: str) -> dict[str, Any]:
    """What ``email_service_info`` says of it."""
    return dict(modules.read("email_service", target)["authorization"])


def test_it_stays_greyed_until_oauth_is_saved(
    lab: LabControl, person: Person, modules: Modules, fresh: Callable[[], str]
) -> None:
    target = fresh()
    modules.set("email_service", target, host="mail.test", username="u", password="SECRET-1", authentication="password")
    person.open(target)
    assert not person.button(BUTTON, "email").is_displayed()
    # Chosen is not saved.
    person.choose("email", "OAuth")
    button = person.button(BUTTON, "email")
    assert (button.is_displayed(), button.is_enabled()) == (True, False)
    assert "Save the service with OAuth first." in person.browser.page_source
    lab.clear_operations()
    button.click()
    assert lab.operations(operation="start_authorization") == []
    save_oauth(person, lab, target)
    assert person.button(BUTTON, "email").is_enabled()
    assert status(person) == "Not authorized"
    person.choose("email", "Password")
    assert "Saved." in person.save("email")
    person.choose("email", "OAuth")
    assert not person.button(BUTTON, "email").is_enabled()


@pytest.mark.parametrize("start", ["link", "none"])
def test_a_person_consents_and_everybody_sees_it(
    lab: LabControl, person: Person, modules: Modules, fresh: Callable[[], str], start: str
) -> None:
    """Also where the console hands no link to programs: the page's button is documented."""
    target = fresh()
    save_oauth(person, lab, target)
    lab.set_switches(authorization_start=start)
    person.press(BUTTON, "email")
    assert person.browser.current_url.startswith(lab.addresses["oauth"]["base"])
    assert f"Access for {target} is authorized." in answer(person, "Accept")
    go_back(person)
    assert person.browser.title.startswith(f"System Services of {target}")
    read = authorization(modules, target)
    assert (read["status"], read["authorized_by"]) == ("authorized", "robot@lab.test")
    day, second = read["last_completed"][:10], read["last_completed"][11:19]
    assert status(person) == f"Authorized by robot@lab.test, last completed {day} {second} UTC"
    (entry,) = lab.operations(operation="start_authorization")
    assert (entry["listener"], entry["status"]) == ("page", 200)
    # It is more than a word: the console sends with it.
    person.type("email", "Recipient of the test", "reports@lab.test")
    assert "The test mail was accepted." in person.test_email()
    assert [(mail["auth_user"], mail["recipients"]) for mail in lab.mailbox()] == [(ACCOUNT, ["reports@lab.test"])]
    assert [entry for entry in person.browser.get_log("browser") if entry["level"] == "SEVERE"] == []


def test_a_person_refuses_and_nothing_is_authorized(
    lab: LabControl, person: Person, modules: Modules, fresh: Callable[[], str]
) -> None:
    target = fresh()
    save_oauth(person, lab, target)
    person.press(BUTTON, "email")
    said = answer(person, "Cancel")
    assert "Not authorized" in said
    assert "access_denied" in said
    go_back(person)
    assert status(person) == "Not authorized"
    assert authorization(modules, target)["status"] == "not_authorized"
    assert lab.oauth_events(event="refresh_token") == []
    # Refused once is not refused for ever.
    person.press(BUTTON, "email")
    assert "is authorized" in answer(person, "Accept")


def test_what_is_not_complete_leads_nowhere(lab: LabControl, person: Person, fresh: Callable[[], str]) -> None:
    target = fresh()
    save_oauth(person, lab, target, **{"Client ID": "", "Scope": ""})
    person.press(BUTTON, "email")
    said = person.messages("email")
    assert "Not authorized" in said
    assert "missing: clientId, scope" in said
    assert person.field("email", "Host").get_attribute("value") == "localhost"


def test_an_authorization_that_is_no_web_address_is_not_followed(
    lab: LabControl, person: Person, fresh: Callable[[], str]
) -> None:
    target = fresh()
    save_oauth(person, lab, target, **{"Authorization URL": "javascript://login.test/%0aalert(1)"})
    person.press(BUTTON, "email")
    assert "The Authorization URL is no web address." in person.messages("email")
