# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A person at sign-in and consent pages, in a headless Chromium: types, clicks, and reads the address bar."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from page_support.browser import chromium, key_of

SECONDS = 30
STEPS = 8


class Visitor:
    """Somebody with an account. Cookies stay until ``leave``."""

    def __init__(self, browser: Chrome) -> None:
        self.browser = browser

    def consent(self, url: str, until: str, login: str, password: str) -> str:
        """Follow a link, sign in, accept; the address, beginning with ``until``, where the browser ends."""
        self.browser.get(url)
        for _step in range(STEPS):
            if self.browser.current_url.startswith(until):
                return self.browser.current_url
            self._answer(login, password)
        raise AssertionError(f"no end at {self.browser.current_url.partition('?')[0]}: {self.text()}")

    def approve_device(self, url: str, code: str, login: str, password: str) -> None:
        """Enter a device's code, sign in, accept."""
        self.browser.get(url)
        self.browser.find_element(By.NAME, "user_code").send_keys(code)
        self._click()
        for _step in range(STEPS):
            if "You have signed in" in self.text():
                return
            self._answer(login, password)
        raise AssertionError(f"no end: {self.text()}")

    def text(self) -> str:
        """What the page says."""
        return self.browser.find_element(By.TAG_NAME, "body").text

    def leave(self) -> None:
        """Forget every sign-in."""
        self.browser.execute_cdp_cmd("Network.clearBrowserCookies", {})

    def _answer(self, login: str, password: str) -> None:
        if self.browser.find_elements(By.NAME, "password"):
            self.browser.find_element(By.NAME, "login").send_keys(login)
            self.browser.find_element(By.NAME, "password").send_keys(password)
        self._click()

    def _click(self) -> None:
        """Press the page's main button, and wait until the page has gone."""
        button = self.browser.find_element(By.CSS_SELECTOR, "#go, form button")
        button.click()
        WebDriverWait(self.browser, SECONDS).until(lambda _unused: _gone(button))


def _gone(button: WebElement) -> bool:
    # While one page makes room for another, Chromium has other errors than that of a stale element.
    try:
        button.is_enabled()
    except WebDriverException:
        return True
    return False


@contextmanager
def visiting(profile: Path, address: str) -> Iterator[Visitor]:
    """A browser that trusts the key of the server at an https address, and no other of a lab."""
    with chromium(profile, trusts=key_of(address)) as browser:
        yield Visitor(browser)
