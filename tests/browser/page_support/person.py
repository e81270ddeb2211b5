# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person at the page: signs in, opens targets, types, presses. Fields are found by their labels."""

from __future__ import annotations

from typing import Any

from cai_lab.control_client import LabControl
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

PATIENCE_S = 20
CLOUD = "cloud"
ARRIVED = "return window.left === undefined && document.readyState === 'complete'"
BY_LABEL = """
const [section, label, radio] = arguments;
const root = section ? document.getElementById(section) : document;
for (const item of root.querySelectorAll('label')) {
  if (item.firstChild.textContent.trim() === label && (item.control.type === 'radio') === radio) return item.control;
}
return null;
"""


class Person:
    """Somebody at the page of a lab."""

    def __init__(self, browser: Chrome, lab: LabControl) -> None:
        self.browser = browser
        self._lab = lab
        self.root = lab.addresses["console"]

    def sign_in(self, user: str = "robot@lab.test", password: str | None = None) -> None:
        """Forget who was here, and sign in by the form."""
        self.browser.get(f"{self.root}/console/sign-in")
        self.browser.delete_all_cookies()
        self.browser.get(self.root)
        if password is None:
            password = next(item["password"] for item in self._lab.addresses["users"] if item["name"] == user)
        self.type("", "User name", user)
        self.type("", "Password", password)
        self.press("Sign in")

    def open(self, target: str = CLOUD, view: str = "services") -> None:
        """Open a view of a target (id, or the name of a seeded one)."""
        identifier = target if target == CLOUD else self.id_of(target)
        self.browser.get(f"{self.root}/console/{view}?target={identifier}")

    def id_of(self, target: str) -> str:
        """The id of a target."""
        return str(next(item["id"] for item in self._lab.targets() if target in (item["id"], item["name"])))

    def field(self, section: str, label: str, *, choice: bool = False) -> WebElement:
        """The control with a label in a section; one of several to choose from, or any other."""
        found = self.browser.execute_script(BY_LABEL, section, label, choice)
        assert isinstance(found, WebElement), f"nothing is labelled {label!r} in {section or 'the page'}"
        return found

    def type(self, section: str, label: str, text: str) -> None:
        """Replace what a field holds."""
        field = self.field(section, label)
        field.clear()
        field.send_keys(text)

    def tick(self, section: str, label: str, on: bool = True) -> None:
        """Tick a box, or take the tick away."""
        field = self.field(section, label)
        if field.is_selected() != on:
            field.click()

    def choose(self, section: str, label: str) -> None:
        """Choose one of several, by pressing its label."""
        choice = self.field(section, label, choice=True)
        self.browser.find_element(By.CSS_SELECTOR, f'label[for="{choice.get_attribute("id")}"]').click()

    def button(self, name: str, section: str = "") -> WebElement:
        """A button by what stands on it."""
        scope = f"//*[@id='{section}']" if section else ""
        return self.browser.find_element(By.XPATH, f"{scope}//button[normalize-space()='{name}']")

    def press(self, name: str, section: str = "") -> None:
        """Press a button, and wait for the page that follows."""
        self.browser.execute_script("window.left = false")
        self.button(name, section).click()
        self.wait(lambda browser: browser.execute_script(ARRIVED))

    def wait(self, condition: Any) -> Any:
        """Wait for a condition; TimeoutException when it does not come."""
        # While one page makes way for the next, the driver may know neither.
        patient = WebDriverWait(self.browser, PATIENCE_S, poll_frequency=0.05, ignored_exceptions=(WebDriverException,))
        return patient.until(condition)

    def messages(self, section: str) -> str:
        """What a section says happened."""
        found = self.browser.find_elements(By.CSS_SELECTOR, f"#{section} .message")
        return "\n".join(item.text for item in found)

    def test_email(self) -> str:
        """Press Test, and wait for what it says."""
        self.button("Test", "email").click()
        place = "#email-result .message.done, #email-result .message.error"
        return str(self.wait(lambda browser: browser.find_elements(By.CSS_SELECTOR, place))[0].text)

    def save(self, section: str) -> str:
        """Save a section; what it says happened."""
        self.press("Save", section)
        return self.messages(section)

    def fill_email(self, **more: str) -> None:
        """An email service that works with the lab's own mail server; ``more``: other texts by label."""
        texts = {
            "Host": "127.0.0.1",
            "Port": str(self._lab.addresses["smtp"]["starttls_port"]),
            "Username": "alerts@lab.test",
            "Password": "alerts-Mail-pw1",
            "Confirm Password": "alerts-Mail-pw1",
            **more,
        }
        self.choose("email", "Password")
        self.choose("email", "TLS")
        for label, text in texts.items():
            self.type("email", label, text)
