# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""For everybody: labels, keyboard, focus, contrast, no JavaScript; and nothing that the browser complains about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from cai_lab.control_client import LabControl
from page_support.browser import colours
from page_support.contrast import texts
from page_support.modules import Modules
from page_support.person import Person
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

VIEWS = ("services", "log", "processes", "mailbox")
LEAST_CONTRAST = 4.5
MOST_STEPS = 40
NAMELESS = """
const controls = document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a, summary');
return [...controls].filter((item) => !(item.labels?.length || item.textContent.trim() || item.ariaLabel))
  .map((item) => item.outerHTML);
"""
REPEATED = """
const ids = [...document.querySelectorAll('[id]')].map((item) => item.id);
const used = [...document.querySelectorAll('[aria-describedby], [aria-labelledby]')]
  .flatMap((item) => [item.getAttribute('aria-describedby'), item.getAttribute('aria-labelledby')]).filter(Boolean);
return [ids.filter((id, at) => ids.indexOf(id) !== at), used.filter((id) => !ids.includes(id))];
"""
FOCUSED = """
const item = document.activeElement;
const seen = item.type === 'radio' ? item.labels[0] : item;
const style = getComputedStyle(seen);
return [item.id, item.textContent.trim(), style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2];
"""
PLACES = "return performance.getEntriesByType('resource').map((entry) => new URL(entry.name).origin)"


@pytest.fixture
def filled(person: Person, modules: Modules) -> Person:
    """A person at a target that has something to show in each view."""
    modules.set("email_service", "agent-b", host="mail.test", username="u", reuse_stored_secret=True)
    person.open("agent-b")
    person.test_email()
    return person


@pytest.mark.parametrize("view", [*VIEWS, "sign-in"])
def test_everything_has_a_name_and_landmarks(filled: Person, view: str) -> None:
    browser = filled.browser
    if view == "sign-in":
        filled.press("Sign out")
    else:
        filled.open("agent-b", view)
    assert browser.execute_script(NAMELESS) == []
    assert browser.execute_script(REPEATED) == [[], []]
    for landmark in ("header", "main", "footer", "h1"):
        assert len(browser.find_elements(By.TAG_NAME, landmark)) == 1
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == "en"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_have_contrast(filled: Person, lab: LabControl, scheme: str) -> None:
    browser = filled.browser
    colours(browser, scheme)
    grounds = set()
    for view in (*VIEWS, "oauth", "refused", "stopped", "sign-in"):
        show(filled, view)
        weak = [text for text in texts(browser) if text.ratio < LEAST_CONTRAST]
        assert not weak, f"{view}: {weak}"
        assert len(texts(browser)) > 8
        grounds.add(browser.find_element(By.TAG_NAME, "body").value_of_css_property("background-color"))
    # It is really the other scheme: one ground everywhere, and its red part is high or low.
    (ground,) = grounds
    assert (int(ground.partition("(")[2].split(",")[0]) > 128) == (scheme == "light")


def show(person: Person, view: str) -> None:
    """Show a view in one of its states."""
    if view == "sign-in":
        person.press("Sign out")
        return
    person.open("agent-stopped" if view == "stopped" else "agent-b", view if view in VIEWS else "services")
    if view == "oauth":
        person.choose("email", "OAuth")
    if view == "refused":
        person.type("email", "Port", "none")
        person.save("email")


def test_nothing_is_complained_about_and_nothing_is_external(filled: Person, lab: LabControl) -> None:
    browser = filled.browser
    for view in VIEWS:
        filled.open("agent-b", view)
        assert set(browser.execute_script(PLACES)) == {lab.addresses["console"]}
    filled.open("agent-b")
    assert "Saved." in filled.save("email")
    filled.press("Sign out")
    assert [entry for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")] == []


class Keyboard:
    """Keys only. Each stop must show that it has the focus."""

    def __init__(self, browser: Chrome) -> None:
        self._browser = browser

    def press(self, *keys: str) -> None:
        """Press keys wherever the focus is."""
        for key in keys:
            ActionChains(self._browser).send_keys(key).perform()

    def go_to(self, name: str) -> None:
        """Press Tab until the focus is on a control, by its id or by what stands on it."""
        for _turn in range(MOST_STEPS):
            self.press(Keys.TAB)
            identifier, text, visible = self._browser.execute_script(FOCUSED)
            assert visible, f"the focus cannot be seen on {identifier or text}"
            if name in (identifier, text):
                return
        raise AssertionError(f"{name} was not reached by {MOST_STEPS} steps")

    def replace(self, text: str) -> None:
        """Type over what the field with the focus holds."""
        ActionChains(self._browser).key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).perform()
        self.press(text)


