# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole way of a dialect: record it, learn it, look for secrets in the binding, and drive everything with it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.cai.console.plugins.plugin_utils._learn import sheet
from cai_lab.control_client import LabControl
from support import client
from support.driver import Driver, works
from support.labs import connection

from page_support import scribe
from page_support.person import Person

CLOUD, AGENT = scribe.CLOUD, scribe.AGENT
TARGETS = ("Cloud Server", AGENT)
DEFAULT = "plain"
"""The dialect that the embedded console speaks unless told: its binding is driven through every state."""


class Recordings(NamedTuple):
    """The Cloud Server's, whole and without what browsers leave out unless told, and an agent's."""

    whole: Path
    sanitised: Path
    agent: Path


@dataclass
class Course:
    """A person at a lab, and a folder for recordings and bindings."""

    person: Person
    lab: LabControl
    folder: Path

    @property
    def before(self) -> dict[str, dict[str, Any]]:
        """What stood there before the sheet, and is put back."""
        return {
            "email_service": works(self.lab),
            "alert_service": {"enabled": False, "action": "send_email", "email": "operations@lab.test"},
            "server_properties": {"suspend_on_uncaught_fault": False},
        }

    def record(self, dialect: str) -> Recordings:
        """Follow the sheet at both targets."""
        # A page that sends changes alone says nothing of a service that is chosen already.
        for target in TARGETS:
            client.done("alert_service", connection(self.lab), target=target, enabled=False, service="CaiCanary")
        recorder = scribe.Scribe(self.person, dialect).record(CLOUD, self.before)
        return Recordings(
            self._keep(f"{dialect}.har", recorder.har()),
            self._keep(f"{dialect}-sanitised.har", recorder.har(sanitised=True)),
            self._keep(f"{dialect}-agent.har", scribe.Scribe(self.person, dialect).record(AGENT).har()),
        )

    def _keep(self, name: str, data: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    def learn(self, dialect: str, recorded: Recordings) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """The binding, and the report, of both targets' recordings."""
        return scribe.learned(dialect, recorded.whole.read_bytes(), recorded.agent.read_bytes(), self.agent_id)

    def request(self, dialect: str, recorded: Recordings) -> dict[str, Any]:
        """What the task is told, to learn from both recordings."""
        more = {
            "recording": str(recorded.agent),
            "target_kind": "agent",
            "target_id": self.agent_id,
            "target_name": AGENT,
        }
        return {
            "step": "learn",
            "seed": scribe.seed(dialect),
            "custom_service": scribe.HANDLER,
            "recording": str(recorded.whole),
            "target_id": CLOUD,
            "more_recordings": [more],
            "describes": f"the dialect {dialect} of the embedded console",
            "dest": str(self.folder / f"{dialect}.yml"),
        }

    @property
    def agent_id(self) -> str:
        """The id of the agent that is recorded."""
        return self.person.id_of(AGENT)

    def leaked(self, dialect: str, text: str) -> list[str]:
        """What of the recordings, that must not be there, stands in a text."""
        cookies = {str(cookie["value"]) for cookie in self.person.browser.get_cookies()}
        typed = {mark for mark in sheet.markers(scribe.seed(dialect)) if not mark.isdecimal()}
        mail = works(self.lab)
        own = {mail["password"], mail["username"], self.agent_id, self.lab.addresses["console"].partition("://")[2]}
        return sorted(secret for secret in cookies | typed | own if secret in text)

    def wrong(self, dialect: str, binding: dict[str, Any], request: dict[str, Any]) -> list[str]:
        """What comes out wrong when everything is driven with a binding."""
        driver = Driver(self.lab, json.dumps(binding))
        folder = self.folder / f"{dialect}-tasks"
        folder.mkdir()
        modules = driver.modules(TARGETS, every=AGENT if dialect == DEFAULT else None)
        return [*driver.tasks(folder, request, TARGETS), *modules]
