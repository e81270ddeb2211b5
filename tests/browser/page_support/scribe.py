# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person who follows the learner's sheet at the page of a dialect, and what comes of the recording."""

from __future__ import annotations

from typing import Any

from ansible_collections.cai.console.plugins.plugin_utils._learn import har, sheet
from ansible_collections.cai.console.plugins.plugin_utils._learn.bases import Source
from ansible_collections.cai.console.plugins.plugin_utils._learn.learner import Learner, Request
from cai_lab.dialects.tongues import DIALECTS
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from page_support.person import Person
from page_support.recorder import Recorder

SECTIONS = {"email_service": "email", "alert_service": "alert", "server_properties": "properties"}
HANDLER = "AlertHandler"
CLOUD, AGENT = "cloud", "agent-a"
NAMES = tuple(DIALECTS)


def seed(dialect: str) -> str:
    """A seed of its own for each dialect: they have their targets in common."""
    return f"k7q{NAMES.index(dialect)}"


class Scribe:
    """Follows the sheet at the pages of a dialect. ``exports``: takes a HAR after each button, with what the browser
    still has then; without it every answer is kept.
    """

    def __init__(self, person: Person, dialect: str, *, exports: list[bytes] | None = None) -> None:
        self._person = person
        self._browser = person.browser
        self._dialect = dialect
        self._exports = exports

    def record(self, target: str, before: dict[str, sheet.Step] | None = None) -> Recorder:
        """Record the whole sheet, and that ``before`` is put back; without it, the Email Service's first save alone."""
        recorder = Recorder(self._browser, late=self._exports is not None)
        self.open(target)
        recorder.collect()
        steps = sheet.steps(seed(self._dialect), HANDLER)
        if before is None:
            self._save("email_service", steps["email_service"][0], recorder)
            return recorder
        for service, rows in steps.items():
            for number, step in enumerate(rows, 1):
                self._save(service, step, recorder, tested=sheet.tests_before(service, number))
        for service, step in before.items():
            self._save(service, step, recorder, tested=service == "email_service")
        return recorder

    def _save(self, service: str, step: sheet.Step, recorder: Recorder, *, tested: bool = False) -> None:
        section = SECTIONS[service]
        if tested:
            self.fill(section, step)
            self._press(section, "test", recorder)
        self.fill(section, step)
        self._press(section, "save", recorder)

    def open(self, target: str) -> None:
        """Open the page of a target, and wait until it shows what is stored."""
        node = target if target == CLOUD else self._person.id_of(target)
        path = f"{self._dialect}/{node}/services" if self._dialect == "form" else f"{self._dialect}/page?node={node}"
        self._browser.get(f"{self._person.root}/dialects/{path}")
        if self._dialect != "form":
            self._wait("properties", "Ready")

    def fill(self, section: str, step: sheet.Step) -> None:
        """Type and choose what a step says."""
        for option, value in step.items():
            at = self._browser.find_element(By.ID, f"{section}-{option}")
            if at.tag_name == "select":
                options = Select(at)
                labels = DIALECT_LABELS[option]
                options.select_by_visible_text(labels[value])
            elif isinstance(value, bool):
                if at.is_selected() != value:
                    at.click()
            else:
                self._type(at, str(value))
                again = self._browser.find_elements(By.ID, f"{section}-{option}-again")
                for twin in again:
                    self._type(twin, str(value))

    @staticmethod
    def _type(at: Any, text: str) -> None:
        at.clear()
        at.send_keys(text)

    def _press(self, section: str, what: str, recorder: Recorder) -> None:
        button = self._browser.find_element(By.CSS_SELECTOR, f"#{section} [data-{what}]")
        recorder.collect()
        if self._dialect == "form":
            self._browser.execute_script("window.left = false")
            button.click()
            self._person.wait(lambda browser: browser.execute_script(ARRIVED))
        else:
            self._browser.execute_script(f"document.getElementById('{section}-said').value = ''")
            button.click()
            self._wait(section, {"save": "Saved", "test": "Tested"}[what])
        recorder.collect()
        if self._exports is not None:
            self._exports.append(recorder.har())

    def _wait(self, section: str, word: str) -> None:
        output = self._browser.find_element(By.ID, f"{section}-said")

        def said(_browser: Any) -> bool:
            text = str(output.text)
            assert not text.startswith("Error"), text
            return text == word

        self._person.wait(said)


ARRIVED = "return window.left === undefined && document.readyState === 'complete'"
DIALECT_LABELS = {
    "authentication": {"password": "Password", "oauth": "OAuth"},
    "security": {"none": "None", "tls": "TLS", "ssl": "SSL"},
    "action": {"send_email": "Send Email", "custom_service": "Custom Service"},
}


def learned(
    dialect: str, first: bytes | list[bytes], second: bytes | None, agent_id: str
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The binding and the report that recordings of the Cloud Server (one, or its exports) and of an agent give."""
    others = [] if second is None else [Source(har.read(second), "agent", agent_id, AGENT)]
    request = Request(seed(dialect), {"name": "learned", "describes": "a dialect"}, custom_service=HANDLER)
    exports = first if isinstance(first, list) else [first]
    learner = Learner(Source(har.read(*exports), "cloud", CLOUD, ""), others, request)
    binding = learner.learn()
    return binding, learner.report