def test_a_whole_edit_by_keyboard(lab: LabControl, browser: Chrome, modules: Modules) -> None:
    person, keyboard = Person(browser, lab), Keyboard(browser)
    browser.get(f"{lab.addresses['console']}/console/sign-in")
    browser.delete_all_cookies()
    browser.get(lab.addresses["console"])
    keyboard.press("robot@lab.test", Keys.TAB, "robot-Console-pw1", Keys.ENTER)
    person.wait(lambda _: browser.title.startswith("System Services"))
    keyboard.go_to("target")
    keyboard.press("agent-b")
    keyboard.go_to("Open")
    keyboard.press(Keys.ENTER)
    person.wait(lambda _: browser.title.startswith("System Services of agent-b"))
    keyboard.go_to("email-enabled")
    if not person.field("email", "Enable SMTP Service").is_selected():
        keyboard.press(Keys.SPACE)
    keyboard.go_to("email-host")
    keyboard.replace("keys.test")
    keyboard.go_to("email-port")
    keyboard.replace("465")
    keyboard.press(Keys.TAB, Keys.TAB)  # over the type of authentication, to the security
    for _turn in range(3):
        if not person.field("email", "SSL", choice=True).is_selected():
            keyboard.press(Keys.ARROW_RIGHT)
    keyboard.go_to("email-username")
    keyboard.replace("keys@lab.test")
    keyboard.go_to("email-password")
    keyboard.press("keys-Mail-pw1", Keys.TAB, "keys-Mail-pw1")
    keyboard.go_to("Save")
    keyboard.press(Keys.ENTER)
    person.wait(lambda _: "Saved." in person.messages("email"))
    # The focus is on what happened, so that a screen reader says it.
    assert browser.switch_to.active_element.text == "Saved."
    read = modules.read("email_service", "agent-b")
    got = {name: read[name] for name in ("enabled", "host", "port", "security", "username")}
    wanted = {"enabled": True, "host": "keys.test", "port": 465, "security": "ssl", "username": "keys@lab.test"}
    assert got == wanted
    assert lab.secret("agent-b", "password", "keys-Mail-pw1")["equal"]


def test_the_skip_link_leads_to_the_content(person: Person) -> None:
    keyboard = Keyboard(person.browser)
    person.open("agent-b")
    keyboard.go_to("Skip to the content")
    keyboard.press(Keys.ENTER)
    assert person.browser.switch_to.active_element.get_attribute("id") == "content"


@pytest.fixture
def scriptless(person: Person) -> Iterator[Person]:
    """The person in a browser that runs no script of a page."""
    switch: dict[str, Any] = {"value": True}
    person.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", switch)
    yield person
    person.browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


def test_it_works_without_javascript(scriptless: Person, lab: LabControl, modules: Modules) -> None:
    browser = scriptless.browser
    scriptless.open("agent-a")
    host = browser.find_element(By.ID, "email-host")
    host.clear()
    host.send_keys("scriptless.test")
    browser.find_element(By.ID, "email-test").click()
    result = scriptless.wait(lambda _: browser.find_elements(By.CSS_SELECTOR, "#email-result .message"))
    assert "The test failed at the stage" in result[0].text
    assert "It is not saved yet." in result[0].text
    browser.find_element(By.CSS_SELECTOR, "#email button.primary").click()
    scriptless.wait(lambda _: "saved=email" in browser.current_url)
    assert modules.read("email_service", "agent-a")["host"] == "scriptless.test"
