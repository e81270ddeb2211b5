# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A person who follows the learner's sheet at the page of a dialect, and what comes of the recording."""

from __future__ import annotations

import json
from typing import Any

from ansible_collections.cai.console.plugins.plugin_utils._learn import har, sheet
from ansible_collections.cai.console.plugins.plugin_utils._learn.bases import Source
from ansible_collections.cai.console.plugins.plugin_utils._learn.learner import Learner, Request
from cai_lab.control_client import LabControl
from cai_lab.dialects.tongues import DIALECTS
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from page_support.modules import Modules
from page_support.person import Person
from page_support.recorder import Recorder

SECTIONS = {"email_service": "email", "alert_service": "alert", "server_properties": "properties"}
SEED = "k7q2"
HANDLER = "AlertHandler"
CLOUD, AGENT = "cloud", "agent-a"
NAMES = tuple(DIALECTS)


class Scribe:
    """Follows the sheet at the pages of a dialect."""

    def __init__(self, person: Person, dialect: str) -> None:
        self._person = person
        self._browser = person.browser
        self._dialect = dialect

    def record(self, target: str, *, whole: bool = True) -> Recorder:
        """Record the whole sheet with a test, or only the first save of the Email Service."""
        recorder = Recorder(self._browser)
        self._open(target, recorder)
        for service, steps in sheet.steps(SEED, HANDLER).items():
            for step in steps if whole else steps[:1] if service == "email_service" else []:
                self._fill(SECTIONS[service], step)
                self._press(SECTIONS[service], "save", recorder)
            if whole and service == "email_service":
                self._press("email", "test", recorder)
        return recorder

    def _open(self, target: str, recorder: Recorder) -> None:
        node = target if target == CLOUD else self._person.id_of(target)
        path = f"{self._dialect}/{node}/services" if self._dialect == "form" else f"{self._dialect}/page?node={node}"
        recorder.collect()
        self._browser.get(f"{self._person.root}/dialects/{path}")
        if self._dialect != "form":
            self._wait("properties", "Ready")
        recorder.collect()

    def _fill(self, section: str, step: sheet.Step) -> None:
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


def learned(first: bytes, second: bytes | None, agent_id: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The binding and the report that recordings of the Cloud Server and of an agent give."""
    others = [] if second is None else [Source(har.read(second), "agent", agent_id, AGENT)]
    request = Request(SEED, {"name": "learned", "describes": "a dialect"}, custom_service=HANDLER)
    learner = Learner(Source(har.read(first), "cloud", CLOUD, ""), others, request)
    binding = learner.learn()
    return binding, learner.report


def wrong_fields(lab: LabControl, binding: dict[str, Any], target: str) -> list[str]:
    """Write every option through a binding, and return those that the lab's own binding reads otherwise."""
    mine, plain = Modules(lab, binding=json.dumps(binding)), Modules(lab)
    wrong = []
    for service, wishes in STATES:
        mine.set(service, target, **wishes)
        stored, said = plain.read(service, target), mine.read(service, target)
        wrong += [f"{service}.{name}" for name in wishes if name in stored and stored[name] != said[name]]
        wrong += [
            f"{service}.{name}"
            for name, value in wishes.items()
            if name in stored and not isinstance(value, dict) and stored[name] != value
        ]
    return wrong


OAUTH = {
    "authorization_url": "https://login.example.org/authorize",
    "token_url": "https://login.example.org/token",
    "client_id": "client-1",
    "scope": ["mail.send", "offline_access"],
}
PASSWORD = {"password": "Learned-pw1"}
STATES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "email_service",
        {"host": "a.example.org", "port": 2465, "security": "ssl", "username": "a@example.org", **PASSWORD},
    ),
    ("email_service", {"enabled": True, "port": 587, "security": "tls", **PASSWORD}),
    ("email_service", {"authentication": "oauth", "oauth": {**OAUTH, "client_secret": "Learned-cs1"}}),
    ("email_service", {"authentication": "password", "security": "none", "port": 25, **PASSWORD}),
    ("alert_service", {"enabled": True, "action": "send_email", "email": "ops@example.org"}),
    ("alert_service", {"action": "custom_service", "service": "CaiCanary"}),
    ("server_properties", {"suspend_on_uncaught_fault": True}),
    ("alert_service", {"enabled": False}),
    ("server_properties", {"suspend_on_uncaught_fault": False}),
    ("email_service", {"enabled": False, **PASSWORD}),
)
