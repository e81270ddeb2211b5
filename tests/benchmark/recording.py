# Copyright (c) 2026, The cai.console authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody who follows the learner's sheet at the embedded console in its default dialect, without a browser, and what
a browser would have recorded meanwhile, as large as is wished.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cai_lab.control_client import LabControl
from cai_lab.plain_client import CLOUD, PlainClient

SEED = "b3nc"
PATHS = {
    "email_service": "server/services/email",
    "alert_service": "server/services/alert",
    "server_properties": "server/properties",
}
PLACES = {
    "enabled": "enabled",
    "host": "hostName",
    "port": "port",
    "authentication": "authenticationType",
    "username": "userName",
    "password": "password",
    "security": "security",
    "oauth.authorization_url": "oauth.authorizationUrl",
    "oauth.token_url": "oauth.tokenUrl",
    "oauth.client_id": "oauth.clientId",
    "oauth.client_secret": "oauth.clientSecret",
    "oauth.scope": "oauth.scope",
    "action": "action",
    "email": "emailForAlerts",
    "service": "service",
    "suspend_on_uncaught_fault": "suspendProcessesOnUncaughtFault",
}


class Clerk:
    """Signed in at a lab; ``entries`` is what was recorded."""

    def __init__(self, lab: LabControl, target: str = CLOUD) -> None:
        self._client = PlainClient(lab)
        self._target = target
        self.entries: list[dict[str, Any]] = []

    def follow(self, steps: Mapping[str, list[dict[str, Any]]], tested: Any, works: Mapping[str, Any]) -> None:
        """Do what the sheet says. ``tested(service, number)``: whether Test comes before that save. ``works``: settings
        of the Email Service that are put back, in the sheet's words; without any only its first save is made.
        """
        for service, rows in steps.items():
            document = self._ask("GET", PATHS[service])
            for number, step in enumerate(rows if works else rows[: service == "email_service"], 1):
                document = self._save(service, {**document}, step, test=bool(works) and tested(service, number))
        if works:
            self._save("email_service", self._ask("GET", PATHS["email_service"]), works, test=True)

    def _save(self, service: str, document: dict[str, Any], step: Mapping[str, Any], *, test: bool) -> dict[str, Any]:
        for option, value in step.items():
            outer, _dot, inner = PLACES[option].partition(".")
            word = _word(option, value)
            document[outer] = {**(document.get(outer) or {}), inner: word} if inner else word
        if test:
            self._ask("POST", f"{PATHS[service]}/test", {"configuration": document})
        self._ask("PUT", PATHS[service], document)
        return self._ask("GET", PATHS[service])

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        reply = self._client.admin(method, path, self._target, json=body)
        reply.raise_for_status()
        kept = [(name, value) for name, value in reply.request.headers.items() if name != "Connection"]
        posted = {"mimeType": "application/json", "text": json.dumps(body)} if body is not None else None
        self.add(method, str(reply.url), kept, posted, (reply.status_code, reply.text))
        return dict(reply.json()) if reply.text else {}

    def add(self, method: str, url: str, headers: Any, posted: Any, answer: tuple[int, str]) -> None:
        """Record a request."""
        status, text = answer
        number = len(self.entries)
        self.entries.append(
            {
                "startedDateTime": f"2026-01-01T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}.000Z",
                "request": {
                    "method": method,
                    "url": url,
                    "headers": [{"name": name, "value": value} for name, value in headers],
                    "cookies": [],
                    **({"postData": posted} if posted else {}),
                },
                "response": {
                    "status": status,
                    "headers": [],
                    "content": {"mimeType": "application/json", "text": text},
                },
            }
        )


def _word(option: str, value: Any) -> Any:
    if option == "security":
        return None if value == "none" else value.upper()
    return value.upper() if option in ("authentication", "action") else value


def noisy(entries: list[dict[str, Any]], markers: list[str], size: int) -> bytes:
    """A HAR of about ``size`` bytes: telemetry that repeats a marker, and polls, after each of the entries."""
    each = max(2000, size // (2 * len(entries) + 1))
    made: list[dict[str, Any]] = []
    for number, entry in enumerate(entries):
        moment = entry["startedDateTime"]
        seen = [{"at": index, "field": "host", "value": markers[number % len(markers)]} for index in range(each // 60)]
        report = {"mimeType": "application/json", "text": json.dumps({"events": seen})}
        origin = "/".join(entry["request"]["url"].split("/")[:3])
        made += [
            entry,
            _noise(moment, "POST", f"{origin}/telemetry", report, "{}"),
            _noise(moment, "GET", f"{origin}/poll", None, json.dumps({"items": seen})),
        ]
    return json.dumps({"log": {"version": "1.2", "entries": made}}).encode()


def _noise(moment: str, method: str, url: str, posted: Any, text: str) -> dict[str, Any]:
    request = {"method": method, "url": url, "headers": [], "cookies": [], **({"postData": posted} if posted else {})}
    response = {"status": 200, "headers": [], "content": {"mimeType": "application/json", "text": text}}
    return {"startedDateTime": f"{moment}x", "request": request, "response": response}


def record(lab: LabControl, folder: Path, *, size: int = 0) -> dict[str, Any]:
    """Write recordings of the Cloud Server and of an agent; return what ``learn_binding`` is told of them."""
    from ansible_collections.cai.console.plugins.plugin_utils._learn import sheet

    smtp, who = lab.addresses["smtp"], "alerts@lab.test"
    works = {"enabled": True, "host": "localhost", "port": smtp["starttls_port"], "security": "tls", "username": who}
    secret = {"password": lab.addresses["mail_accounts"][who], "authentication": "password"}
    steps, agent = sheet.steps(SEED, "AlertHandler"), lab.target("agent-a")
    cloud, other = Clerk(lab), Clerk(lab, "agent-a")
    cloud.follow(steps, sheet.tests_before, {**works, **secret})
    other.follow(steps, sheet.tests_before, {})
    (folder / "cloud.har").write_bytes(noisy(cloud.entries, sheet.markers(SEED), size))
    (folder / "agent.har").write_bytes(noisy(other.entries, sheet.markers(SEED), 0))
    return {
        "step": "learn",
        "seed": SEED,
        "custom_service": "AlertHandler",
        "recording": str(folder / "cloud.har"),
        "target_id": "cloud",
        "more_recordings": [
            {"recording": str(folder / "agent.har"), "target_kind": "agent", "target_id": agent["id"]},
        ],
    }
