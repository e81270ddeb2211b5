# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets that do not answer, people without the privilege, groups of somebody else."""

from __future__ import annotations

import pytest
from cai_lab.control_client import LabControl
from page_support.modules import Modules
from page_support.person import Person
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By


@pytest.mark.parametrize(
    ("target", "words"),
    [("agent-stopped", "The process server is not running."), ("agent-unreachable", "The agent did not answer.")],
)
def test_a_target_that_does_not_answer(person: Person, target: str, words: str) -> None:
    person.open(target)
    said = person.messages("content")
    assert f"The services of {target} cannot be shown." in said
    assert words in said
    assert person.browser.find_elements(By.CSS_SELECTOR, "main form") == []


def test_a_target_that_stops_while_it_is_edited(lab: LabControl, person: Person) -> None:
    person.open("agent-b")
    lab.set_faults({"listener": "page", "method": "PUT", "path": "alert$", "status": 503, "times": None})
    person.type("alert", "Email for Alerts", "ops@lab.test")
    assert "Not saved" in person.save("alert")
    assert person.field("alert", "Email for Alerts").get_attribute("value") == "ops@lab.test"
    assert person.messages("email") == ""


def test_a_viewer_sees_why_and_cannot_save(browser: Chrome, lab: LabControl) -> None:
    viewer = Person(browser, lab)
    viewer.sign_in("viewer@lab.test")
    before = lab.state()["hash"]
    assert "The privilege Console Administration is needed." in viewer.messages("content")
    assert browser.find_elements(By.CSS_SELECTOR, "main form") == []
    # Even a form of somebody else's page, sent by hand, changes nothing.
    token = browser.find_element(By.NAME, "token").get_attribute("value")
    send = """
        const [token, done] = arguments;
        const body = new URLSearchParams({ token, target: 'cloud', host: 'viewers.test', port: '25' });
        fetch('/console/services/email', { method: 'POST', body }).then((answer) => done(answer.status));
    """
    assert browser.execute_async_script(send, token) == 403
    assert lab.state()["hash"] == before


def test_a_shared_group_cannot_be_saved_here(person: Person, browser: Chrome, lab: LabControl) -> None:
    person.open("shared-eu")
    assert "It is changed by its owner only." in person.messages("content")
    assert not any(person.button("Save", section).is_enabled() for section in ("email", "alert", "properties"))
    owner = Person(browser, lab)
    owner.sign_in("owner@parent.test")
    owner.open("shared-eu")
    owner.type("email", "Host", "owners.test")
    assert "Saved." in owner.save("email")
    assert Modules(lab, "owner@parent.test").read("email_service", "shared-eu")["host"] == "owners.test"


def test_a_wrong_password_and_a_session_that_ends(browser: Chrome, lab: LabControl) -> None:
    person = Person(browser, lab)
    person.sign_in(password="wrong")
    assert "The user name or the password is not valid." in person.messages("content")
    person.sign_in()
    lab.end_sessions()
    person.press("Save", "email")
    assert "Your session has ended." in person.messages("content")


def test_the_drop_down_opens_another_target(person: Person, lab: LabControl) -> None:
    choice = person.field("", "Execution target")
    choice.send_keys("agent-b")
    person.press("Open")
    assert person.browser.title.startswith("System Services of agent-b")


def test_the_canary_alerts_by_mail(person: Person, lab: LabControl) -> None:
    person.open("agent-a")
    person.fill_email()
    person.tick("email", "Enable SMTP Service")
    person.save("email")
    person.tick("properties", "Suspend processes on uncaught fault")
    person.save("properties")
    person.tick("alert", "Enable Alert Service")
    person.type("alert", "Email for Alerts", "reports@lab.test")
    person.choose("alert", "Send Email")
    person.save("alert")
    person.open("agent-a", "processes")
    person.press("Run the canary")
    assert "It is suspended now." in person.messages("content")
    person.wait(lambda _: lab.mailbox())
    person.open("agent-a", "mailbox")
    subject = person.browser.find_element(By.TAG_NAME, "summary")
    assert "Process CaiCanary suspended on agent-a" in subject.text
    person.open("agent-a", "log")
    person.browser.find_element(By.LINK_TEXT, "Alert").click()
    assert "was sent to reports@lab.test" in person.browser.find_element(By.TAG_NAME, "table").text
